// The deadline of a call, and when the call reached each stage. A base class of calls rather than a separate object,
// since every call has one. It decides which limit counts, and ends the call when that has passed.

import type { CallExchange } from '../rpc/call-exchange.ts';
import type { DeadlineSlot, Expiring } from '../rpc/deadline-queue.ts';
import { timeoutFields } from '../rpc/grpc-timeout.ts';
import { clientOutcome, type Outcome } from '../rpc/outcome.ts';
import type { FieldList } from '../rpc/transport.ts';
import type { Method } from '../schema/codec/method.ts';
import { StatusCode } from '../values/status.ts';
import type { CallContext } from './call-context.ts';
import { type CheckedCallOptions, DEFAULT_UNARY_TIMEOUT_MS } from './call-options.ts';
import { AWAITS_ADDRESSES, BEGINNING, CallState } from './call-state.ts';
import {
  BEFORE_THE_CALL,
  type CallLimit,
  type CallTimes,
  expiryText,
  type LimitSource,
  type SharedLimit,
} from './expiry-text.ts';

/** How long before the deadline another party may end the call because of it. */
const NEAR_MS = 100;

/** When a call reached what most calls reach at once; undefined for what it has not, or not later. */
interface Stages {
  /** The method was known, if the call had to wait for it. */
  begunMs: number | undefined;
  /** Interceptors passed the call on, if that was later. */
  enteredMs: number | undefined;
  /** A stream was opened, if the call had to wait for it. */
  openedMs: number | undefined;
  headersMs: number | undefined;
}

export abstract class CallDeadline extends CallState implements Expiring {
  deadlineNext: Expiring | undefined;
  deadlinePrevious: Expiring | undefined;
  deadlineSlot: DeadlineSlot | undefined;
  /** When the call was made. */
  readonly startMs: number;
  /** How long after that it ends; undefined for no limit. */
  #timeoutMs: number | undefined;
  #limitSource: LimitSource = 'timeoutMs';
  /** Made for calls that reach a stage later than they are made. */
  #stages: Stages | undefined;

  /** @param startMs when the call was made */
  constructor(context: CallContext, startMs: number) {
    super(context);
    this.startMs = startMs;
  }

  /** The stream is requested in the same turn as the call is made: the whole timeout remains. */
  get #isBeginning(): boolean {
    return (this.flags & BEGINNING) !== 0;
  }

  abstract readonly options: CheckedCallOptions;
  /** What the call is doing: `while waiting for …`. */
  protected abstract place(): string;
  /** Ends the call from this side. */
  abstract abandon(outcome: Outcome): void;

  onDeadline(): void {
    this.expire(this.place());
  }

  protected expire(place: string): void {
    this.abandon(clientOutcome(StatusCode.DEADLINE_EXCEEDED, expiryText(this.limit(), place, this.times())));
  }

  isExpired(): boolean {
    return performance.now() >= this.deadlineMs;
  }

  /** On the clock of performance.now(); Infinity for no deadline. */
  get deadlineMs(): number {
    return this.#timeoutMs === undefined ? Infinity : this.startMs + this.#timeoutMs;
  }

  /** Servers and proxies enforce the deadline too, by clocks that are not ours. */
  protected get isNearDeadline(): boolean {
    return performance.now() >= this.deadlineMs - NEAR_MS;
  }

  get hasDeadline(): boolean {
    return this.#timeoutMs !== undefined;
  }

  /** Sets the earlier of a timeout and the caller's deadline, and ends the call if that has already passed. */
  protected keepLimit(timeoutMs: number, source: LimitSource): void {
    if (!this.#setDeadline(timeoutMs, source, this.options.deadline)) this.expire(BEFORE_THE_CALL);
  }

  /** The method is known: applies its time limit, and ends the call if that has already passed. */
  protected keepMethodLimit(
    { requestStream, responseStream }: Method,
    options: CheckedCallOptions,
    configTimeoutMs: number | undefined,
  ): void {
    const isUnary = !requestStream && !responseStream;
    if (!this.#setMethodDeadline(options, configTimeoutMs, isUnary)) this.expire(BEFORE_THE_CALL);
  }

  /**
   * Sets the earlier of a timeout and a deadline in milliseconds since 1970; false if that has already passed.
   * @param source whose timeout it is
   */
  #setDeadline(timeoutMs: number, source: LimitSource, deadline: number | undefined): boolean {
    this.clearDeadline();
    this.#timeoutMs = timeoutMs === Infinity ? undefined : timeoutMs;
    this.#limitSource = source;
    if (deadline !== undefined) {
      const remainingMs = deadline - Date.now();
      const untilMs = performance.now() + remainingMs;
      if (untilMs < this.deadlineMs) {
        this.#timeoutMs = untilMs - this.startMs;
        this.#limitSource = 'deadline';
      }
      if (remainingMs <= 0) return false;
    }
    if (this.hasDeadline) this.context.deadlines.add(this, this.deadlineMs);
    return true;
  }

  /**
   * Sets the limit that holds once the method is known: the default, if no time was set, or the service config's
   * timeout, if that is earlier. False if it has already passed.
   */
  #setMethodDeadline(
    { timeoutMs, deadline }: CheckedCallOptions,
    configTimeoutMs: number | undefined,
    isUnary: boolean,
  ): boolean {
    if (configTimeoutMs === undefined) {
      if (timeoutMs !== undefined || deadline !== undefined) return true;
      return this.#setDeadline(isUnary ? DEFAULT_UNARY_TIMEOUT_MS : Infinity, 'default', undefined);
    }
    const isEarliest =
      (timeoutMs === undefined && deadline === undefined) || this.startMs + configTimeoutMs < this.deadlineMs;
    return !isEarliest || this.#setDeadline(configTimeoutMs, 'service config', deadline);
  }

  /** Delays the effect of the deadline, which stays the same, so that an inner call can act on it first. */
  protected graceAfterDeadline(graceMs: number): void {
    if (this.deadlineSlot === undefined) return;
    const { deadlines } = this.context;
    deadlines.remove(this);
    deadlines.add(this, this.deadlineMs + graceMs);
  }

  protected clearDeadline(): void {
    if (this.deadlineSlot !== undefined) this.context.deadlines.remove(this);
  }

  /** The method is known; `isLate` if the call had to wait for it. No time counts as passing until `afterBegin`. */
  protected beforeBegin(isLate: boolean): void {
    if (isLate) this.#stagesSoFar.begunMs = performance.now();
    else if (this.#stages?.enteredMs === undefined) this.flags |= BEGINNING;
  }

  /** This call carries on an outer one that began earlier, and accounts for the time until now as that would. */
  protected continueFrom(outer: CallDeadline): void {
    if (outer.#stages?.begunMs !== undefined) this.#stagesSoFar.begunMs = outer.#stages.begunMs;
    this.setFlag(AWAITS_ADDRESSES, outer.awaitsAddresses);
    if (!outer.#isBeginning) this.#stagesSoFar.enteredMs = performance.now();
  }

  protected afterBegin(): void {
    this.flags &= ~BEGINNING;
  }

  /** The response begins. Only for streams of replies: a single reply mostly arrives together with its headers. */
  protected markHeaders(): void {
    this.#stagesSoFar.headersMs = performance.now();
  }

  /** A stream opens: puts the remaining time, as grpc-timeout, before the call's other fields. */
  protected withTimeout(fields: FieldList | undefined): FieldList | undefined {
    let timeoutMs = this.#timeoutMs;
    if (timeoutMs === undefined) return fields;
    if (!this.#isBeginning || this.#limitSource === 'deadline') {
      const nowMs = performance.now();
      if (!this.#isBeginning) this.#stagesSoFar.openedMs = nowMs;
      timeoutMs = this.deadlineMs - nowMs;
    }
    const timeout = timeoutFields(timeoutMs);
    return fields === undefined ? timeout : timeout.concat(fields);
  }

  /** Its timeout is what was left of a longer one: texts tell of the whole. */
  sharesLimit(shared: SharedLimit): void {
    this.some.sharedLimit = shared;
  }

  /** The longer limit, if it is that which counts. */
  get #sharedLimit(): SharedLimit | undefined {
    return this.#limitSource === 'timeoutMs' ? this.extras?.sharedLimit : undefined;
  }

  get #stagesSoFar(): Stages {
    this.#stages ??= { begunMs: undefined, enteredMs: undefined, openedMs: undefined, headersMs: undefined };
    return this.#stages;
  }

  protected limit(): CallLimit {
    const { deadline } = this.options;
    const source = this.#limitSource;
    const timeoutMs = this.#sharedLimit?.timeoutMs ?? this.#timeoutMs ?? Infinity;
    return { source, value: source === 'deadline' && deadline !== undefined ? deadline : timeoutMs };
  }

  protected times(): CallTimes {
    return this.timesOf(undefined);
  }

  protected timesOf(exchange: CallExchange | undefined): CallTimes {
    const stages = this.#stages;
    const wasQueued = exchange === undefined || exchange.peer === undefined;
    const shared = this.#sharedLimit;
    return {
      startMs: this.startMs - (shared?.schemaMs ?? 0),
      begunMs: shared === undefined ? stages?.begunMs : (stages?.begunMs ?? this.startMs),
      waitedForAddresses: this.awaitsAddresses,
      enteredMs: stages?.enteredMs,
      openedMs: wasQueued ? undefined : (stages?.openedMs ?? this.startMs),
      headersMs: stages?.headersMs,
      nowMs: performance.now(),
    };
  }
}
