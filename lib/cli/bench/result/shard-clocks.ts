// How far the starts and the clocks of shards lie apart. A shard knows its own clock alone, so what the starts tell is both
// together; only where the server's responses have a date is there a clock that all of them saw.

import type { ShardRun } from './shard-run.ts';

/** In milliseconds; null where nothing is known of it. */
export interface ClocksSummary {
  /** From the first begin to the last, each by its shard's own clock. */
  readonly startsApartMs: number | null;
  /** From the clock that is most behind to the one most ahead, as far as the server's dates tell them apart. */
  readonly clocksApartMs: number | null;
  /** By how much `clocksApartMs` may be wrong. */
  readonly clocksApartErrorMs: number | null;
}

/** More than this is said. */
const TOLERATED_MS = 1000;

export function clocksOf(runs: readonly ShardRun[]): ClocksSummary {
  const starts = runs.flatMap(({ last }) => last.clock.startedAtMs ?? []);
  const offsets = runs.map(({ last }) => last.clock.server);
  const known = offsets.filter((offset) => offset !== null);
  const areKnown = known.length > 1 && known.length === runs.length;
  const middles = known.map(([least, greatest]) => (least + greatest) / 2);
  const widths = known.map(([least, greatest]) => (greatest - least) / 2).sort((one, other) => other - one);
  return {
    startsApartMs: starts.length === 0 ? null : Math.max(...starts) - Math.min(...starts),
    clocksApartMs: areKnown ? Math.round(Math.max(...middles) - Math.min(...middles)) : null,
    clocksApartErrorMs: areKnown ? Math.ceil(widths[0] + widths[1]) : null,
  };
}

/**
 * What must be said of it, a line each.
 * @param nowMs by the clock of who puts the shards together, where it is known
 */
export function clockNotes(runs: readonly ShardRun[], nowMs: number): string[] {
  const begun = runs.filter(({ last }) => last.clock.startedAtMs !== null);
  return [...startNotes(begun), ...begun.flatMap((run) => ownNotes(run, nowMs)), ...skewNotes(runs)];
}

function startNotes(runs: readonly ShardRun[]): string[] {
  const firstMs = Math.min(...runs.map(startOf));
  return runs
    .filter((run) => startOf(run) - firstMs > TOLERATED_MS)
    .map((run) => {
      const late = seconds(startOf(run) - firstMs);
      return `${run.name} began ${late} after the first, by its clock: the shards' calls met less than planned`;
    });
}

function ownNotes({ name, last }: ShardRun, nowMs: number): string[] {
  const { startedAtMs, steppedMs } = last.clock;
  const notes: string[] = [];
  if (Math.abs(steppedMs) > TOLERATED_MS) {
    const way = steppedMs > 0 ? 'forward' : 'back';
    notes.push(`the clock of ${name} was moved ${way} by ${seconds(Math.abs(steppedMs))} while it ran`);
  }
  const aheadMs = (startedAtMs ?? 0) + last.elapsedMs - nowMs;
  if (aheadMs > TOLERATED_MS) {
    notes.push(
      `the clock of ${name} is at least ${seconds(aheadMs)} ahead of this machine's: it ended in the future`,
    );
  }
  return notes;
}

/** Against the clock in the middle, so that it is the one that is wrong which is named. */
function skewNotes(runs: readonly ShardRun[]): string[] {
  const known = runs.flatMap((run) => {
    const { server } = run.last.clock;
    return server === null ? [] : [{ name: run.name, least: server[0], greatest: server[1] }];
  });
  const middles = known
    .map(({ least, greatest }) => (least + greatest) / 2)
    .sort((one, other) => one - other);
  const usual = middles[Math.floor((middles.length - 1) / 2)];
  if (known.length < 2 || usual === undefined) return [];
  return known
    .filter(({ least, greatest }) => least - usual > TOLERATED_MS || usual - greatest > TOLERATED_MS)
    .map(({ name, least, greatest }) => {
      const apart = (least + greatest) / 2 - usual;
      const error = Math.ceil((greatest - least) / 2);
      // The server's clock less the shard's: where that is more than usual, the shard's is behind.
      const way = apart > 0 ? 'behind' : 'ahead of';
      return `the clock of ${name} is ${seconds(Math.abs(apart))} (± ${error} ms) ${way} the others', by the dates of the server's responses`;
    });
}

const startOf = ({ last }: ShardRun): number => last.clock.startedAtMs ?? 0;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
