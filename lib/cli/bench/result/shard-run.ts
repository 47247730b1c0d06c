// The lines of one process put together: what it did of the plan, and whether all of it is there.

import { groupedBy } from './grouped.ts';
import type { FoundLine } from './read-results.ts';
import type { ResultDocument } from './result-document.ts';

/** All lines of one run, in order and each once. */
export interface ShardRun {
  readonly lines: readonly FoundLine[];
  /** The last line, which knows most. */
  readonly last: ResultDocument;
  /** Where the lines were found. */
  readonly sources: string;
  /** `shard 2/4` */
  readonly name: string;
  readonly calls: {
    readonly begun: number;
    readonly ok: number;
    readonly failed: number;
    readonly dropped: number;
  };
  /** All that it did is there, and it did all that it should. */
  readonly isComplete: boolean;
  /** What must be said of it, each in one line. */
  readonly notes: readonly string[];
}

export function shardRuns(found: readonly FoundLine[]): ShardRun[] {
  return [...groupedBy(found, ({ document }) => document.run).values()].map(shardRun);
}

function shardRun(found: readonly FoundLine[]): ShardRun {
  const byNumber = new Map<number, FoundLine>();
  for (const line of found) if (!byNumber.has(line.document.line)) byNumber.set(line.document.line, line);
  const lines = [...byNumber.values()].sort((one, other) => one.document.line - other.document.line);
  const last = lines[lines.length - 1].document;
  const sources = [...new Set(found.map(({ source }) => source))].join(' and ');
  const name = `shard ${last.shard.index}/${last.shard.of}`;
  const sum = (value: (line: ResultDocument) => number): number =>
    lines.reduce((all, { document }) => all + value(document), 0);
  const lost = [
    ...gaps(lines, last.line, `${name} of ${sources}`),
    ...endOf(last, `${name} of ${sources}`),
    ...last.threads.lost.map(
      ({ thread, reason }) =>
        `${name} of ${sources} lost thread ${thread} of ${last.threads.count}: ${reason}`,
    ),
  ];
  return {
    lines,
    last,
    sources,
    name,
    calls: {
      begun: sum(({ measured }) => measured.begun),
      ok: sum(({ measured }) => measured.latency.count),
      failed: sum(({ measured }) => measured.failedLatency.count),
      dropped: sum(({ measured }) => measured.dropped),
    },
    isComplete: lost.length === 0,
    notes: [
      ...(lines.length === found.length
        ? []
        : [`${name} of ${sources}: the same lines are there more than once; each counts once`]),
      ...lost,
    ],
  };
}

function gaps(lines: readonly FoundLine[], lastNumber: number, name: string): string[] {
  const missing = lastNumber + 1 - lines.length;
  if (missing === 0) return [];
  const what = missing === 1 ? 'a line is missing' : `${missing} lines are missing`;
  return [`${name}: ${what} before line ${lastNumber}; what it did in that time is not in this report`];
}

function endOf({ state, elapsedMs, error, clock }: ResultDocument, name: string): string[] {
  if (state === 'interrupted') {
    // By hand, or by a cluster that wanted the pod's node.
    const when = clock.startedAtMs === null ? 'before it began' : `after ${(elapsedMs / 1000).toFixed(1)} s`;
    return [`${name} was interrupted ${when}: it did not do all of its part`];
  }
  if (state === 'running') {
    return [`${name} was cut off after ${(elapsedMs / 1000).toFixed(1)} s: it was killed, or still runs`];
  }
  if (state === 'failed') return [`${name} made no calls: ${error ?? 'it does not say why'}`];
  return [];
}

/** Which of several runs of one shard is the best: one that ended, then one with more calls. */
export function isBetter(one: ShardRun, other: ShardRun): boolean {
  const rank = { finished: 3, interrupted: 2, running: 1, failed: 0 } as const;
  const by = rank[one.last.state] - rank[other.last.state];
  return by !== 0 ? by > 0 : one.calls.begun > other.calls.begun;
}
