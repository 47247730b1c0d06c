// The deadline of a call, and when the call came where. A base class of calls, rather than an object of its own:
// every call has one. It decides nothing but whose limit counts.

import type { CallExchange } from '../rpc/call-exchange.ts';
import type { DeadlineSlot, Expiring } from '../rpc/deadline-queue.ts';
import { timeoutFields } from '../rpc/grpc-timeout.ts';
import type { FieldList } from '../rpc/transport.ts';
import type { CallContext } from './call-context.ts';
import { type CheckedCallOptions, DEFAULT_UNARY_TIMEOUT_MS } from './call-options.ts';
import type { CallLimit, CallTimes, LimitSource } from './expiry-text.ts';

/** So long before its deadline a call may be ended by another for it. */
const NEAR_MS = 100;

export abstract class CallDeadline implements Expiring {
  deadlineNext: Expiring | undefined;
  deadlinePrevious: Expiring | undefined;
  deadlineSlot: DeadlineSlot | undefined;
  readonly #deadlines: CallContext['deadlines'];
  /** When the call was made. */
  readonly startMs: number;
  #deadlineMs = Infinity;
  #timeoutMs = Infinity;
  #limitSource: LimitSource = 'timeoutMs';
  /** Its method was known, where it had to be waited for. */
  #begunMs: number | undefined;
  /** Interceptors went on to it, where that was later. */
  #enteredMs: number | undefined;
  /** A stream was opened, where it had to be waited for. */
  #openedMs: number | undefined;
  #headersMs: number | undefined;
  /** Its method is known, and what came with the addresses of the server is not. */
  protected awaitsAddresses = false;
  /** The stream is asked for in the turn of the call: the whole timeout remains. */
  #isBeginning = false;

  /** @param startMs when the call was made */
  constructor(deadlines: CallContext['deadlines'], startMs: number) {
    this.startMs = startMs;
    this.#deadlines = deadlines;
  }

  abstract onDeadline(): void;

  isExpired(): boolean {
    return performance.now() >= this.#deadlineMs;
  }

  /** On the clock of performance.now(); Infinity where there is none. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Servers and proxies keep the deadline as well, and their clocks are not ours. */
  protected get isNearDeadline(): boolean {
    return performance.now() >= this.#deadlineMs - NEAR_MS;
  }

  get hasDeadline(): boolean {
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

  /** The deadline holds, and what comes of it comes so much later: for who has to make something of it before. */
  protected graceAfterDeadline(graceMs: number): void {
    if (this.deadlineSlot === undefined) return;
    this.#deadlines.remove(this);
    this.#deadlines.add(this, this.#deadlineMs + graceMs);
  }

  protected clearDeadline(): void {
    if (this.deadlineSlot !== undefined) this.#deadlines.remove(this);
  }

  /** The method is known; `isLate` when it had to be waited for. Until `afterBegin` no time passes. */
  protected beforeBegin(isLate: boolean): void {
    if (isLate) this.#begunMs = performance.now();
    else if (this.#enteredMs === undefined) this.#isBeginning = true;
  }

  /** It is carried on from a call that began before, and says of the time until then what that would. */
  protected continueFrom(outer: CallDeadline): void {
    this.#begunMs = outer.#begunMs;
    this.awaitsAddresses = outer.awaitsAddresses;
    if (!outer.#isBeginning) this.#enteredMs = performance.now();
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

  /** @param deadline that the caller gave */
  protected limit(deadline: number | undefined): CallLimit {
    const source = this.#limitSource;
    return { source, value: source === 'deadline' && deadline !== undefined ? deadline : this.#timeoutMs };
  }

  protected timesOf(exchange: CallExchange | undefined): CallTimes {
    const wasQueued = exchange === undefined || exchange.peer === undefined;
    return {
      startMs: this.startMs,
      begunMs: this.#begunMs,
      waitedForAddresses: this.awaitsAddresses,
      enteredMs: this.#enteredMs,
      openedMs: wasQueued ? undefined : (this.#openedMs ?? this.startMs),
      headersMs: this.#headersMs,
      nowMs: performance.now(),
    };
  }
}
