// The figures of one measurement, and the arithmetic over several of them. Pure.

/** What one process measured of one row. A figure it does not have is left out. */
export interface Figures {
  /** CPU time a call or message in µs; CPU time of the process in ms; or KiB a stream: see the row's unit. */
  readonly cost: number;
  /** Calls or messages a second. */
  readonly rate?: number;
  /** Latency of one call, in µs. For the startup row: its wall time, in µs. */
  readonly p50?: number;
  readonly p99?: number;
  /** What the process grew by at most, in MiB. */
  readonly memoryMiB?: number;
}

const KEYS = ['cost', 'rate', 'p50', 'p99', 'memoryMiB'] as const;

/** The value below which `share` of the sorted values lie (nearest rank). */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError('no values');
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Each figure's median, over those that have it. */
export function medianFigures(samples: readonly Figures[]): Figures {
  const entries = KEYS.map(
    (key) => [key, samples.map((s) => s[key]).filter((v) => v !== undefined)] as const,
  );
  const present = entries.filter(([, values]) => values.length > 0);
  return { cost: Number.NaN, ...Object.fromEntries(present.map(([key, values]) => [key, median(values)])) };
}

/** How far the samples' costs lie apart: (highest - lowest) / median. */
export function spread(samples: readonly Figures[]): number {
  const costs = samples.map((s) => s.cost);
  return (Math.max(...costs) - Math.min(...costs)) / median(costs);
}
