// An exchange made of several attempts, one after the other or in parallel, depending on the call's policy. To its
// call it looks like a single one: it keeps the request until it commits to one attempt, and from then on is that
// attempt. attempt-plan.ts decides when attempts are made. Source: gRFC A6.
//
// Writers must be woken: once `send` has returned that there is no room, `onWritable` follows when any attempt has
// room, unless the call ends first. There is room if at least one running attempt has it; what the others have not
// taken yet is bounded by the buffer.

import type { Timers } from '../../values/clock.ts';
import { StatusCode, statusCodeName } from '../../values/status.ts';
import { waits } from '../../values/waits.ts';
import type { CallExchange, ExchangeListener, ExchangePhase } from '../call-exchange.ts';
import type { Outcome } from '../outcome.ts';
import { HALF_CLOSE, type ReplayBudget, ReplayBuffer } from '../replay-buffer.ts';
import type { FieldList, Peer } from '../transport.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { type AttemptPlan, pushbackOf } from './attempt-plan.ts';

export class RetryingExchange implements CallExchange, AttemptOwner {
  readonly #listener: ExchangeListener;
  readonly #makeExchange: (listener: ExchangeListener, isFirst: boolean) => CallExchange;
  readonly #plan: AttemptPlan;
  readonly #timers: Timers;
  readonly #buffer: ReplayBuffer;
  readonly #running: Attempt[] = [];
  #begun = 0;
  /** The latest attempt. */
  #last: Attempt | undefined;
  /** The attempt that the call is committed to. */
  #chosen: Attempt | undefined;
  /** Set when no attempt may follow the one that is running or due. */
  #isCommitted = false;
  #isRequestEnded = false;
  #isReading = false;
  /** Whether `send` has returned that there is no room, and `onWritable` has not followed yet. */
  #isRoomOwed = false;
  #isSending = false;
  #timer: unknown;
  /** How the last failed attempt ended. */
  #failure: Outcome | undefined;
  #isDone = false;

  constructor(
    listener: ExchangeListener,
    makeExchange: (listener: ExchangeListener, isFirst: boolean) => CallExchange,
    plan: AttemptPlan,
    timers: Timers,
    budget: ReplayBudget,
  ) {
    this.#listener = listener;
    this.#makeExchange = makeExchange;
    this.#plan = plan;
    this.#timers = timers;
    this.#buffer = new ReplayBuffer(budget);
  }

  // --- as its call sees it

  get isReading(): boolean {
    return this.#chosen === undefined ? this.#isReading : this.#chosen.exchange.isReading;
  }

  set isReading(value: boolean) {
    this.#isReading = value;
    if (this.#chosen !== undefined) this.#chosen.exchange.isReading = value;
    else for (const attempt of this.#running) attempt.exchange.isReading = value;
  }

  get headers(): FieldList | undefined {
    return this.#chosen?.exchange.headers;
  }

  get trailers(): FieldList | undefined {
    return this.#chosen?.exchange.trailers;
  }

  get peer(): Peer | undefined {
    return (this.#chosen ?? this.#last)?.exchange.peer;
  }

  get phase(): ExchangePhase {
    if (this.#chosen !== undefined) return this.#chosen.exchange.phase;
    return this.#running.at(-1)?.exchange.phase ?? 'backoff';
  }

  get attempts(): number {
    return this.#begun;
  }

  get hasMessage(): boolean {
    return this.#chosen?.exchange.hasMessage === true;
  }

  get lastFailure(): string {
    const failure = this.#failure;
    if (failure !== undefined) return `${statusCodeName(failure.code)}: ${failure.details}`;
    return (this.#chosen ?? this.#last)?.exchange.lastFailure ?? '';
  }

  begin(): void {
    this.#beginAttempt();
  }

  send(bytes: Uint8Array, start: number, end: number, endStream: boolean, mayCompress = true): boolean {
    if (this.#isDone) return true;
    if (endStream) this.#isRequestEnded = true;
    if (this.#chosen !== undefined)
      return this.#chosen.exchange.send(bytes, start, end, endStream, mayCompress);
    const message = { bytes, start, end, endStream, mayCompress };
    const isKept = this.#buffer.add(message);
    this.#isSending = true;
    // An attempt that begins meanwhile is sent everything that is kept.
    for (const attempt of [...this.#running]) if (!attempt.isDone) attempt.send(message);
    if (!isKept && !this.#isDone) this.#commitToOne();
    this.#isSending = false;
    // Determined last, since attempts may have failed and others begun.
    const hasRoom = this.#hasRoom;
    this.#isRoomOwed = !hasRoom;
    return hasRoom;
  }

  get #hasRoom(): boolean {
    if (this.#chosen !== undefined) return !this.#chosen.isBlocked;
    return this.#running.some((attempt) => !attempt.isBlocked);
  }

  /** Wakes a writer that was told to wait, if there is now room. */
  #tellRoom(): void {
    if (!this.#isRoomOwed || this.#isSending || this.#isDone || !this.#hasRoom) return;
    this.#isRoomOwed = false;
    this.#listener.onWritable();
  }

  endRequest(): void {
    if (this.#isDone || this.#isRequestEnded) return;
    this.#isRequestEnded = true;
    if (this.#chosen !== undefined) {
      this.#chosen.exchange.endRequest();
      return;
    }
    this.#buffer.add(HALF_CLOSE);
    for (const attempt of [...this.#running]) attempt.exchange.endRequest();
  }

  pull(): boolean {
    return this.#chosen?.exchange.pull() === true;
  }

  abandon(): void {
    this.#end();
    for (const attempt of this.#running.splice(0)) attempt.abandon();
    this.#chosen?.abandon();
  }

  dropMessages(): void {
    this.#chosen?.exchange.dropMessages();
  }

  fail(outcome: Outcome): void {
    this.#chosen?.exchange.fail(outcome);
  }

  // --- from its attempts

  attemptFields({ previous }: Attempt): FieldList | undefined {
    const fields = this.#listener.callFields();
    if (previous === 0) return fields;
    return [...(fields ?? []), 'grpc-previous-rpc-attempts', String(previous)];
  }

  get hasDeadline(): boolean {
    return this.#listener.hasDeadline;
  }

  isExpired(): boolean {
    return this.#listener.isExpired();
  }

  onAttemptHeaders(attempt: Attempt): void {
    this.#choose(attempt);
    this.#listener.onHeaders();
  }

  onAttemptMessage(bytes: Uint8Array, start: number, end: number, isOwn: boolean): void {
    this.#listener.onMessage(bytes, start, end, isOwn);
  }

  onAttemptBadMessage(outcome: Outcome): void {
    this.#listener.onBadMessage(outcome);
  }

  onAttemptWritable(): void {
    // Once an attempt is chosen, its exchange answers each `send` directly.
    if (this.#chosen === undefined) this.#tellRoom();
    else if (!this.#isDone) this.#listener.onWritable();
  }

  onAttemptOutcome(attempt: Attempt, outcome: Outcome): void {
    const index = this.#running.indexOf(attempt);
    if (index !== -1) this.#running.splice(index, 1);
    if (this.#isDone) return;
    if (outcome.code === StatusCode.OK) {
      this.#finish(attempt, outcome);
      return;
    }
    const { trailers } = attempt.exchange;
    // Only a status in the trailers is the server's own word. After anything else it is unknown what the server did,
    // unless it certainly did not process the request.
    const isAnswered = outcome.origin === 'server' && trailers !== undefined;
    const verdict = this.#plan.onFailure({
      code: outcome.code,
      isLost: !isAnswered && outcome.isUnprocessed !== true,
      pushback: pushbackOf(trailers),
    });
    if (this.#isCommitted || verdict === 'fatal') {
      this.#finish(attempt, outcome);
      return;
    }
    this.#failure = outcome;
    if (typeof verdict === 'number') this.#beginAfter(verdict);
    else if (this.#running.length === 0) this.#finish(attempt, outcome);
    else this.#clearTimer();
    // A writer may have been waiting for the attempt that is gone.
    this.#tellRoom();
  }

  // --- attempts

  #beginAttempt(): void {
    const attempt = new Attempt(this, this.#begun, this.#makeExchange);
    const { exchange } = attempt;
    this.#begun++;
    this.#last = attempt;
    this.#running.push(attempt);
    if (this.#isReading) exchange.isReading = true;
    const nextDelayMs = this.#plan.onBegin();
    // Set, so that nobody is woken to write in between messages that are being sent again.
    const wasSending = this.#isSending;
    this.#isSending = true;
    exchange.begin();
    for (const message of this.#buffer.messages) {
      if (attempt.isDone) break;
      attempt.send(message);
    }
    this.#isSending = wasSending;
    if (this.#isDone) return;
    if (this.#isCommitted && !attempt.isDone) this.#choose(attempt);
    // The attempt may have failed at once, and another may have been begun in its place.
    else if (nextDelayMs !== undefined && this.#last === attempt) this.#beginAfter(nextDelayMs);
    this.#tellRoom();
  }

  #beginAfter(delayMs: number): void {
    this.#clearTimer();
    if (delayMs > 0) {
      this.#timer = this.#timers.setTimer(() => this.#onDue(), Math.ceil(delayMs));
      waits?.begin(this, 'timer', 'the next attempt of a call');
    } else this.#onDue();
  }

  #onDue(): void {
    this.#timer = undefined;
    waits?.end(this, 'timer');
    // Behind its deadline the call only waits to be told: an earlier failure is not its end.
    if (this.#isDone || this.isExpired()) return;
    if (this.#plan.mayBegin()) this.#beginAttempt();
    // If none is running, the last failure is the call's outcome.
    else if (this.#running.length === 0 && this.#last !== undefined && this.#failure !== undefined) {
      this.#finish(this.#last, this.#failure);
    }
  }

  /** The request has become too large to be sent again: the attempt that is running, or due next, is the last. */
  #commitToOne(): void {
    this.#isCommitted = true;
    const opened = this.#running.filter(({ exchange }) => exchange.peer !== undefined);
    const attempt = opened.find(({ isBlocked }) => !isBlocked) ?? opened[0] ?? this.#running[0];
    if (attempt !== undefined) this.#choose(attempt);
  }

  /** Commits the call to this attempt. */
  #choose(attempt: Attempt): void {
    if (this.#chosen !== undefined) return;
    this.#chosen = attempt;
    this.#isCommitted = true;
    this.#clearTimer();
    this.#buffer.release();
    for (const other of this.#running.splice(0)) {
      if (other !== attempt) other.abandon();
    }
    this.#tellRoom();
  }

  // --- ending

  #finish(attempt: Attempt, outcome: Outcome): void {
    // The call's end wakes the writer.
    this.#isRoomOwed = false;
    this.#choose(attempt);
    this.#end();
    this.#listener.onOutcome(outcome);
  }

  #end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#clearTimer();
    this.#buffer.release();
  }

  #clearTimer(): void {
    if (this.#timer === undefined) return;
    this.#timers.clearTimer(this.#timer);
    this.#timer = undefined;
    waits?.end(this, 'timer');
  }
}
