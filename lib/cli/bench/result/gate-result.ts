// What came of a condition that a load had to show. Types only.

/** Of what is measured: latencies, shares, counts and rates. */
export type Unit = 'ms' | '%' | 'calls' | 'calls/s';

export interface GateResult {
  /** As it was written: `p99<50ms`. */
  readonly condition: string;
  readonly holds: boolean;
  /** What was measured; null when there was nothing to measure, which no condition holds for. */
  readonly actual: number | null;
  /** Of what was measured. */
  readonly unit: Unit;
}
