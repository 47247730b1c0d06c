// Time as the event loop has it, for what must be over soon: a turn counts 10 ms at most, so that a busy machine is not
// held against the client, while a timer that it waits for is. Never more than the time of the clock on the wall.

const TICK_MS = 2;
const MOST_IN_A_TURN_MS = 10;

export class LoopClock implements Disposable {
  readonly #ticks: NodeJS.Timeout;
  readonly #beganMs: number = performance.now();
  #elapsedMs = 0;
  #lastMs: number = this.#beganMs;

  constructor() {
    this.#ticks = setInterval(() => this.now(), TICK_MS).unref();
  }

  now(): number {
    const nowMs = performance.now();
    this.#elapsedMs += Math.min(nowMs - this.#lastMs, MOST_IN_A_TURN_MS);
    this.#lastMs = nowMs;
    return this.#elapsedMs;
  }

  /** What the clock on the wall has more: the time in which the event loop had no turn. */
  get lostMs(): number {
    const elapsedMs = this.now();
    return this.#lastMs - this.#beganMs - elapsedMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticks);
  }
}
