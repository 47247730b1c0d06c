// The replies that an interceptor returns, fetched one at a time and only on demand: those of a call that it passed on,
// or of an iterable of its own. It must not know what becomes of them.

import type { CallLifecycle } from '../call/call-lifecycle.ts';
import { checkStep } from '../call/iterator-step.ts';
import { NO_REPLY } from '../call/reply-reader.ts';
import { AsyncContext } from '../values/async-context.ts';

/** The call that these are the replies of. */
export interface GivenRepliesOwner {
  readonly isDone: boolean;
  /** Whether somebody is waiting for a reply. */
  readonly isReading: boolean;
  onReply(reply: unknown): void;
  /** The reply in the method's type. Throws if it does not fit. */
  acceptReply(value: unknown): unknown;
  /** There are no more replies: the call ends with OK, or with the error. */
  onRepliesEnd(error?: unknown): void;
  /** There are no more replies: the call ends as the one that was passed on did. */
  onPassedEnd(passed: CallLifecycle): void;
}

type Source = AsyncIterator<unknown> | Iterator<unknown>;

const DONE = Promise.resolve();

export class GivenReplies {
  readonly #owner: GivenRepliesOwner;
  /** A call whose replies are passed on as they are. */
  readonly #passed: CallLifecycle | undefined;
  readonly #source: Source;
  /** The async context of the interceptor, in which its iterable runs, whoever reads. */
  readonly #context: AsyncContext | undefined;
  #isFetching = false;
  /** A reply that arrived before anybody wanted it. */
  #held: unknown = NO_REPLY;

  private constructor(owner: GivenRepliesOwner, source: Source, passed: CallLifecycle | undefined) {
    this.#owner = owner;
    this.#source = source;
    this.#passed = passed;
    this.#context = passed === undefined ? AsyncContext.capture() : undefined;
  }

  /** Passes a call's replies on. TypeError if somebody else is reading them. */
  static ofCall(owner: GivenRepliesOwner, passed: CallLifecycle): GivenReplies {
    const { reader } = passed;
    reader.lock();
    const replies = new GivenReplies(owner, { next: () => reader.next(true) }, passed);
    void passed.ended.then(() => replies.#onPassedEnd());
    return replies;
  }

  /** The replies of an iterable. The first is fetched at once, because generators start only then. */
  static ofSource(owner: GivenRepliesOwner, source: Source): GivenReplies {
    const replies = new GivenReplies(owner, source, undefined);
    void replies.want();
    return replies;
  }

  /** Hands the next reply to the reader if it has already arrived. */
  pull(): boolean {
    let reply = this.#held;
    this.#held = NO_REPLY;
    if (reply === NO_REPLY && this.#passed !== undefined) reply = this.#passed.reader.takeWaiting();
    if (reply === NO_REPLY) return false;
    this.#owner.onReply(reply);
    return true;
  }

  /** Somebody is waiting for the next reply. */
  want(): Promise<void> {
    if (this.#isFetching || this.#owner.isDone) return DONE;
    this.#isFetching = true;
    return this.#context === undefined ? this.#fetch() : this.#context.run(() => this.#fetch());
  }

  async #fetch(): Promise<void> {
    try {
      const step = await this.#source.next();
      if (this.#owner.isDone) return;
      checkStep(step, 'replies');
      if (step.done) {
        // If a call was passed on, `finally` looks at how it ended.
        if (this.#passed?.isDone !== true) this.#owner.onRepliesEnd();
      } else
        this.#deliver(this.#passed === undefined ? this.#owner.acceptReply(await step.value) : step.value);
    } catch (error) {
      this.#owner.onRepliesEnd(error ?? new Error('an iterator of replies failed without a reason'));
    } finally {
      this.#isFetching = false;
      // The passed call may have ended meanwhile.
      if (this.#passed?.isDone) this.#onPassedEnd();
    }
  }

  /** Nobody wants any more replies. */
  async leave(): Promise<void> {
    this.#held = NO_REPLY;
    if (this.#passed !== undefined) return;
    try {
      await this.#context?.run(() => this.#source.return?.());
    } catch {
      // The call already has its outcome; an error in the interceptor's clean-up cannot change it.
    }
  }

  #deliver(reply: unknown): void {
    if (this.#owner.isReading) this.#owner.onReply(reply);
    else this.#held = reply;
  }

  /** Its status is known, but its last replies may still be unread: they are pulled after the end. */
  #onPassedEnd(): void {
    if (this.#isFetching || this.#owner.isDone || this.#passed === undefined) return;
    this.#owner.onPassedEnd(this.#passed);
  }
}
