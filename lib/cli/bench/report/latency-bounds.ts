// A load's latencies in the few buckets that other programs plot.

import { LATENCY_BUCKETS } from '../../../observe/telemetry/call-metrics.ts';
import type { LatencyHistogram } from '../result/latency-histogram.ts';

/** Upper bounds in seconds: those that the library's own telemetry has, less the bucket of what takes no time. */
export const BOUNDS_S: readonly number[] = LATENCY_BUCKETS.slice(1);

/**
 * How many latencies are above each bound's predecessor and not above it; last, how many are above all bounds. Within 0.8 %:
 * the load's own buckets are finer, and a bound may lie within one of them.
 */
export function countsByBound(latency: LatencyHistogram): number[] {
  const counts = new Array<number>(BOUNDS_S.length + 1).fill(0);
  let at = 0;
  for (const { fromMs, toMs, count } of latency.buckets()) {
    while (at < BOUNDS_S.length && (fromMs + toMs) / 2000 > BOUNDS_S[at]) at++;
    counts[at] += count;
  }
  return counts;
}
