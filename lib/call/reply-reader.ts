// Reads a call's replies one by one, for whoever iterates over it or calls `read`. Made when somebody first reads:
// a call that is only awaited needs none.

import { waits } from '../values/waits.ts';

/** What stands for no reply: replies can be any value. */
export const NO_REPLY: unique symbol = Symbol('no reply');

const END: IteratorResult<unknown, undefined> = { value: undefined, done: true };

/** Where replies come from, one at a time. */
export interface ReplyPuller {
  /** Set while the next reply is wanted. */
  isReading: boolean;
  /** Hands over the next reply that is already here; false when there is none. */
  pull(): boolean;
}

/** The call whose replies are read. */
export interface ReplySource {
  readonly isDone: boolean;
  /** Ended from this side: replies that wait are dropped. */
  readonly isAbandoned: boolean;
  /** The path of the method, or the name it was asked for by. */
  readonly method: string;
  /** Whether the method streams replies; undefined while it is looked up. */
  readonly streamsReplies: boolean | undefined;
  readonly exchange: ReplyPuller | undefined;
  /** The single reply of a call that has ended with OK, as an iterator's step. */
  singleReply(): IteratorResult<unknown, undefined>;
  /** What the call failed with; undefined when it has not, or has ended with OK. */
  takeError(): unknown;
}

export class ReplyReader {
  readonly #source: ReplySource;
  #next: unknown = NO_REPLY;
  #isActive = false;
  /** Whether somebody has read to the end. */
  isAtEnd = false;
  #hasReadSingle = false;
  #wake: (() => void) | undefined;
  /** Whether a `next` is at work; others that were called meanwhile wait for their turn. */
  #isStepping = false;
  readonly #turns: (() => void)[] = [];

  constructor(source: ReplySource) {
    this.#source = source;
  }

  /** Takes the right to read; TypeError while another has it. */
  lock(): void {
    if (this.#isActive) {
      throw new TypeError(`another reader of ${this.#source.method} is active: read a call in one place`);
    }
    this.#isActive = true;
  }

  /** TypeError when all was read: going through it once more would give nothing, and say nothing. */
  refuseAgain(): void {
    if (!this.isAtEnd) return;
    const { method } = this.#source;
    throw new TypeError(`the replies of ${method} were read to their end; keep them: await call.toArray()`);
  }

  unlock(): void {
    this.#isActive = false;
  }

  /** Whether somebody waits for the next reply. */
  get isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  /**
   * The next reply, `{ done }` at the end; throws what the call failed with.
   * @param isPassedOn the replies of a stream go to another call, which says itself how they ended
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

  /** The next reply of a stream if it is here already and nobody waits before; else NO_REPLY. */
  takeWaiting(): unknown {
    const source = this.#source;
    if (this.#isStepping || source.isAbandoned || !source.streamsReplies) return NO_REPLY;
    if (this.#next === NO_REPLY) source.exchange?.pull();
    const value = this.#next;
    this.#next = NO_REPLY;
    return value;
  }

  /** A reply of a stream, when it was wanted. */
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

  /** What was not read is not to be read any more. */
  drop(): void {
    this.#next = NO_REPLY;
  }

  /** Behind all replies: what came before the end is read first. */
  #last(): IteratorResult<unknown, undefined> {
    const error = this.#source.takeError();
    if (error !== undefined) throw error;
    if (this.#hasReadSingle || this.#source.streamsReplies !== false) {
      this.isAtEnd = true;
      return { value: undefined, done: true };
    }
    this.#hasReadSingle = true;
    return this.#source.singleReply();
  }

  /** Several `next` at once are served in the order they came, as async generators do. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#turns.push(resolve));
  }
}
