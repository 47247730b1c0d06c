// Work with several waiters: it is done once, and is aborted when the last waiter has gone.

import { untilSettled } from '../values/waits.ts';

export class SharedRequest<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  readonly #onEnd: () => void;
  #waiting = 0;

  /** @param onEnd called when the work can no longer be joined */
  constructor(work: (signal: AbortSignal) => Promise<T>, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#result = work(this.#controller.signal).finally(onEnd);
    // It may fail after the last waiter has gone.
    this.#result.catch(() => {});
    untilSettled(this.#result, 'schema', 'work that several wait for');
  }

  /** Waits for the result, or until `gone` resolves, and then returns undefined. */
  async join(gone: Promise<unknown>): Promise<T | undefined> {
    this.#waiting++;
    try {
      return await Promise.race([this.#result, gone.then(() => undefined)]);
    } finally {
      if (--this.#waiting === 0) {
        this.#onEnd();
        this.#controller.abort(new Error('nobody waits for it any more'));
      }
    }
  }
}
