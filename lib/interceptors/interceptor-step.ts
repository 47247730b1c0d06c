// One call through one interceptor: has it run (interceptor-run.ts), and ends as that does. The interceptor's `next` makes
// another such call, or, at the inner end, one on the wire (call/wire-call.ts). What all calls have in common, from
// deadline to end, is in call/call-lifecycle.ts. It knows no bytes and no connections.

import type { BoundMethod } from '../call/call-context.ts';
import { siteOf } from '../call/call-failure.ts';
import { CallLifecycle } from '../call/call-lifecycle.ts';
import type { CallOptions, CheckedCallOptions } from '../call/call-options.ts';
import type { CallDeadline } from '../call/deadline.ts';
import { FOR_THE_REQUEST, placeOf, placeText } from '../call/expiry-text.ts';
import type { Interceptor } from '../call/interceptor.ts';
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
import { holdProcess, releaseProcess } from '../values/turn.ts';
import { areUnobservedWatched } from '../values/warnings.ts';
import { type Chain, type ChainEnd, nameOf } from './chain.ts';
import { InterceptorRun, type RunOwner } from './interceptor-run.ts';
import { requestMessages } from './request-pipe.ts';
import { checkInterceptedWrite, WrittenRequests } from './written-requests.ts';

/** How long interceptors have to come up with an outcome after the deadline has ended the calls that they wait for. */
const DEADLINE_GRACE_MS = 24;

export class InterceptorStep extends CallLifecycle implements Chain, RunOwner {
  readonly interceptors: readonly Interceptor[];
  readonly timeoutMs: number | undefined;
  readonly #end: ChainEnd;
  /** The user's call, at the outer end of the chain. */
  readonly chain: Chain;
  /** Which of the interceptors it runs. */
  readonly index: number;
  readonly given: CallOptions;
  /** Undefined until the interceptor is called: from then on only calls on the wire are counted and reported. */
  #run: InterceptorRun | undefined;
  #isHoldingProcess = false;
  /** Where `write` and `end` go; undefined if the call was made with its requests. */
  #requests: WrittenRequests | undefined;
  /** The interceptor's call that this one ended like. */
  #endedAs: CallLifecycle | undefined;
  /** From the error that an interceptor threw. */
  #trailers: Metadata | undefined;

  /** @param outer the chain and place of a step further in; undefined for the outermost one */
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

  /** The outermost step's times are those that the calls on the wire continue from. */
  get begun(): CallDeadline {
    return this;
  }

  // --- starting

  /**
   * Runs the interceptor. With `isOpen` the requests come from `write` and `end`; `isLate` if the call had to wait for
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
    this.keepMethodLimit(
      method,
      this.options,
      this.context.serviceConfig()?.methodConfig(method.path)?.timeoutMs,
    );
    if (this.isDone) return;
    // The first write may happen in another async context, and a failure that nobody looks at is reported from a
    // socket's.
    if (isOpen || areUnobservedWatched()) this.asyncContext ??= AsyncContext.capture();
    this.beforeBegin(isLate);
    if (isOpen) {
      this.holdProcess();
      this.#requests = new WrittenRequests(this, method, (request) => this.#startWritten(target, request));
      // The interceptor's inner call may have failed at once, and this call with it.
      if (this.isDone) this.#requests.leave();
    } else this.#start(target, requestOf(fields, method));
    this.afterBegin();
    this.openBegun();
  }

  #startWritten(target: BoundMethod, request: unknown): void {
    this.asyncContext?.run(() => this.#start(target, request));
  }

  #start(target: BoundMethod, request: unknown): void {
    this.#run = new InterceptorRun(this, this.#end, target);
    if (this.chain === this) {
      this.context.stats.started--;
      this.graceAfterDeadline(DEADLINE_GRACE_MS);
    }
    this.#run.start(request);
  }

  /** While nothing but the caller or the interceptor may settle the call, the deadline still must, so the process stays. */
  holdProcess(): void {
    if (this.#isHoldingProcess || this.isDone || this.chain.deadlineMs === Infinity) return;
    this.#isHoldingProcess = true;
    holdProcess();
  }

  /** Begins as the inner call of an outer interceptor. */
  beginInner(target: BoundMethod, request: unknown): void {
    this.target = target;
    this.#start(target, request);
  }

  /** Fails instead of beginning, because the outer interceptor misused `next`. */
  refuse(target: BoundMethod, mistake: unknown): void {
    this.target = target;
    this.failWith(mistake);
  }

  /** The interceptor's name in errors. */
  get who(): string {
    return nameOf(this.interceptors, this.index);
  }

  // --- writing

  protected checkWrite(options: WriteOptions): boolean {
    checkInterceptedWrite(options, this.options.settings.compression?.name, this.method);
    return true;
  }

  protected writeNow(fields: unknown, hasFields: boolean, isLast: boolean): Promise<void> | undefined {
    return this.#requests?.write(fields, hasFields, isLast);
  }

  // --- replies, headers and trailers

  /** Replies are pulled from the interceptor. */
  get exchange(): ReplyPuller | undefined {
    return this.#run;
  }

  get isReading(): boolean {
    return this.activeReader?.isWaiting === true;
  }

  onAnswer(): void {
    this.openHeaders();
  }

  onReplies(): void {
    this.activeReader?.onChange();
  }

  onReply(reply: unknown): void {
    this.activeReader?.onReply(reply);
  }

  get #origin(): CallLifecycle | undefined {
    return this.#run?.origin;
  }

  get peer(): Peer | undefined {
    return this.#origin?.peer;
  }

  /** Those of the call that was passed on; the repetitions of an interceptor are its own to count. */
  get attempts(): number {
    return this.#origin?.attempts ?? 0;
  }

  override get timing(): CallTiming | undefined {
    return this.#origin?.timing ?? super.timing;
  }

  async headers(): Promise<Metadata> {
    this.observe();
    if (this.#run?.hasAnswer !== true) await this.whenHeaders();
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
    if (this.#run === undefined) {
      if (this.#requests?.isUnwritten) return FOR_THE_REQUEST;
      return placeText(placeOf(undefined, false, this.context, this.awaitsAddresses));
    }
    return `while ${this.who} was at work${this.#run.hasGoneOn ? '' : ' (it has not called next)'}`;
  }

  // --- ending

  /** Ends like a call that the interceptor began; its error, too, is made only when somebody asks for it. */
  endAs(ended: CallLifecycle): void {
    const { outcome } = ended;
    if (this.isDone || outcome === undefined) return;
    this.#endedAs = ended;
    this.reply = ended.singleReply().value;
    if (ended.isAbandoned) this.abandon(outcome);
    else this.finish(outcome);
  }

  finishWith(reply: unknown): void {
    this.reply = reply;
    const origin = this.#origin === undefined ? 'client' : 'server';
    this.finish({ code: StatusCode.OK, details: '', origin });
  }

  /** Fails with what the interceptor threw, or with why it did not get to run; an RpcError keeps its status. */
  protected override fail(error: unknown): void {
    if (this.#run === undefined) {
      super.fail(error);
      return;
    }
    const failed = this.#run.failedWith(error);
    if (failed !== undefined) {
      this.endAs(failed);
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

  override failure(): unknown {
    return this.#endedAs === undefined ? super.failure() : this.#endedAs.failure();
  }

  protected onAbandon(): void {
    // What the interceptor returned is let go in `afterFinish`, so that its clean-up sees the call as ended.
  }

  protected onFinish(outcome: Outcome): void {
    if (this.#isHoldingProcess) releaseProcess();
    this.#isHoldingProcess = false;
    if (this.chain !== this || this.#run !== undefined) return;
    // It never became a call on the wire, which would be counted and reported.
    this.context.stats.onEnd(outcome.code);
    this.recorder = this.recordUnbegun();
    this.recorder?.onEnd(outcome);
  }

  protected afterFinish(): void {
    this.#run?.cancelBegun('the call that began it has ended');
    this.#requests?.leave();
    if (this.isAbandoned) this.#run?.leaveReplies();
  }
}

/** The request as interceptors see it. */
function requestOf(fields: unknown, method: Method): unknown {
  return method.requestStream ? requestMessages(() => sourceOf(fields, method), method.path) : fields;
}
