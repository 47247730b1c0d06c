// How much figures vary by chance: within one run, from interval to interval; between runs, from one to the next.

import { COMPARED_METRICS, type ComparedRun, type MetricValues, metricsOf, RunParts } from './run-metrics.ts';

/** A figure as it is compared: the errors as they are, all else by its logarithm, so that changes are factors. */
export function scaled(metric: number, value: number): number {
  return COMPARED_METRICS[metric].unit === '%' ? value : Math.log(value);
}

/** What is known of a figure: its mean, and how far it may be off. */
export interface Estimate {
  /** Of the scaled figure. */
  readonly mean: number;
  /** Its standard error, squared. */
  readonly variance: number;
  /** On how much the standard error is built: degrees of freedom. */
  readonly freedom: number;
}

/** A figure is compared with so many intervals at least. */
export const LEAST_INTERVALS = 10;

const RESAMPLES = 1000;

/**
 * From one run alone, by a moving-block bootstrap: runs of neighbouring intervals, since a slow second rarely comes alone,
 * are drawn with replacement until they are as many as the run had; the spread of the figures over many such draws is the
 * standard error (Künsch 1989). Blocks have √n intervals, more than is usual: what slows a server down often lasts for seconds.
 * @param random between 0 and 1
 */
export function withinRun(run: ComparedRun, random: () => number): readonly Estimate[] {
  const parts = new RunParts(run);
  const whole = metricsOf(run);
  const blockLength = Math.ceil(Math.sqrt(parts.length));
  const blocks = parts.length / blockLength;
  const draws: MetricValues[] = [];
  for (let draw = 0; draw < RESAMPLES; draw++) {
    draws.push(parts.metricsOf(drawn(parts.length, blockLength, random)));
  }
  return COMPARED_METRICS.map((_metric, metric) => {
    const values = draws.map((draw) => scaled(metric, draw[metric])).filter(Number.isFinite);
    const { variance } = meanAndVariance(values);
    // As of any sample, by one less than there are blocks.
    const variance1 = (variance * blocks) / Math.max(1, blocks - 1);
    return { mean: scaled(metric, whole[metric]), variance: variance1, freedom: Math.max(1, blocks - 1) };
  });
}

function drawn(length: number, blockLength: number, random: () => number): number[] {
  const chosen: number[] = [];
  while (chosen.length < length) {
    const start = Math.floor(random() * length);
    // The last intervals go on with the first, so that all are drawn as often.
    for (let at = 0; at < blockLength && chosen.length < length; at++) chosen.push((start + at) % length);
  }
  return chosen;
}

/** From several runs: each counts once, whatever happened within it. */
export function betweenRuns(runs: readonly ComparedRun[]): readonly Estimate[] {
  const figures = runs.map(metricsOf);
  return COMPARED_METRICS.map((_metric, metric) => {
    const { mean, variance } = meanAndVariance(figures.map((values) => scaled(metric, values[metric])));
    return { mean, variance: variance / runs.length, freedom: runs.length - 1 };
  });
}

export function meanAndVariance(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: values.length < 2 ? 0 : squares / (values.length - 1) };
}

/** Numbers that look random, the same in each comparison: the same files give the same answer. (mulberry32) */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
