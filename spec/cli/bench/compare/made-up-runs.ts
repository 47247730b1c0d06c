// Runs made up with chance: a rate and a latency that vary from interval to interval and, if wanted, from run to run.

import type { ComparedRun } from '../../../../lib/cli/bench/compare/run-metrics.ts';
import { LatencyHistogram } from '../../../../lib/cli/bench/result/latency-histogram.ts';
import type { Interval } from '../../../../lib/cli/bench/result/measurements.ts';

export interface MadeUp {
  /** Calls in an interval, on average. */
  readonly calls?: number;
  readonly intervals?: number;
  readonly medianMs?: number;
  readonly errors?: number;
  /** The spread of the intervals' pace, as a share. */
  readonly spread?: number;
  /** How much of its pace an interval has from the one before it: 0 for none, below 1. */
  readonly memory?: number;
  /** The spread of the runs' pace. */
  readonly runSpread?: number;
}

const INTERVAL_MS = 250;

export function madeUpRun(random: () => number, about: MadeUp = {}): ComparedRun {
  const {
    calls = 200,
    intervals: length = 40,
    medianMs = 5,
    errors = 0.002,
    spread = 0.05,
    memory = 0.5,
  } = about;
  const ofRun = Math.exp(normal(random) * (about.runSpread ?? 0));
  const latency = new LatencyHistogram();
  let failed = 0;
  let drift = normal(random) * spread;
  const intervals = Array.from({ length }, (_, index): Interval => {
    drift = memory * drift + Math.sqrt(1 - memory ** 2) * normal(random) * spread;
    const slow = ofRun * Math.exp(drift);
    const own = new LatencyHistogram();
    const counts = { begun: Math.max(1, Math.round(calls / slow + normal(random) * 2)), ok: 0, failed: 0 };
    for (let call = 0; call < counts.begun; call++) {
      if (random() < errors) counts.failed++;
      else {
        counts.ok++;
        own.record(medianMs * slow * Math.exp(normal(random) * 0.5));
      }
    }
    failed += counts.failed;
    latency.add(own);
    return { startS: (index * INTERVAL_MS) / 1000, ...counts, latency: own };
  });
  return { latency, failed, elapsedMs: length * INTERVAL_MS, intervalMs: INTERVAL_MS, intervals };
}

/** Normally distributed. (Box and Muller) */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
