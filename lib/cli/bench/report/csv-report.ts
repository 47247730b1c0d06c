// A load, interval by interval, as comma-separated values (RFC 4180). A column is a field of IntervalSummary
// (result/summary.ts), which is made of what result/measurements.ts counts.

import type { LoadSummary } from '../result/summary.ts';

const COLUMNS = [
  'startS',
  'callsPerSecond',
  'begun',
  'ok',
  'failed',
  'p50Ms',
  'p90Ms',
  'p99Ms',
  'maxMs',
  'isAfterEnd',
] as const;

/** One line for each interval; an empty field where no call ended well. */
export function csvReport({ intervals }: LoadSummary): string {
  const lines = intervals.map((interval) => COLUMNS.map((column) => interval[column] ?? '').join(','));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}
