// How long a closing client waits for its running calls: until they have ended or the grace period is over. Closing
// again may shorten the grace period, as at a second SIGTERM, but never extends it. Knows no calls.

import { LongTimer } from '../values/clock.ts';

/** The default grace period. */
export const DEFAULT_GRACE_MS = 5000;

export function isGrace(graceMs: unknown): boolean {
  return typeof graceMs === 'number' && graceMs >= 0;
}

export class ClosingGrace {
  /** Resolves when the wait is over. */
  readonly over: Promise<void>;
  /** Ends the wait, because no call runs any more. */
  readonly end: () => void;
  #timer: LongTimer | undefined;
  /** On the clock of `performance.now`. */
  #endsMs = Infinity;

  constructor(graceMs: number) {
    let resolve = (): void => {};
    this.over = new Promise((settle) => {
      resolve = settle;
    });
    this.end = () => {
      this.#timer?.clear();
      resolve();
    };
    this.shorten(graceMs);
  }

  /** @param graceMs counted from now; does nothing if the wait ends sooner anyway */
  shorten(graceMs: number): void {
    const endsMs = performance.now() + graceMs;
    if (endsMs >= this.#endsMs) return;
    this.#endsMs = endsMs;
    this.#timer?.clear();
    if (graceMs === 0) this.end();
    else this.#timer = new LongTimer(this.end, graceMs);
  }
}
