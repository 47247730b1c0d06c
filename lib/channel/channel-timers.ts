// The timers of a channel for those that wait in it: one looks again when its state changes though nothing happens, one
// keeps the process alive.

import { MAX_TIMER_MS, REAL_CLOCK } from '../values/clock.ts';

export class ChannelTimers {
  readonly #onWake: () => void;
  #wakeTimer: unknown;
  #wakeMs = Infinity;
  #lifeline: NodeJS.Timeout | undefined;

  constructor(onWake: () => void) {
    this.#onWake = onWake;
  }

  /** Wakes the channel at this time instead of the one set before; Infinity for never. */
  wakeAt(ms: number): void {
    if (ms === this.#wakeMs) return;
    REAL_CLOCK.clearTimer(this.#wakeTimer);
    this.#wakeTimer = undefined;
    this.#wakeMs = ms;
    if (ms === Infinity) return;
    this.#wakeTimer = REAL_CLOCK.setTimer(() => {
      this.#wakeMs = Infinity;
      this.#onWake();
    }, ms - REAL_CLOCK.now());
  }

  /**
   * While somebody waits for a connection the process lives, whatever it hangs on: a socket, a resolver of the user's,
   * the answer of a health check.
   */
  stayAlive(isWanted: boolean): void {
    if (isWanted) this.#lifeline ??= setInterval(() => {}, MAX_TIMER_MS);
    else if (this.#lifeline !== undefined) {
      clearInterval(this.#lifeline);
      this.#lifeline = undefined;
    }
  }

  stop(): void {
    this.wakeAt(Infinity);
    this.stayAlive(false);
  }
}
