// Whether a load showed what it had to.

import type { GateResult, Unit } from '../result/gate-result.ts';
import type { LatencyHistogram } from '../result/latency-histogram.ts';
import type { LoadSummary } from '../result/summary.ts';
import type { Condition } from './condition.ts';

/** What conditions are about. */
export interface Judged {
  readonly summary: Pick<LoadSummary, 'calls' | 'callsPerSecond'>;
  readonly measurements: { readonly latency: LatencyHistogram; readonly lateness: LatencyHistogram };
}

export function judge(conditions: readonly Condition[], judged: Judged): GateResult[] {
  return conditions.map((condition) => {
    const value = actualOf(condition, judged);
    const actual = Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : null;
    const holds = actual !== null && compared(value, condition);
    return { condition: condition.text, holds, actual, unit: condition.unit };
  });
}

function compared(value: number, { comparison, limit }: Condition): boolean {
  switch (comparison) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    default:
      return value >= limit;
  }
}

/** NaN for nothing. */
function actualOf({ metric, percent }: Condition, { summary, measurements }: Judged): number {
  const { latency, lateness } = measurements;
  const { calls } = summary;
  if (percent !== undefined) return latency.percentileMs(percent);
  switch (metric) {
    case 'min':
      return latency.leastMs;
    case 'mean':
      return latency.meanMs;
    case 'stdev':
      return latency.standardDeviationMs;
    case 'max':
      return latency.greatestMs;
    case 'errors':
      return (calls.failed / (calls.ok + calls.failed)) * 100;
    case 'throughput':
      return summary.callsPerSecond;
    case 'lateness':
      return lateness.percentileMs(99);
    default:
      return calls[metric as 'ok' | 'failed' | 'dropped'];
  }
}

/** `p99<50ms does not hold: it was 61.2 ms` */
export function gateText({ condition, holds, actual, unit }: GateResult): string {
  const was = actual === null ? nothing(condition) : `it was ${amount(actual, unit)}`;
  return `${condition} ${holds ? 'holds' : 'does not hold'}: ${was}`;
}

function nothing(condition: string): string {
  const isLateness = condition.startsWith('lateness');
  return `nothing was measured${isLateness ? ', as only calls of an open loop (--rps, --ramp) can be late' : ''}`;
}

/** With as many digits as tell it from what is near. */
export function amount(value: number, unit: Unit): string {
  if (unit === 'calls') return value.toLocaleString('en-US');
  const digits = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 1 ? 2 : 3;
  return `${value.toLocaleString('en-US', { maximumFractionDigits: digits })} ${unit}`;
}
