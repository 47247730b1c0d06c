// Makes the report of a run: tables in Markdown, padded so that they read well on a terminal too, with
// every target judged. Pure.

import type { Figures } from './figures.ts';
import { CLIENT_NAMES, type MemoryTarget, type Row, type Target } from './rows.ts';

/** What a run found out. */
export interface Results {
  readonly rows: readonly Row[];
  /** Medians, by row name, then by contender name. */
  readonly figures: ReadonlyMap<string, ReadonlyMap<string, Figures>>;
}

const NONE = '–';

/** Three significant digits, without an exponent. */
function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A share as people compare: 1/25 or 3.1 x. */
function share(value: number): string {
  return value < 0.5 ? `1/${(1 / value).toFixed(1)}` : `${value.toFixed(2)} x`;
}

const LAST_IS_TEXT = true;

/** The first column is text, the others figures, but for the last with `LAST_IS_TEXT`. */
function table(head: readonly string[], body: readonly (readonly string[])[], lastIsText = false): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...body].map((cells) => cells[i].length)));
  const isText = (i: number): boolean => i === 0 || (lastIsText && i === head.length - 1);
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = widths.map((width, i) => (isText(i) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...body.map(line)].join('\n');
}

const costOf = (results: Results, row: string, name: string): number | undefined =>
  results.figures.get(row)?.get(name)?.cost;

function memoryVerdict(results: Results, row: Row, { memoryMiB: most }: MemoryTarget): string {
  const asked = `grows by ≤ ${most} MiB`;
  const got = results.figures.get(row.name)?.get('stubless')?.memoryMiB;
  if (got === undefined) return `${asked}: not measured`;
  return `${asked}: ${short(got)} MiB, ${got <= most ? 'met' : 'NOT MET'}`;
}

/** One target's verdict: `1/12 of grpc-js: 1/25 met`. */
function verdict(results: Results, row: Row, target: Target | MemoryTarget): string {
  if ('memoryMiB' in target) return memoryVerdict(results, row, target);
  const { than } = target;
  const whose = 'client' in than ? than.client : than.row;
  const ours = results.figures.get(row.name)?.get('stubless');
  const theirs =
    'client' in than
      ? results.figures.get(row.name)?.get(than.client)
      : results.figures.get(than.row)?.get('stubless');
  const asked = `≤ ${target.text} of ${whose}`;
  if (ours === undefined || theirs === undefined) return `${asked}: not measured`;
  const got = ours.cost / theirs.cost;
  // A process's start is also what its user waits for: its wall time is held to the same target.
  const wall = row.work === 'startup' && ours.p50 && theirs.p50 ? ours.p50 / theirs.p50 : 0;
  const isMet = Math.max(got, wall) <= target.factor;
  const floors = 'row' in than ? floorsOwn(results, row.name, than.row) : '';
  return `${asked}: ${share(got)}${wall ? `, wall ${share(wall)}` : ''}${floors}, ${isMet ? 'met' : 'NOT MET'}`;
}

/** What the floor's figures are to each other where ours are held to each other: that much grows with the least work. */
function floorsOwn(results: Results, row: string, other: string): string {
  const cost = costOf(results, row, 'floor');
  const than = costOf(results, other, 'floor');
  return cost === undefined || than === undefined ? '' : `, the floor's own ${share(cost / than)}`;
}

/** Every target of the rows that were run, a line each. */
export function verdicts(results: Results): readonly string[] {
  return results.rows.flatMap((row) =>
    row.targets.map((target) => `${row.title}: ${verdict(results, row, target)}`),
  );
}

function names(results: Results, isWanted: (name: string) => boolean): readonly string[] {
  const present = new Set([...results.figures.values()].flatMap((byName) => [...byName.keys()]));
  const known: readonly string[] = CLIENT_NAMES;
  return [...known.filter((n) => present.has(n)), ...[...present].filter((n) => !known.includes(n))].filter(
    isWanted,
  );
}

const isClient = (name: string): boolean => CLIENT_NAMES.some((client) => client === name);

function costTable(results: Results): string {
  const clients = names(results, isClient);
  const ratio = (row: string, to: string): string => {
    const ours = costOf(results, row, 'stubless');
    const theirs = costOf(results, row, to);
    return ours === undefined || theirs === undefined ? NONE : share(ours / theirs);
  };
  const peers = ['grpc-js', 'grpc-go', 'floor'].filter(
    (peer) => clients.includes(peer) && clients.includes('stubless'),
  );
  return table(
    ['work', ...clients, ...peers.map((peer) => `of ${peer}`)],
    results.rows.map((row) => [
      row.title,
      ...clients.map((name) => {
        const cost = costOf(results, row.name, name);
        return cost === undefined ? NONE : `${short(cost)} ${row.unit}`;
      }),
      ...peers.map((peer) => ratio(row.name, peer)),
    ]),
  );
}

function targetTable(results: Results): string {
  const body = results.rows
    .filter((row) => row.targets.length > 0)
    .map((row) => [row.title, row.targets.map((target) => verdict(results, row, target)).join('; ')]);
  return table(['work', 'target, and what was measured'], body, LAST_IS_TEXT);
}

function figureTable(results: Results, wanted: (row: Row) => boolean, cell: (f: Figures) => string): string {
  const rows = results.rows.filter(wanted);
  const clients = names(results, isClient).filter((name) =>
    rows.some((row) => results.figures.get(row.name)?.has(name)),
  );
  return table(
    ['work', ...clients],
    rows.map((row) => [
      row.title,
      ...clients.map((name) => {
        const figures = results.figures.get(row.name)?.get(name);
        return figures === undefined ? NONE : cell(figures);
      }),
    ]),
  );
}

function runtimeTable(results: Results): string {
  const columns = names(results, (name) => name === 'stubless' || !isClient(name));
  return table(
    ['work', ...columns],
    results.rows.map((row) => [
      row.title,
      ...columns.map((name) => {
        const cost = costOf(results, row.name, name);
        return cost === undefined ? NONE : `${short(cost)} ${row.unit}`;
      }),
    ]),
  );
}

/** The tables of a run, under their headings. */
export function tables(results: Results): string {
  const isTransfer = (row: Row): boolean => row.work === 'transfer' || row.work === 'slow-reader';
  const inLoop = (row: Row): boolean => row.work !== 'startup' && row.work !== 'idle-streams';
  const sections: string[] = [
    `## Cost\n\nCPU time of the client process, user and system; for the last rows what they say.\n\n${costTable(results)}`,
  ];
  if (names(results, isClient).includes('stubless')) sections.push(`## Targets\n\n${targetTable(results)}`);
  if (results.rows.some(inLoop)) {
    const rate = ({ rate }: Figures): string => (rate === undefined ? NONE : short(rate));
    const latency = ({ p50, p99 }: Figures): string =>
      p50 === undefined || p99 === undefined ? NONE : `${short(p50)} / ${short(p99)}`;
    sections.push(
      `## Throughput\n\nCalls, or messages of a stream, a second.\n\n${figureTable(results, inLoop, rate)}`,
    );
    const isTimed = (row: Row): boolean =>
      inLoop(row) && !isTransfer(row) && (row.messages === 1 || row.work === 'bidi');
    if (results.rows.some(isTimed))
      sections.push(
        `## Latency\n\np50 / p99 of one call, in µs.\n\n${figureTable(results, isTimed, latency)}`,
      );
  }
  if (results.rows.some(isTransfer)) {
    const memory = ({ memoryMiB }: Figures): string => (memoryMiB === undefined ? NONE : short(memoryMiB));
    sections.push(
      `## Memory\n\nWhat the process grew by at most during the first such call, in MiB; what the caller itself holds is not counted.\n\n${figureTable(results, isTransfer, memory)}`,
    );
  }
  if (results.rows.some((row) => row.work === 'startup')) {
    const wall = ({ p50 }: Figures): string => (p50 === undefined ? NONE : `${short(p50 / 1000)} ms`);
    const isStartup = (row: Row): boolean => row.work === 'startup';
    sections.push(`## Start\n\nWall time of the whole process.\n\n${figureTable(results, isStartup, wall)}`);
  }
  if (names(results, (name) => !isClient(name)).length > 0)
    sections.push(
      `## Other runtimes\n\nThe same client, unchanged; cost as in the first table.\n\n${runtimeTable(results)}`,
    );
  return `${sections.join('\n\n')}\n`;
}
