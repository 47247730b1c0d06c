// One interceptor at work: it is called with a copy of the call and `next`, and what it returns becomes the answer. Keeps
// the calls that it began, and knows which of them speaks for the outer one. How that ends is its owner's business
// (interceptor-step.ts).

import { Call, Stream } from '../call/call.ts';
import type { BoundMethod } from '../call/call-context.ts';
import type { CallLifecycle } from '../call/call-lifecycle.ts';
import type { Follower } from '../call/call-state.ts';
import type { InterceptedCall, Next } from '../call/interceptor.ts';
import type { ReplyPuller } from '../call/reply-reader.ts';
import type { Method } from '../schema/codec/method.ts';
import { acceptedReply, iteratorOf, leaveUnread, notGiven, onlyReply } from './accepted-reply.ts';
import { type ChainEnd, type ChainLink, outgoing } from './chain.ts';
import { GivenReplies, type GivenRepliesOwner } from './given-replies.ts';

/** The call that the interceptor is run for. */
export interface RunOwner extends ChainLink {
  /** Whether somebody is waiting for a reply. */
  readonly isReading: boolean;
  /** Keeps the process while the interceptor takes its time. */
  holdProcess(): void;
  /** There are replies, or a call that will bring them has been passed on. */
  onAnswer(): void;
  /** Replies of a stream can be read. */
  onReplies(): void;
  onReply(reply: unknown): void;
  /** Ends with OK, and with the reply unless replies are streamed. */
  finishWith(reply: unknown): void;
  /** Ends as a call did that the interceptor began. */
  endAs(ended: CallLifecycle): void;
  failWith(error: unknown): void;
}

export class InterceptorRun implements GivenRepliesOwner, ReplyPuller, Follower {
  readonly #owner: RunOwner;
  readonly #end: ChainEnd;
  readonly #target: BoundMethod;
  readonly #begun: CallLifecycle[] = [];
  /** The call that headers and trailers come from: the one passed on, or else the last one begun. */
  origin: CallLifecycle | undefined;
  #passed: CallLifecycle | undefined;
  /** Whether there are replies, or a call that will bring them has been passed on. */
  hasAnswer = false;
  #replies: GivenReplies | undefined;

  constructor(owner: RunOwner, end: ChainEnd, target: BoundMethod) {
    this.#owner = owner;
    this.#end = end;
    this.#target = target;
  }

  get #method(): Method {
    return this.#target.method;
  }

  start(request: unknown): void {
    const owner = this.#owner;
    let given: unknown;
    try {
      const call = outgoing(this.#method, owner.given, request);
      const interceptor = owner.chain.interceptors[owner.index];
      given = interceptor(call, (changed = call) => this.#next(changed));
    } catch (error) {
      owner.failWith(error);
      return;
    }
    if (given instanceof Stream && this.#follows(Stream.lifecycleOf(given))) return;
    owner.holdProcess();
    void this.#settle(given);
  }

  // --- what the interceptor begins

  #next(given: InterceptedCall): ReturnType<Next> {
    const owner = this.#owner;
    const inner = this.#end.goOn(owner, this.#target, given);
    this.#begun.push(inner);
    if (this.#passed === undefined) this.origin = inner;
    // Too late: the outer call has ended, so what is begun on its behalf ends as well.
    if (owner.isDone) inner.cancel(owner.failure() ?? 'the call has ended');
    return new Call(inner);
  }

  /** Whether it has called next. */
  get hasGoneOn(): boolean {
    return this.#begun.length > 0;
  }

  /** The call it began that failed with this very error. */
  failedWith(error: unknown): CallLifecycle | undefined {
    return this.#begun.find((one) => one.hasFailedWith(error));
  }

  cancelBegun(reason: unknown): void {
    for (const inner of this.#begun) inner.cancel(reason);
  }

  // --- what it returns

  /** Follows a passed-on call with a single reply directly; false if what was returned needs a closer look. */
  #follows(passed: CallLifecycle): boolean {
    if (this.#method.responseStream || passed.follower !== undefined) return false;
    // The reply of a call made elsewhere may be of another type.
    if (!this.#begun.includes(passed)) return false;
    passed.observe();
    passed.follower = this;
    this.#passOn(passed);
    if (passed.isDone) this.#owner.endAs(passed);
    return true;
  }

  onFollowedEnd(): void {
    if (this.#passed !== undefined) this.#owner.endAs(this.#passed);
  }

  #passOn(passed: CallLifecycle): void {
    this.#passed = passed;
    this.origin = passed;
    this.#answered();
  }

  #answered(): void {
    this.hasAnswer = true;
    this.#owner.onAnswer();
  }

  async #settle(given: unknown): Promise<void> {
    const owner = this.#owner;
    try {
      const isStream = this.#method.responseStream;
      const result = isStream && given instanceof Stream ? given : await given;
      if (owner.isDone) {
        if (isStream && !(result instanceof Stream)) void leaveUnread(result);
        return;
      }
      if (isStream) this.#readFrom(result);
      else owner.finishWith(this.acceptReply(await onlyReply(result, this.#method, owner.who)));
    } catch (error) {
      owner.failWith(error);
    }
  }

  #readFrom(result: unknown): void {
    if (result instanceof Stream) {
      const passed = Stream.lifecycleOf(result);
      this.#replies = GivenReplies.ofCall(this, passed);
      this.#passOn(passed);
      if (this.isReading) void this.#replies.want();
    } else {
      const source = iteratorOf(result);
      if (source === undefined) throw notGiven('an iterable of replies', result, this.#method, this);
      this.#replies = GivenReplies.ofSource(this, source);
      this.#answered();
    }
    // Somebody may already be reading: what has arrived goes to them.
    this.#owner.onReplies();
  }

  acceptReply(value: unknown): unknown {
    return acceptedReply(value, this.#method, this);
  }

  /** The interceptor's name in errors. */
  get who(): string {
    return this.#owner.who;
  }

  // --- its replies, which are pulled

  pull(): boolean {
    return this.#replies?.pull() === true;
  }

  get isDone(): boolean {
    return this.#owner.isDone;
  }

  get isReading(): boolean {
    return this.#owner.isReading;
  }

  set isReading(isWanted: boolean) {
    if (isWanted) void this.#replies?.want();
  }

  onReply(reply: unknown): void {
    this.#owner.onReply(reply);
  }

  onRepliesEnd(error?: unknown): void {
    if (error === undefined) this.#owner.finishWith(undefined);
    else this.#owner.failWith(error);
  }

  onPassedEnd(passed: CallLifecycle): void {
    this.#owner.endAs(passed);
  }

  /** Nobody wants any more replies. */
  leaveReplies(): void {
    void this.#replies?.leave();
  }
}
