// The replies that an interceptor gives, one at a time and only when they are wanted: those of a call that it passed
// on, or of an iterable of its own. It must not know what becomes of them.

import type { CallLifecycle } from '../call/call-lifecycle.ts';
import { NO_REPLY } from '../call/reply-reader.ts';
import { AsyncContext } from '../values/async-context.ts';

/** The call whose replies they are. */
export interface GivenRepliesOwner {
  readonly isDone: boolean;
  /** Whether somebody waits for a reply. */
  readonly isReading: boolean;
  onReply(reply: unknown): void;
  /** The reply as it may be handed out. Throws when it is none. */
  acceptReply(value: unknown): unknown;
  /** There are no more: the call has ended well, or with an error. */
  onFeedEnd(error?: unknown): void;
  /** There are no more: the call has ended as the one did that was passed on. */
  onPassedEnd(passed: CallLifecycle): void;
}

type Source = AsyncIterator<unknown> | Iterator<unknown>;

const DONE = Promise.resolve();

export class GivenReplies {
  readonly #owner: GivenRepliesOwner;
  /** A call whose replies are passed on as they are. */
  readonly #passed: CallLifecycle | undefined;
  readonly #source: Source;
  /** Of the interceptor whose iterable it is: it goes on in it, whoever reads. */
  readonly #context: AsyncContext | undefined;
  #isFetching = false;
  /** A reply that came before somebody wanted it. */
  #held: unknown = NO_REPLY;

  private constructor(owner: GivenRepliesOwner, source: Source, passed: CallLifecycle | undefined) {
    this.#owner = owner;
    this.#source = source;
    this.#passed = passed;
    this.#context = passed === undefined ? AsyncContext.capture() : undefined;
  }

  /** Passes a call's replies on. TypeError when somebody reads them already. */
  static ofCall(owner: GivenRepliesOwner, passed: CallLifecycle): GivenReplies {
    const { reader } = passed;
    reader.lock();
    const feed = new GivenReplies(owner, { next: () => reader.next(true) }, passed);
    void passed.ended.then(() => feed.#onPassedEnd());
    return feed;
  }

  /** Gives what an iterable holds. The first is asked for at once: generators begin only then. */
  static ofSource(owner: GivenRepliesOwner, source: Source): GivenReplies {
    const feed = new GivenReplies(owner, source, undefined);
    void feed.want();
    return feed;
  }

  /** Hands the next reply to the reader if it is here already. */
  pull(): boolean {
    let reply = this.#held;
    this.#held = NO_REPLY;
    if (reply === NO_REPLY && this.#passed !== undefined) reply = this.#passed.reader.takeWaiting();
    if (reply === NO_REPLY) return false;
    this.#owner.onReply(reply);
    return true;
  }

  /** Somebody waits for the next reply. */
  want(): Promise<void> {
    if (this.#isFetching || this.#owner.isDone) return DONE;
    this.#isFetching = true;
    return this.#context === undefined ? this.#fetch() : this.#context.run(() => this.#fetch());
  }

  async #fetch(): Promise<void> {
    try {
      const step = await this.#source.next();
      if (this.#owner.isDone) return;
      if (typeof step !== 'object' || step === null) {
        throw new TypeError(`an iterator of replies gave ${String(step)} in place of { value, done }`);
      }
      if (step.done) {
        // Where a call was passed on, what follows looks at how it ended.
        if (this.#passed?.isDone !== true) this.#owner.onFeedEnd();
      } else
        this.#deliver(this.#passed === undefined ? this.#owner.acceptReply(await step.value) : step.value);
    } catch (error) {
      this.#owner.onFeedEnd(error ?? new Error('an iterator of replies failed without a reason'));
    } finally {
      this.#isFetching = false;
      // It may have ended meanwhile.
      if (this.#passed?.isDone) this.#onPassedEnd();
    }
  }

  /** Nobody wants more. */
  async leave(): Promise<void> {
    this.#held = NO_REPLY;
    if (this.#passed !== undefined) return;
    try {
      await this.#context?.run(() => this.#source.return?.());
    } catch {
      // The call has its outcome already; what the interceptor's clean-up throws cannot change it.
    }
  }

  #deliver(reply: unknown): void {
    if (this.#owner.isReading) this.#owner.onReply(reply);
    else this.#held = reply;
  }

  /** Its status is known though its last replies may not have been read: they are pulled after the end. */
  #onPassedEnd(): void {
    if (this.#isFetching || this.#owner.isDone || this.#passed === undefined) return;
    this.#owner.onPassedEnd(this.#passed);
  }
}
