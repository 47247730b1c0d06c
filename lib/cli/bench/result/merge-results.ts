// Puts the results of shards together: one load, as if one process had made it. What does not belong to it, is missing or is
// there twice is told, and the rest is merged all the same.

import { shortenedList } from '../../../values/text/shortened-text.ts';
import type { LoadPlan } from '../plan/load-plan.ts';
import { groupedBy } from './grouped.ts';
import type { LoadRun } from './load-run.ts';
import { Measurements } from './measurements.ts';
import { planDifferences, planOfDocument } from './plan-document.ts';
import type { PlanDocument } from './result-document.ts';
import { clockNotes, clocksOf } from './shard-clocks.ts';
import { isBetter, type RunFacts, type ShardRun } from './shard-run.ts';
import { type ShardsSummary, shardSummary } from './shard-summary.ts';
import type { LoadDescription } from './summary.ts';

export interface MergedLoad {
  readonly plan: LoadPlan;
  readonly run: LoadRun;
  readonly about: LoadDescription;
  readonly shards: ShardsSummary;
  /** Every shard did all of its part, and nothing had to be left out. */
  readonly isComplete: boolean;
}

/**
 * Undefined where no run has a plan, which `notes` then explain.
 * @param notes gets what must be said, each in one line
 * @param nowMs by this machine's clock
 */
export function mergeResults(
  all: readonly ShardRun[],
  notes: string[],
  nowMs: number,
): MergedLoad | undefined {
  const groups = grouped(all);
  const group = groups[0];
  const plan = group?.find(({ last }) => last.plan !== undefined)?.last.plan;
  if (group === undefined || plan === undefined) {
    notes.push(...all.flatMap((run) => run.notes));
    return undefined;
  }
  for (const other of groups.slice(1).flat()) notes.push(`${leftOut(other, group[0].last, plan)}; left out`);
  const chosen = chooseOneEach(group, notes);
  const { of } = group[0].last.shard;
  const there = new Set(chosen.map(({ last }) => last.shard.index));
  const missing = Array.from({ length: of }, (_, index) => index + 1).filter((index) => !there.has(index));
  if (missing.length > 0) notes.push(missingNote(missing, of));
  const unreached = chosen.flatMap(unreachable);
  notes.push(...chosen.flatMap((run) => run.notes), ...unreached, ...clockNotes(chosen, nowMs));
  const isComplete =
    missing.length === 0 &&
    groups.length === 1 &&
    unreached.length === 0 &&
    chosen.every((run) => run.isComplete);
  return { ...merged(chosen, plan, { of, missing }), isComplete };
}

/** Runs that belong together, the largest group first. */
function grouped(runs: readonly ShardRun[]): ShardRun[][] {
  const keyOf = ({ version, startAtMs, shard }: RunFacts, plan: PlanDocument | undefined): string =>
    JSON.stringify([version, startAtMs, shard.of, plan]);
  const groups = groupedBy(runs, ({ last }) => keyOf(last, last.plan));
  // Those that failed before they had a plan, or knew the start, are of the group that they fit otherwise.
  for (const [key, failed] of groups) {
    const [{ last }] = failed;
    if (last.plan !== undefined && failed.some((run) => run.last.state !== 'failed')) continue;
    const fits = [...groups].find(
      ([other, [one]]) =>
        other !== key &&
        one.last.plan !== undefined &&
        keyOf(
          { ...one.last, startAtMs: last.startAtMs === null ? null : one.last.startAtMs },
          last.plan && one.last.plan,
        ) === key,
    )?.[1];
    if (fits === undefined) continue;
    fits.push(...failed);
    groups.delete(key);
  }
  const size = (group: readonly ShardRun[]): number =>
    new Set(group.map(({ last }) => last.shard.index)).size;
  const hasPlan = (group: readonly ShardRun[]): number => (group[0].last.plan === undefined ? 0 : 1);
  return [...groups.values()].sort((one, other) => hasPlan(other) - hasPlan(one) || size(other) - size(one));
}

/** Why a run is not of the group that is merged. */
function leftOut({ name, sources, last }: ShardRun, common: RunFacts, plan: PlanDocument): string {
  const who = `${name} of ${sources}`;
  if (last.version !== common.version) {
    return `${who} was made by stubless ${last.version}, the others by ${common.version}`;
  }
  if (last.plan !== undefined) {
    const differences = planDifferences(last.plan, plan);
    if (differences.length > 0) return `${who} is of another plan (${differences.join('; ')})`;
  }
  if (last.shard.of !== common.shard.of) {
    return `${who} is of a plan for ${last.shard.of} shards, the others for ${common.shard.of}`;
  }
  return `${who} has another --start-at (${time(last.startAtMs)} instead of ${time(common.startAtMs)})`;
}

const time = (ms: number | null): string => (ms === null ? 'none' : new Date(ms).toISOString());

function chooseOneEach(group: readonly ShardRun[], notes: string[]): ShardRun[] {
  const chosen = new Map<number, ShardRun>();
  const others: ShardRun[] = [];
  for (const run of group) {
    const before = chosen.get(run.last.shard.index);
    if (before !== undefined) others.push(isBetter(run, before) ? before : run);
    if (before === undefined || isBetter(run, before)) chosen.set(run.last.shard.index, run);
  }
  for (const run of others) {
    const kept = chosen.get(run.last.shard.index);
    notes.push(
      `${run.name} ran more than once: the run of ${kept?.sources} is counted, that of ${run.sources} (${run.last.state}, ${run.calls.begun} calls) is left out`,
    );
  }
  return [...chosen.values()].sort((one, other) => one.last.shard.index - other.last.shard.index);
}

/** More shards than these are only counted. */
const MAX_NAMED_SHARDS = 20;

function missingNote(missing: readonly number[], of: number): string {
  const shown = shortenedList(missing, MAX_NAMED_SHARDS, (index) => `${index}/${of}`);
  return missing.length === 1
    ? `shard ${shown} is missing: what it did is not in this report`
    : `${missing.length} shards are missing (${shown}): what they did is not in this report`;
}

/** One that made calls, and none of them succeeded: most likely it could not reach the target. */
function unreachable({ name, calls, measurements }: ShardRun): string[] {
  if (calls.failed === 0 || calls.ok > 0) return [];
  const [most] = [...measurements.statuses.values()].sort((one, other) => other.count - one.count);
  return [`none of the ${calls.failed} calls of ${name} succeeded: ${most?.name}: ${most?.sample}`];
}

function merged(
  runs: readonly ShardRun[],
  plan: PlanDocument,
  { of, missing }: { readonly of: number; readonly missing: readonly number[] },
): Omit<MergedLoad, 'isComplete'> {
  const measurements = new Measurements(0);
  for (const run of runs) measurements.addDocument(run.measurements.toDocument());
  const last = runs.map((run) => run.last);
  const sum = (value: (document: RunFacts) => number): number =>
    last.reduce((all, document) => all + value(document), 0);
  const firstMs = Math.min(...last.flatMap(({ clock }) => clock.startedAtMs ?? []));
  return {
    plan: planOfDocument(plan.load),
    run: {
      measurements,
      elapsedMs: Math.max(0, ...last.map(({ elapsedMs }) => elapsedMs)),
      cpuMs: sum(({ cpuMs }) => cpuMs),
      isInterrupted: last.some(({ state }) => state === 'interrupted'),
      isCutOff: last.some(({ state }) => state === 'running'),
      unfinished: measurements.inFlight,
      threads: {
        count: sum(({ threads }) => threads.count),
        lost: last.flatMap(({ threads }) => threads.lost),
      },
    },
    about: {
      target: plan.target,
      method: plan.method,
      startedAt: new Date(firstMs === Infinity ? last[0].clock.readyAtMs : firstMs),
      connections: sum(({ connections }) => connections),
      streamsReplies: plan.cardinality.endsWith('stream'),
    },
    shards: { of, missing, ...clocksOf(runs), each: runs.map((run) => shardSummary(run, firstMs)) },
  };
}
