// Requests on their way through interceptors: what the caller writes, or what its iterable yields, as an async
// iterable, the one form that interceptors read. It knows neither calls nor bytes.

import { checkStep } from '../call/iterator-step.ts';
import { waits } from '../values/waits.ts';

type Source = AsyncIterator<unknown> | Iterator<unknown>;

/**
 * The requests of an iterable. They can be read as often as the iterable allows.
 * @param open returns a new iterator; throws if it cannot
 */
export function requestMessages(open: () => Source | undefined, method: string): AsyncIterable<unknown> {
  let first: Source | undefined;
  return {
    [Symbol.asyncIterator]() {
      const source = open();
      if (source !== undefined && source === first) {
        throw new TypeError(
          `the requests of ${method} have already been read, and can be read only once: collect them in an array to send them twice`,
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
      if (source === undefined) return { value: undefined, done: true };
      const step = await source.next();
      checkStep(step, 'requests');
      if (step.done) return { value: undefined, done: true };
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

/** Requests written one by one: each waits until it is read. */
export class RequestPipe implements AsyncIterator<unknown> {
  readonly #method: string;
  readonly #waiting: Waiting[] = [];
  #isEnded = false;
  /** The reader wants no more requests. */
  #isLeft = false;
  /** Lets the write of the last-read request resolve, once the reader comes back. */
  #lastTaken: (() => void) | undefined;
  /** Waiting readers: several if one asks for the next request before it has the last. */
  #readers: (() => void)[] = [];

  /** @param method the path of the method */
  constructor(method: string) {
    this.#method = method;
  }

  /** Whether the reader has left, so that what is written goes nowhere. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Resolves once the value has been read and the reader has come back for more. */
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

  /** No more requests follow. */
  end(): void {
    this.#isEnded = true;
    this.#changed();
  }

  /** Nobody will read what is waiting: its writes resolve. */
  leave(): void {
    this.#isLeft = true;
    this.#lastTaken?.();
    this.#lastTaken = undefined;
    for (const { taken } of this.#waiting.splice(0)) taken();
    this.#changed();
  }

  async next(): Promise<IteratorResult<unknown>> {
    for (;;) {
      // The reader has come back: the write of the last request may resolve.
      this.#lastTaken?.();
      this.#lastTaken = undefined;
      const first = this.#waiting.shift();
      if (first !== undefined) {
        // The last write need not wait for the reader, which has nothing more to come back for.
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
