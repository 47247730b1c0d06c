// Work that several wait for: it is done once, and ends early when the last of those who wait has gone.

import { untilSettled } from '../values/waits.ts';

export class SharedRequest<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  readonly #onEnd: () => void;
  #waiting = 0;

  /** `onEnd`: whoever comes from now on needs work of its own. */
  constructor(work: (signal: AbortSignal) => Promise<T>, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#result = work(this.#controller.signal).finally(onEnd);
    // It may fail when nobody waits any more.
    this.#result.catch(() => {});
    untilSettled(this.#result, 'schema', 'work that several wait for');
  }

  /** Waits for the result, or until `gone` resolves: then gives undefined. */
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
