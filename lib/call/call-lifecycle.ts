// The life of one call, whether it goes on the wire (wire-call.ts) or through an interceptor
// (interceptors/interceptor-step.ts). It sets the deadline, watches the signal, and ends the call exactly once, in
// `finish`; it knows whether anybody looked at the call, what was awaited, and what to report if nobody looks.
// Carrying the call is the subclass's job. Every call has a lifecycle, so this is a base class rather than a separate
// object, and what only some calls need (latches, a reader, an error) is made on first use.

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
import { ABANDONED, AWAITS_ADDRESSES, CANCELLED_BY_CALLER, OBSERVED, WRITTEN } from './call-state.ts';
import { CallDeadline } from './deadline.ts';
import { LostSchema } from './lost-schema.ts';
import { pendingWrite, rejectedWrite } from './rejected-write.ts';
import { type ReplyPuller, ReplyReader, type ReplySource } from './reply-reader.ts';
import { notOpenForWriting } from './request-writer.ts';
import type { RunningCall } from './running-calls.ts';
import type { WriteOptions } from './write-options.ts';

export abstract class CallLifecycle extends CallDeadline implements ReplySource, RunningCall, Abortable {
  /** Replaced once the method is known, if a service config applies to it. */
  options: CheckedCallOptions;
  runningIndex = -1;
  abortIndex = -1;
  /** The name by which the caller asked for the method. */
  readonly #name: string;
  protected target: BoundMethod | undefined;
  /** The single reply. */
  protected reply: unknown;
  /** Made only if somebody watches. */
  protected recorder: CallRecorder | undefined;
  /** The caller's async context, kept if any of the user's functions will have to run in it. */
  asyncContext: AsyncContext | undefined;

  /** How the call ended; undefined while it runs. */
  outcome: Outcome | undefined;
  #result: Promise<unknown> | undefined;
  #onResult: ((result: unknown) => void) | undefined;
  protected activeReader: ReplyReader | undefined;

  /**
   * @param startMs when the call was made
   * @param site where it was made
   */
  constructor(
    context: CallContext,
    name: string,
    options: CheckedCallOptions,
    startMs: number,
    site: Error | undefined,
  ) {
    super(context, startMs);
    this.options = options;
    this.#name = name;
    if (site !== undefined) this.some.site = site;
  }

  // --- what the subclass provides

  abstract readonly exchange: ReplyPuller | undefined;
  abstract readonly peer: Peer | undefined;
  abstract readonly attempts: number;
  /** The response headers, and below the trailers, as far as they have arrived. */
  abstract headersNow(): Metadata | undefined;
  abstract trailersNow(): Metadata;
  /** Checks the options of a write; returns whether its message may be compressed. */
  protected abstract checkWrite(options: WriteOptions): boolean;
  /** Writes a request; undefined if this call takes no writes, or none yet. */
  protected abstract writeNow(
    fields: unknown,
    hasFields: boolean,
    isLast: boolean,
    mayCompress: boolean,
  ): Promise<void> | undefined;
  /** The call is being ended from this side. */
  protected abstract onAbandon(): void;
  /** The call has ended, but nobody has been told yet. */
  protected abstract onFinish(outcome: Outcome): void;
  /** The call has ended, and whoever waited for it has been woken. */
  protected abstract afterFinish(outcome: Outcome): void;

  // --- starting

  /** Applies the caller's deadline and signal. Subclass constructors call it once their own fields are set. */
  protected keepLimits(): void {
    const { timeoutMs, deadline, signal } = this.options;
    if (timeoutMs !== undefined || deadline !== undefined) this.keepLimit(timeoutMs ?? Infinity, 'timeoutMs');
    if (signal === undefined) return;
    if (signal.aborted) this.onAbort(signal.reason);
    else if (!this.isDone) this.context.signals.add(signal, this);
  }

  /**
   * The call has to wait before it begins. A mistake found after that has a stack of its own, so the place where the
   * call was made is written down now; next to waiting for files or a server, that costs little.
   */
  keepSite(): void {
    this.lateSite = this.site ?? new Error('called');
  }

  /** The method has yet to be looked up: until then a call without a deadline gets the default of unary calls. */
  expectUnary(): void {
    this.asyncContext = AsyncContext.capture();
    if (this.options.timeoutMs === undefined && !this.hasDeadline)
      this.keepLimit(DEFAULT_UNARY_TIMEOUT_MS, 'default');
  }

  /** The method is known, but a service config that may apply to it arrives only with the server's addresses. */
  awaitAddresses({ requestStream, responseStream }: Method): void {
    this.flags |= AWAITS_ADDRESSES;
    if (!requestStream && !responseStream) this.expectUnary();
  }

  /** Wakes whoever waited for the method to be known. */
  protected openBegun(): void {
    this.extras?.begun?.open();
  }

  // --- writing

  /** The call's `write` and `end`. `isLast` half-closes; without `hasFields` nothing else is sent. */
  write(fields: unknown, hasFields: boolean, isLast: boolean, options?: WriteOptions): Promise<void> {
    this.flags |= WRITTEN;
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
      const error = hasFields ? this.failure() : undefined;
      return error === undefined ? Promise.resolve() : rejectedWrite(this.method, error);
    }
    if (this.target !== undefined) {
      return rejectedWrite(this.method, notOpenForWriting(this.target.method, isLast));
    }
    // The schema is still being loaded. Writes keep their order: the first to wait is the first to go on.
    const site = new Error('written');
    const work = this.#whenBegun().then(() => this.write(fields, hasFields, isLast, options));
    const located = work.catch((error: unknown) => {
      throw this.extras?.failure === error ? error : withSite(error, site);
    });
    return pendingWrite(this.method, located);
  }

  // --- reading

  /** The single reply, once the call has ended with OK; rejects with what it failed with. */
  result(): Promise<unknown> {
    this.observe();
    if (this.isDone) return this.#endedResult();
    this.#result ??= new Promise((resolve) => {
      this.#onResult = resolve;
    });
    return this.#result;
  }

  async #endedResult(): Promise<unknown> {
    const error = this.failure();
    if (error !== undefined) throw error;
    return this.reply;
  }

  /** What the promise of `result` follows if the call fails later. */
  async #failedResult(): Promise<unknown> {
    // After two microtasks this promise is linked to the one that is awaited, so the error's stack leads there.
    await undefined;
    await undefined;
    return this.#endedResult();
  }

  #whenBegun(): Promise<void> {
    const some = this.some;
    some.begun ??= new Latch(this.method);
    return some.begun.opened;
  }

  /** Waits until the method is known; resolves to whether it streams replies. */
  async whenBegun(): Promise<boolean> {
    this.observe();
    if (this.target === undefined && !this.isDone) await this.#whenBegun();
    const error = this.target === undefined ? this.failure() : undefined;
    if (error !== undefined) throw error;
    return this.target?.method.responseStream === true;
  }

  /** Whether the method is known to stream replies; undefined while it is looked up. */
  get streamsReplies(): boolean | undefined {
    return this.target?.method.responseStream;
  }

  replyHas(field: string): boolean | undefined {
    return this.target === undefined ? undefined : this.context.replyHas(this.target.method, field);
  }

  /** Reads replies one by one; made on first use. */
  get reader(): ReplyReader {
    this.observe();
    this.activeReader ??= new ReplyReader(this);
    return this.activeReader;
  }

  singleReply(): IteratorResult<unknown, undefined> {
    return { value: this.reply, done: false };
  }

  // --- status, headers and trailers

  get isDone(): boolean {
    return this.outcome !== undefined;
  }

  /** Resolves when the call has ended, however it ended. Never rejects. */
  get ended(): Promise<void> {
    if (this.isDone) return Promise.resolve();
    const some = this.some;
    some.ended ??= new Latch(this.method);
    return some.ended.opened;
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

  /** Resolves when the response has begun, or the call has ended without one. */
  protected async whenHeaders(): Promise<void> {
    this.observe();
    if (this.headersNow() !== undefined || this.isDone) return;
    const some = this.some;
    some.hasHeaders ??= new Latch(this.method);
    await some.hasHeaders.opened;
  }

  protected openHeaders(): void {
    this.extras?.hasHeaders?.open();
  }

  abstract headers(): Promise<Metadata>;

  async trailers(): Promise<Metadata> {
    this.observe();
    await this.ended;
    return this.trailersNow();
  }

  async status(): Promise<Status> {
    this.observe();
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
    this.flags |= CANCELLED_BY_CALLER;
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'cancelled by the caller', reason));
  }

  /** Ends the call because its client is being closed. */
  close(): void {
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'the client was closed'));
  }

  onAbort(reason: unknown): void {
    this.flags |= CANCELLED_BY_CALLER;
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'cancelled by the signal of the call', reason));
  }

  /**
   * Fails the call with an error from the caller's own values or code, which the caller gets back unchanged. If the
   * schema could not be had from the server, the call ends with a status instead.
   */
  failWith(error: unknown): void {
    if (this.isDone) return;
    if (error instanceof LostSchema) this.abandon(error.outcome);
    else this.fail(error);
  }

  /** The same for errors that are never a status. */
  protected fail(error: unknown): void {
    const failure = error ?? new Error('the request stream failed without a reason');
    this.some.failure = withSite(failure, this.lateSite ?? this.site);
    this.abandon(clientOutcome(StatusCode.CANCELLED, messageOf(error), error));
  }

  /** Ends the call from this side and drops unread replies. */
  abandon(outcome: Outcome): void {
    if (this.isDone) return;
    this.flags |= ABANDONED;
    this.activeReader?.drop();
    this.onAbandon();
    this.finish(outcome);
  }

  /** The only way a call ends: the first outcome counts, later ones are ignored. */
  protected finish(outcome: Outcome): void {
    if (this.isDone) return;
    this.outcome = outcome;
    this.clearDeadline();
    this.onFinish(outcome);
    const { signal } = this.options;
    if (signal !== undefined) this.context.signals.remove(signal, this);
    this.context.onCallEnd(this);
    this.#onResult?.(outcome.code === StatusCode.OK ? this.reply : this.#failedResult());
    this.extras?.ended?.open();
    this.extras?.hasHeaders?.open();
    this.extras?.begun?.open();
    this.activeReader?.onChange();
    this.extras?.follower?.onFollowedEnd();
    this.afterFinish(outcome);
    if (outcome.code !== StatusCode.OK && (this.flags & (OBSERVED | CANCELLED_BY_CALLER)) === 0)
      reportLater(this);
  }

  /** The recorder of a call that ends before its method is known. */
  protected recordUnbegun(): CallRecorder | undefined {
    const watch = (): CallRecorder | undefined => this.context.watch(this.#name, false, this.startMs);
    return this.asyncContext === undefined ? watch() : this.asyncContext.run(watch);
  }

  /** Sets the error that the call fails with, if it should not be made from the status. */
  protected keepFailure(error: unknown): void {
    this.some.failure = withSite(error, this.lateSite ?? this.site);
  }

  /** Whether this is the very error that the call failed with. */
  hasFailedWith(error: unknown): boolean {
    if (!this.isDone || error === undefined) return false;
    return this.extras?.failure === error || this.extras?.error === error;
  }

  /** What the call failed with. Made on first use, so that its stack leads to the line that awaits. */
  failure(): unknown {
    const { outcome } = this;
    if (outcome === undefined || outcome.code === StatusCode.OK) return undefined;
    const some = this.some;
    if (some.failure !== undefined) return some.failure;
    some.error ??= callError({
      status: this.#status(),
      method: this.method,
      peer: this.peer?.address,
      note: outcome.note,
      cause: outcome.cause,
      site: this.site,
      decodeDetails: this.context.decodeDetails,
    });
    return some.error;
  }
}
