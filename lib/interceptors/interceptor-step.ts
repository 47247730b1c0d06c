// One call through one interceptor: runs it, and makes what it gives the outcome of the call. What the interceptor goes
// on to is again such a call, or at the inner end one on the wire (call/wire-call.ts). What any call does once, from its
// deadline to its end, is in call/call-lifecycle.ts. It knows no bytes and no connections.

import { Call, Stream } from '../call/call.ts';
import type { BoundMethod } from '../call/call-context.ts';
import { siteOf } from '../call/call-failure.ts';
import { CallLifecycle, type Follower } from '../call/call-lifecycle.ts';
import type { CallOptions, CheckedCallOptions } from '../call/call-options.ts';
import type { CallDeadline } from '../call/deadline.ts';
import { FOR_THE_REQUEST, placeOf, placeText } from '../call/expiry-text.ts';
import type { InterceptedCall, Interceptor, Next } from '../call/interceptor.ts';
import { rejectedWrite } from '../call/rejected-write.ts';
import type { ReplyPuller } from '../call/reply-reader.ts';
import { sourceOf } from '../call/request-writer.ts';
import type { WriteOptions } from '../call/write-options.ts';
import type { CallTiming } from '../observe/observed-call.ts';
import { clientOutcome, type Outcome } from '../rpc/outcome.ts';
import type { Peer } from '../rpc/transport.ts';
import type { Method } from '../schema/codec/method.ts';
import { AsyncContext } from '../values/async-context.ts';
import { Metadata } from '../values/metadata.ts';
import { messageOf } from '../values/realm.ts';
import { RpcError } from '../values/rpc-error.ts';
import { StatusCode } from '../values/status.ts';
import { areUnobservedTold } from '../values/warnings.ts';
import { acceptedReply, iteratorOf, leaveUnread, notGiven, onlyReply } from './accepted-reply.ts';
import { type Chain, type ChainEnd, type ChainLink, nameOf, outgoing } from './chain.ts';
import { GivenReplies, type GivenRepliesOwner } from './given-replies.ts';
import { requestMessages } from './request-pipe.ts';
import { checkInterceptedWrite, WrittenRequests } from './written-requests.ts';

/** How long interceptors have, once the deadline has ended what they wait for, to make an outcome of it. */
const DEADLINE_GRACE_MS = 24;

export class InterceptorStep
  extends CallLifecycle
  implements Chain, ChainLink, GivenRepliesOwner, ReplyPuller, Follower
{
  readonly interceptors: readonly Interceptor[];
  readonly timeoutMs: number | undefined;
  readonly #end: ChainEnd;
  /** The call of the user's, which the first of the interceptors is around. */
  readonly chain: Chain;
  /** Which interceptor of the chain it runs. */
  readonly index: number;
  readonly given: CallOptions;
  /** Whether the interceptor was called: from then on the calls on the wire are what is counted and told of. */
  #hasRun = false;
  /** Where `write` and `end` go; undefined where the requests were given whole. */
  #requests: WrittenRequests | undefined;
  /** What the interceptor began. */
  readonly #inner: CallLifecycle[] = [];
  /** Where headers and trailers come from: what was passed on, or else what was begun last. */
  #origin: CallLifecycle | undefined;
  #passed: CallLifecycle | undefined;
  /** There are replies, or a call was passed on that will have them. */
  #hasAnswer = false;
  /** The call of the interceptor's that this one ended as. */
  #endedAs: CallLifecycle | undefined;
  /** Of the error that an interceptor threw. */
  #trailers: Metadata | undefined;
  #feed: GivenReplies | undefined;

  /** @param outer what it is further in than; without, it is the first of its chain */
  constructor(
    end: ChainEnd,
    name: string,
    interceptors: readonly Interceptor[],
    options: CheckedCallOptions,
    given: CallOptions | undefined,
    outer?: { readonly chain: Chain; readonly index: number },
  ) {
    const { context } = end;
    super(
      context,
      name,
      options,
      outer === undefined ? performance.now() : outer.chain.startMs,
      outer === undefined ? siteOf(context) : outer.chain.site,
    );
    this.interceptors = interceptors;
    this.timeoutMs = given?.timeoutMs;
    this.#end = end;
    this.chain = outer?.chain ?? this;
    this.index = outer?.index ?? 0;
    this.given = given ?? {};
    if (outer !== undefined) {
      this.lateSite = this.chain.lateSite;
      return;
    }
    context.stats.started++;
    this.keepLimits();
  }

  /** As the first of its chain, what the calls on the wire go on from. */
  get begun(): CallDeadline {
    return this;
  }

  // --- starting

  /**
   * Runs the interceptor. With `isOpen` the requests come from `write` and `end`; `isLate` when the call has waited for
   * its schema.
   */
  begin(target: BoundMethod, fields: unknown, isOpen: boolean, isLate = false): void {
    if (this.isDone) return;
    if (isLate && this.isExpired()) {
      this.onDeadline();
      return;
    }
    this.target = target;
    const { method } = target;
    this.keepMethodLimit(this.options, this.host.serviceConfig?.methodConfig(method.path)?.timeoutMs);
    if (this.isDone) return;
    // The first write may come from elsewhere, and who is told of a failure that nobody looks at comes from a socket.
    if (isOpen || areUnobservedTold()) this.context ??= AsyncContext.capture();
    this.beforeBegin(isLate);
    if (isOpen) {
      this.#requests = new WrittenRequests(this, method, (request) => this.#runWritten(target, request));
      // What the interceptor went on to may have failed at once, and the call with it.
      if (this.isDone) this.#requests.leave();
    } else this.#run(target, requestOf(fields, method));
    this.afterBegin();
    this.openBegun();
  }

  #runWritten(target: BoundMethod, request: unknown): void {
    this.context?.run(() => this.#run(target, request));
  }

  #run({ method }: BoundMethod, request: unknown): void {
    this.#hasRun = true;
    if (this.chain === this) {
      this.host.stats.started--;
      this.graceAfterDeadline(DEADLINE_GRACE_MS);
    }
    let given: unknown;
    try {
      const call = outgoing(method, this.given, request);
      given = this.interceptors[this.index](call, (changed = call) => this.#next(changed));
    } catch (error) {
      this.failWith(error);
      return;
    }
    if (given instanceof Stream && this.#follows(Stream.coreOf(given))) return;
    void this.#settle(given);
  }

  #next(given: InterceptedCall): ReturnType<Next> {
    const inner = this.#end.goOn(this, this.target as BoundMethod, given);
    this.#inner.push(inner);
    if (this.#passed === undefined) this.#origin = inner;
    // It came too late: the call has ended, and ends what is begun in its name.
    if (this.isDone) inner.cancel(this.takeError() ?? 'the call has ended');
    return new Call(inner);
  }

  /** Begins as what an outer interceptor went on to. */
  beginInner(target: BoundMethod, request: unknown): void {
    this.target = target;
    this.#run(target, request);
  }

  /** Ends instead, for what was wrong with how the outer interceptor went on. */
  refuse(target: BoundMethod, mistake: unknown): void {
    this.target = target;
    this.failWith(mistake);
  }

  // --- what the interceptor gives

  /** Goes on as a call does that was passed on, of a single reply; false where that has to be looked at further. */
  #follows(passed: CallLifecycle): boolean {
    if (this.streamsReplies !== false || passed.follower !== undefined) return false;
    // Another call's reply may be of another type.
    if (!this.#inner.includes(passed)) return false;
    passed.isObserved = true;
    passed.follower = this;
    this.#passOn(passed);
    if (passed.isDone) this.#endAs(passed);
    return true;
  }

  onFollowedEnd(): void {
    if (this.#passed !== undefined) this.#endAs(this.#passed);
  }

  #passOn(passed: CallLifecycle): void {
    this.#passed = passed;
    this.#origin = passed;
    this.#hasAnswer = true;
    this.openHeaders();
  }

  async #settle(given: unknown): Promise<void> {
    try {
      const isStream = this.streamsReplies === true;
      const result = isStream && given instanceof Stream ? given : await given;
      if (this.isDone) {
        if (isStream && !(result instanceof Stream)) void leaveUnread(result);
        return;
      }
      if (isStream) this.#readFrom(result);
      else this.#finishWith(this.acceptReply(await onlyReply(result, this.#method, this.who)));
    } catch (error) {
      this.failWith(error);
    }
  }

  #readFrom(result: unknown): void {
    if (result instanceof Stream) {
      const passed = Stream.coreOf(result);
      this.#feed = GivenReplies.ofCall(this, passed);
      this.#passOn(passed);
      if (this.activeReader?.isWaiting) void this.#feed.want();
    } else {
      const source = iteratorOf(result);
      if (source === undefined) throw notGiven('an iterable of replies', result, this.#method, this);
      this.#feed = GivenReplies.ofSource(this, source);
      this.#hasAnswer = true;
      this.openHeaders();
    }
    // A reader that came before: what is here already goes to it.
    this.activeReader?.onChange();
  }

  acceptReply(value: unknown): unknown {
    return acceptedReply(value, this.#method, this);
  }

  get #method(): Method {
    return (this.target as BoundMethod).method;
  }

  /** The interceptor in errors. */
  get who(): string {
    return nameOf(this.interceptors, this.index);
  }

  get hasGoneOn(): boolean {
    return this.#inner.length > 0;
  }

  onFeedEnd(error?: unknown): void {
    if (error === undefined) this.#finishWith(undefined);
    else this.failWith(error);
  }

  onPassedEnd(passed: CallLifecycle): void {
    this.#endAs(passed);
  }

  // --- writing

  protected checkWrite(options: WriteOptions): boolean {
    checkInterceptedWrite(options, this.options.compression?.name, this.method);
    return true;
  }

  protected writeNow(fields: unknown, hasFields: boolean, isLast: boolean): Promise<void> | undefined {
    const requests = this.#requests;
    if (requests === undefined) return undefined;
    try {
      const written = requests.write(fields, hasFields, isLast).then(() => {
        // A call that ended with an error takes with it what was still waiting to be sent.
        const error = hasFields && this.isDone ? this.takeError() : undefined;
        if (error !== undefined) throw error;
      });
      // It fails only as the call does, which tells of that itself.
      written.catch(() => {});
      return written;
    } catch (error) {
      return rejectedWrite(this.method, error);
    }
  }

  // --- its faces

  /** Replies are pulled from the interceptor. */
  get exchange(): ReplyPuller {
    return this;
  }

  pull(): boolean {
    return this.#feed?.pull() === true;
  }

  get isReading(): boolean {
    return this.activeReader?.isWaiting === true;
  }

  set isReading(isWanted: boolean) {
    if (isWanted) void this.#feed?.want();
  }

  onReply(reply: unknown): void {
    this.activeReader?.onReply(reply);
  }

  get peer(): Peer | undefined {
    return this.#origin?.peer;
  }

  /** Of the call that was passed on: what an interceptor repeats itself it can count itself. */
  get attempts(): number {
    return this.#origin?.attempts ?? 0;
  }

  override get timing(): CallTiming | undefined {
    return this.#origin?.timing ?? super.timing;
  }

  async headers(): Promise<Metadata> {
    this.isObserved = true;
    if (!this.#hasAnswer) await this.whenHeaders();
    const running = this.isDone ? undefined : this.#origin;
    return running === undefined ? (this.headersNow() ?? new Metadata()) : running.headers();
  }

  headersNow(): Metadata | undefined {
    return this.isDone ? this.#origin?.headersNow() : undefined;
  }

  trailersNow(): Metadata {
    const from = this.outcome?.code === StatusCode.OK ? this.#origin : this.#endedAs;
    return from?.trailersNow() ?? this.#trailers ?? new Metadata();
  }

  protected place(): string {
    if (!this.#hasRun) {
      if (this.#requests?.isUnwritten) return FOR_THE_REQUEST;
      return placeText(placeOf(undefined, false, this.host, this.awaitsAddresses));
    }
    return `while ${this.who} was at work${this.hasGoneOn ? '' : ' (it has not called next)'}`;
  }

  // --- ending

  /** Ends as a call did that the interceptor began: its error, too, is made when it is asked for here. */
  #endAs(ended: CallLifecycle): void {
    const { outcome } = ended;
    if (this.isDone || outcome === undefined) return;
    this.#endedAs = ended;
    this.reply = ended.singleReply().value;
    if (ended.isAbandoned) this.abandon(outcome);
    else this.finish(outcome);
  }

  #finishWith(reply: unknown): void {
    this.reply = reply;
    const origin = this.#origin === undefined ? 'client' : 'server';
    this.finish({ code: StatusCode.OK, details: '', origin });
  }

  /** With what the interceptor failed with, or with why it did not come to that; an RpcError keeps its status. */
  protected override fail(error: unknown): void {
    if (!this.#hasRun) {
      super.fail(error);
      return;
    }
    const failed = this.#inner.find((one) => one.hasFailedWith(error));
    if (failed !== undefined) {
      this.#endAs(failed);
      return;
    }
    this.keepFailure(error ?? new Error(`${this.who} failed without a reason`));
    if (RpcError.is(error)) {
      const { code, details, origin, cause } = error;
      this.#trailers = error.metadata;
      this.finish({ code, details, origin, cause });
    } else this.finish(clientOutcome(StatusCode.CANCELLED, messageOf(error), error));
  }

  override hasFailedWith(error: unknown): boolean {
    return this.#endedAs?.hasFailedWith(error) ?? super.hasFailedWith(error);
  }

  override takeError(): unknown {
    return this.#endedAs === undefined ? super.takeError() : this.#endedAs.takeError();
  }

  protected onAbandon(): void {
    // What the interceptor gives is left when the call has ended, so that its clean-up finds it so.
  }

  protected onFinish(outcome: Outcome): void {
    if (this.chain !== this || this.#hasRun) return;
    // Nothing that would be counted and told of came of it.
    this.host.stats.onEnd(outcome.code);
    this.recorder = this.recordUnbegun();
    this.recorder?.onEnd(outcome);
  }

  protected afterFinish(): void {
    for (const inner of this.#inner) inner.cancel('the call that began it has ended');
    this.#requests?.leave();
    if (this.isAbandoned) void this.#feed?.leave();
  }
}

/** A request as interceptors get it. */
function requestOf(fields: unknown, method: Method): unknown {
  return method.requestStream ? requestMessages(() => sourceOf(fields, method), method.path) : fields;
}
