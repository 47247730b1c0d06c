// The promise of a write that could not be sent. When nobody looks at it there is a warning instead of an
// unhandled rejection, which would end the process.

import { reportUnobserved } from './diagnostics.ts';

class RejectedWrite extends Promise<void> {
  isObserved = false;

  // What `then` makes are ordinary promises.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is how looking at the promise is noticed
  override then<T = void, E = never>(
    onFulfilled?: ((value: undefined) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    this.isObserved = true;
    return super.then(onFulfilled as never, onRejected);
  }
}

/** A promise rejected with `error`; a mistake in the program that nobody looks at is reported. */
export function rejectedWrite(method: string, error: unknown): Promise<void> {
  const rejected = new RejectedWrite((_, reject) => reject(error));
  rejected.catch(() => {});
  rejected.isObserved = false;
  setImmediate(() => {
    if (!rejected.isObserved && error instanceof Error) {
      reportUnobserved(method, error, error instanceof TypeError || error instanceof RangeError);
    }
  });
  return rejected;
}
