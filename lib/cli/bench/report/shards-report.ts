// The part of a terminal's report that is about who made the load: a table with a line for each shard, how far apart they and
// their clocks were, and threads.

import type { ShardSummary, ShardsSummary } from '../result/shard-summary.ts';
import type { LoadSummary } from '../result/summary.ts';
import { count, milliseconds } from './terminal-text.ts';

/** What a core is used at when there is no more of it to be had. */
const FULL = 0.95;

/** How much of its cores the load took: name and value of a row. */
export function coresRow(summary: LoadSummary): readonly [string, string] {
  const { clientCores, clientThreads, shards } = summary;
  const cores = `${clientCores.toFixed(2)} cores`;
  if (shards !== undefined) {
    const full = shards.each.filter((shard) => shard.clientCores >= FULL * shard.threads);
    const names = full.map(({ shard }) => `${shard}/${shards.of}`).join(', ');
    const what = full.length === 0 ? '' : `: all that ${names} could use, so that may be the bottleneck`;
    return [shards.each.length === 1 ? 'one process' : `${shards.each.length} processes`, `${cores}${what}`];
  }
  const { count: threads } = clientThreads;
  const isFull = clientCores >= FULL * threads;
  const all = threads === 1 ? 'one process' : `${threads} threads`;
  return [
    'this process',
    `${cores}${threads === 1 ? '' : `, ${threads} threads`}${isFull ? `: all that ${all} can use, so this client may be the bottleneck` : ''}`,
  ];
}

/** A line for each shard, and how far apart they began. */
export function shardLines(shards: ShardsSummary, printable: (text: string) => string): string[] {
  const cells = shards.each.map((shard) => cellsOf(shard, shards.of, printable));
  const widths = HEAD.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    `  ${row
      .map((cell, column) => (column < TEXTS ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')}`.trimEnd();
  const rows = [line(HEAD), ...cells.map(line)];
  return shards.each.length === 1 ? rows : [...rows, '', ...apart(shards)];
}

const HEAD: readonly string[] = [
  'shard',
  'host',
  'state',
  'ok',
  'failed',
  'calls/s',
  'p50',
  'p99',
  'cores',
  'begin',
];
/** The first columns are text, the others numbers. */
const TEXTS = 3;

const STATES = {
  finished: 'ended',
  interrupted: 'interrupted',
  running: 'cut off',
  failed: 'failed',
} as const;

function cellsOf(shard: ShardSummary, of: number, printable: (text: string) => string): string[] {
  return [
    `${shard.shard}/${of}`,
    printable(shard.machine.host),
    STATES[shard.state],
    count(shard.calls.ok),
    count(shard.calls.failed),
    count(shard.callsPerSecond),
    milliseconds(shard.p50Ms),
    milliseconds(shard.p99Ms),
    shard.clientCores.toFixed(2),
    shard.startedLaterMs === null ? '-' : `+${milliseconds(shard.startedLaterMs)}`,
  ];
}

function apart({ startsApartMs, clocksApartMs, clocksApartErrorMs }: ShardsSummary): string[] {
  const starts =
    startsApartMs === null
      ? []
      : [`  the shards began within ${milliseconds(startsApartMs)} of each other, by their own clocks`];
  const clocks =
    clocksApartMs === null
      ? "  how far apart their clocks were is not known: not all shards saw a date in the server's responses"
      : `  their clocks were ${milliseconds(clocksApartMs)} apart (± ${milliseconds(clocksApartErrorMs)}), by the server's dates`;
  return [...starts, clocks];
}
