// Lines of results as shards would write them, of calls that were made up.

import { Measurements } from '../../../../lib/cli/bench/result/measurements.ts';
import { type FoundLine, readResults } from '../../../../lib/cli/bench/result/read-results.ts';
import type { PlanDocument, ResultDocument } from '../../../../lib/cli/bench/result/result-document.ts';
import { type ShardRun, ShardRuns } from '../../../../lib/cli/bench/result/shard-run.ts';

/** A call that ended: when, after how long, and with which status. */
export interface MadeUpCall {
  readonly atMs: number;
  readonly latencyMs: number;
  readonly status: string;
}

export const PLAN: PlanDocument = {
  target: 'greeter.example:443',
  method: 'helloworld.Greeter.SayHello',
  cardinality: 'unary_unary',
  load: { kind: 'closed', calls: null, durationMs: 10_000, warmUpMs: 1000, concurrency: 50 },
  connections: null,
  messages: 1,
  messageIntervalMs: 0,
  timeoutMs: null,
  requests: { count: 1, sha256: 'e3b0c442' },
  options: {},
};

export const START_MS = Date.UTC(2026, 0, 31, 12);

/** Measurements of calls, as the generator makes them. */
export function measured(
  calls: readonly MadeUpCall[],
  into: Measurements = new Measurements(0),
): Measurements {
  for (const { atMs, latencyMs, status } of calls) {
    into.onBegin(Math.max(0, atMs - latencyMs));
    if (status === 'OK') into.onOk(latencyMs, atMs);
    else into.onFailure({ name: status, code: 14, details: `the text of ${status}` }, latencyMs, atMs);
  }
  return into;
}

/** One line. */
export function result(
  change: Partial<ResultDocument> = {},
  calls: readonly MadeUpCall[] = [call()],
): ResultDocument {
  const shard = change.shard ?? { index: 1, of: 1 };
  return {
    stublessBench: 1,
    version: '0.1.0',
    run: `run of shard ${shard.index}`,
    line: 0,
    state: 'finished',
    shard,
    plan: PLAN,
    startAtMs: null,
    machine: { host: `host-${shard.index}`, platform: 'linux x64', cores: 2, runtime: 'node 20.19.0' },
    clock: { readyAtMs: START_MS - 500, startedAtMs: START_MS, steppedMs: 0, server: null },
    elapsedMs: 10_000,
    cpuMs: 5000,
    connections: 1,
    threads: { count: 1, lost: [] },
    measured: measured(calls).takeDocument(),
    ...change,
  };
}

export function call(change: Partial<MadeUpCall> = {}): MadeUpCall {
  return { atMs: 100, latencyMs: 5, status: 'OK', ...change };
}

/** As if it was read. */
export function found(document: ResultDocument, source = `shard-${document.shard.index}.json`): FoundLine {
  return { document: JSON.parse(JSON.stringify(document)) as ResultDocument, source, lineNumber: 1 };
}

/** What a log holds, read as `bench merge` reads it. */
export async function readLog(
  chunks: Parameters<typeof readResults>[0],
  source: string,
): Promise<{ readonly lines: readonly FoundLine[]; readonly problems: readonly string[] }> {
  const lines: FoundLine[] = [];
  const problems = await readResults(chunks, source, (line) => lines.push(line));
  return { lines, problems };
}

export function runsOf(lines: readonly FoundLine[]): readonly ShardRun[] {
  const runs = new ShardRuns();
  for (const line of lines) runs.add(line);
  return runs.all;
}
