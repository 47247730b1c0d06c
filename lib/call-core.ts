// The state of one call, behind the faces that call.ts gives to users: starts the exchange, turns values into
// bytes and back, and holds what there is to await. How the call ends goes through #finish, once.

import { CallDeadline } from './call-deadline.ts';
import { BEFORE_THE_CALL, type LimitSource, placeOf, placeText } from './call-expiry.ts';
import type { CallFace } from './call-face.ts';
import { callError, reportLater } from './call-failure.ts';
import type { CallHost, CallTarget } from './call-host.ts';
import { exchangeOf, underMethodConfig } from './call-settings.ts';
import type { CallWatch } from './call-watch.ts';
import { Latch } from './latch.ts';
import { Metadata } from './metadata.ts';
import type { CallTiming } from './observed-call.ts';
import { type CheckedCallOptions, DEFAULT_UNARY_TIMEOUT_MS } from './options/call-options.ts';
import { checkWriteOptions, type WriteOptions } from './options/write-options.ts';
import { pendingWrite, rejectedWrite } from './rejected-write.ts';
import { ReplyReader, type ReplySource } from './reply-reader.ts';
import { outcomeOfSize, type RequestOwner, RequestStream, sourceOf } from './request-stream.ts';
import type { CallExchange, ExchangeListener } from './rpc/call-exchange.ts';
import { CallCredentials } from './rpc/credentials.ts';
import { IdleWatch, type Idling } from './rpc/idle-watch.ts';
import { MESSAGE_HEADER_OCTETS } from './rpc/message-reader.ts';
import { metadataOfFields } from './rpc/metadata-fields.ts';
import { clientOutcome, type Outcome } from './rpc/outcome.ts';
import type { FieldList, Peer } from './rpc/transport.ts';
import type { RunningCall } from './running-calls.ts';
import type { Cardinality, EncodedMessage } from './schema/method.ts';
import { type Status, StatusCode, statusCodeName } from './status.ts';

export class CallCore
  extends CallDeadline
  implements CallFace, ExchangeListener, RequestOwner, ReplySource, RunningCall, Idling
{
  options: CheckedCallOptions;
  readonly #host: CallHost;
  /** The name the method was asked for by. */
  readonly #name: string;
  #target: CallTarget | undefined;
  #exchange: CallExchange | undefined;
  #request: RequestStream | undefined;
  #credentials: CallCredentials | undefined;
  /** Made where somebody watches. */
  #watching: CallWatch | undefined;

  runningIndex = -1;
  abortIndex = -1;
  #idle: IdleWatch | undefined;

  #outcome: Outcome | undefined;
  /** Why the call failed, where that is not a status: the very error of a bad value or the caller's iterable. */
  #failure: unknown;
  #error: unknown;
  #reply: unknown;
  #isAbandoned = false;
  #isObserved = false;
  #isCancelledByCaller = false;

  #result: Promise<unknown> | undefined;
  #onResult: ((result: unknown) => void) | undefined;
  #reader: ReplyReader | undefined;
  #begun: Latch | undefined;
  #hasHeaders: Latch | undefined;
  #ended: Latch | undefined;
  readonly #site: Error | undefined;

  /** @param startMs when the call was made, where that was before it came here */
  constructor(
    host: CallHost,
    name: string,
    options: CheckedCallOptions,
    startMs: number = performance.now(),
  ) {
    super(host.deadlines, startMs);
    this.options = options;
    this.#host = host;
    host.stats.started++;
    this.#name = name;
    this.#site = host.captureStacks ? new Error('called') : undefined;
    if (options.timeoutMs !== undefined || options.deadline !== undefined) {
      this.#setDeadline(options.timeoutMs ?? Infinity, 'timeoutMs');
    }
    if (options.signal !== undefined) this.#watch(options.signal);
  }

  // --- starting

  /** The deadline of a call that has none of its own, while its method is still being looked up. */
  expectUnary(): void {
    if (this.options.timeoutMs === undefined && !this.hasDeadline)
      this.#setDeadline(DEFAULT_UNARY_TIMEOUT_MS, 'default');
  }

  /**
   * Starts the exchange. With `isOpen` the request stream stays open for `write` and `end`; `isLate` when the call
   * has waited for its schema.
   */
  begin(target: CallTarget, fields: unknown, isOpen: boolean, isLate = false): void {
    if (this.isDone) return;
    this.#target = target;
    const { method } = target;
    const { options } = this;
    const isUnary = !method.requestStream && !method.responseStream;
    const config = this.#host.serviceConfig?.methodConfig(method.path);
    if (config !== undefined) this.options = underMethodConfig(options, config);
    if (!this.setMethodDeadline(options, config?.timeoutMs, isUnary)) this.#expire(BEFORE_THE_CALL);
    if (this.isDone) return;
    this.#watching = this.#host.watch(method, options.timing, this.startMs);
    this.beforeBegin(isLate);
    if (options.idleTimeoutMs !== Infinity && !isUnary) {
      this.#idle = new IdleWatch(this, this.#host.deadlines, options.idleTimeoutMs);
    }
    if (isOpen || method.requestStream) this.#beginStream(target, fields, isOpen);
    else this.#beginSingle(target, fields);
    this.afterBegin();
    this.#begun?.open();
  }

  /** Fails before anything was sent: the method cannot be had, or an argument is wrong. */
  refuse(error: unknown): void {
    this.failWith(error);
  }

  #beginSingle(target: CallTarget, fields: unknown): void {
    let message: EncodedMessage;
    try {
      message = target.method.request.encode(fields ?? {}, MESSAGE_HEADER_OCTETS);
    } catch (error) {
      this.failWith(error);
      return;
    }
    const { maxSendMessageBytes } = this.options;
    const tooLarge = outcomeOfSize(message, maxSendMessageBytes);
    if (tooLarge !== undefined) {
      this.abandon(tooLarge);
      return;
    }
    // Taken out of the codec's one result object, before anything else can be encoded.
    const { bytes, start, end } = message;
    const exchange = this.#makeExchange(target);
    exchange.begin();
    this.#host.stats.sentMessages++;
    exchange.send(bytes, start, end, true);
  }

  #beginStream(target: CallTarget, fields: unknown, isOpen: boolean): void {
    const { method } = target;
    let source: ReturnType<typeof sourceOf>;
    try {
      source = isOpen ? undefined : sourceOf(fields, method);
    } catch (error) {
      this.failWith(error);
      return;
    }
    const exchange = this.#makeExchange(target);
    const request = new RequestStream(this, exchange, method, this.options.maxSendMessageBytes);
    this.#request = request;
    exchange.begin();
    if (isOpen) return;
    if (source === undefined) request.end();
    else void request.pump(source);
  }

  #makeExchange(target: CallTarget): CallExchange {
    const { credentials } = this.options;
    let transport = this.#watching ?? this.#host.transport;
    if (credentials !== undefined) {
      this.#credentials = new CallCredentials(transport, credentials);
      transport = this.#credentials;
    }
    const exchange = exchangeOf(this, this.#host, transport, target, this.options);
    // A reader may have come before the schema.
    if (this.#reader?.isWaiting) exchange.isReading = true;
    this.#exchange = exchange;
    return exchange;
  }

  /** `write` and `end` of the call; `isLast` half-closes, and without `hasFields` does only that. */
  write(fields: unknown, hasFields: boolean, isLast: boolean, options?: WriteOptions): Promise<void> {
    let mayCompress = true;
    if (options !== undefined) {
      try {
        mayCompress = checkWriteOptions(options, this.options.compression?.name);
      } catch (error) {
        return rejectedWrite(this.method, error);
      }
    }
    if (this.#request !== undefined) return this.#request.write(fields, hasFields, isLast, mayCompress);
    if (this.isDone) {
      const error = hasFields ? this.takeError() : undefined;
      return error === undefined ? Promise.resolve() : rejectedWrite(this.method, error);
    }
    if (this.#target !== undefined) {
      const mistake = new TypeError(
        `the request of ${this.method} was given whole; use client.open to write it`,
      );
      return rejectedWrite(this.method, mistake);
    }
    // The schema is still being loaded. Order is kept: whoever waited first goes on first.
    const work = this.#whenBegun().then(() => this.write(fields, hasFields, isLast, options));
    return pendingWrite(this.method, work);
  }

  #whenBegun(): Promise<void> {
    this.#begun ??= new Latch();
    return this.#begun.opened;
  }

  // --- reading

  /** The single reply, when the call has ended well. */
  result(): Promise<unknown> {
    this.#isObserved = true;
    if (this.isDone) return this.#endedResult();
    this.#result ??= new Promise((resolve) => {
      this.#onResult = resolve;
    });
    return this.#result;
  }

  async #endedResult(): Promise<unknown> {
    const error = this.takeError();
    if (error !== undefined) throw error;
    return this.#reply;
  }

  /** What `result` of a call that was running becomes. */
  async #failedResult(): Promise<unknown> {
    // Two turns later this promise is linked to the one that is awaited, and the error's stack leads there.
    await undefined;
    await undefined;
    return this.#endedResult();
  }

  /** Waits for the method to be known; then whether replies stream. */
  async whenBegun(): Promise<boolean> {
    this.#isObserved = true;
    if (this.#target === undefined && !this.isDone) await this.#whenBegun();
    const error = this.#target === undefined ? this.takeError() : undefined;
    if (error !== undefined) throw error;
    return this.#target?.method.responseStream === true;
  }

  /** Whether the method is known to stream replies; undefined while it is looked up. */
  get streamsReplies(): boolean | undefined {
    return this.#target?.method.responseStream;
  }

  /** Who reads replies one by one. */
  get reader(): ReplyReader {
    this.#isObserved = true;
    this.#reader ??= new ReplyReader(this);
    return this.#reader;
  }

  singleReply(): IteratorResult<unknown, undefined> {
    return { value: this.#reply, done: false };
  }

  // --- its other faces

  get isDone(): boolean {
    return this.#outcome !== undefined;
  }

  /** Resolves when the call has ended, however it did. */
  get ended(): Promise<void> {
    if (this.isDone) return Promise.resolve();
    this.#ended ??= new Latch();
    return this.#ended.opened;
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  get exchange(): CallExchange | undefined {
    return this.#exchange;
  }

  get method(): string {
    return this.#target?.method.path ?? this.#name;
  }

  get cardinality(): Cardinality | undefined {
    return this.#target?.method.cardinality;
  }

  get peer(): Peer | undefined {
    return this.#exchange?.peer;
  }

  get timing(): CallTiming | undefined {
    return this.#watching?.timing;
  }

  get attempts(): number {
    return this.#exchange?.attempts ?? 0;
  }

  async headers(): Promise<Metadata> {
    this.#isObserved = true;
    if (this.#exchange?.headers === undefined && !this.isDone) {
      this.#hasHeaders ??= new Latch();
      await this.#hasHeaders.opened;
    }
    return metadataOfFields(this.#exchange?.headers ?? []);
  }

  async trailers(): Promise<Metadata> {
    this.#isObserved = true;
    await this.ended;
    return this.#trailers();
  }

  async status(): Promise<Status> {
    this.#isObserved = true;
    await this.ended;
    return this.#status();
  }

  cancel(reason: unknown): void {
    if (this.isDone) return;
    this.#isCancelledByCaller = true;
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'cancelled by the caller', reason));
  }

  /** Ends the call because its client closes. */
  close(): void {
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'the client was closed'));
  }

  // --- from the exchange

  callFields(): FieldList | undefined {
    const { fields: own, compression } = this.options;
    const fields = compression === undefined ? own : ['grpc-encoding', compression.name, ...(own ?? [])];
    return this.withTimeout(fields);
  }

  onHeaders(): void {
    if (this.hasDeadline && this.#target?.method.responseStream) this.markHeaders();
    this.#hasHeaders?.open();
  }

  onMessage(bytes: Uint8Array, start: number, end: number): void {
    const { method } = this.#target as CallTarget;
    this.#idle?.onMessage();
    this.#host.stats.receivedMessages++;
    let reply: unknown;
    try {
      reply = method.reply.decode(bytes, start, end);
    } catch (error) {
      this.#undecodable(error);
      return;
    }
    if (method.responseStream) this.#reader?.onReply(reply);
    else this.#reply = reply;
  }

  onWritable(): void {
    this.#request?.onRoom();
  }

  onSent(): void {
    this.#host.stats.sentMessages++;
    this.#idle?.onMessage();
  }

  onOutcome(outcome: Outcome): void {
    this.#finish(outcome);
  }

  // --- from the deadline queue and the signal

  onDeadline(): void {
    this.#expire(placeText(placeOf(this.#exchange, this.#credentials?.isPending === true, this.#host)));
  }

  #expire(place: string): void {
    this.abandon(clientOutcome(StatusCode.DEADLINE_EXCEEDED, this.expiryDetails(place, this.#exchange)));
  }

  get hasUnread(): boolean {
    return this.#exchange?.hasMessage === true;
  }

  onIdle(): void {
    const { idleTimeoutMs } = this.options;
    const text = `no message went either way for ${idleTimeoutMs} ms, the idleTimeoutMs of the call`;
    this.abandon(clientOutcome(StatusCode.DEADLINE_EXCEEDED, text));
  }

  onAbort(reason: unknown): void {
    this.#isCancelledByCaller = true;
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'cancelled by the signal of the call', reason));
  }

  // --- ending

  /** Fails the call with an error of the caller's own making, which it gets back as it is. */
  failWith(error: unknown): void {
    if (this.isDone) return;
    this.#failure = error ?? new Error('the request stream failed without a reason');
    const text = error instanceof Error ? error.message : String(error);
    this.abandon(clientOutcome(StatusCode.CANCELLED, text, error));
  }

  #undecodable(error: unknown): void {
    const details = `the reply cannot be decoded: ${error instanceof Error ? error.message : String(error)}`;
    this.onBadMessage(clientOutcome(StatusCode.INTERNAL, details, error));
  }

  onBadMessage(outcome: Outcome): void {
    // What came behind it is not read: replies end where one is missing.
    this.#isAbandoned = true;
    // The server may have ended the call, but its reader must not take this for the end.
    if (this.isDone) this.#outcome = outcome;
    else this.#exchange?.fail(outcome);
    this.#exchange?.dropMessages();
  }

  abandon(outcome: Outcome): void {
    if (this.isDone) return;
    this.#isAbandoned = true;
    this.#reader?.drop();
    this.#exchange?.abandon();
    this.#finish(outcome);
  }

  #finish(outcome: Outcome): void {
    if (this.isDone) return;
    this.#outcome = outcome;
    this.clearDeadline();
    this.#idle?.stop();
    this.#host.stats.onEnd(outcome.code);
    // Who failed before its method was known is told of as well.
    if (this.#target === undefined) this.#watching = this.#host.watch(this.#name, false, this.startMs);
    this.#watching?.onEnd(outcome);
    const { signal } = this.options;
    if (signal !== undefined) this.#host.signals.remove(signal, this);
    this.#host.onCallEnd(this);
    this.#onResult?.(outcome.code === StatusCode.OK ? this.#reply : this.#failedResult());
    this.#ended?.open();
    this.#hasHeaders?.open();
    this.#begun?.open();
    this.#reader?.onChange();
    this.#request?.onCallEnd();
    if (outcome.code === StatusCode.OK) {
      this.#host.retries.throttle?.onSuccess();
      return;
    }
    if (outcome.code === StatusCode.UNIMPLEMENTED && this.#target?.isReflected) {
      this.#host.onUnimplemented(this.#target);
    }
    if (!this.#isObserved && !this.#isCancelledByCaller) reportLater(this);
  }

  /** Whether somebody has looked at any of its faces. */
  get isObserved(): boolean {
    return this.#isObserved;
  }

  /** What the call failed with, made when first asked for: its stack then leads to the line that awaits. */
  takeError(): unknown {
    const outcome = this.#outcome;
    if (outcome === undefined || outcome.code === StatusCode.OK) return undefined;
    if (this.#failure !== undefined) return this.#failure;
    this.#error ??= callError({
      status: this.#status(),
      method: this.method,
      peer: this.peer?.address,
      cause: outcome.cause,
      site: this.#site,
      decodeDetails: this.#host.decodeDetails,
    });
    return this.#error;
  }

  #status(): Status {
    const { code, details, origin } = this.#outcome as Outcome;
    return { code, codeName: statusCodeName(code), details, metadata: this.#trailers(), origin };
  }

  #trailers(): Metadata {
    const fields = this.#exchange?.trailers;
    return fields === undefined ? new Metadata() : metadataOfFields(fields);
  }

  // --- deadline and signal

  #setDeadline(timeoutMs: number, source: LimitSource): void {
    if (!this.setDeadline(timeoutMs, source, this.options.deadline)) this.#expire(BEFORE_THE_CALL);
  }

  #watch(signal: AbortSignal): void {
    if (signal.aborted) this.onAbort(signal.reason);
    else if (!this.isDone) this.#host.signals.add(signal, this);
  }
}
