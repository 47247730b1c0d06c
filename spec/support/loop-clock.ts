// Time as the event loop has it, for what must be over soon: a turn counts 10 ms at most, so that a busy machine is not
// held against the client, while a timer that it waits for is.

const TICK_MS = 2;
const MOST_IN_A_TURN_MS = 10;

export class LoopClock {
  readonly #ticks: NodeJS.Timeout;
  #elapsedMs = 0;
  #lastMs: number = performance.now();

  constructor() {
    this.#ticks = setInterval(() => this.now(), TICK_MS).unref();
  }

  now(): number {
    const nowMs = performance.now();
    this.#elapsedMs += Math.min(nowMs - this.#lastMs, MOST_IN_A_TURN_MS);
    this.#lastMs = nowMs;
    return this.#elapsedMs;
  }

  close(): void {
    clearInterval(this.#ticks);
  }
}

/** How long it was until this was settled. */
export async function loopMsOf(settled: PromiseLike<unknown>): Promise<number> {
  const clock = new LoopClock();
  try {
    await settled;
  } catch {
    // That it has failed is for others to judge.
  } finally {
    clock.close();
  }
  return clock.now();
}
