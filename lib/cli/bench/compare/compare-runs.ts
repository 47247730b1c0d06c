// What changed between runs before and runs after, and whether it is more than noise.
//
// Each figure's change has a confidence interval; it is more than noise when that does not hold "no change". There are
// several figures, so each has a wider one (Bonferroni): that all of them together are right has a probability of 95 %.

import { COMPARED_METRICS, type ComparedRun, type MetricDefinition, metricsOf } from './run-metrics.ts';
import { betweenRuns, type Estimate, LEAST_INTERVALS, seededRandom, withinRun } from './spread.ts';
import { studentT } from './student-t.ts';

export type Verdict =
  /** More than noise, and more than the tolerance. */
  | 'worse'
  | 'better'
  /** More than noise, and less than the tolerance. */
  | 'small'
  /** It may be noise. */
  | 'noise'
  /** There is too little to tell; `reason` says what lacks. */
  | 'unknown';

export interface ComparedMetric {
  readonly name: string;
  readonly unit: MetricDefinition['unit'];
  /** null for what was not measured. */
  readonly before: number | null;
  readonly after: number | null;
  /** In percent of before; of errors in percentage points. */
  readonly change: number | null;
  /** Where the true change lies, in the same unit. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly verdict: Verdict;
  readonly reason?: string;
}

export interface Comparison {
  readonly metrics: readonly ComparedMetric[];
  /** Of each interval, in percent: above 95, so that all together hold with 95 %. */
  readonly confidence: number;
  /** What noise was measured by. */
  readonly noise: 'intervals' | 'runs';
}

/** That all intervals together hold. */
const CONFIDENCE = 0.95;
/** So many calls must lie above a percentile for it to be known. */
const LEAST_ABOVE = 10;
/** The standard deviation of what a histogram's buckets, 1/128 wide, take from a latency. */
const BUCKET_ERROR = 1 / 128 / Math.sqrt(12);
const SEED = 1;

/** @param tolerance changes of less than this share are not counted: 0.05 for 5 % */
export function compareRuns(
  before: readonly ComparedRun[],
  after: readonly ComparedRun[],
  tolerance: number,
): Comparison {
  const noise = before.length === 1 && after.length === 1 ? 'intervals' : 'runs';
  const reasons = COMPARED_METRICS.map((metric) => unknownReason(metric, [...before, ...after], noise));
  const known = reasons.filter((reason) => reason === undefined).length;
  const confidence = 1 - (1 - CONFIDENCE) / Math.max(1, known);
  const errors = COMPARED_METRICS.map((metric) => countingVariance(metric, before, after));
  const estimates = estimated(before, after, noise);
  const values = [before, after].map((runs) => typical(runs));
  const metrics = COMPARED_METRICS.map((metric, index): ComparedMetric => {
    const [old, now] = values.map((side) => side[index]);
    const reason = reasons[index];
    const shown = { name: metric.name, unit: metric.unit, before: orNull(old), after: orNull(now) };
    if (reason !== undefined) return { ...shown, change: null, interval: null, verdict: 'unknown', reason };
    const [one, other] = estimates[index];
    const spread = spreadOf(one, other, errors[index], confidence);
    const difference = other.mean - one.mean;
    const changeOf = (value: number): number => (metric.unit === '%' ? value : Math.expm1(value) * 100);
    const interval = [changeOf(difference - spread), changeOf(difference + spread)] as const;
    return {
      ...shown,
      change: changeOf(difference),
      interval,
      verdict: verdictOf(metric, old, changeOf(difference), interval, tolerance),
    };
  });
  return { metrics, confidence: confidence * 100, noise };
}

/** Whether anything is worse, beyond noise and tolerance. */
export function isWorse({ metrics }: Comparison): boolean {
  return metrics.some(({ verdict }) => verdict === 'worse');
}

/** Half the width of the difference's interval (Welch). */
function spreadOf(one: Estimate, other: Estimate, counting: number, confidence: number): number {
  const variance = one.variance + other.variance;
  const squares = one.variance ** 2 / one.freedom + other.variance ** 2 / other.freedom;
  const freedom = squares === 0 ? one.freedom + other.freedom : variance ** 2 / squares;
  // What comes of counting alone is there even when no two runs differed.
  return studentT(Math.max(1, freedom), confidence) * Math.sqrt(Math.max(variance, counting));
}

function estimated(
  before: readonly ComparedRun[],
  after: readonly ComparedRun[],
  noise: Comparison['noise'],
): (readonly [Estimate, Estimate])[] {
  if (noise === 'intervals') {
    const [one, other] = [before, after].map(([run]) => withinRun(run, seededRandom(SEED)));
    return one.map((estimate, index) => [estimate, other[index]]);
  }
  const [one, other] = [before, after].map((runs) => betweenRuns(runs));
  return one.map((estimate, index) => {
    // One run beside several: it varies as they do.
    const [first, second] = [estimate, other[index]];
    if (before.length === 1) return [alike(first, second, after.length), second];
    if (after.length === 1) return [first, alike(second, first, before.length)];
    return [first, second];
  });
}

/** One run's estimate, with the spread of so many others. */
function alike({ mean }: Estimate, others: Estimate, runs: number): Estimate {
  return { mean, variance: others.variance * runs, freedom: others.freedom };
}

/** The least variance that a difference has: of shares that are counted, and of latencies in buckets. */
function countingVariance(
  metric: MetricDefinition,
  before: readonly ComparedRun[],
  after: readonly ComparedRun[],
): number {
  if (metric.unit !== '%') {
    return metric.percent === undefined ? 0 : BUCKET_ERROR ** 2 * (1 / before.length + 1 / after.length);
  }
  const ended = (runs: readonly ComparedRun[]): number =>
    runs.reduce((sum, { latency, failed }) => sum + latency.count + failed, 0);
  const failed = [...before, ...after].reduce((sum, run) => sum + run.failed, 0);
  const share = failed / Math.max(1, ended(before) + ended(after));
  return 100 ** 2 * share * (1 - share) * (1 / Math.max(1, ended(before)) + 1 / Math.max(1, ended(after)));
}

/** What each side's figures are: of several runs their mean, of times and rates the geometric one. */
function typical(runs: readonly ComparedRun[]): readonly number[] {
  const figures = runs.map(metricsOf);
  return COMPARED_METRICS.map((metric, index) => {
    const values = figures.map((figure) => figure[index]);
    const mean = (of: (value: number) => number): number =>
      values.reduce((sum, value) => sum + of(value), 0) / values.length;
    return metric.unit === '%' ? mean((value) => value) : Math.exp(mean(Math.log));
  });
}

function unknownReason(
  { percent, unit }: MetricDefinition,
  runs: readonly ComparedRun[],
  noise: Comparison['noise'],
): string | undefined {
  const least = Math.min(...runs.map(({ latency }) => latency.count));
  if (runs.some(({ latency, failed }) => latency.count + failed === 0)) return 'no call ended in one of them';
  if (unit === 'ms' && least === 0) return 'no call succeeded in one of them';
  if (noise === 'intervals') {
    const run = runs.find(({ intervals }) => intervals.length < LEAST_INTERVALS);
    if (run !== undefined) {
      const seconds = (LEAST_INTERVALS * run.intervalMs) / 1000;
      return `one of them has ${run.intervals.length} intervals: measure for ${seconds} s or longer`;
    }
  }
  if (percent === undefined) return undefined;
  const needed = Math.ceil(LEAST_ABOVE / (1 - percent / 100) - 1e-6);
  if (least >= needed) return undefined;
  return `needs ${needed.toLocaleString('en-US')} calls in each run, one has ${least.toLocaleString('en-US')}`;
}

function verdictOf(
  { unit, higherIsBetter }: MetricDefinition,
  before: number,
  change: number,
  [low, high]: readonly [number, number],
  tolerance: number,
): Verdict {
  if (!(low > 0) && !(high < 0)) return 'noise';
  // Errors where there were none are never small.
  const share = unit === '%' ? (before === 0 ? Infinity : Math.abs(change) / before) : Math.abs(change) / 100;
  if (share < tolerance) return 'small';
  return change > 0 === higherIsBetter ? 'better' : 'worse';
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
