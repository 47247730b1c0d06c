// A finished load as one plain object: what --json prints, and what the other reports are made of.

import { durationOf, type LoadPlan } from '../plan/load-plan.ts';
import type { GateResult } from './gate-result.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadRun } from './load-run.ts';
import type { Interval, Measurements } from './measurements.ts';
import { stagesDocument } from './plan-document.ts';
import type { MachineDocument, ShardDocument, StageDocument, ThreadsDocument } from './result-document.ts';
import { rounded, type ShardsSummary } from './shard-summary.ts';

export const PERCENTILES = [50, 75, 90, 95, 99, 99.9, 99.99] as const;

/** Latencies in milliseconds, to a microsecond. null for no value. */
export interface LatencySummary {
  readonly min: number | null;
  readonly mean: number | null;
  /** Standard deviation: of the calls measured, not an estimate for more. */
  readonly stdev: number | null;
  readonly max: number | null;
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
  /** Of calls that ended, per second. */
  readonly callsPerSecond: number;
  readonly begun: number;
  readonly ok: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  /** The plan had ended: no more calls were made, and those that still ran were waited for. */
  readonly isAfterEnd?: true;
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
    readonly stages?: readonly StageDocument[];
    readonly connections: number;
    readonly warmUpMs: number;
  };
  /** Where the load was made; absent for several machines. */
  readonly machine?: MachineDocument;
  readonly elapsedMs: number;
  readonly isInterrupted: boolean;
  /** Some of it was killed: what that did last is not in here. */
  readonly isCutOff: boolean;
  readonly calls: {
    readonly begun: number;
    readonly ok: number;
    readonly failed: number;
    /** Of an open loop: not made, because too many were running. */
    readonly dropped: number;
    /** Still running when the load was interrupted. */
    readonly unfinished: number;
  };
  /** Calls that ended, well or not, per second. */
  readonly callsPerSecond: number;
  readonly messages: { readonly sent: number; readonly received: number };
  /** Octets of messages, before compression. */
  readonly bytes: { readonly sent: number; readonly received: number };
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
  /** Of all processes: 1 is one core all the time. Near the number of threads, the client may be what limits. */
  readonly clientCores: number;
  readonly clientThreads: ThreadsDocument;
  /** Of which shard this is, the first of four being `{ index: 1, of: 4 }`; absent for a whole load. */
  readonly shard?: ShardDocument;
  /** Of a load that was merged of several processes. */
  readonly shards?: ShardsSummary;
  /** What is wrong or missing, each in one line. */
  readonly notes: readonly string[];
  /** What came of each condition of --fail. */
  readonly gates?: readonly GateResult[];
}

/** A finished load: its summary, and all that was measured. */
export interface MeasuredLoad {
  readonly summary: LoadSummary;
  readonly measurements: Measurements;
}

/** What a load was of. */
export interface LoadDescription {
  readonly target: string;
  readonly method: string;
  readonly startedAt: Date;
  readonly connections: number;
  readonly streamsReplies: boolean;
  readonly machine?: MachineDocument;
  readonly shard?: ShardDocument | undefined;
  readonly shards?: ShardsSummary;
  readonly notes?: readonly string[];
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
        : { stages: stagesDocument(plan.stages) }),
      connections: about.connections,
      warmUpMs: plan.warmUpMs,
    },
    ...(about.machine === undefined ? {} : { machine: about.machine }),
    elapsedMs: rounded(elapsedMs) ?? 0,
    isInterrupted: run.isInterrupted,
    isCutOff: run.isCutOff ?? false,
    calls: {
      begun: measurements.begun,
      ok: latency.count,
      failed: failedLatency.count,
      dropped: measurements.dropped,
      unfinished: run.unfinished,
    },
    callsPerSecond: elapsedMs > 0 ? Math.round((ended / elapsedMs) * 1e6) / 1000 : 0,
    messages: { sent: measurements.requestMessages, received: measurements.replyMessages },
    bytes: { sent: measurements.requestBytes, received: measurements.replyBytes },
    latencyMs: latencySummary(latency),
    failedLatencyMs: latencySummary(failedLatency),
    ...(about.streamsReplies ? { messageGapMs: latencySummary(messageGap) } : {}),
    ...(plan.kind === 'open' ? { latenessMs: latencySummary(lateness) } : {}),
    statuses: [...measurements.statuses.values()]
      .sort((one, other) => other.count - one.count)
      .map(({ sample, ...status }) => (sample === '' ? status : { ...status, sample })),
    distribution: distributionOf(latency),
    intervalMs,
    intervals: intervalSummaries(measurements, elapsedMs, planMsOf(plan)),
    clientCores: elapsedMs > 0 ? Math.round((run.cpuMs / elapsedMs) * 100) / 100 : 0,
    clientThreads: run.threads ?? { count: 1, lost: [] },
    ...(about.shard === undefined ? {} : { shard: about.shard }),
    ...(about.shards === undefined ? {} : { shards: about.shards }),
    notes: about.notes ?? [],
  };
}

/**
 * Calls that ended after the plan's end, as they do when a server is slow, are in intervals of their own: fewer and fewer
 * calls end in them, because no more are made.
 */
function intervalSummaries(measurements: Measurements, elapsedMs: number, planMs: number): IntervalSummary[] {
  const { intervals, intervalMs } = measurements;
  const activeMs = elapsedMs - planMs > intervalMs ? planMs : elapsedMs;
  // A last one that is short would look like a breakdown: it goes to the one before it.
  const whole = Math.max(1, Math.floor(activeMs / intervalMs));
  // Where the plan ended within an interval, that is the last that has calls of it.
  const rest = activeMs === elapsedMs ? intervals.length : Math.ceil(activeMs / intervalMs);
  const kept = intervals.slice(0, whole);
  const last = kept.pop();
  if (last !== undefined) kept.push([last, ...intervals.slice(whole, rest)].reduce(joined));
  return [
    ...kept.map((interval, index) => {
      const lengthMs = index === whole - 1 ? Math.max(1, activeMs - index * intervalMs) : intervalMs;
      return intervalSummary(interval, lengthMs, false);
    }),
    ...intervals.slice(Math.max(rest, whole)).map((interval) => intervalSummary(interval, intervalMs, true)),
  ];
}

function intervalSummary(
  { startS, begun, ok, failed, latency }: Interval,
  lengthMs: number,
  isAfterEnd: boolean,
): IntervalSummary {
  return {
    startS,
    callsPerSecond: Math.round(((ok + failed) / lengthMs) * 1e5) / 100,
    begun,
    ok,
    failed,
    p50Ms: rounded(latency.percentileMs(50)),
    p90Ms: rounded(latency.percentileMs(90)),
    p99Ms: rounded(latency.percentileMs(99)),
    maxMs: rounded(latency.greatestMs),
    ...(isAfterEnd ? { isAfterEnd: true } : {}),
  };
}

/** How long a plan begins calls, at most. */
function planMsOf(plan: LoadPlan): number {
  return Math.min(plan.durationMs, plan.kind === 'open' ? durationOf(plan.stages) : Infinity);
}

function joined(one: Interval, other: Interval): Interval {
  const latency = new LatencyHistogram();
  latency.add(one.latency);
  latency.add(other.latency);
  return {
    startS: one.startS,
    begun: one.begun + other.begun,
    ok: one.ok + other.ok,
    failed: one.failed + other.failed,
    latency,
  };
}

function latencySummary(latency: LatencyHistogram): LatencySummary {
  return {
    min: rounded(latency.leastMs),
    mean: rounded(latency.meanMs),
    stdev: rounded(latency.standardDeviationMs),
    max: rounded(latency.greatestMs),
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
