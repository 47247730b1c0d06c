// Time, timers and randomness as inputs of the code that depends on them, so that specs can pass their own; and the
// real ones. Does not know what is being timed.

/** A clock, its timers, and a source of randomness. */
export interface Clock {
  /** Milliseconds; never goes backwards. */
  now(): number;
  /** From 0 to just below 1. */
  random(): number;
  /** Starts a timer that does not keep the process alive; whatever is being waited for does that. */
  setTimer(callback: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** Whether to trust a timer that fires, rather than `now`, about what time it is. Default false. */
  isTurnedByHand?(): boolean;
}

/** Only the timers of a clock. Whether they keep the process alive depends on which are passed. */
export type Timers = Pick<Clock, 'setTimer' | 'clearTimer'>;

/** Node's timers hold 31 bits of milliseconds, 24.8 days; longer ones fire at once. */
export const MAX_TIMER_MS = 0x7fffffff;

/**
 * A delay that Node's timers accept: rounded up, so as never to fire early, and capped at the longest possible. For who looks at
 * the time when it fires; others want a LongTimer.
 */
export function timerMs(delayMs: number): number {
  return Math.min(Math.max(Math.ceil(delayMs), 0), MAX_TIMER_MS);
}

/** A timer of any length: where Node's would hold no more, it waits in pieces. Infinity is never. */
export class LongTimer {
  readonly #callback: () => void;
  #timer: NodeJS.Timeout;
  #isAlone = false;

  /** Keeps the process alive until `unref`. */
  constructor(callback: () => void, delayMs: number) {
    this.#callback = callback;
    this.#timer = this.#wait(delayMs);
  }

  /** Lets the process end without it. */
  unref(): this {
    this.#isAlone = true;
    this.#timer.unref();
    return this;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #wait(delayMs: number): NodeJS.Timeout {
    if (delayMs <= MAX_TIMER_MS) return setTimeout(this.#callback, timerMs(delayMs));
    return setTimeout(() => {
      this.#timer = this.#wait(delayMs - MAX_TIMER_MS);
      if (this.#isAlone) this.#timer.unref();
    }, MAX_TIMER_MS);
  }
}

const loadedSetTimeout = globalThis.setTimeout;
const loadedNow = performance.now;

/**
 * Whether a test has faked the timers but not the clock, as node:test does: a timer that fires then tells what time it
 * is. A real timer may fire early, by as long as the current turn had been running when it was set.
 */
export function isTurnedByHand(): boolean {
  return globalThis.setTimeout !== loadedSetTimeout && performance.now === loadedNow;
}

type Timer = NodeJS.Timeout | LongTimer;

/** Almost every timer is one of Node's. */
const setTimer = (callback: () => void, delayMs: number): Timer =>
  delayMs > MAX_TIMER_MS ? new LongTimer(callback, delayMs) : setTimeout(callback, timerMs(delayMs));

function clearTimer(timer: unknown): void {
  if (timer instanceof LongTimer) timer.clear();
  else clearTimeout(timer as NodeJS.Timeout);
}

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  setTimer: (callback, delayMs) => setTimer(callback, delayMs).unref(),
  clearTimer,
  isTurnedByHand,
};

/** Timers that keep the process alive, for waiting calls that nothing else keeps alive. */
export const KEEP_ALIVE_TIMERS: Timers = { setTimer, clearTimer };
