// One watched call: its attempts, and when it reached each stage, for `call.timing`, diagnostics and telemetry alike.
// Made only for calls that somebody watches; other calls know nothing of it.

import { hasField } from '../rpc/field-list.ts';
import { metadataOfFields } from '../rpc/metadata-fields.ts';
import type { Outcome } from '../rpc/outcome.ts';
import type { ConnectTiming, FieldList, Peer, StreamRequest, Transport } from '../rpc/transport.ts';
import type { Cardinality, Method } from '../schema/codec/method.ts';
import { AsyncContext } from '../values/async-context.ts';
import type { Metadata } from '../values/metadata.ts';
import { StatusCode, type StatusCodeName, type StatusCodeValue, statusCodeName } from '../values/status.ts';
import { type AttemptOwner, AttemptRecorder } from './attempt-recorder.ts';
import type { CallObserver, CallTiming, ObservedCall } from './observed-call.ts';

let watchedCalls = 0;

/** Its observers are fixed from the start, and each event goes to them in the order of the list. */
export class CallRecorder implements ObservedCall, AttemptOwner, Transport {
  readonly id: number = ++watchedCalls;
  readonly method: string;
  readonly cardinality: Cardinality | undefined;
  readonly isRaw: boolean;
  readonly target: string;
  readonly attempts: AttemptRecorder[] = [];
  readonly #transport: Transport;
  readonly #observers: readonly CallObserver[];
  /** The caller's async context, in which observers run: events come from sockets and timers with other contexts. */
  readonly #context: AsyncContext | undefined;
  readonly #startMs: number;
  readonly #methodMs: number | undefined;
  #endMs: number | undefined;
  #outcome: Outcome | undefined;

  /**
   * @param method the name that the caller used, if no method was found
   * @param startMs when the call was made, on performance.now's clock
   */
  constructor(
    method: Method | string,
    target: string,
    transport: Transport,
    observers: readonly CallObserver[],
    startMs: number,
  ) {
    const isKnown = typeof method === 'object';
    this.method = isKnown ? method.path : method;
    this.cardinality = isKnown ? method.cardinality : undefined;
    this.isRaw = isKnown && method.request.typeName === 'bytes';
    this.target = target;
    this.#transport = transport;
    this.#observers = observers;
    this.#context = observers.length === 0 ? undefined : AsyncContext.capture();
    this.#startMs = startMs;
    this.#methodMs = isKnown ? this.elapsedMs() : undefined;
    for (const one of observers) one.onStart?.(this);
  }

  // --- what observers see

  get timing(): CallTiming {
    const last = this.attempts.at(-1);
    return {
      startedAt: performance.timeOrigin + this.#startMs,
      methodMs: this.#methodMs,
      streamMs: last?.streamMs,
      sentMs: last?.sentMs,
      headersMs: last?.headersMs,
      firstMessageMs: last?.firstMessageMs,
      endMs: this.#endMs,
      attempts: this.attempts.length,
      connect: this.#connect(),
    };
  }

  get peer(): Peer | undefined {
    return this.attempts.at(-1)?.peer;
  }

  get requestMetadata(): Metadata | undefined {
    const last = this.attempts.at(-1);
    return last === undefined ? undefined : metadataOfFields(last.requestFields);
  }

  get headers(): Metadata | undefined {
    const last = this.attempts.at(-1);
    return last === undefined ? undefined : metadataOfFields(last.responseFields);
  }

  get code(): StatusCodeValue | undefined {
    return this.#outcome?.code;
  }

  get codeName(): StatusCodeName | undefined {
    return this.#outcome === undefined ? undefined : statusCodeName(this.#outcome.code);
  }

  get details(): string | undefined {
    return this.#outcome?.details;
  }

  get origin(): 'server' | 'client' | undefined {
    return this.#outcome?.origin;
  }

  // --- from the call

  /** The call has ended. */
  onEnd(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#endMs = this.elapsedMs();
    const last = this.attempts.at(-1);
    // Attempts that were abandoned in favour of another were cancelled by us.
    for (const attempt of this.attempts) {
      if (attempt !== last) attempt.settle(attempt.isEnding ? outcome.code : StatusCode.CANCELLED);
    }
    const isElsewhere = this.attempts.some((attempt) => attempt !== last && attempt.isEnding);
    last?.settle(isElsewhere ? StatusCode.CANCELLED : outcome.code);
    this.#tell((one) => one.onEnd?.(this));
  }

  // --- the transport of the call

  open(request: StreamRequest): void {
    const attempt = new AttemptRecorder(request, this, this.attempts.length + 1);
    this.attempts.push(attempt);
    this.#tell((one) => one.onAttempt?.(this, attempt));
    this.#transport.open(attempt);
  }

  advance(request: StreamRequest): void {
    const attempt = this.#attemptOf(request);
    if (attempt !== undefined) this.#transport.advance?.(attempt);
  }

  withdraw(request: StreamRequest): void {
    const attempt = this.#attemptOf(request);
    if (attempt !== undefined) this.#transport.withdraw(attempt);
  }

  #attemptOf(request: StreamRequest): AttemptRecorder | undefined {
    // The last one, because a transparent retry opens the same request again.
    return this.attempts.findLast((one) => one.request === request);
  }

  // --- from its attempts

  elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  extraFields(own: FieldList, head: FieldList): FieldList {
    const extra: string[] = [];
    this.#tell((one) => {
      const given = one.fields?.() ?? [];
      for (let i = 0; i < given.length; i += 2) {
        if (!hasField(own, given[i]) && !hasField(head, given[i])) extra.push(given[i], given[i + 1]);
      }
    });
    return extra;
  }

  onStream(attempt: AttemptRecorder): void {
    this.#tell((one) => one.onStream?.(this, attempt));
  }

  onHeaders(attempt: AttemptRecorder): void {
    this.#tell((one) => one.onHeaders?.(this, attempt));
  }

  onMessage(attempt: AttemptRecorder, direction: 'sent' | 'received', octets: number): void {
    this.#tell((one) => one.onMessage?.(this, attempt, direction, octets));
  }

  onAttemptEnd(attempt: AttemptRecorder): void {
    this.#tell((one) => one.onAttemptEnd?.(this, attempt));
  }

  #tell(event: (observer: CallObserver) => void): void {
    const observers = this.#observers;
    if (observers.length > 0) this.#context?.run(() => observers.forEach(event));
  }

  /** How the connection was made, unless it existed before the call. */
  #connect(): ConnectTiming | undefined {
    const connect = this.peer?.connect;
    if (connect === undefined) return undefined;
    return connect.readyAt > performance.timeOrigin + this.#startMs ? connect : undefined;
  }
}
