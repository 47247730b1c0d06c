// What each shard of a merged load did, for its report.

import type { MachineDocument, ResultDocument } from './result-document.ts';
import type { ClocksSummary } from './shard-clocks.ts';
import type { ShardRun } from './shard-run.ts';

export interface ShardSummary {
  /** From 1. */
  readonly shard: number;
  /** Where its result was found. */
  readonly source: string;
  readonly state: ResultDocument['state'];
  readonly machine: MachineDocument;
  readonly threads: number;
  /** When its measured part began, by its own clock; null when it did not. */
  readonly startedAt: string | null;
  /** Milliseconds by which it began later than the first, by its own clock. */
  readonly startedLaterMs: number | null;
  readonly elapsedMs: number;
  readonly calls: ShardRun['calls'];
  readonly callsPerSecond: number;
  /** Of calls that ended with OK, in milliseconds. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly greatestMs: number | null;
  /** Cores that it used: 1 is one core all the time. */
  readonly clientCores: number;
}

export interface ShardsSummary extends ClocksSummary {
  /** Into how many the plan was divided. */
  readonly of: number;
  readonly missing: readonly number[];
  readonly each: readonly ShardSummary[];
}

/** @param firstMs when the first shard began */
export function shardSummary(
  { last, measurements, sources, calls }: ShardRun,
  firstMs: number,
): ShardSummary {
  const { latency } = measurements;
  const { elapsedMs, cpuMs, clock } = last;
  const perMs = (value: number): number => (elapsedMs > 0 ? value / elapsedMs : 0);
  return {
    shard: last.shard.index,
    source: sources,
    state: last.state,
    machine: last.machine,
    threads: last.threads.count,
    startedAt: clock.startedAtMs === null ? null : new Date(clock.startedAtMs).toISOString(),
    startedLaterMs: clock.startedAtMs === null ? null : clock.startedAtMs - firstMs,
    elapsedMs: Math.round(elapsedMs),
    calls,
    callsPerSecond: Math.round(perMs(calls.ok + calls.failed) * 1e5) / 100,
    p50Ms: rounded(latency.percentileMs(50)),
    p99Ms: rounded(latency.percentileMs(99)),
    greatestMs: rounded(latency.greatestMs),
    clientCores: Math.round(perMs(cpuMs) * 100) / 100,
  };
}

/** To a microsecond; null for no value. */
export function rounded(ms: number): number | null {
  return Number.isFinite(ms) ? Math.round(ms * 1000) / 1000 : null;
}
