// Time that a spec turns on by hand, for what has a real event loop with real sockets: `pass` has the timers of this
// process go off, and performance.now() gone on, without the wait. Between that time goes by as ever.

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

type Callback = (...args: unknown[]) => void;

/** So many turns of the event loop a step takes, for what it sets off on loopback. */
const TURNS = 12;

/** Where it is made it takes the place of the timers; `close` gives them back. */
export class TurnedTime implements Disposable {
  readonly #before = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: performance.now,
  };
  readonly #waiting = new Map<unknown, Waiting>();
  #passedMs = 0;

  constructor() {
    const { setTimeout, clearTimeout, now } = this.#before;
    const later = (callback: Callback, delayMs = 0, ...args: unknown[]): NodeJS.Timeout => {
      const run = (): void => {
        this.#waiting.delete(timer);
        callback(...args);
      };
      const timer = setTimeout(run, delayMs);
      this.#waiting.set(timer, { atMs: performance.now() + Math.max(delayMs, 1), run });
      return timer;
    };
    const never = (timer: NodeJS.Timeout): void => {
      this.#waiting.delete(timer);
      clearTimeout(timer);
    };
    Object.assign(globalThis, { setTimeout: later, clearTimeout: never });
    performance.now = () => now.call(performance) + this.#passedMs;
  }

  /**
   * Lets time pass: timers go off one after the other, each at its time, and what they set off has its turns. Deadlines
   * of calls are rounded up by some milliseconds, so that it takes a little more for one to be behind.
   */
  async pass(ms: number): Promise<void> {
    const endMs = performance.now() + ms;
    for (;;) {
      const [next] = [...this.#waiting].sort(([, a], [, b]) => a.atMs - b.atMs);
      if (next === undefined || next[1].atMs > endMs) break;
      const [timer, { atMs, run }] = next;
      this.#passTo(atMs);
      this.#before.clearTimeout(timer as NodeJS.Timeout);
      run();
      await turns(TURNS);
    }
    this.#passTo(endMs);
    await turns(TURNS);
  }

  #passTo(ms: number): void {
    this.#passedMs += Math.max(0, ms - performance.now());
  }

  /** From here on no time goes by but what passes by hand: for what must be seen at one moment, and not behind it. */
  stand(): void {
    const atMs = performance.now();
    const beforeMs = this.#passedMs;
    performance.now = () => atMs + this.#passedMs - beforeMs;
  }

  /** Timers that were begun meanwhile go off in the time that they were given. */
  close(): void {
    const { setTimeout, clearTimeout, now } = this.#before;
    Object.assign(globalThis, { setTimeout, clearTimeout });
    performance.now = now;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Waits for so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
