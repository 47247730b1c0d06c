// Finds connections that no call has used for long. Costs calls nothing: it counts, from time to time, the streams that
// connections have opened.

import type { Clock } from '../values/clock.ts';

/** A connection as far as its use goes. */
export interface Used {
  readonly openStreams: number;
  readonly openedStreams: number;
}

/** Idleness is found within a quarter of its time. */
const STEPS = 4;

export class IdleConnections<L extends Used> {
  readonly #stepMs: number;
  readonly #clock: Clock;
  readonly #onStep: () => void;
  #timer: unknown;
  #marks = new Map<L, { readonly opened: number; readonly steps: number }>();
  /** Steps since something last happened, or began to wait. */
  #steps = 0;

  /** @param onStep time to look at what was not used */
  constructor(idleMs: number, clock: Clock, onStep: () => void) {
    this.#stepMs = idleMs / STEPS;
    this.#clock = clock;
    this.#onStep = onStep;
  }

  /** Begins, or goes on. */
  start(): void {
    this.#steps = 0;
    if (this.#timer === undefined && this.#stepMs !== Infinity) this.#schedule();
  }

  stop(): void {
    this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#marks.clear();
  }

  /** Looks at the connections there are. */
  look(connections: Iterable<L>): void {
    const marks = new Map<L, { readonly opened: number; readonly steps: number }>();
    this.#steps++;
    for (const connection of connections) {
      const before = this.#marks.get(connection);
      const opened = connection.openedStreams;
      const isUsed = connection.openStreams > 0 || before?.opened !== opened;
      marks.set(connection, { opened, steps: isUsed ? 0 : (before?.steps ?? 0) + 1 });
      if (isUsed) this.#steps = 0;
    }
    this.#marks = marks;
  }

  /** Whether a connection was in use lately. */
  wasUsed(connection: L): boolean {
    return (this.#marks.get(connection)?.steps ?? 0) < STEPS;
  }

  /** Whether nothing at all was used lately. */
  get isIdle(): boolean {
    return this.#steps >= STEPS;
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#schedule();
      this.#onStep();
    }, this.#stepMs);
  }
}
