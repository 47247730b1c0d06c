// The deadline of a call, and when the call came where. What CallCore is made on, rather than an object of its own:
// every call has one. It decides nothing but whose limit counts.

import { expiryText, type LimitSource } from './call-expiry.ts';
import type { CallHost } from './call-host.ts';
import { type CheckedCallOptions, DEFAULT_UNARY_TIMEOUT_MS } from './options/call-options.ts';
import type { CallExchange } from './rpc/call-exchange.ts';
import type { DeadlineSlot, Expiring } from './rpc/deadline.ts';
import { timeoutFields } from './rpc/grpc-timeout.ts';
import type { FieldList } from './rpc/transport.ts';

export abstract class CallDeadline implements Expiring {
  deadlineNext: Expiring | undefined;
  deadlinePrevious: Expiring | undefined;
  deadlineSlot: DeadlineSlot | undefined;
  readonly #deadlines: CallHost['deadlines'];
  /** When the call was made. */
  readonly startMs: number;
  #deadlineMs = Infinity;
  #timeoutMs = Infinity;
  #limitSource: LimitSource = 'timeoutMs';
  /** Its method was known, where it had to be waited for. */
  #begunMs: number | undefined;
  /** A stream was opened, where it had to be waited for. */
  #openedMs: number | undefined;
  #headersMs: number | undefined;
  /** The stream is asked for in the turn of the call: the whole timeout remains. */
  #isBeginning = false;

  /** @param startMs when the call was made */
  constructor(deadlines: CallHost['deadlines'], startMs: number) {
    this.startMs = startMs;
    this.#deadlines = deadlines;
  }

  abstract onDeadline(): void;

  isExpired(): boolean {
    return performance.now() >= this.#deadlineMs;
  }

  protected get hasDeadline(): boolean {
    return this.#deadlineMs !== Infinity;
  }

  /**
   * Sets the earlier of a timeout and a deadline, in milliseconds since 1970; false when that has passed already.
   * @param source whose timeout it is
   */
  protected setDeadline(timeoutMs: number, source: LimitSource, deadline: number | undefined): boolean {
    this.clearDeadline();
    this.#timeoutMs = timeoutMs;
    this.#limitSource = source;
    this.#deadlineMs = this.startMs + timeoutMs;
    if (deadline !== undefined) {
      const nowMs = performance.now();
      const remainingMs = deadline - Date.now();
      if (nowMs + remainingMs < this.#deadlineMs) {
        this.#timeoutMs = remainingMs;
        this.#limitSource = 'deadline';
        this.#deadlineMs = nowMs + remainingMs;
      }
      if (remainingMs <= 0) return false;
    }
    if (this.hasDeadline) this.#deadlines.add(this, this.#deadlineMs);
    return true;
  }

  /**
   * Sets what holds once the method is known: the default, where nobody says a time, or a service config's timeout,
   * where that is the earlier. False when it has passed already.
   */
  protected setMethodDeadline(
    { timeoutMs, deadline }: CheckedCallOptions,
    configTimeoutMs: number | undefined,
    isUnary: boolean,
  ): boolean {
    if (configTimeoutMs === undefined) {
      if (timeoutMs !== undefined || deadline !== undefined) return true;
      return this.setDeadline(isUnary ? DEFAULT_UNARY_TIMEOUT_MS : Infinity, 'default', undefined);
    }
    const isEarliest =
      (timeoutMs === undefined && deadline === undefined) ||
      this.startMs + configTimeoutMs < this.#deadlineMs;
    return !isEarliest || this.setDeadline(configTimeoutMs, 'service config', deadline);
  }

  protected clearDeadline(): void {
    if (this.deadlineSlot !== undefined) this.#deadlines.remove(this);
  }

  /** The method is known; `isLate` when it had to be waited for. Until `afterBegin` no time passes. */
  protected beforeBegin(isLate: boolean): void {
    if (isLate) this.#begunMs = performance.now();
    else this.#isBeginning = true;
  }

  protected afterBegin(): void {
    this.#isBeginning = false;
  }

  /** The response begins. Only for streams of replies: single ones mostly come at once with their headers. */
  protected markHeaders(): void {
    this.#headersMs = performance.now();
  }

  /** A stream opens: the remaining time as grpc-timeout, before the other fields of the call. */
  protected withTimeout(fields: FieldList | undefined): FieldList | undefined {
    if (!this.hasDeadline) return fields;
    let timeoutMs = this.#timeoutMs;
    if (!this.#isBeginning) {
      this.#openedMs = performance.now();
      timeoutMs = this.#deadlineMs - this.#openedMs;
    }
    const timeout = timeoutFields(timeoutMs);
    return fields === undefined ? timeout : timeout.concat(fields);
  }

  /** @param place what the call was at */
  protected expiryDetails(place: string, exchange: CallExchange | undefined): string {
    const wasQueued = exchange === undefined || exchange.phase === 'queued';
    return expiryText(this.#timeoutMs, this.#limitSource, place, {
      startMs: this.startMs,
      begunMs: this.#begunMs,
      openedMs: wasQueued ? undefined : (this.#openedMs ?? this.startMs),
      headersMs: this.#headersMs,
      nowMs: performance.now(),
    });
  }
}
