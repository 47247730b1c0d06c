// Counts what a peer does without getting anything done: each kind of frame against its limit, starting from zero
// again whenever there is progress (DATA, HEADERS, the end of a stream). Not a rate, for a patient flood is a flood
// as well. Even so, one frame of a kind per second is always allowed, or keepalives on an idle connection would add up.

import type { ConnectionLimits } from './connection-options.ts';
import { ConnectionFault, ENHANCE_YOUR_CALM } from './error-code.ts';

/** The kinds, as indices. */
export const SETTINGS_FRAMES = 0;
export const PINGS = 1;
export const EMPTY_DATA = 2;
export const RESETS = 3;
export const WINDOW_UPDATES = 4;
export const IGNORED_FRAMES = 5;

const ALLOWED_INTERVAL_MS = 1000;

export class FloodMeter {
  readonly #limits: readonly number[];
  readonly #names: readonly string[] = [
    'maxSettingsFrames',
    'maxPings',
    'maxEmptyData',
    'maxResets',
    'maxWindowUpdates',
    'maxIgnoredFrames',
  ];
  readonly #counts: number[] = [0, 0, 0, 0, 0, 0];
  readonly #sinceMs: number[] = [0, 0, 0, 0, 0, 0];
  #isClean = true;
  /** The time of the current frames. */
  nowMs = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = [
      limits.maxSettingsFrames,
      limits.maxPings,
      limits.maxEmptyData,
      limits.maxResets,
      limits.maxWindowUpdates,
      limits.maxIgnoredFrames,
    ];
  }

  /** Counts one more of this kind. Throws a ConnectionFault (ENHANCE_YOUR_CALM) when that is one too many. */
  count(kind: number): void {
    this.#isClean = false;
    const { nowMs } = this;
    if (this.#counts[kind] === 0) this.#sinceMs[kind] = nowMs;
    this.#counts[kind]++;
    if (this.#counts[kind] <= this.#limits[kind]) return;
    const allowed = Math.floor((nowMs - this.#sinceMs[kind]) / ALLOWED_INTERVAL_MS);
    if (allowed <= 0) {
      const reason = `more than ${this.#names[kind]} ${this.#limits[kind]} without progress`;
      throw new ConnectionFault(ENHANCE_YOUR_CALM, reason);
    }
    this.#counts[kind] = Math.max(0, this.#counts[kind] - allowed);
    this.#sinceMs[kind] = nowMs;
  }

  /** Something got done. Resets keep their count: resetting a stream must not clear it. */
  progress(): void {
    if (this.#isClean) return;
    const resets = this.#counts[RESETS];
    this.#counts.fill(0);
    this.#counts[RESETS] = resets;
    this.#isClean = resets === 0;
  }

  /** A stream ran to its end. */
  completed(): void {
    if (this.#isClean) return;
    this.#counts.fill(0);
    this.#isClean = true;
  }
}
