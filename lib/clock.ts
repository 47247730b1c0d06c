// The real time of a client: what it measures with, and its timers.

import type { Clock } from './rpc/deadline.ts';
import type { RetryTimers } from './rpc/retrying-exchange.ts';

/** Its timers do not keep the process alive: the sockets and dials that calls wait for do. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Node's timers hold 31 bits of milliseconds, and go off at once beyond. */
const MAX_TIMER_MS = 0x7fffffff;

/** Between attempts nothing else keeps the process alive for a call. */
export const RETRY_TIMERS: RetryTimers = {
  setTimer: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS)),
  clearTimer: CLOCK.clearTimer,
};
