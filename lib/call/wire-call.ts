// A call on the wire: starts the exchange, and turns values into bytes and back. What any call does once, from its
// deadline to its end, is in call-lifecycle.ts.

import { CallCredentials } from '../rpc/call-credentials.ts';
import type { CallExchange, ExchangeListener } from '../rpc/call-exchange.ts';
import { type Idling, MessageIdleTimer } from '../rpc/message-idle-timer.ts';
import { MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';
import { metadataOfFields } from '../rpc/metadata-fields.ts';
import { clientOutcome, type Outcome } from '../rpc/outcome.ts';
import type { FieldList, Peer } from '../rpc/transport.ts';
import type { EncodedMessage, Method } from '../schema/codec/method.ts';
import { DecodeError } from '../schema/codec/wire/decode-error.ts';
import { AsyncContext } from '../values/async-context.ts';
import { Metadata } from '../values/metadata.ts';
import { messageOf } from '../values/realm.ts';
import { StatusCode } from '../values/status.ts';
import { areUnobservedTold } from '../values/warnings.ts';
import type { BoundMethod, CallContext } from './call-context.ts';
import { siteOf } from './call-failure.ts';
import { CallLifecycle } from './call-lifecycle.ts';
import type { CheckedCallOptions } from './call-options.ts';
import type { CallDeadline } from './deadline.ts';
import {
  type CallTimes,
  endedText,
  FOR_CREDENTIALS,
  isLikelyExpiry,
  placeOf,
  placeText,
} from './expiry-text.ts';
import { exchangeOf, underMethodConfig } from './method-config.ts';
import { outcomeOfSize, type RequestOwner, RequestWriter, sourceOf } from './request-writer.ts';
import { checkWriteOptions, type WriteOptions } from './write-options.ts';

/** A call that interceptors go on from. */
export interface OuterCall {
  /** When what goes on counts as made. */
  readonly startMs: number;
  /** Where it was made, if that was written down. */
  readonly site: Error | undefined;
  /** The call itself, unless what goes on counts from now. */
  readonly begun: CallDeadline | undefined;
}

export class WireCall extends CallLifecycle implements ExchangeListener, RequestOwner, Idling {
  #exchange: CallExchange | undefined;
  #request: RequestWriter | undefined;
  #credentials: CallCredentials | undefined;
  #idle: MessageIdleTimer | undefined;

  /** @param outer the call that it carries, where interceptors went on to it: it was made when and where that was */
  constructor(host: CallContext, name: string, options: CheckedCallOptions, outer?: OuterCall) {
    super(
      host,
      name,
      options,
      outer === undefined ? performance.now() : outer.startMs,
      outer === undefined ? siteOf(host) : outer.site,
    );
    host.stats.started++;
    if (outer?.begun !== undefined) this.continueFrom(outer.begun);
    this.keepLimits();
  }

  // --- starting

  /**
   * Starts the exchange. With `isOpen` the request stream stays open for `write` and `end`; `isLate` when the call
   * has waited for its schema.
   */
  begin(target: BoundMethod, fields: unknown, isOpen: boolean, isLate = false): void {
    if (this.isDone) return;
    this.target = target;
    const { method } = target;
    const { options } = this;
    const config = this.host.serviceConfig?.methodConfig(method.path);
    if (config !== undefined) this.options = underMethodConfig(options, config);
    this.keepMethodLimit(options, config?.timeoutMs);
    if (this.isDone) return;
    this.recorder = this.host.watch(method, options.timing, this.startMs);
    if (method.isForeign || areUnobservedTold()) this.context ??= AsyncContext.capture();
    this.beforeBegin(isLate);
    if (options.idleTimeoutMs !== Infinity && (method.requestStream || method.responseStream)) {
      this.#idle = new MessageIdleTimer(this, this.host.deadlines, options.idleTimeoutMs);
    }
    if (isOpen || method.requestStream) this.#beginStream(target, fields, isOpen);
    else this.#beginSingle(target, fields);
    this.afterBegin();
    this.openBegun();
  }

  #beginSingle(target: BoundMethod, fields: unknown): void {
    let message: EncodedMessage;
    try {
      message = target.method.request.encode(fields ?? {}, MESSAGE_HEADER_OCTETS);
    } catch (error) {
      const provided = this.host.provideFor(error, target, this);
      if (provided === undefined) this.failWith(error);
      else void this.#beginProvided(provided, fields);
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
    this.host.stats.sentMessages++;
    exchange.send(bytes, start, end, true);
  }

  /** The server is asked for a type that the request needs. */
  async #beginProvided(provided: Promise<BoundMethod>, fields: unknown): Promise<void> {
    try {
      const target = await provided;
      if (this.isDone) return;
      this.target = target;
      this.beforeBegin(true);
      this.#beginSingle(target, fields);
    } catch (error) {
      this.failWith(error);
    }
  }

  async whenProvided(error: unknown): Promise<Method> {
    const target = this.target;
    const provided = target === undefined ? undefined : this.host.provideFor(error, target, this);
    if (provided === undefined) throw error;
    return (await provided).method;
  }

  #beginStream(target: BoundMethod, fields: unknown, isOpen: boolean): void {
    const { method } = target;
    let source: ReturnType<typeof sourceOf>;
    try {
      source = isOpen ? undefined : sourceOf(fields, method);
    } catch (error) {
      this.failWith(error);
      return;
    }
    const exchange = this.#makeExchange(target);
    const request = new RequestWriter(this, exchange, method, this.options.maxSendMessageBytes);
    this.#request = request;
    exchange.begin();
    if (isOpen) return;
    if (source === undefined) request.end();
    else void request.pump(source);
  }

  #makeExchange(target: BoundMethod): CallExchange {
    const { credentials } = this.options;
    let transport = this.recorder ?? this.host.transport;
    if (credentials !== undefined) {
      this.#credentials = new CallCredentials(transport, credentials);
      transport = this.#credentials;
    }
    const exchange = exchangeOf(this, this.host, transport, target, this.options);
    // A reader may have come before the schema.
    if (this.activeReader?.isWaiting) exchange.isReading = true;
    this.#exchange = exchange;
    return exchange;
  }

  protected checkWrite(options: WriteOptions): boolean {
    return checkWriteOptions(options, this.options.compression?.name);
  }

  protected writeNow(
    fields: unknown,
    hasFields: boolean,
    isLast: boolean,
    mayCompress: boolean,
  ): Promise<void> | undefined {
    return this.#request?.write(fields, hasFields, isLast, mayCompress);
  }

  // --- its faces

  get exchange(): CallExchange | undefined {
    return this.#exchange;
  }

  get peer(): Peer | undefined {
    return this.#exchange?.peer;
  }

  get attempts(): number {
    return this.#exchange?.attempts ?? 0;
  }

  async headers(): Promise<Metadata> {
    await this.whenHeaders();
    return this.headersNow() ?? new Metadata();
  }

  headersNow(): Metadata | undefined {
    const fields = this.#exchange?.headers;
    return fields === undefined ? undefined : metadataOfFields(fields);
  }

  trailersNow(): Metadata {
    const fields = this.#exchange?.trailers;
    return fields === undefined ? new Metadata() : metadataOfFields(fields);
  }

  // --- from the exchange

  callFields(): FieldList | undefined {
    const { fields: own, compression } = this.options;
    const fields = compression === undefined ? own : ['grpc-encoding', compression.name, ...(own ?? [])];
    return this.withTimeout(fields);
  }

  onHeaders(): void {
    if (this.hasDeadline && this.target?.method.responseStream) this.markHeaders();
    this.openHeaders();
  }

  onMessage(bytes: Uint8Array, start: number, end: number): void {
    const { method } = this.target as BoundMethod;
    this.#idle?.onMessage();
    this.host.stats.receivedMessages++;
    let reply: unknown;
    try {
      reply =
        this.context !== undefined && method.isForeign
          ? this.#decodeForeign(method, bytes, start, end)
          : method.reply.decode(bytes, start, end);
    } catch (error) {
      this.#undecodable(error);
      return;
    }
    if (method.responseStream) this.activeReader?.onReply(reply);
    else this.reply = reply;
  }

  /** By functions of the user's, which run in the user's context. */
  #decodeForeign({ reply }: Method, bytes: Uint8Array, start: number, end: number): unknown {
    return this.context?.run(() => reply.decode(bytes, start, end));
  }

  onWritable(): void {
    this.#request?.onRoom();
  }

  onSent(): void {
    this.host.stats.sentMessages++;
    this.#idle?.onMessage();
  }

  onOutcome(outcome: Outcome): void {
    this.finish(outcome.code === StatusCode.OK ? outcome : this.#withTimes(outcome));
  }

  // --- limits

  protected place(): string {
    return placeText(
      placeOf(
        this.#exchange,
        this.#credentials?.isPending === true,
        this.host,
        this.awaitsAddresses,
        this.#request?.isUnwritten === true,
        this.target?.head.protocol?.isSentWhole === true,
      ),
    );
  }

  protected override times(): CallTimes {
    return this.timesOf(this.#exchange);
  }

  /** Who else was the first to say that time is up does not know which time it was, nor what the call was at here. */
  #withTimes(outcome: Outcome): Outcome {
    const exchange = this.#exchange;
    if (!isLikelyExpiry(outcome, exchange, this.isNearDeadline)) return outcome;
    // Nobody else says of a call that had no stream that its time is up.
    const place =
      outcome.isUnprocessed && outcome.code === StatusCode.DEADLINE_EXCEEDED ? FOR_CREDENTIALS : this.place();
    const note = endedText(this.limit(this.options.deadline), place, this.times());
    if (outcome.origin === 'client') return { ...outcome, details: `${outcome.details} (${note})` };
    // The server's own text stays as it came, and the note is the error's.
    return { ...outcome, note };
  }

  get hasUnread(): boolean {
    return this.#exchange?.hasMessage === true;
  }

  onIdle(): void {
    const { idleTimeoutMs } = this.options;
    const text = `no message went either way for ${idleTimeoutMs} ms, the idleTimeoutMs of the call, ${this.place()}`;
    this.abandon(clientOutcome(StatusCode.DEADLINE_EXCEEDED, text));
  }

  // --- ending

  #undecodable(error: unknown): void {
    const details = `the reply cannot be decoded: ${messageOf(error)}`;
    const code = error instanceof DecodeError ? error.status : StatusCode.INTERNAL;
    this.onBadMessage(clientOutcome(code, details, error));
  }

  onBadMessage(outcome: Outcome): void {
    // What came behind it is not read: replies end where one is missing.
    this.isAbandoned = true;
    // The server may have ended the call, but its reader must not take this for the end.
    if (this.isDone) this.outcome = outcome;
    else this.#exchange?.fail(outcome);
    this.#exchange?.dropMessages();
  }

  protected onAbandon(): void {
    this.#exchange?.abandon();
  }

  protected onFinish(outcome: Outcome): void {
    this.#idle?.stop();
    this.host.stats.onEnd(outcome.code);
    // Who failed before its method was known is told of as well.
    if (this.target === undefined) this.recorder = this.recordUnbegun();
    this.recorder?.onEnd(outcome);
  }

  protected afterFinish(outcome: Outcome): void {
    this.#request?.onCallEnd();
    if (outcome.code === StatusCode.OK) this.host.retries.throttle?.onSuccess();
    else if (outcome.code === StatusCode.UNIMPLEMENTED && this.target?.isReflected) {
      this.host.onUnimplemented(this.target);
    }
  }
}
