// Requests on their way through interceptors: what the caller writes or its iterable gives, as the one form that
// interceptors read, an async iterable. It knows neither calls nor bytes.

import { waits } from '../values/waits.ts';

type Source = AsyncIterator<unknown> | Iterator<unknown>;

/**
 * The requests of an iterable. It may be read as often as the iterable allows.
 * @param open gives a new iterator; throws when there is none to be had
 */
export function requestMessages(open: () => Source | undefined, method: string): AsyncIterable<unknown> {
  let first: Source | undefined;
  return {
    [Symbol.asyncIterator]() {
      const source = open();
      if (source !== undefined && source === first) {
        throw new TypeError(
          `the requests of ${method} were read already, and can be read only once: gather them in an array to send them twice`,
        );
      }
      first ??= source;
      return asAsync(source);
    },
  };
}

function asAsync(source: Source | undefined): AsyncIterator<unknown> {
  return {
    async next() {
      const step = await source?.next();
      if (step === undefined || step.done) return { value: undefined, done: true };
      return { value: await step.value, done: false };
    },
    async return() {
      await source?.return?.();
      return { value: undefined, done: true };
    },
  };
}

interface Waiting {
  readonly value: unknown;
  readonly taken: () => void;
}

/** The requests that are written one by one: a written one waits until it is read. */
export class RequestPipe implements AsyncIterator<unknown> {
  readonly #method: string;
  readonly #waiting: Waiting[] = [];
  #isEnded = false;
  /** The reader wants no more. */
  #isLeft = false;
  /** Who wrote what was read last: it may go on when the reader comes back. */
  #lastTaken: (() => void) | undefined;
  /** Readers that wait; there are several where one asks for the next before it has the last. */
  #readers: (() => void)[] = [];

  /** @param method the path of it */
  constructor(method: string) {
    this.#method = method;
  }

  /** Whether the requests are over on the reader's side, so that what is written goes nowhere. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Resolves when it was read and the reader has come back for more. */
  write(value: unknown): Promise<void> {
    return new Promise((resolve) => {
      const taken = (): void => {
        waits?.end(taken, 'room');
        resolve();
      };
      waits?.begin(taken, 'room', this.#method);
      this.#waiting.push({ value, taken });
      this.#changed();
    });
  }

  /** There are no more behind what was written. */
  end(): void {
    this.#isEnded = true;
    this.#changed();
  }

  /** Nobody will read what waits: the writers go on. */
  leave(): void {
    this.#isLeft = true;
    this.#lastTaken?.();
    this.#lastTaken = undefined;
    for (const { taken } of this.#waiting.splice(0)) taken();
    this.#changed();
  }

  async next(): Promise<IteratorResult<unknown>> {
    for (;;) {
      // A reader is here, or still is: who wrote the last one may go on.
      this.#lastTaken?.();
      this.#lastTaken = undefined;
      const first = this.#waiting.shift();
      if (first !== undefined) {
        // The last one's writer need not wait for a reader that has no more to come back for.
        if (this.#isEnded && this.#waiting.length === 0) first.taken();
        else this.#lastTaken = first.taken;
        return { value: first.value, done: false };
      }
      if (this.#isEnded || this.#isLeft) return { value: undefined, done: true };
      await new Promise<void>((resolve) => {
        waits?.begin(resolve, 'request', this.#method);
        this.#readers.push(resolve);
      });
    }
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.leave();
    return { value: undefined, done: true };
  }

  #changed(): void {
    const readers = this.#readers;
    this.#readers = [];
    for (const wake of readers) {
      waits?.end(wake, 'request');
      wake();
    }
  }
}
