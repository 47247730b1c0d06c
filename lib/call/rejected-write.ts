// The promises of writes. When one is rejected and nobody looks at it there is a warning instead of an unhandled
// rejection, which would end the process.

import { isError } from '../values/realm.ts';
import { reportUnobserved } from '../values/warnings.ts';

class WritePromise extends Promise<void> {
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
  const write = silent(new WritePromise((_, reject) => reject(error)));
  report(method, write, error);
  return write;
}

/** A write that has to wait for the schema: as `work` ends, and looked at or not as `rejectedWrite` is. */
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
  // Somebody may look in the turn in which it fails.
  setImmediate(() => {
    if (write.isObserved || !isError(error)) return;
    reportUnobserved(method, error, error instanceof TypeError || error instanceof RangeError);
  });
}
