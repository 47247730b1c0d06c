// The life of one call, whatever carries it: on the wire (wire-call.ts) or through an interceptor
// (interceptors/interceptor-step.ts). It sets the deadline, watches the signal, and ends the call once, through
// `finish`; it knows who looked at the call, what was awaited, and whom to tell when nobody looks. What carries the call
// is the subclass's. Every call has one, so it is a base class rather than an object of its own, and what only some
// calls need (latches, a reader, an error) is made when it is first asked for.

import type { CallRecorder } from '../observe/call-recorder.ts';
import type { CallTiming } from '../observe/observed-call.ts';
import { clientOutcome, type Outcome } from '../rpc/outcome.ts';
import type { Peer } from '../rpc/transport.ts';
import type { Cardinality, Method } from '../schema/codec/method.ts';
import type { Abortable } from '../values/abort-groups.ts';
import { AsyncContext } from '../values/async-context.ts';
import { Latch } from '../values/latch.ts';
import type { Metadata } from '../values/metadata.ts';
import { messageOf } from '../values/realm.ts';
import { type Status, StatusCode, statusCodeName } from '../values/status.ts';
import type { BoundMethod, CallContext } from './call-context.ts';
import { callError, reportLater, withSite } from './call-failure.ts';
import { type CheckedCallOptions, DEFAULT_UNARY_TIMEOUT_MS } from './call-options.ts';
import { CallDeadline } from './deadline.ts';
import { BEFORE_THE_CALL, type CallTimes, expiryText, type LimitSource } from './expiry-text.ts';
import { LostSchema } from './lost-schema.ts';
import { pendingWrite, rejectedWrite } from './rejected-write.ts';
import { type ReplyPuller, ReplyReader, type ReplySource } from './reply-reader.ts';
import { givenWhole } from './request-writer.ts';
import type { RunningCall } from './running-calls.ts';
import type { WriteOptions } from './write-options.ts';

/** One that goes on when another call ends, and as that did. */
export interface Follower {
  onFollowedEnd(): void;
}

export abstract class CallLifecycle extends CallDeadline implements ReplySource, RunningCall, Abortable {
  /** Under a service config they become others when the method is known. */
  options: CheckedCallOptions;
  runningIndex = -1;
  abortIndex = -1;
  protected readonly host: CallContext;
  /** The name the method was asked for by. */
  readonly #name: string;
  protected target: BoundMethod | undefined;
  /** The single reply. */
  protected reply: unknown;
  /** Made where somebody watches. */
  protected recorder: CallRecorder | undefined;
  /** Of who made the call, where something of the user's will have to run in it. */
  context: AsyncContext | undefined;
  /** Where the call was made, if that is to be written down. */
  readonly site: Error | undefined;
  /** Where a call was made that has to wait before it begins. */
  lateSite: Error | undefined;

  /** How it ended. */
  outcome: Outcome | undefined;
  /** Why it failed, where that is not a status: the very error of a bad value or of the caller's own code. */
  #failure: unknown;
  #error: unknown;

  /** Ended from this side: replies that wait are dropped. */
  isAbandoned = false;
  /** Whether somebody has looked at any of its faces. */
  isObserved = false;
  isWritten = false;
  #isCancelledByCaller = false;

  #result: Promise<unknown> | undefined;
  #onResult: ((result: unknown) => void) | undefined;
  protected activeReader: ReplyReader | undefined;
  #begun: Latch | undefined;
  #hasHeaders: Latch | undefined;
  #ended: Latch | undefined;
  follower: Follower | undefined;

  /**
   * @param startMs when the call was made
   * @param site where it was made
   */
  constructor(
    host: CallContext,
    name: string,
    options: CheckedCallOptions,
    startMs: number,
    site: Error | undefined,
  ) {
    super(host.deadlines, startMs);
    this.options = options;
    this.host = host;
    this.#name = name;
    this.site = site;
  }

  // --- what the subclass is asked

  abstract readonly exchange: ReplyPuller | undefined;
  abstract readonly peer: Peer | undefined;
  abstract readonly attempts: number;
  /** Response headers and trailers as far as they are known. */
  abstract headersNow(): Metadata | undefined;
  abstract trailersNow(): Metadata;
  /** What the call is at: `while waiting for …`. */
  protected abstract place(): string;
  /** Checks what a write is given beside its message; whether that may be compressed. */
  protected abstract checkWrite(options: WriteOptions): boolean;
  /** `write` of a call whose requests are written; undefined where they are not, or not yet. */
  protected abstract writeNow(
    fields: unknown,
    hasFields: boolean,
    isLast: boolean,
    mayCompress: boolean,
  ): Promise<void> | undefined;
  /** The call ends from this side. */
  protected abstract onAbandon(): void;
  /** It has ended, and nobody has been told. */
  protected abstract onFinish(outcome: Outcome): void;
  /** It has ended, and who waited for it has been woken. */
  protected abstract afterFinish(outcome: Outcome): void;

  // --- starting

  /** The limits that the caller gave. For the constructor of the subclass, when its own fields are there. */
  protected keepLimits(): void {
    const { timeoutMs, deadline, signal } = this.options;
    if (timeoutMs !== undefined || deadline !== undefined) this.#limit(timeoutMs ?? Infinity, 'timeoutMs');
    if (signal === undefined) return;
    if (signal.aborted) this.onAbort(signal.reason);
    else if (!this.isDone) this.host.signals.add(signal, this);
  }

  /**
   * It has to wait before it begins, and what is wrong with it shows in a stack of that time. It waits for files or a
   * server, so that writing down where it was made costs little beside.
   */
  keepSite(): void {
    this.lateSite = this.site ?? new Error('called');
  }

  /** Its method has to be looked up: the deadline of a call that has none of its own until then. */
  expectUnary(): void {
    this.context = AsyncContext.capture();
    if (this.options.timeoutMs === undefined && !this.hasDeadline)
      this.#limit(DEFAULT_UNARY_TIMEOUT_MS, 'default');
  }

  /** Its method is known; a service config that may say more of it comes with the addresses of the server. */
  awaitAddresses({ requestStream, responseStream }: Method): void {
    this.awaitsAddresses = true;
    if (!requestStream && !responseStream) this.expectUnary();
  }

  /** The method is known: its limit of time, unless that has passed already. */
  protected keepMethodLimit(options: CheckedCallOptions, configTimeoutMs: number | undefined): void {
    const { requestStream, responseStream } = (this.target as BoundMethod).method;
    const isUnary = !requestStream && !responseStream;
    if (!this.setMethodDeadline(options, configTimeoutMs, isUnary)) this.expire(BEFORE_THE_CALL);
  }

  /** The method is known, and the call is on its way. */
  protected openBegun(): void {
    this.#begun?.open();
  }

  #limit(timeoutMs: number, source: LimitSource): void {
    if (!this.setDeadline(timeoutMs, source, this.options.deadline)) this.expire(BEFORE_THE_CALL);
  }

  // --- writing

  /** `write` and `end` of the call; `isLast` half-closes, and without `hasFields` does only that. */
  write(fields: unknown, hasFields: boolean, isLast: boolean, options?: WriteOptions): Promise<void> {
    this.isWritten = true;
    let mayCompress = true;
    if (options !== undefined) {
      try {
        mayCompress = this.checkWrite(options);
      } catch (error) {
        return rejectedWrite(this.method, error);
      }
    }
    const written = this.writeNow(fields, hasFields, isLast, mayCompress);
    if (written !== undefined) return written;
    if (this.isDone) {
      const error = hasFields ? this.takeError() : undefined;
      return error === undefined ? Promise.resolve() : rejectedWrite(this.method, error);
    }
    if (this.target !== undefined) {
      return rejectedWrite(this.method, givenWhole(this.target.method, isLast));
    }
    // The schema is still being loaded. Order is kept: whoever waited first goes on first.
    const site = new Error('written');
    const work = this.#whenBegun().then(() => this.write(fields, hasFields, isLast, options));
    const located = work.catch((error: unknown) => {
      throw this.#failure === error ? error : withSite(error, site);
    });
    return pendingWrite(this.method, located);
  }

  // --- reading

  /** The single reply, when the call has ended well. */
  result(): Promise<unknown> {
    this.isObserved = true;
    if (this.isDone) return this.#endedResult();
    this.#result ??= new Promise((resolve) => {
      this.#onResult = resolve;
    });
    return this.#result;
  }

  async #endedResult(): Promise<unknown> {
    const error = this.takeError();
    if (error !== undefined) throw error;
    return this.reply;
  }

  /** What `result` of a call that was running becomes. */
  async #failedResult(): Promise<unknown> {
    // Two turns later this promise is linked to the one that is awaited, and the error's stack leads there.
    await undefined;
    await undefined;
    return this.#endedResult();
  }

  #whenBegun(): Promise<void> {
    this.#begun ??= new Latch(this.method);
    return this.#begun.opened;
  }

  /** Waits for the method to be known; then whether replies stream. */
  async whenBegun(): Promise<boolean> {
    this.isObserved = true;
    if (this.target === undefined && !this.isDone) await this.#whenBegun();
    const error = this.target === undefined ? this.takeError() : undefined;
    if (error !== undefined) throw error;
    return this.target?.method.responseStream === true;
  }

  /** Whether the method is known to stream replies; undefined while it is looked up. */
  get streamsReplies(): boolean | undefined {
    return this.target?.method.responseStream;
  }

  replyHas(field: string): boolean | undefined {
    return this.target === undefined ? undefined : this.host.replyHas(this.target.method, field);
  }

  /** Who reads replies one by one. */
  get reader(): ReplyReader {
    this.isObserved = true;
    this.activeReader ??= new ReplyReader(this);
    return this.activeReader;
  }

  singleReply(): IteratorResult<unknown, undefined> {
    return { value: this.reply, done: false };
  }

  // --- its other faces

  get isDone(): boolean {
    return this.outcome !== undefined;
  }

  /** Resolves when the call has ended, however it did. */
  get ended(): Promise<void> {
    if (this.isDone) return Promise.resolve();
    this.#ended ??= new Latch(this.method);
    return this.#ended.opened;
  }

  get method(): string {
    return this.target?.method.path ?? this.#name;
  }

  get cardinality(): Cardinality | undefined {
    return this.target?.method.cardinality;
  }

  get timing(): CallTiming | undefined {
    return this.recorder?.timing;
  }

  /** Resolves when the response has begun, or the call has ended without. */
  protected async whenHeaders(): Promise<void> {
    this.isObserved = true;
    if (this.headersNow() !== undefined || this.isDone) return;
    this.#hasHeaders ??= new Latch(this.method);
    await this.#hasHeaders.opened;
  }

  protected openHeaders(): void {
    this.#hasHeaders?.open();
  }

  abstract headers(): Promise<Metadata>;

  async trailers(): Promise<Metadata> {
    this.isObserved = true;
    await this.ended;
    return this.trailersNow();
  }

  async status(): Promise<Status> {
    this.isObserved = true;
    await this.ended;
    return this.#status();
  }

  #status(): Status {
    const { code, details, origin } = this.outcome as Outcome;
    return { code, codeName: statusCodeName(code), details, metadata: this.trailersNow(), origin };
  }

  // --- ending

  cancel(reason: unknown): void {
    if (this.isDone) return;
    this.#isCancelledByCaller = true;
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'cancelled by the caller', reason));
  }

  /** Ends the call because its client closes. */
  close(): void {
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'the client was closed'));
  }

  onAbort(reason: unknown): void {
    this.#isCancelledByCaller = true;
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'cancelled by the signal of the call', reason));
  }

  onDeadline(): void {
    this.expire(this.place());
  }

  protected times(): CallTimes {
    return this.timesOf(undefined);
  }

  protected expire(place: string): void {
    const text = expiryText(this.limit(this.options.deadline), place, this.times());
    this.abandon(clientOutcome(StatusCode.DEADLINE_EXCEEDED, text));
  }

  /**
   * Fails the call with an error of the caller's own making, which it gets back as it is. That the schema cannot be had
   * from the server is a status.
   */
  failWith(error: unknown): void {
    if (this.isDone) return;
    if (error instanceof LostSchema) this.abandon(error.outcome);
    else this.fail(error);
  }

  /** The same, where it is no status. */
  protected fail(error: unknown): void {
    const failure = error ?? new Error('the request stream failed without a reason');
    this.#failure = withSite(failure, this.lateSite ?? this.site);
    this.abandon(clientOutcome(StatusCode.CANCELLED, messageOf(error), error));
  }

  /** Ends the call from this side; what was not read is dropped. */
  abandon(outcome: Outcome): void {
    if (this.isDone) return;
    this.isAbandoned = true;
    this.activeReader?.drop();
    this.onAbandon();
    this.finish(outcome);
  }

  /** The one end of the call: the first outcome is the one that counts. */
  protected finish(outcome: Outcome): void {
    if (this.isDone) return;
    this.outcome = outcome;
    this.clearDeadline();
    this.onFinish(outcome);
    const { signal } = this.options;
    if (signal !== undefined) this.host.signals.remove(signal, this);
    this.host.onCallEnd(this);
    this.#onResult?.(outcome.code === StatusCode.OK ? this.reply : this.#failedResult());
    this.#ended?.open();
    this.#hasHeaders?.open();
    this.#begun?.open();
    this.activeReader?.onChange();
    this.follower?.onFollowedEnd();
    this.afterFinish(outcome);
    if (outcome.code !== StatusCode.OK && !this.isObserved && !this.#isCancelledByCaller) reportLater(this);
  }

  /** What watches a call that ends before anything carries it. */
  protected recordUnbegun(): CallRecorder | undefined {
    const watch = (): CallRecorder | undefined => this.host.watch(this.#name, false, this.startMs);
    return this.context === undefined ? watch() : this.context.run(watch);
  }

  /** Keeps the error that the call fails with, where that is not made of its status. */
  protected keepFailure(error: unknown): void {
    this.#failure = withSite(error, this.lateSite ?? this.site);
  }

  /** Whether an error is the one that the call failed with. */
  hasFailedWith(error: unknown): boolean {
    return this.isDone && (this.#failure === error || this.#error === error);
  }

  /** What the call failed with, made when first asked for: its stack then leads to the line that awaits. */
  takeError(): unknown {
    const { outcome } = this;
    if (outcome === undefined || outcome.code === StatusCode.OK) return undefined;
    if (this.#failure !== undefined) return this.#failure;
    this.#error ??= callError({
      status: this.#status(),
      method: this.method,
      peer: this.peer?.address,
      note: outcome.note,
      cause: outcome.cause,
      site: this.site,
      decodeDetails: this.host.decodeDetails,
    });
    return this.#error;
  }
}
