// A clock that goes when it is told to, for code that takes its time as an input.

export interface FakeTimer {
  readonly callback: () => void;
  readonly atMs: number;
}

export class FakeClock {
  #nowMs: number;
  readonly timers = new Set<FakeTimer>();
  /** What is read between a timer and the look that it put off. */
  onPoll: () => void = () => {};
  readonly #looks: (() => void)[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(callback: () => void, delayMs: number): FakeTimer {
    if (!(delayMs >= 0 && delayMs <= 0x7fffffff)) throw new RangeError(`no timer takes ${delayMs} ms`);
    const timer = { callback, atMs: this.#nowMs + delayMs };
    this.timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.timers.delete(timer as FakeTimer);
  }

  afterPoll(callback: () => void): void {
    this.#looks.push(callback);
  }

  /** As when the event loop comes round. */
  turn(): void {
    while (this.#looks.length > 0) {
      this.onPoll();
      for (const look of this.#looks.splice(0)) look();
    }
  }

  /** This process stands still: what is due in the meantime goes off at its end, one after the other. */
  standStill(ms: number): void {
    this.#nowMs += ms;
    this.advanceTo(this.#nowMs);
  }

  /** Lets time pass, and the timers in it go off at their time. */
  advanceTo(nowMs: number): void {
    for (;;) {
      const next = [...this.timers].sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > nowMs) break;
      this.timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      this.turn();
    }
    this.#nowMs = nowMs;
    this.turn();
  }
}
