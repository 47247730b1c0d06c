// Time, timers and chance for what decides by them, so that specs can give their own; and the real ones. Knows nothing
// of what is timed.

/** A clock, its timers, and dice. */
export interface Clock {
  /** Milliseconds, forward only. */
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  /** A timer that does not keep the process alive: what is waited for does. */
  setTimer(callback: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** Whether a timer that goes off says what time it is, and not `now`. Default false. */
  isTurnedByHand?(): boolean;
}

/** A clock's timers alone. Who takes them says whether they keep the process alive. */
export type Timers = Pick<Clock, 'setTimer' | 'clearTimer'>;

/** Node's timers hold 31 bits of milliseconds, and go off at once beyond. */
export const MAX_TIMER_MS = 0x7fffffff;

/** A delay as Node's timers take it: never early, and the longest there is for all that are longer. */
export function timerMs(delayMs: number): number {
  return Math.min(Math.max(Math.ceil(delayMs), 0), MAX_TIMER_MS);
}

const loadedSetTimeout = globalThis.setTimeout;
const loadedNow = performance.now;

/**
 * Whether a test turns the timers by hand, and not the clock with them, as node:test does: then a timer that goes off
 * says what time it is. A real one may go off before its time, by as long as the turn had run when it was set.
 */
export function isTurnedByHand(): boolean {
  return globalThis.setTimeout !== loadedSetTimeout && performance.now === loadedNow;
}

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  setTimer: (callback, delayMs) => setTimeout(callback, timerMs(delayMs)).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  isTurnedByHand,
};

/** Timers that keep the process alive, where nothing else does for a call that waits. */
export const LIVING_TIMERS: Timers = {
  setTimer: (callback, delayMs) => setTimeout(callback, timerMs(delayMs)),
  clearTimer: REAL_CLOCK.clearTimer,
};
