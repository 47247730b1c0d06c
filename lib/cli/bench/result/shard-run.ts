// The lines of one process put together as they come: what it did of the plan, and whether all of it is there. Lines are added up
// and not kept, so that hours of many shards take no more room than minutes.

import { Measurements } from './measurements.ts';
import type { FoundLine } from './read-results.ts';
import type { ResultDocument } from './result-document.ts';

/** What a line says besides what was measured. */
export type RunFacts = Omit<ResultDocument, 'measured'>;

/** All lines of one run, each once. */
export interface ShardRun {
  /** Of all of them. */
  readonly measurements: Measurements;
  /** What the last line says, which knows most. */
  readonly last: RunFacts;
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

/** The runs of all lines that come, in whatever order. */
export class ShardRuns {
  readonly #byRun = new Map<string, Run>();

  add({ document, source }: FoundLine): void {
    const run = this.#byRun.get(document.run);
    if (run === undefined) this.#byRun.set(document.run, new Run(document, source));
    else run.add(document, source);
  }

  /** In the order of their first lines. */
  get all(): ShardRun[] {
    return Array.from(this.#byRun.values(), shardRun);
  }
}

class Run {
  readonly measurements: Measurements = new Measurements(0);
  readonly sources: Set<string> = new Set();
  readonly numbers: LineNumbers = new LineNumbers();
  last: RunFacts;
  isDoubled = false;

  constructor(document: ResultDocument, source: string) {
    this.last = document;
    this.add(document, source);
  }

  add({ measured, ...facts }: ResultDocument, source: string): void {
    this.sources.add(source);
    if (!this.numbers.add(facts.line)) {
      this.isDoubled = true;
      return;
    }
    this.measurements.addDocument(measured);
    if (facts.line >= this.last.line) this.last = facts;
  }
}

/** Which numbers there are: mostly all from 0 on, which take no room. */
class LineNumbers {
  #next = 0;
  readonly #beyond = new Set<number>();

  /** Whether it is new. */
  add(number: number): boolean {
    if (number < this.#next || this.#beyond.has(number)) return false;
    this.#beyond.add(number);
    while (this.#beyond.delete(this.#next)) this.#next++;
    return true;
  }

  get count(): number {
    return this.#next + this.#beyond.size;
  }
}

function shardRun({ measurements, last, sources: given, numbers, isDoubled }: Run): ShardRun {
  const sources = [...given].join(' and ');
  const name = `shard ${last.shard.index}/${last.shard.of}`;
  const lost = [
    ...gaps(numbers.count, last.line, `${name} of ${sources}`),
    ...endOf(last, `${name} of ${sources}`),
    ...last.threads.lost.map(
      ({ thread, reason }) =>
        `${name} of ${sources} lost thread ${thread} of ${last.threads.count}: ${reason}`,
    ),
  ];
  return {
    measurements,
    last,
    sources,
    name,
    calls: {
      begun: measurements.begun,
      ok: measurements.latency.count,
      failed: measurements.failedLatency.count,
      dropped: measurements.dropped,
    },
    isComplete: lost.length === 0,
    notes: [
      ...(isDoubled
        ? [`${name} of ${sources}: the same lines are there more than once; each counts once`]
        : []),
      ...lost,
    ],
  };
}

function gaps(count: number, lastNumber: number, name: string): string[] {
  const missing = lastNumber + 1 - count;
  if (missing === 0) return [];
  const what = missing === 1 ? 'a line is missing' : `${missing} lines are missing`;
  return [`${name}: ${what} before line ${lastNumber}; what it did in that time is not in this report`];
}

function endOf({ state, elapsedMs, error, clock }: RunFacts, name: string): string[] {
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
