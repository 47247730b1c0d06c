// The load generators that are held against each other: how each is called, and what it says.

import { join } from 'node:path';
import { benchDirectory, compileCalibrated, installGhz, repositoryRoot } from '../native.ts';
import { run } from '../processes.ts';

/** The percentiles of the Go programs: none is where the delays jump, at 99 %. */
export const PERCENTS: readonly number[] = [50, 90, 95, 98, 99.5, 99.9];

export interface Load {
  readonly calls: number;
  /** Of a closed loop. */
  readonly callers?: number;
  /** Calls a second, of an open loop. */
  readonly rate?: number;
}

/**
 * By the nearest rank, of values in ascending order.
 * @param shift to so many ranks further
 */
export function quantilesOf(sorted: readonly number[], shift = 0): Readonly<Record<string, number>> {
  const rank = (percent: number): number => Math.max(1, Math.ceil((percent / 100) * sorted.length)) + shift;
  const at = (percent: number): number => Math.min(sorted.length, Math.max(1, rank(percent))) - 1;
  return Object.fromEntries(PERCENTS.map((percent) => [String(percent), sorted[at(percent)]]));
}

/** What a tool reports of calls that succeeded, in milliseconds by percent. */
export interface Reported {
  readonly ok: number;
  readonly failed: number;
  readonly quantiles: Readonly<Record<string, number>>;
  /** CPU time of its processes, from start to end. */
  readonly cpuMs: number;
}

export interface Tool {
  readonly name: string;
  /** What it reports must be right. */
  readonly isOurs: boolean;
  /** @param folder where ours write a second record of their calls */
  measure(port: number, load: Load, folder: string): Promise<Reported>;
}

const CLIENT_CORE = 0;
const TIMEOUT_MS = 120_000;
const METHOD = 'grpc.testing.BenchmarkService.UnaryCall';
const proto = (): string => join(benchDirectory(), 'bench.proto');

/** Runs it, with bash to tell what CPU time it took. */
async function timed(command: readonly string[]): Promise<{ output: string; cpuMs: number }> {
  const { output } = await run(
    ['bash', '-c', '"$@" || exit; echo; times', '--', ...command],
    CLIENT_CORE,
    TIMEOUT_MS,
  );
  const lines = output.trimEnd().split('\n');
  const times = (lines.at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g);
  const cpuMs = [...times].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
  // What `times` says is two lines, of the shell and of its children.
  return { output: lines.slice(0, -2).join('\n'), cpuMs };
}

/** @param folder for the record */
const stubless = (folder: string, ...words: readonly string[]): string[] => [
  ...['env', `CALIBRATED_RECORD=${folder}`, process.execPath],
  ...['--import', new URL('./recorder.js', import.meta.url).href],
  join(repositoryRoot(), 'dist', 'cli.cjs'),
  'bench',
  ...words,
];

const loadWords = (port: number, { calls, callers, rate }: Load): string[] => [
  `127.0.0.1:${port}`,
  METHOD,
  ...['--proto', proto(), '-n', `${calls}`, '--warm-up', '0'],
  ...(rate === undefined ? ['-c', `${callers}`] : ['--rps', `${rate}`]),
];

/** Conditions that always hold, which tell any percentile. */
const ANY_PERCENTILE = ['--json', '--fail', PERCENTS.map((percent) => `p${percent}<1h`).join(',')];

function ofReport(json: string, cpuMs: number): Reported {
  const { calls, gates } = JSON.parse(json);
  const quantiles = PERCENTS.map((percent, index) => [String(percent), gates[index].actual]);
  return { ok: calls.ok, failed: calls.failed, quantiles: Object.fromEntries(quantiles), cpuMs };
}

function ours(name: string, ...words: readonly string[]): Tool {
  return {
    name,
    isOurs: true,
    async measure(port, load, folder) {
      const command = stubless(folder, ...loadWords(port, load), ...words, ...ANY_PERCENTILE);
      const { output, cpuMs } = await timed(command);
      return ofReport(output, cpuMs);
    },
  };
}

/** So long all shards have to get ready. */
const START_MS = 5000;

const shards: Tool = {
  name: 'two shards, merged',
  isOurs: true,
  async measure(port, load, folder) {
    const startAt = `${Date.now() + START_MS}`;
    const files = [1, 2].map((shard) => join(folder, `${shard}.json`));
    const runs = files.map((file, index) =>
      timed(
        stubless(
          folder,
          ...loadWords(port, load),
          ...['--shard', `${index + 1}/2`, '--start-at', startAt, '--result', file, '--json'],
        ),
      ),
    );
    const cpuMs = (await Promise.all(runs)).reduce((sum, { cpuMs: own }) => sum + own, 0);
    const { output } = await timed(stubless(folder, 'merge', ...files, ...ANY_PERCENTILE));
    return ofReport(output, cpuMs);
  },
};

const ghz: Tool = {
  name: 'ghz',
  isOurs: false,
  async measure(port, { calls, callers = 50, rate }) {
    const { output, cpuMs } = await timed([
      installGhz(),
      ...[
        '--insecure',
        '--proto',
        proto(),
        '--call',
        METHOD,
        '-d',
        '{}',
        '-n',
        `${calls}`,
        '-c',
        `${callers}`,
      ],
      ...(rate === undefined ? [] : ['--rps', `${rate}`]),
      ...['--connections', '1', '-O', 'json', `127.0.0.1:${port}`],
    ]);
    const details: { latency: number; error: string }[] = JSON.parse(output).details;
    const good = details.filter(({ error }) => error === '').map(({ latency }) => latency / 1e6);
    good.sort((one, other) => one - other);
    return { ok: good.length, failed: details.length - good.length, quantiles: quantilesOf(good), cpuMs };
  },
};

const reference: Tool = {
  name: 'reference (as wrk2)',
  isOurs: false,
  async measure(port, { calls, callers = 0, rate = 0 }) {
    const words = ['-target', `127.0.0.1:${port}`, '-n', `${calls}`, '-c', `${callers}`, '-rate', `${rate}`];
    const { output, cpuMs } = await timed([compileCalibrated(), 'reference', ...words]);
    return { ...JSON.parse(output), cpuMs };
  },
};

export const TOOLS: readonly Tool[] = [
  ours('bench'),
  ours('bench --threads 2', '--threads', '2'),
  shards,
  ghz,
  reference,
];
