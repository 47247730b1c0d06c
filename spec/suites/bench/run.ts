// The benchmark: `npm run bench [-- rows… --clients a,b --rounds N --quick --write --node <path>]`.
// Each client runs in a process of its own on one core, the server (server.c) on the other; they take turns
// within each round; the report has the medians. See docs/benchmark.md for how to read it.

import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contender, gather } from './contenders.ts';
import { type Figures, medianFigures, spread } from './figures.ts';
import { describeMachine } from './machine.ts';
import type { Phases } from './measure.ts';
import { benchDirectory, compileGoClient, compileServer, repositoryRoot } from './native.ts';
import { canPin, run, startServer } from './processes.ts';
import { type Results, tables, verdicts } from './report.ts';
import { CLIENT_NAMES, type ClientName, ROWS, type Row, rowNamed } from './rows.ts';

const FULL: Phases = { warmUpMs: 1000, measureMs: 1000, latencyMs: 300 };
const QUICK: Phases = { warmUpMs: 400, measureMs: 300, latencyMs: 100 };
const WORKER_TIMEOUT_MS = 120_000;

const USAGE = `npm run bench -- [rows…] [options]

  rows           ${ROWS.map((row) => row.name).join(' ')}
  --clients a,b  some of ${CLIENT_NAMES.join(',')}
  --rounds N     medians of N rounds (5); all rows with five rounds take about twenty minutes
  --quick        shorter phases, 3 rounds: for tuning, not for publishing
  --write        write the report to docs/benchmark.md
  --node <path>  measure stubless on this runtime too: a node, bun or deno binary; may be given again
  --cores a,b    the clients' core and the server's (0,1)
`;

interface Options extends Phases {
  readonly rows: readonly Row[];
  readonly clients: readonly ClientName[];
  readonly runtimes: readonly string[];
  readonly rounds: number;
  readonly write: boolean;
  readonly clientCore: number;
  readonly serverCore: number;
}

function clientNamed(name: string): ClientName {
  const client = CLIENT_NAMES.find((c) => c === name);
  if (client === undefined) throw new RangeError(`no client ${name}; there are ${CLIENT_NAMES.join(', ')}`);
  return client;
}

function readOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      clients: { type: 'string', default: CLIENT_NAMES.join(',') },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      node: { type: 'string', multiple: true, default: [] },
      cores: { type: 'string', default: '0,1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const [clientCore, serverCore] = values.cores.split(',').map(Number);
  return {
    ...(values.quick ? QUICK : FULL),
    rows: positionals.length > 0 ? positionals.map(rowNamed) : ROWS,
    clients: values.clients.split(',').map(clientNamed),
    runtimes: values.node,
    rounds: Number(values.rounds ?? (values.quick ? 3 : 5)),
    write: values.write,
    clientCore,
    serverCore: os.cpus().length > 1 ? serverCore : clientCore,
  };
}

const shared = resolve(process.env['STUBLESS_SHARED'] ?? join(repositoryRoot(), '..', 'shared'));

const certificate = (name: string): string =>
  join(repositoryRoot(), 'spec', 'channel', 'socket', 'tls', 'certificates', name);

async function measureOnce(contender: Contender, row: Row, port: number, options: Options): Promise<Figures> {
  const { warmUpMs, measureMs, latencyMs } = options;
  const schema = join(benchDirectory(), 'bench.proto');
  const phases = { warmUpMs, measureMs, latencyMs };
  const command = contender.command(row, {
    client: contender.client,
    row: row.name,
    port,
    ...(row.isSecure ? { ca: certificate('root.pem') } : {}),
    schema,
    shared,
    ...phases,
  });
  const { output, wallMs } = await run(command, options.clientCore, WORKER_TIMEOUT_MS);
  return row.work === 'startup' ? { cost: Number(output), p50: wallMs * 1000 } : JSON.parse(output);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** The line of a worker's dying words that says why. */
function firstWords(error: unknown): string {
  const lines = (error instanceof Error ? error.message : `${error}`).split('\n');
  return lines.find((line) => /\berror\b/i.test(line))?.trim() ?? lines[0];
}

/** All rounds of a row. The contenders take turns, another one first in each round. */
async function measureRow(
  row: Row,
  contenders: readonly Contender[],
  server: string,
  options: Options,
  problems: string[],
): Promise<Map<string, Figures>> {
  const samples = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  const out = new Set<Contender>();
  const command = row.isSecure
    ? [compileGoClient(), 'serve', certificate('server.pem'), certificate('server.key')]
    : [server, row.server];
  const { port, stop } = await startServer(command, options.serverCore);
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length];
      if (out.has(contender)) continue;
      progress(`${row.name} ${round + 1}/${options.rounds} ${contender.name}`);
      try {
        samples.get(contender.name)?.push(await measureOnce(contender, row, port, options));
      } catch (error) {
        out.add(contender);
        problems.push(`${row.name}, ${contender.name} failed: ${firstWords(error)}`);
      }
    }
  }
  await stop();
  progress('');
  const measured = [...samples].filter(([, figures]) => figures.length > 0);
  for (const [name, figures] of measured) {
    const far = spread(figures);
    if (far > 0.25) problems.push(`${row.name}, ${name}: the rounds lie ${Math.round(far * 100)} % apart`);
  }
  return new Map(measured.map(([name, figures]) => [name, medianFigures(figures)]));
}

const HOW_TO_READ = `
Each client runs in a process of its own, pinned to one core; the server (spec/suites/bench/server.c) runs on the
other and is never the bottleneck. Over TLS it is grpc-go's, which often is: rates and latencies there are the
server's as well, the clients' CPU time is their own. The clients take turns within each round, another one first each time; a
figure is the median of the rounds. After a warm-up, CPU time (user and system) and throughput are taken
without any clock in the loop, latencies in a phase of their own. Messages carry 10 octets; every call has a
deadline and one metadata field and gives a promise, except where a row says otherwise and except the floor,
which has neither: it is the least a gRPC client in JavaScript can cost, a measuring stick with no error
handling, no limits and no features. node:http2 is gRPC by hand over Node's own client.
A ratio of 1/20 means: a twentieth of their CPU time.
`;

async function main(options: Options): Promise<void> {
  const machine = describeMachine();
  const field = gather(options.clients, options.runtimes, shared);
  const server = compileServer();
  const problems: string[] = field.absent.map((line) => `not measured: ${line}`);
  if (!canPin()) problems.push('taskset is missing: the processes were not pinned to cores');
  if (options.clientCore === options.serverCore) problems.push('one core for both ends: do not compare');

  const figures = new Map<string, Map<string, Figures>>();
  for (const row of options.rows) {
    const contenders = field.contenders.filter(({ client }) => row.clients?.includes(client) ?? true);
    figures.set(row.name, await measureRow(row, contenders, server, options, problems));
  }

  const results: Results = { rows: options.rows, figures };
  const setting = `${options.rounds} rounds of ${options.measureMs} ms; spec/suites/bench, \`npm run bench\``;
  const head = [...machine, setting].map((line) => `- ${line}`).join('\n');
  const notes = problems.length > 0 ? `\n## Notes\n\n${problems.map((p) => `- ${p}`).join('\n')}\n` : '';
  const report = `# Benchmark\n\n${head}\n${HOW_TO_READ}\n${tables(results)}${notes}`;
  if (options.write) {
    mkdirSync(join(repositoryRoot(), 'docs'), { recursive: true });
    writeFileSync(join(repositoryRoot(), 'docs', 'benchmark.md'), report);
  }
  process.stdout.write(`${head}\n\n${tables(results)}${notes}`);
  const missed = verdicts(results).filter((line) => line.endsWith('NOT MET'));
  process.stdout.write(missed.length > 0 ? `\n${missed.join('\n')}\n` : '');
}

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exit(2);
}
if (options === undefined) process.stdout.write(USAGE);
else await main(options);
