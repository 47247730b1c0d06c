// Time and chance for what decides in a channel, so that specs can give their own.

/** A clock, its timers, and dice. */
export interface Clock {
  /** Milliseconds, forward only. */
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  /** A timer that does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
}

/** Node's timers hold 31 bits of milliseconds, and go off at once beyond. */
export const MAX_TIMER_MS = 0x7fffffff;

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  random: Math.random,
  setTimer: (callback, delayMs) =>
    setTimeout(callback, Math.min(Math.max(Math.ceil(delayMs), 0), MAX_TIMER_MS)).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
