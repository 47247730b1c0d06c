// What runs are compared by: a few figures of all calls, and of any choice of the run's intervals.

import type { LatencyHistogram } from '../result/latency-histogram.ts';
import type { Interval } from '../result/measurements.ts';

/** A run, as much of it as is compared. */
export interface ComparedRun {
  /** Of calls that ended with OK. */
  readonly latency: LatencyHistogram;
  readonly failed: number;
  readonly elapsedMs: number;
  readonly intervalMs: number;
  /** None where a side has several runs, each of which counts as a whole. */
  readonly intervals: readonly Interval[];
}

/** The percentiles that are compared. */
const COMPARED_PERCENTILES = [50, 90, 99, 99.9] as const;

export interface MetricDefinition {
  readonly name: string;
  readonly unit: 'ms' | '%' | 'calls/s';
  readonly higherIsBetter: boolean;
  /** Of a percentile: so many calls must lie above it for it to be known. */
  readonly percent?: number;
}

export const COMPARED_METRICS: readonly MetricDefinition[] = [
  { name: 'throughput', unit: 'calls/s', higherIsBetter: true },
  { name: 'errors', unit: '%', higherIsBetter: false },
  { name: 'mean', unit: 'ms', higherIsBetter: false },
  ...COMPARED_PERCENTILES.map(
    (percent): MetricDefinition => ({ name: `p${percent}`, unit: 'ms', higherIsBetter: false, percent }),
  ),
];

/** Values in the order of COMPARED_METRICS; NaN for what there is not. */
export type MetricValues = readonly number[];

export function metricsOf({ latency, failed, elapsedMs }: ComparedRun): MetricValues {
  const percentiles = COMPARED_PERCENTILES.map((percent) => latency.percentileMs(percent));
  return valuesOf(latency.count, failed, elapsedMs, latency.meanMs, percentiles);
}

function valuesOf(
  ok: number,
  failed: number,
  lengthMs: number,
  meanMs: number,
  percentiles: readonly number[],
): MetricValues {
  const ended = ok + failed;
  const errors = ended === 0 ? Number.NaN : (failed / ended) * 100;
  return [(ended / lengthMs) * 1000, errors, meanMs, ...percentiles];
}

/** So many intervals are told apart at most: more cost time and teach nothing. */
const MAX_PARTS = 120;

interface Part {
  readonly lengthMs: number;
  readonly failed: number;
  readonly ok: number;
  readonly sumMs: number;
  /** Two numbers for each bucket: its index in `middles`, and its count. */
  readonly buckets: readonly number[];
}

/** A run in intervals that can be chosen anew. */
export class RunParts {
  readonly #parts: readonly Part[];
  /** The middles of all buckets that any part has, in milliseconds, ascending. */
  readonly #middles: readonly number[];
  readonly #counts: Float64Array;

  constructor({ intervals, intervalMs, elapsedMs }: ComparedRun) {
    const joined = Math.ceil(intervals.length / MAX_PARTS);
    const froms = new Map<number, number>();
    for (const { latency } of intervals) {
      for (const { fromMs, toMs } of latency.buckets()) froms.set(fromMs, (fromMs + toMs) / 2);
    }
    const sorted = [...froms].sort(([one], [other]) => one - other);
    const indexes = new Map(sorted.map(([fromMs], index) => [fromMs, index]));
    this.#middles = sorted.map(([, middle]) => middle);
    this.#counts = new Float64Array(sorted.length);
    const parts: Part[] = [];
    for (let at = 0; at < intervals.length; at += joined) {
      const some = intervals.slice(at, at + joined);
      const lengthMs = Math.min(some.length * intervalMs, elapsedMs - at * intervalMs);
      if (lengthMs > 0) parts.push(partOf(some, lengthMs, indexes));
    }
    this.#parts = parts;
  }

  get length(): number {
    return this.#parts.length;
  }

  /** Figures of a run that would have had these parts, each as often as it is named. */
  metricsOf(chosen: readonly number[]): MetricValues {
    this.#counts.fill(0);
    let [ok, failed, sumMs, lengthMs] = [0, 0, 0, 0];
    for (const index of chosen) {
      const part = this.#parts[index];
      ok += part.ok;
      failed += part.failed;
      sumMs += part.sumMs;
      lengthMs += part.lengthMs;
      const { buckets } = part;
      for (let at = 0; at < buckets.length; at += 2) this.#counts[buckets[at]] += buckets[at + 1];
    }
    return valuesOf(ok, failed, lengthMs, sumMs / ok, this.#percentiles(ok));
  }

  #percentiles(ok: number): number[] {
    const found: number[] = [];
    let [bucket, seen] = [-1, 0];
    for (const percent of COMPARED_PERCENTILES) {
      const rank = Math.max(1, Math.ceil((percent / 100) * ok));
      while (seen < rank && bucket < this.#middles.length - 1) {
        bucket++;
        seen += this.#counts[bucket];
      }
      found.push(ok === 0 ? Number.NaN : this.#middles[bucket]);
    }
    return found;
  }
}

function partOf(
  intervals: readonly Interval[],
  lengthMs: number,
  indexes: ReadonlyMap<number, number>,
): Part {
  const buckets = intervals.flatMap(({ latency }) =>
    latency.buckets().flatMap(({ fromMs, count }) => [indexes.get(fromMs) ?? 0, count]),
  );
  const sum = (of: (interval: Interval) => number): number =>
    intervals.reduce((total, interval) => total + of(interval), 0);
  return {
    lengthMs,
    ok: sum(({ ok }) => ok),
    failed: sum(({ failed }) => failed),
    sumMs: sum(({ latency }) => (latency.count === 0 ? 0 : latency.meanMs * latency.count)),
    buckets,
  };
}
