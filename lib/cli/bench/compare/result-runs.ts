// The runs of one side of a comparison, out of results: each `bench --result` is one, and so are all shards of a plan
// together. What is wrong with them is told as text.

import { groupedBy } from '../result/grouped.ts';
import { machineText } from '../result/machine-text.ts';
import { mergeResults } from '../result/merge-results.ts';
import { planDifferences } from '../result/plan-document.ts';
import type { PlanDocument } from '../result/result-document.ts';
import type { ShardRun } from '../result/shard-run.ts';
import type { ComparedRun } from './run-metrics.ts';

/** One side. */
export interface Side {
  /** How the user calls it. */
  readonly name: string;
  readonly runs: readonly ComparedRun[];
  readonly plan: PlanDocument;
  /** Where its runs were made, each once: `build-7 (linux x64, 8 cores, node 20.19.0)`. */
  readonly machines: readonly string[];
  /** Versions of stubless, each once. */
  readonly versions: readonly string[];
}

/**
 * A text says why there are none.
 * @param notes gets what must be said of the runs, each in one line
 */
export function sideOf(
  name: string,
  all: readonly ShardRun[],
  notes: string[],
  nowMs: number,
): Side | string {
  const found = loadsOf(all);
  const isOne = found.filter((run) => planOf(run) !== undefined).length === 1;
  const sides = found.flatMap((run) => {
    const merged = mergeResults(run, notes, nowMs);
    const plan = planOf(run);
    if (merged === undefined || plan === undefined) return [];
    const { measurements, elapsedMs } = merged.run;
    const { latency, failedLatency, intervalMs } = measurements;
    // Of several, each counts as a whole; and the intervals of a long run are some 20 MB.
    const intervals = isOne ? measurements.intervals : [];
    return [{ plan, run: { latency, failed: failedLatency.count, elapsedMs, intervals, intervalMs } }];
  });
  const [first] = sides;
  if (first === undefined) return `${name} holds no result of a load that made calls`;
  for (const { plan } of sides) {
    const differences = differencesThatMatter(plan, first.plan);
    if (differences.length > 0) return `${name} holds runs of different plans (${differences.join('; ')})`;
  }
  const facts = all.map(({ last }) => last);
  return {
    name,
    runs: sides.map(({ run }) => run),
    plan: first.plan,
    machines: [...new Set(facts.map(({ machine }) => machineText(machine)))],
    versions: [...new Set(facts.map(({ version }) => version))],
  };
}

function planOf(run: readonly ShardRun[]): PlanDocument | undefined {
  return run.find(({ last }) => last.plan !== undefined)?.last.plan;
}

/** Why two sides cannot be compared; undefined where they can. */
export function incomparable(before: Side, after: Side): string | undefined {
  // What is compared may be an option: it is told, and not refused.
  const differences = differencesThatMatter(after.plan, { ...before.plan, options: after.plan.options });
  if (differences.length === 0) return undefined;
  return `${after.name} is of another plan than ${before.name} (${differences.join('; ')}): make both with the same options`;
}

/** What else differs and may be the reason for a change, each in one line. */
export function caveats(before: Side, after: Side): string[] {
  const differing = (what: string, one: readonly string[], other: readonly string[]): string[] =>
    one.join() === other.join() ? [] : [`${what}: ${one.join(' and ')} before, ${other.join(' and ')} after`];
  return [
    ...optionsDiffering(before.plan, after.plan),
    ...differing('the targets differ', [before.plan.target], [after.plan.target]),
    ...differing('the machines differ', before.machines, after.machines),
    ...differing('the versions of stubless differ', before.versions, after.versions),
  ];
}

/** With and without compression, or by one protocol and another, may be what is compared. */
function optionsDiffering(before: PlanDocument, after: PlanDocument): string[] {
  const differences = planDifferences(after, { ...after, options: before.options });
  return differences.length === 0 ? [] : [`the options differ: ${differences.join('; ')}`];
}

/** What is one load: one process, or all that did shards of one plan at one time. */
function loadsOf(runs: readonly ShardRun[]): ShardRun[][] {
  const keyOf = ({ last: { shard, run, startAtMs, plan } }: ShardRun): string =>
    shard.of === 1 ? run : JSON.stringify([startAtMs, shard.of, plan]);
  return [...groupedBy(runs, keyOf).values()];
}

/**
 * How long a load was, and against which server, is not part of what it is: longer runs only know more, and two servers may
 * be what is compared.
 */
const FREE = ['target', 'load.calls', 'load.durationMs', 'load.warmUpMs'];

function differencesThatMatter(one: PlanDocument, other: PlanDocument): string[] {
  return planDifferences(one, other, FREE);
}
