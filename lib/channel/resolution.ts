// When a channel asks for addresses, and for how long it waits: not more often than a minimum interval, again when
// connections are lost, from time to time where all addresses are used. It knows no DNS and no connections.

import { type Clock, MAX_TIMER_MS } from './clock.ts';

export interface ResolutionLimits {
  /** From one question to the next, after one that was answered. */
  readonly minIntervalMs: number;
  /** After an answer it is asked for again by itself; Infinity for never. */
  refreshIntervalMs(): number;
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

export interface ResolutionHost {
  /** Puts the question. The answer comes through `answered` or `failed`. */
  ask(): void;
  /** The first question was put and is not answered in time. */
  onTimeout(): void;
}

export class Resolution {
  readonly #limits: ResolutionLimits;
  readonly #clock: Clock;
  readonly #host: ResolutionHost;
  #askedMs = -Infinity;
  #answeredMs = -Infinity;
  #spentMs = 0;
  #isOpen = false;
  #isClosed = false;
  #timeout: NodeJS.Timeout | undefined;
  #next: unknown;

  constructor(limits: ResolutionLimits, clock: Clock, host: ResolutionHost) {
    this.#limits = limits;
    this.#clock = clock;
    this.#host = host;
  }

  /** Whether an answer is outstanding. */
  get isPending(): boolean {
    return this.#isOpen;
  }

  /** How long the last answer took. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /** Whether the last answer is so old that it is asked for again before it is used. */
  get isOld(): boolean {
    if (this.#answeredMs === -Infinity) return true;
    return this.#clock.now() - Math.max(this.#askedMs, this.#answeredMs) >= this.#limits.minIntervalMs;
  }

  /** Asks now, unless it has. */
  ask(): void {
    if (this.#isOpen || this.#isClosed) return;
    this.#cancelNext();
    this.#isOpen = true;
    this.#askedMs = this.#clock.now();
    if (this.#limits.timeoutMs !== Infinity) {
      this.#timeout = setTimeout(
        () => {
          this.#close();
          this.#host.onTimeout();
        },
        Math.min(this.#limits.timeoutMs, MAX_TIMER_MS),
      ).unref();
    }
    this.#host.ask();
  }

  /** Asks as soon as the minimum interval allows. */
  askSoon(): void {
    this.#askIn(Math.max(this.#askedMs + this.#limits.minIntervalMs - this.#clock.now(), 0));
  }

  /** There is an answer, asked for or not. */
  answered(): void {
    this.#close();
    this.#answeredMs = this.#clock.now();
    const refreshMs = this.#limits.refreshIntervalMs();
    if (refreshMs !== Infinity) this.#askIn(refreshMs);
  }

  /** There is none. */
  failed(): void {
    this.#close();
  }

  /** Asks no more by itself, until `ask`. */
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
    this.#next = this.#clock.setTimer(() => this.ask(), delayMs);
  }

  #cancelNext(): void {
    this.#clock.clearTimer(this.#next);
    this.#next = undefined;
  }

  #close(): void {
    this.#spentMs = this.#isOpen ? this.#clock.now() - this.#askedMs : 0;
    this.#isOpen = false;
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }
}
