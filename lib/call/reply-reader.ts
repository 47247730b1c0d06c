// Reads a call's replies one by one, for iterators and for `read`. Made when somebody first reads: a call that is only
// awaited needs none.

import { waits } from '../values/waits.ts';

/** Stands for "no reply", since a reply can be any value. */
export const NO_REPLY: unique symbol = Symbol('no reply');

const END: IteratorResult<unknown, undefined> = { value: undefined, done: true };

/** Where replies come from, one at a time. */
export interface ReplyPuller {
  /** Set while the next reply is wanted. */
  isReading: boolean;
  /** Delivers the next reply that has already arrived; false if there is none. */
  pull(): boolean;
}

/** The call whose replies are read. */
export interface ReplySource {
  readonly isDone: boolean;
  /** The call was ended from this side: unread replies are dropped. */
  readonly isAbandoned: boolean;
  /** The path of the method, or the name by which the caller asked for it. */
  readonly method: string;
  /** Whether the method streams replies; undefined while it is looked up. */
  readonly streamsReplies: boolean | undefined;
  readonly exchange: ReplyPuller | undefined;
  /** The single reply of a call that has ended with OK, as an iterator result. */
  singleReply(): IteratorResult<unknown, undefined>;
  /** What the call failed with; undefined while it runs, and if it ended with OK. */
  failure(): unknown;
}

export class ReplyReader {
  readonly #source: ReplySource;
  #next: unknown = NO_REPLY;
  #isActive = false;
  /** Whether somebody has read to the end. */
  isAtEnd = false;
  #hasReadSingle = false;
  #wake: (() => void) | undefined;
  /** Whether a `next` is running; others called meanwhile wait for their turn. */
  #isStepping = false;
  readonly #turns: (() => void)[] = [];

  constructor(source: ReplySource) {
    this.#source = source;
  }

  /** Takes the exclusive right to read; TypeError while another reader has it. */
  lock(): void {
    if (this.#isActive) {
      throw new TypeError(`another reader of ${this.#source.method} is active: read a call in one place`);
    }
    this.#isActive = true;
  }

  /** TypeError once everything has been read: a second loop would silently yield nothing. */
  refuseAgain(): void {
    if (!this.isAtEnd) return;
    const { method } = this.#source;
    throw new TypeError(
      `the replies of ${method} have already been read to the end; to keep them, use await call.toArray()`,
    );
  }

  unlock(): void {
    this.#isActive = false;
  }

  /** Whether somebody is waiting for the next reply. */
  get isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  /**
   * The next reply, or `{ done: true }` at the end; throws what the call failed with.
   * @param isPassedOn whether the replies go to another call, which reports the end itself: the end never throws then
   */
  async next(isPassedOn = false): Promise<IteratorResult<unknown, undefined>> {
    if (this.#isStepping) await this.#turn();
    this.#isStepping = true;
    try {
      const source = this.#source;
      for (;;) {
        if (this.#next !== NO_REPLY) {
          const value = this.#next;
          this.#next = NO_REPLY;
          return { value, done: false };
        }
        if (!source.isAbandoned && source.streamsReplies && source.exchange?.pull()) continue;
        if (source.isDone) return isPassedOn && source.streamsReplies ? END : this.#last();
        if (source.exchange !== undefined && source.streamsReplies) source.exchange.isReading = true;
        waits?.begin(this, 'reply', source.method);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      const following = this.#turns.shift();
      if (following === undefined) this.#isStepping = false;
      else following();
    }
  }

  /** The next reply of a stream, if it has already arrived and no earlier `next` is waiting; otherwise NO_REPLY. */
  takeWaiting(): unknown {
    const source = this.#source;
    if (this.#isStepping || source.isAbandoned || !source.streamsReplies) return NO_REPLY;
    if (this.#next === NO_REPLY) source.exchange?.pull();
    const value = this.#next;
    this.#next = NO_REPLY;
    return value;
  }

  /** Receives a streamed reply that was asked for. */
  onReply(reply: unknown): void {
    this.#next = reply;
    this.onChange();
  }

  /** The call has begun or ended. */
  onChange(): void {
    const wake = this.#wake;
    if (wake === undefined) return;
    this.#wake = undefined;
    waits?.end(this, 'reply');
    wake();
  }

  /** Drops a reply that has not been read. */
  drop(): void {
    this.#next = NO_REPLY;
  }

  /** The step after all streamed replies: the call's error, the single reply, or the end. */
  #last(): IteratorResult<unknown, undefined> {
    const error = this.#source.failure();
    if (error !== undefined) throw error;
    if (this.#hasReadSingle || this.#source.streamsReplies !== false) {
      this.isAtEnd = true;
      return { value: undefined, done: true };
    }
    this.#hasReadSingle = true;
    return this.#source.singleReply();
  }

  /** Concurrent calls of `next` are served in order, as async generators do. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#turns.push(resolve));
  }
}
