// Whether a commit has made calls slower: `npm run bench:check [-- --against <commit> --rows a,b --seconds N]`.
//
// The same benchmark runs with lib/ of both commits, in processes that take turns, and each pair gives a ratio of CPU time.
// A row is slower when the mean ratio is over 1.03 and chance cannot explain it (paired-change.ts). Rows whose pairs still lie
// too far apart to tell, and rows that look slower, get more of them for as long as there is time.

import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchDirectory, compileServer, repositoryRoot } from '../native.ts';
import { run, type Server, startServer } from '../processes.ts';
import { type Row, rowNamed } from '../rows.ts';
import type { Task } from '../worker.ts';
import { commitBefore, commitNamed, compiledWith, described, NothingBefore } from './compared-commits.ts';
import { type Change, changeOf, isOpen, type Pair, type Verdict, verdictOf } from './paired-change.ts';

const ROWS = [
  'unary-128',
  'unary-16',
  'unary-1',
  'interceptor',
  'server-stream',
  'client-stream',
  'bidi',
  'big',
  'methods-10',
];
const PHASES = { warmUpMs: 400, measureMs: 400, latencyMs: 0 };
/** Of measuring; compiling comes before it. All of it stays under five minutes. */
const SECONDS = 220;
const FIRST_PAIRS = 6;
/** A row is called slower by so many pairs at least. */
const PAIRS_OF_A_REGRESSION = 12;
/** Rows that look slower get as many before all others, and this much more time. */
const TIME_FOR_SUSPECTS = 1.25;
const CLIENT_CORE = 0;
const SERVER_CORE = os.cpus().length > 1 ? 1 : 0;
const WORKER_TIMEOUT_MS = 60_000;

/** Builds of the two commits. */
interface Builds {
  readonly before: string;
  readonly after: string;
}

async function cost(build: string, row: Row, port: number): Promise<number> {
  const task: Task = {
    client: 'stubless',
    row: row.name,
    port,
    schema: join(benchDirectory(), 'bench.proto'),
    shared: '',
    ...PHASES,
  };
  const worker = join(build, 'spec', 'suites', 'bench', 'worker.js');
  const command = [process.execPath, worker, JSON.stringify(task)];
  const { output } = await run(command, CLIENT_CORE, WORKER_TIMEOUT_MS);
  return JSON.parse(output).cost;
}

/** The pairs of one row, and what they say. */
class ComparedRow {
  readonly row: Row;
  readonly #builds: Builds;
  readonly #port: number;
  readonly #pairs: Pair[] = [];

  constructor(row: Row, builds: Builds, port: number) {
    this.row = row;
    this.#builds = builds;
    this.#port = port;
  }

  get pairs(): number {
    return this.#pairs.length;
  }

  get change(): Change {
    return changeOf(this.#pairs);
  }

  get verdict(): Verdict {
    return this.isSuspect ? 'unclear' : verdictOf(this.change);
  }

  /** It looks slower, by too few pairs to be called so. */
  get isSuspect(): boolean {
    return verdictOf(this.change) === 'slower' && this.pairs < PAIRS_OF_A_REGRESSION;
  }

  get needsMore(): boolean {
    return this.isSuspect || isOpen(this.change);
  }

  /** One more pair; each of the two goes first as often as the other. */
  async measure(): Promise<void> {
    const costOf = (build: string) => cost(build, this.row, this.#port);
    const { before, after } = this.#builds;
    if (this.pairs % 2 === 0) {
      const first = await costOf(before);
      this.#pairs.push({ before: first, after: await costOf(after) });
    } else {
      const first = await costOf(after);
      this.#pairs.push({ before: await costOf(before), after: first });
    }
  }

  toString(): string {
    const { ratio, low, high } = this.change;
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [before, after] = [this.#pairs.map((p) => p.before), this.#pairs.map((p) => p.after)].map(mean);
    const [change, least, most] = [ratio, low, high].map((factor) => `${((factor - 1) * 100).toFixed(1)} %`);
    return `${this.row.title}: ${before.toPrecision(4)} → ${after.toPrecision(4)} µs, ${change} (${least} to ${most}, ${this.pairs} pairs)`;
  }
}

async function measureAll(rows: readonly ComparedRow[], seconds: number): Promise<void> {
  const startMs = performance.now();
  const isTimeFor = (factor: number): boolean => performance.now() - startMs < seconds * factor * 1000;
  for (let round = 0; round < FIRST_PAIRS; round++) for (const row of rows) await row.measure();
  for (;;) {
    const suspects = rows.filter((row) => row.isSuspect);
    const open = suspects.length > 0 ? suspects : rows.filter((row) => row.needsMore);
    if (open.length === 0 || !isTimeFor(suspects.length > 0 ? TIME_FOR_SUSPECTS : 1)) return;
    await open.toSorted((a, b) => a.pairs - b.pairs)[0].measure();
  }
}

async function check(against: string, names: readonly string[], seconds: number): Promise<boolean> {
  const builds = { before: compiledWith(against), after: join(repositoryRoot(), '.build') };
  console.log(`This tree against ${described(against)}; CPU time of the client's process`);
  const program = compileServer();
  const servers = new Map<string, Server>();
  const rows: ComparedRow[] = [];
  for (const row of names.map(rowNamed)) {
    const server = servers.get(row.server) ?? (await startServer([program, row.server], SERVER_CORE));
    servers.set(row.server, server);
    rows.push(new ComparedRow(row, builds, server.port));
  }
  await measureAll(rows, seconds);
  for (const server of servers.values()) await server.stop();
  for (const row of rows) console.log(`${row.verdict === 'slower' ? 'FAIL ' : ''}${row}: ${row.verdict}`);
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  const [slower, unclear] = [count('slower'), count('unclear')];
  if (unclear > 0)
    console.log(`skipped: ${unclear} rows, whose pairs lie too far apart on this machine to tell`);
  console.log(`${rows.length - slower - unclear} passed, ${slower} failed`);
  return slower === 0;
}

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rows: { type: 'string', default: ROWS.join(',') },
    seconds: { type: 'string', default: `${SECONDS}` },
  },
});
try {
  const against = values.against === undefined ? commitBefore() : commitNamed(values.against);
  if (!(await check(against, values.rows.split(','), Number(values.seconds)))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof NothingBefore)) throw error;
  console.log(`skipped: ${error.message}`);
}
