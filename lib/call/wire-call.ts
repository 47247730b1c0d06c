// A call on the wire: starts the exchange, and turns values into bytes and back. What all calls have in common, from
// deadline to end, is in call-lifecycle.ts.

import { underJson } from '../rpc/answer-codec.ts';
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
import { returnOctets } from '../values/octets.ts';
import { messageOf } from '../values/realm.ts';
import { StatusCode } from '../values/status.ts';
import { areUnobservedWatched } from '../values/warnings.ts';
import type { BoundMethod, CallContext } from './call-context.ts';
import { siteOf } from './call-failure.ts';
import { CallLifecycle } from './call-lifecycle.ts';
import type { CheckedCallOptions } from './call-options.ts';
import { ABANDONED } from './call-state.ts';
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

/** The memory of a request that takes so much may be used again. */
const LARGE_OCTETS = 64 * 1024;

/** The call that interceptors pass on as a new one. */
export interface OuterCall {
  /** When the new call counts as made. */
  readonly startMs: number;
  /** Where it was made, if its client captures stacks. */
  readonly site: Error | undefined;
  /** The same, if it had to wait before it began. */
  readonly lateSite: Error | undefined;
  /** The call itself; undefined if the new call's time counts from now. */
  readonly begun: CallDeadline | undefined;
}

export class WireCall extends CallLifecycle implements ExchangeListener, RequestOwner, Idling {
  #exchange: CallExchange | undefined;
  #request: RequestWriter | undefined;
  #credentials: CallCredentials | undefined;
  #idle: MessageIdleTimer | undefined;
  /** The memory of its request, where that is large, until the call ends. */
  #largeRequest: Uint8Array | undefined;

  /** @param outer the call that interceptors passed on, if any: this one counts as made when and where that was */
  constructor(context: CallContext, name: string, options: CheckedCallOptions, outer?: OuterCall) {
    super(
      context,
      name,
      options,
      outer === undefined ? performance.now() : outer.startMs,
      outer === undefined ? siteOf(context) : outer.site,
    );
    context.stats.started++;
    if (outer !== undefined) {
      this.lateSite = outer.lateSite;
      if (outer.begun !== undefined) this.continueFrom(outer.begun);
    }
    this.keepLimits();
  }

  // --- starting

  /**
   * Starts the exchange. With `isOpen` the request stream stays open for `write` and `end`; `isLate` if the call had to
   * wait for its schema.
   */
  begin(target: BoundMethod, fields: unknown, isOpen: boolean, isLate = false): void {
    if (this.isDone) return;
    if (this.options.settings.codec !== undefined) {
      try {
        target = this.context.withJson(target);
      } catch (error) {
        this.failWith(error);
        return;
      }
    }
    this.target = target;
    const { method } = target;
    const { options } = this;
    const config = this.context.serviceConfig()?.methodConfig(method.path);
    if (config !== undefined) this.options = underMethodConfig(options, config);
    this.keepMethodLimit(method, options, config?.timeoutMs);
    if (this.isDone) return;
    this.recorder = this.context.watch(method, options.settings.timing, this.startMs);
    if (method.isForeign || areUnobservedWatched()) this.asyncContext ??= AsyncContext.capture();
    this.beforeBegin(isLate);
    const { idleTimeoutMs } = options.settings;
    if (idleTimeoutMs !== Infinity && (method.requestStream || method.responseStream)) {
      this.#idle = new MessageIdleTimer(this, this.context.deadlines, idleTimeoutMs);
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
      const provided = this.context.provideFor(error, target, this);
      if (provided === undefined) this.failWith(error);
      else void this.#beginProvided(provided, fields);
      return;
    }
    const { maxSendMessageBytes } = this.options.settings;
    const tooLarge = outcomeOfSize(message, maxSendMessageBytes);
    if (tooLarge !== undefined) {
      this.abandon(tooLarge);
      return;
    }
    // Read from the codec's only result object before anything else is encoded.
    const { bytes, start, end } = message;
    if (end - start >= LARGE_OCTETS) this.#largeRequest = bytes;
    const exchange = this.#makeExchange(target);
    exchange.begin();
    this.context.stats.sentMessages++;
    exchange.send(bytes, start, end, true);
  }

  /** Begins once the server has supplied a type that the request needs. */
  async #beginProvided(provided: Promise<BoundMethod>, fields: unknown): Promise<void> {
    try {
      const target = this.#coded(await provided);
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
    const provided = target === undefined ? undefined : this.context.provideFor(error, target, this);
    if (provided === undefined) throw error;
    return this.#coded(await provided).method;
  }

  /** A method as this call's messages are. */
  #coded(target: BoundMethod): BoundMethod {
    return this.options.settings.codec === undefined ? target : this.context.withJson(target);
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
    const request = new RequestWriter(this, exchange, method, this.options.settings.maxSendMessageBytes);
    this.#request = request;
    exchange.begin();
    if (isOpen) return;
    if (source === undefined) request.end();
    else void request.pump(source);
  }

  #makeExchange(target: BoundMethod): CallExchange {
    const { credentials } = this.options.settings;
    let transport = this.recorder ?? this.context.transport;
    if (credentials !== undefined) {
      this.#credentials = new CallCredentials(transport, credentials, this.hasDeadline);
      transport = this.#credentials;
    }
    const exchange = exchangeOf(this, this.context, transport, target, this.options);
    // Somebody may have started to read before the schema was there.
    if (this.activeReader?.isWaiting) exchange.isReading = true;
    this.#exchange = exchange;
    return exchange;
  }

  protected checkWrite(options: WriteOptions): boolean {
    return checkWriteOptions(options, this.options.settings.compression?.name);
  }

  protected writeNow(
    fields: unknown,
    hasFields: boolean,
    isLast: boolean,
    mayCompress: boolean,
  ): Promise<void> | undefined {
    return this.#request?.write(fields, hasFields, isLast, mayCompress);
  }

  // --- peer, headers and trailers

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
    const { fields: own, settings } = this.options;
    const { compression } = settings;
    const fields = compression === undefined ? own : ['grpc-encoding', compression.name, ...(own ?? [])];
    return this.withTimeout(fields);
  }

  onHeaders(): void {
    if (this.hasDeadline && this.target?.method.responseStream) this.markHeaders();
    this.openHeaders();
  }

  onMessage(bytes: Uint8Array, start: number, end: number, isOwn: boolean): void {
    const { method } = this.target as BoundMethod;
    this.#idle?.onMessage();
    this.context.stats.receivedMessages++;
    let reply: unknown;
    try {
      reply =
        this.asyncContext !== undefined && method.isForeign
          ? this.#decodeForeign(method, bytes, start, end)
          : method.reply.decode(bytes, start, end, isOwn);
    } catch (error) {
      this.#undecodable(error);
      return;
    }
    if (method.responseStream) this.activeReader?.onReply(reply);
    else this.reply = reply;
  }

  /** Decodes with the user's own functions, which run in the user's async context. */
  #decodeForeign({ reply }: Method, bytes: Uint8Array, start: number, end: number): unknown {
    return this.asyncContext?.run(() => reply.decode(bytes, start, end));
  }

  onWritable(): void {
    this.#request?.onRoom();
  }

  onSent(): void {
    this.context.stats.sentMessages++;
    this.#idle?.onMessage();
  }

  onOutcome(outcome: Outcome): void {
    if (outcome.code === StatusCode.OK) this.finish(outcome);
    else {
      const failed = this.#withTimes(outcome);
      this.finish(this.target?.head.codec === undefined ? failed : underJson(failed));
    }
  }

  // --- limits

  /** What a call that no connection has taken yet waits for, as the end of a sentence; undefined for any other. */
  get waitsUnsent(): string | undefined {
    return this.peer === undefined ? this.place() : undefined;
  }

  protected place(): string {
    return placeText(
      placeOf(
        this.#exchange,
        this.#credentials?.isPending === true,
        this.context,
        this.awaitsAddresses,
        this.#request?.isUnwritten === true,
        this.target?.head.protocol?.isSentWhole === true,
      ),
    );
  }

  protected override times(): CallTimes {
    return this.timesOf(this.#exchange);
  }

  /**
   * Adds the times if somebody else ended the call at its deadline: they do not know our limit, or what we were doing.
   */
  #withTimes(outcome: Outcome): Outcome {
    const exchange = this.#exchange;
    if (!isLikelyExpiry(outcome, exchange, this.isNearDeadline)) return outcome;
    // Of a call without a stream, only its credentials can say that time is up.
    const place =
      outcome.isUnprocessed && outcome.code === StatusCode.DEADLINE_EXCEEDED ? FOR_CREDENTIALS : this.place();
    const note = endedText(this.limit(), place, this.times());
    if (outcome.origin === 'client') return { ...outcome, details: `${outcome.details} (${note})` };
    // The server's own text stays as it came, and the note is the error's.
    return { ...outcome, note };
  }

  get hasUnread(): boolean {
    return this.#exchange?.hasMessage === true;
  }

  onIdle(): void {
    const { idleTimeoutMs } = this.options.settings;
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
    // What follows it is not read: the replies end where one is missing.
    this.flags |= ABANDONED;
    // The server may have ended the call already, but the reader must not take that for the end.
    if (this.isDone) this.outcome = outcome;
    else this.#exchange?.fail(outcome);
    this.#exchange?.dropMessages();
  }

  protected onAbandon(): void {
    this.#exchange?.abandon();
  }

  protected onFinish(outcome: Outcome): void {
    this.#idle?.stop();
    this.context.stats.onEnd(outcome.code);
    // A call that failed before its method was known is recorded as well.
    if (this.target === undefined) this.recorder = this.recordUnbegun();
    this.recorder?.onEnd(outcome);
    if (this.#largeRequest !== undefined) this.#giveUpRequest(this.#largeRequest, outcome);
  }

  /** Whoever keeps the call does not keep its request. */
  #giveUpRequest(memory: Uint8Array, outcome: Outcome): void {
    this.#largeRequest = undefined;
    if (outcome.code === StatusCode.OK && this.#exchange?.isRequestSpent) returnOctets(memory);
  }

  protected afterFinish(outcome: Outcome): void {
    this.#request?.onCallEnd();
    if (outcome.code === StatusCode.OK) this.context.retries.throttle?.onSuccess();
    else if (outcome.code === StatusCode.UNIMPLEMENTED && this.target?.isReflected) {
      this.context.onUnimplemented(this.target);
    }
  }
}
