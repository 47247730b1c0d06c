// When a channel asks for addresses, and for how long it waits: not more often than a minimum interval, with back-off
// after failures, again when connections are lost, from time to time where all addresses are used. It knows no DNS and
// no connections.

import type { Clock } from '../../values/clock.ts';
import { DEFAULT_BACKOFF, nextDelayMs } from '../timing/backoff.ts';
import { Patience, type PatienceClock } from '../timing/patience.ts';

export interface RefreshLimits {
  /** From one question to the next, after one that was answered. */
  readonly minIntervalMs: number;
  /** After an answer it is asked for again by itself; Infinity for never. */
  refreshIntervalMs(): number;
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

export interface RefreshHost {
  /** Puts the question. The answer comes through `answered` or `failed`, perhaps before this returns. */
  ask(): void;
  /** There was no answer in time. The question is no longer open. */
  onTimeout(): void;
}

export type RefreshClock = Clock & PatienceClock;

export class RefreshSchedule {
  readonly #limits: RefreshLimits;
  readonly #clock: RefreshClock;
  readonly #host: RefreshHost;
  #askedMs = -Infinity;
  #answeredMs = -Infinity;
  #spentMs = 0;
  #failures = 0;
  /** When it makes sense to ask again, after failures. */
  #nextMs = 0;
  #isOpen = false;
  #isClosed = false;
  /** For the answer. One that came while this process stood still is in time. */
  readonly #patience: Patience;
  /** The next question that is put by itself. */
  #next: unknown;

  constructor(limits: RefreshLimits, clock: RefreshClock, host: RefreshHost) {
    this.#limits = limits;
    this.#clock = clock;
    this.#host = host;
    // An answer ends the wait itself.
    this.#patience = new Patience(clock, {
      isMet: false,
      onMet() {},
      onStandstill() {},
      onOver: () => {
        this.#close();
        host.onTimeout();
      },
    });
  }

  /** Whether an answer is outstanding. */
  get isPending(): boolean {
    return this.#isOpen;
  }

  /** Whether there ever was an answer. */
  get hasAnswer(): boolean {
    return this.#answeredMs !== -Infinity;
  }

  /** How long the last answer took. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /** When it makes sense to ask again: after failures the end of the back-off, else 0. */
  get nextMs(): number {
    return this.#failures > 0 ? this.#nextMs : 0;
  }

  /** Whether whoever wants to connect should ask: nothing is known, or what is known is old. */
  get isDue(): boolean {
    if (this.#isOpen) return false;
    const nowMs = this.#clock.now();
    if (this.#failures > 0) return nowMs >= this.#nextMs;
    return nowMs - Math.max(this.#askedMs, this.#answeredMs) >= this.#limits.minIntervalMs;
  }

  /** Asks now, unless it has. */
  ask(): void {
    if (this.#isOpen || this.#isClosed) return;
    this.#cancelNext();
    this.#isOpen = true;
    this.#askedMs = this.#clock.now();
    if (this.#limits.timeoutMs !== Infinity) this.#patience.start(this.#limits.timeoutMs);
    this.#host.ask();
  }

  /** Asks as soon as the minimum interval and the back-off allow. */
  askSoon(): void {
    const dueMs = Math.max(this.#askedMs + this.#limits.minIntervalMs, this.nextMs);
    this.#askIn(dueMs - this.#clock.now());
  }

  /** There is an answer, asked for or not. */
  answered(): void {
    this.#close();
    this.#failures = 0;
    this.#answeredMs = this.#clock.now();
    const refreshMs = this.#limits.refreshIntervalMs();
    if (refreshMs !== Infinity) this.#askIn(refreshMs);
  }

  /** There is no answer: the next question waits. Where changes matter, it is asked again by itself. */
  failed(): void {
    this.#close();
    this.#failures++;
    const delayMs = nextDelayMs(DEFAULT_BACKOFF, this.#failures, this.#clock.random());
    this.#nextMs = this.#clock.now() + delayMs;
    if (this.hasAnswer && this.#limits.refreshIntervalMs() !== Infinity) this.#askIn(delayMs);
  }

  /** Stops asking by itself, until `ask`. */
  rest(): void {
    this.#cancelNext();
  }

  close(): void {
    this.#isClosed = true;
    this.#close();
    this.#cancelNext();
  }

  #askIn(delayMs: number): void {
    if (this.#isClosed || this.#isOpen) return;
    this.#cancelNext();
    this.#next = this.#clock.setTimer(() => this.ask(), Math.max(delayMs, 0));
  }

  #cancelNext(): void {
    this.#clock.clearTimer(this.#next);
    this.#next = undefined;
  }

  #close(): void {
    this.#spentMs = this.#isOpen ? this.#clock.now() - this.#askedMs : 0;
    this.#isOpen = false;
    this.#patience.stop();
  }
}
