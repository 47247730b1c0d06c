// `stubless bench compare`: what changed between loads, and whether it is more than noise.

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../values/realm.ts';
import { compareRuns, isWorse, type Verdict } from '../bench/compare/compare-runs.ts';
import { comparisonText } from '../bench/compare/comparison-text.ts';
import { caveats, incomparable, type Side, sideOf } from '../bench/compare/result-runs.ts';
import { readResults } from '../bench/result/read-results.ts';
import { ShardRuns } from '../bench/result/shard-run.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText } from '../command/escape.ts';
import { EXIT, LocalError, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import { isStdinPath, shownPath } from '../command/standard-input.ts';
import { NO_COLOUR } from '../options/output.ts';

interface CompareValues {
  readonly tolerance?: number;
  readonly json?: boolean;
  readonly color?: boolean;
}

const DEFAULT_TOLERANCE = 5;

export const benchCompare: Command<CompareValues> = {
  name: 'bench compare',
  summary: 'show what changed between loads, and whether it is more than noise',
  description: `Takes what bench --result wrote: each side is a file, or a folder of .json files, with one run or several. Both sides
must be of one plan; how long they ran, and against which server, may differ. Throughput, errors, mean, p50, p90, p99 and p99.9
are compared. With several runs of a side, noise is what differs between them (Welch's t-test); with one of each, what
differs within each (a block bootstrap over its intervals), so that what differs from one run to the next is not seen.
Exit status: 1 when anything is worse: by more than noise, and by more than the tolerance.`,
  arguments: [
    { name: 'before', description: 'results before the change', completion: 'file' },
    { name: 'after', description: 'results after it', completion: 'file' },
  ],
  groups: [
    {
      title: 'Comparison',
      options: [
        {
          flags: '--tolerance <percent>',
          description: 'changes of less than this are not counted, however certain they are',
          parse: parseTolerance,
          fallback: `${DEFAULT_TOLERANCE}%`,
        },
        { flags: '--json', description: 'the comparison as one JSON object' },
        NO_COLOUR,
      ],
    },
  ],
  examples: [
    { says: 'one run of each', line: 'stubless bench compare before.json after.json' },
    {
      says: 'several runs of each, in folders',
      line: 'stubless bench compare before/ after/ --tolerance 10%',
    },
  ],
  async run([before, after], options, io) {
    io.keepsStatus = true;
    if (before === undefined || after === undefined) throw new UsageError('give two results to compare');
    if (isStdinPath(before) && isStdinPath(after)) {
      throw new UsageError('standard input can be read only once; use it for one of the two');
    }
    const sides = [await readSide(before, io), await readSide(after, io)];
    const [one, other] = sides;
    const problem = incomparable(one, other);
    if (problem !== undefined) throw new LocalError(problem);
    for (const caveat of caveats(one, other)) notice(io, caveat);
    const comparison = compareRuns(one.runs, other.runs, (options.tolerance ?? DEFAULT_TOLERANCE) / 100);
    if (options.json === true) {
      const runs = { before: one.runs.length, after: other.runs.length };
      await io.out.json({ runs, ...comparison });
    } else {
      const { red, green, dim } = io.out.colours;
      const plain = (text: string): string => text;
      const paints = { worse: red, better: green, small: plain, noise: plain, unknown: dim };
      const paint = (verdict: Verdict, text: string): string => paints[verdict](text);
      await io.out.write(comparisonText(comparison, one, other, paint, escapeText));
    }
    return isWorse(comparison) ? EXIT.failed : EXIT.ok;
  },
};

function parseTolerance(text: string): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (match === null || Number(match[1]) > 100) {
    throw new UsageError(`'${text}' is not a tolerance; write percent, as in 5%, or 0%`);
  }
  return Number(match[1]);
}

async function readSide(path: string, io: Io): Promise<Side> {
  const notes: string[] = [];
  const found = new ShardRuns();
  for (const file of await filesOf(path)) {
    const chunks = isStdinPath(file) ? io.stdin : chunksOf(file);
    notes.push(...(await readResults(chunks, shownPath(file), (line) => found.add(line))));
  }
  const runs = found.all;
  const side = sideOf(shownPath(path), runs, notes, Date.now());
  // Where there is nothing, why each file has nothing says more.
  if (typeof side === 'string') throw new LocalError(runs.length === 0 ? (notes[0] ?? side) : side);
  for (const note of notes) notice(io, note);
  return side;
}

async function filesOf(path: string): Promise<string[]> {
  if (isStdinPath(path)) return [path];
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => /\.(?:json|jsonl|ndjson|log)$/.test(name));
    if (names.length > 0) return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw new LocalError(`cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  throw new LocalError(`${path} holds no results: no file there ends in .json, .jsonl, .ndjson or .log`);
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (cause) {
    throw new LocalError(`cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
