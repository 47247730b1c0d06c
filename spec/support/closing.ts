// What a spec opens is closed after it, whether it passed or not.

interface Closable {
  close(options?: { graceMs?: number }): unknown;
}

/** For use in a `describe`: what is given to the result is closed after each spec, the last first. */
export function closing(): <T extends Closable>(opened: T) => T {
  const opened: Closable[] = [];
  afterEach(async () => {
    while (opened.length > 0) await opened.pop()?.close({ graceMs: 0 });
  });
  return (one) => {
    opened.push(one);
    return one;
  };
}

/** What a promise is rejected with; fails when it is not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not rejected');
}
