// A finished load as one plain object: what --json prints, and what the other reports are made of.

import type { LoadPlan } from '../plan/load-plan.ts';
import type { LatencyHistogram } from './latency-histogram.ts';
import type { LoadRun } from './load-run.ts';
import type { Measurements } from './measurements.ts';

export const PERCENTILES = [50, 75, 90, 95, 99, 99.9, 99.99] as const;

/** Latencies in milliseconds, to a microsecond. null for no value. */
export interface LatencySummary {
  readonly least: number | null;
  readonly mean: number | null;
  readonly standardDeviation: number | null;
  readonly greatest: number | null;
  /** By percent: `{ "50": 0.8, "99": 3.1, … }`. */
  readonly percentiles: Readonly<Record<string, number | null>>;
}

/** A bar of the distribution. */
interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

interface IntervalSummary {
  /** Seconds since the first measured call. */
  readonly startS: number;
  /** Of calls that ended, by second. */
  readonly callsPerSecond: number;
  readonly begun: number;
  readonly ok: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly greatestMs: number | null;
}

interface StatusSummary {
  readonly name: string;
  /** Of a gRPC status. */
  readonly code?: number;
  readonly count: number;
  /** The first text that came with it. */
  readonly sample?: string;
}

export interface LoadSummary {
  readonly target: string;
  readonly method: string;
  readonly startedAt: string;
  readonly load: {
    readonly kind: 'closed' | 'open';
    readonly concurrency?: number;
    readonly stages?: readonly {
      readonly fromRate: number;
      readonly toRate: number;
      readonly durationMs: number | null;
    }[];
    readonly connections: number;
    readonly warmUpMs: number;
  };
  readonly elapsedMs: number;
  readonly isInterrupted: boolean;
  readonly calls: {
    readonly begun: number;
    readonly ok: number;
    readonly failed: number;
    /** Of an open loop: not made, because too many were running. */
    readonly dropped: number;
    /** Still running when the load was interrupted. */
    readonly unfinished: number;
  };
  /** Calls that ended, well or not, by second. */
  readonly callsPerSecond: number;
  readonly messages: { readonly sent: number; readonly received: number };
  /** Of calls that ended with OK. */
  readonly latencyMs: LatencySummary;
  /** Of calls that failed. */
  readonly failedLatencyMs: LatencySummary;
  /** Between replies of a stream; absent where replies do not stream. */
  readonly messageGapMs?: LatencySummary;
  /** How much later than planned the calls of an open loop began. */
  readonly latenessMs?: LatencySummary;
  readonly statuses: readonly StatusSummary[];
  readonly distribution: readonly Bar[];
  readonly intervalMs: number;
  readonly intervals: readonly IntervalSummary[];
  /** Of this process: 1 is one core all the time. Near 1, the client may be what limits. */
  readonly clientCores: number;
}

/** What a load was of. */
export interface LoadDescription {
  readonly target: string;
  readonly method: string;
  readonly startedAt: Date;
  readonly connections: number;
  readonly streamsReplies: boolean;
}

export function summarize(plan: LoadPlan, run: LoadRun, about: LoadDescription): LoadSummary {
  const { measurements, elapsedMs } = run;
  const { latency, failedLatency, lateness, messageGap, intervalMs } = measurements;
  const ended = latency.count + failedLatency.count;
  return {
    target: about.target,
    method: about.method,
    startedAt: about.startedAt.toISOString(),
    load: {
      kind: plan.kind,
      ...(plan.kind === 'closed'
        ? { concurrency: plan.concurrency }
        : {
            stages: plan.stages.map(({ durationMs, ...rates }) => ({
              ...rates,
              durationMs: durationMs === Infinity ? null : durationMs,
            })),
          }),
      connections: about.connections,
      warmUpMs: plan.warmUpMs,
    },
    elapsedMs: rounded(elapsedMs) ?? 0,
    isInterrupted: run.isInterrupted,
    calls: {
      begun: measurements.begun,
      ok: latency.count,
      failed: failedLatency.count,
      dropped: measurements.dropped,
      unfinished: run.unfinished,
    },
    callsPerSecond: elapsedMs > 0 ? Math.round((ended / elapsedMs) * 1e6) / 1000 : 0,
    messages: { sent: measurements.requestMessages, received: measurements.replyMessages },
    latencyMs: latencySummary(latency),
    failedLatencyMs: latencySummary(failedLatency),
    ...(about.streamsReplies ? { messageGapMs: latencySummary(messageGap) } : {}),
    ...(plan.kind === 'open' ? { latenessMs: latencySummary(lateness) } : {}),
    statuses: [...measurements.statuses.values()]
      .sort((one, other) => other.count - one.count)
      .map(({ sample, ...status }) => (sample === '' ? status : { ...status, sample })),
    distribution: distributionOf(latency),
    intervalMs,
    intervals: intervalSummaries(measurements, elapsedMs),
    clientCores: elapsedMs > 0 ? Math.round((run.cpuMs / elapsedMs) * 100) / 100 : 0,
  };
}

function intervalSummaries({ intervals, intervalMs }: Measurements, elapsedMs: number): IntervalSummary[] {
  // A last one that is short would look like a breakdown: it goes to the one before it.
  const whole = Math.max(1, Math.floor(elapsedMs / intervalMs));
  const kept = intervals.slice(0, whole);
  const last = kept[kept.length - 1];
  for (const rest of last === undefined ? [] : intervals.slice(whole)) {
    last.begun += rest.begun;
    last.ok += rest.ok;
    last.failed += rest.failed;
    last.latency.add(rest.latency);
  }
  return kept.map((interval, index) => {
    const lengthMs = index === whole - 1 ? Math.max(1, elapsedMs - index * intervalMs) : intervalMs;
    return {
      startS: interval.startS,
      callsPerSecond: Math.round(((interval.ok + interval.failed) / lengthMs) * 1e5) / 100,
      begun: interval.begun,
      ok: interval.ok,
      failed: interval.failed,
      p50Ms: rounded(interval.latency.percentileMs(50)),
      p90Ms: rounded(interval.latency.percentileMs(90)),
      p99Ms: rounded(interval.latency.percentileMs(99)),
      greatestMs: rounded(interval.latency.greatestMs),
    };
  });
}

function latencySummary(latency: LatencyHistogram): LatencySummary {
  return {
    least: rounded(latency.leastMs),
    mean: rounded(latency.meanMs),
    standardDeviation: rounded(latency.standardDeviationMs),
    greatest: rounded(latency.greatestMs),
    percentiles: Object.fromEntries(
      PERCENTILES.map((percent) => [String(percent), rounded(latency.percentileMs(percent))]),
    ),
  };
}

/** How many bars the distribution has at most. */
const MAX_BARS = 24;

/**
 * Bars whose width grows evenly by factors: a service's latencies span powers of ten, and bars of one width would
 * put all of them into the first.
 */
function distributionOf(latency: LatencyHistogram): Bar[] {
  const buckets = latency.buckets();
  const first = buckets[0];
  const last = buckets[buckets.length - 1];
  if (first === undefined || last === undefined) return [];
  const leastMs = Math.max(first.fromMs, 1e-6);
  const bars = Math.min(MAX_BARS, buckets.length);
  const factor = (last.toMs / leastMs) ** (1 / bars);
  const counts = new Array<number>(bars).fill(0);
  for (const { fromMs, toMs, count } of buckets) {
    const middle = Math.max(leastMs, (fromMs + toMs) / 2);
    const bar = bars === 1 ? 0 : Math.floor(Math.log(middle / leastMs) / Math.log(factor));
    counts[Math.min(bars - 1, bar)] += count;
  }
  return counts.map((count, bar) => ({
    fromMs: rounded(leastMs * factor ** bar) ?? 0,
    toMs: rounded(leastMs * factor ** (bar + 1)) ?? 0,
    count,
  }));
}

/** To a microsecond. */
function rounded(ms: number): number | null {
  return Number.isFinite(ms) ? Math.round(ms * 1000) / 1000 : null;
}
