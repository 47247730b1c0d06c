// The promises of writes. If one is rejected and nobody looks at it, that is a warning rather than an unhandled
// rejection, which would end the process.

import { isError } from '../values/realm.ts';
import { reportUnobserved } from '../values/warnings.ts';

class WritePromise extends Promise<void> {
  isObserved = false;

  // `then` returns ordinary promises.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: this is how we notice that somebody looks at the promise
  override then<T = void, E = never>(
    onFulfilled?: ((value: undefined) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    this.isObserved = true;
    return super.then(onFulfilled as never, onRejected);
  }
}

/** A promise rejected with `error`, which is reported if nobody looks at the promise. */
export function rejectedWrite(method: string, error: unknown): Promise<void> {
  const write = silent(new WritePromise((_, reject) => reject(error)));
  report(method, write, error);
  return write;
}

/** A write that has to wait for the schema: settles as `work` does, and is reported as `rejectedWrite` is. */
export function pendingWrite(method: string, work: Promise<void>): Promise<void> {
  const write = silent(new WritePromise((resolve) => resolve(work)));
  work.catch((error: unknown) => report(method, write, error));
  return write;
}

function silent(write: WritePromise): WritePromise {
  write.catch(() => {});
  write.isObserved = false;
  return write;
}

function report(method: string, write: WritePromise, error: unknown): void {
  // Somebody may still look at it in the turn in which it fails.
  setImmediate(() => {
    if (write.isObserved || !isError(error)) return;
    reportUnobserved(method, error, error instanceof TypeError || error instanceof RangeError);
  });
}
