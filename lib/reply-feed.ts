// The replies that an interceptor gives, one at a time and only when they are wanted: those of a call that it passed
// on, or of an iterable of its own. It must not know what becomes of them.

import type { CallFace } from './call-face.ts';
import { NO_REPLY, type ReplyReader } from './reply-reader.ts';

/** The call whose replies they are. */
export interface FeedOwner {
  readonly isDone: boolean;
  /** Who reads the replies; undefined while nobody does. */
  readonly activeReader: ReplyReader | undefined;
  /** The reply as it may be handed out. Throws when it is none. */
  acceptReply(value: unknown): unknown;
  /** There are no more: the call has ended well, or with an error. */
  onFeedEnd(error?: unknown): void;
}

type Source = AsyncIterator<unknown> | Iterator<unknown>;

export class ReplyFeed {
  readonly #owner: FeedOwner;
  /** A call whose replies are passed on as they are. */
  readonly #passed: CallFace | undefined;
  readonly #source: Source;
  #isFetching = false;
  /** A reply that came before somebody wanted it. */
  #held: unknown = NO_REPLY;

  private constructor(owner: FeedOwner, source: Source, passed: CallFace | undefined) {
    this.#owner = owner;
    this.#source = source;
    this.#passed = passed;
  }

  /** Passes a call's replies on. TypeError when somebody reads them already. */
  static ofCall(owner: FeedOwner, passed: CallFace): ReplyFeed {
    const { reader } = passed;
    reader.lock();
    const feed = new ReplyFeed(owner, { next: () => reader.next() }, passed);
    void passed.ended.then(() => feed.#onPassedEnd());
    return feed;
  }

  /** Gives what an iterable holds. The first is asked for at once: generators begin only then. */
  static ofSource(owner: FeedOwner, source: Source): ReplyFeed {
    const feed = new ReplyFeed(owner, source, undefined);
    void feed.want();
    return feed;
  }

  /** Hands the next reply to the reader if it is here already. */
  pull(): boolean {
    let reply = this.#held;
    this.#held = NO_REPLY;
    if (reply === NO_REPLY && this.#passed !== undefined) reply = this.#passed.reader.takeWaiting();
    if (reply === NO_REPLY) return false;
    this.#owner.activeReader?.onReply(reply);
    return true;
  }

  /** Somebody waits for the next reply. */
  async want(): Promise<void> {
    if (this.#isFetching || this.#owner.isDone) return;
    this.#isFetching = true;
    try {
      const step = await this.#source.next();
      if (this.#owner.isDone) return;
      if (typeof step !== 'object' || step === null) {
        throw new TypeError(`an iterator of replies gave ${String(step)} in place of { value, done }`);
      }
      if (step.done) this.#owner.onFeedEnd();
      else this.#deliver(this.#passed === undefined ? this.#owner.acceptReply(await step.value) : step.value);
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
      await this.#source.return?.();
    } catch {
      // The call has its outcome already; what the interceptor's clean-up throws cannot change it.
    }
  }

  #deliver(reply: unknown): void {
    const reader = this.#owner.activeReader;
    if (reader?.isWaiting) reader.onReply(reply);
    else this.#held = reply;
  }

  /** Its status is known though its last replies may not have been read: they are pulled after the end. */
  #onPassedEnd(): void {
    if (this.#isFetching || this.#owner.isDone) return;
    this.#owner.onFeedEnd(this.#passed?.takeError());
  }
}
