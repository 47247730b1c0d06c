// Collects what happened to the calls of a load: totals, latencies and intervals. It makes no calls and prints nothing.

import { LatencyHistogram } from './latency-histogram.ts';

/** One interval of the run. */
export interface Interval {
  /** Seconds since the measured part began, at the interval's start. */
  readonly startS: number;
  begun: number;
  ok: number;
  failed: number;
  readonly latency: LatencyHistogram;
}

/** What to call a failure: `UNAVAILABLE` and its text. */
export type NameFailure = (error: unknown) => {
  readonly name: string;
  readonly details: string;
  /** Of a gRPC status. */
  readonly code?: number;
};

/** How calls ended with one status. */
export interface StatusCount {
  /** `OK`, `UNAVAILABLE`, …; or the name of an error other than a status. */
  readonly name: string;
  /** Of a gRPC status. */
  readonly code?: number;
  count: number;
  /** The first text that came with it. */
  readonly sample: string;
}

/** How long an interval is at first. */
const INTERVAL_MS = 250;

/** So many intervals are kept: when a run outlasts them, they are joined in pairs and last twice as long. */
export const MAX_INTERVALS = 600;

/** Kinds of errors told apart; more are counted together. */
const MAX_KINDS = 100;

export class Measurements {
  /** Of calls that ended with OK. */
  readonly latency: LatencyHistogram = new LatencyHistogram();
  /** Of those that failed. */
  readonly failedLatency: LatencyHistogram = new LatencyHistogram();
  /** Of each reply of a stream after the one before it (or the call's begin). */
  readonly messageGap: LatencyHistogram = new LatencyHistogram();
  /** How much later than planned calls of an open loop began. */
  readonly lateness: LatencyHistogram = new LatencyHistogram();
  intervals: Interval[] = [];
  readonly statuses: Map<string, StatusCount> = new Map();
  begun = 0;
  /** Calls of an open loop that were not made, because too many were running. */
  dropped = 0;
  requestMessages = 0;
  replyMessages = 0;
  inFlight = 0;
  readonly #startMs: number;
  #intervalMs: number;

  /** @param startMs when the measured part begins, by the clock that all other times are of */
  constructor(startMs: number, intervalMs: number = INTERVAL_MS) {
    this.#startMs = startMs;
    this.#intervalMs = intervalMs;
  }

  onBegin(nowMs: number): void {
    this.begun++;
    this.inFlight++;
    this.#interval(nowMs).begun++;
  }

  onOk(latencyMs: number, nowMs: number): void {
    this.inFlight--;
    this.latency.record(latencyMs);
    const interval = this.#interval(nowMs);
    interval.ok++;
    interval.latency.record(latencyMs);
    const status = this.statuses.get('OK');
    if (status === undefined) this.statuses.set('OK', { name: 'OK', count: 1, sample: '' });
    else status.count++;
  }

  onFailure(failure: ReturnType<NameFailure>, latencyMs: number, nowMs: number): void {
    this.inFlight--;
    this.failedLatency.record(latencyMs);
    this.#interval(nowMs).failed++;
    const { details, ...kind } = failure;
    const isKnown = this.statuses.has(kind.name) || this.statuses.size < MAX_KINDS;
    const name = isKnown ? kind.name : 'others';
    const status = this.statuses.get(name);
    if (status !== undefined) status.count++;
    else this.statuses.set(name, { ...(isKnown ? kind : { name }), count: 1, sample: details });
  }

  /** How long an interval lasts, in milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  #interval(nowMs: number): Interval {
    let index = Math.max(0, Math.floor((nowMs - this.#startMs) / this.#intervalMs));
    while (index >= MAX_INTERVALS) {
      this.#joinPairs();
      index = Math.floor(index / 2);
    }
    for (let next = this.intervals.length; next <= index; next++) {
      this.intervals.push({
        startS: (next * this.#intervalMs) / 1000,
        begun: 0,
        ok: 0,
        failed: 0,
        latency: new LatencyHistogram(),
      });
    }
    return this.intervals[index] as Interval;
  }

  #joinPairs(): void {
    this.intervals = this.intervals.filter((interval, index) => {
      if (index % 2 === 1) return false;
      const next = this.intervals[index + 1];
      if (next !== undefined) {
        interval.begun += next.begun;
        interval.ok += next.ok;
        interval.failed += next.failed;
        interval.latency.add(next.latency);
      }
      return true;
    });
    this.#intervalMs *= 2;
  }
}
