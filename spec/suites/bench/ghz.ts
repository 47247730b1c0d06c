// Calls a second of `stubless bench` and of ghz, each on one core, against the same server on the other, in turns.
//
//   npm run bench:ghz [-- --rounds N]

import { join } from 'node:path';
import { benchDirectory, compileServer, installGhz, repositoryRoot } from './native.ts';
import { run, startServer } from './processes.ts';

const CLIENT_CORE = 0;
const SERVER_CORE = 1;
const SECONDS = 3;
const TIMEOUT_MS = 60_000;
const CALLERS = [1, 50, 200];
const METHOD = 'grpc.testing.BenchmarkService.UnaryCall';
/** 32 octets, as much as the server sends back. */
const DATA = JSON.stringify({ payload: { body: Buffer.alloc(32).toString('base64') } });

const rounds = Number(/^--rounds[= ]?(\d+)$/.exec(process.argv.slice(2).join(' '))?.[1] ?? 3);

/** Calls that ended well, a second. */
async function ours(port: number, callers: number): Promise<number> {
  const cli = join(repositoryRoot(), 'dist', 'cli.js');
  const proto = join(benchDirectory(), 'bench.proto');
  const command = [process.execPath, cli, 'bench', `localhost:${port}`, METHOD, '--proto', proto, '-d', DATA];
  const { output } = await run(
    [...command, '-c', `${callers}`, '-z', `${SECONDS}s`, '--json'],
    CLIENT_CORE,
    TIMEOUT_MS,
  );
  const { calls, elapsedMs } = JSON.parse(output);
  return (calls.ok / elapsedMs) * 1000;
}

async function theirs(ghz: string, port: number, callers: number): Promise<number> {
  const command = [
    ghz,
    '--insecure',
    '--proto',
    join(benchDirectory(), 'bench.proto'),
    '--call',
    METHOD,
    '-d',
    DATA,
  ];
  // Not one core less: GOMAXPROCS 1 is what one core is to Go.
  const limits = ['-c', `${callers}`, '-z', `${SECONDS}s`, '--cpus', '1', '--connections', '1', '-O', 'json'];
  const { output } = await run([...command, ...limits, `localhost:${port}`], CLIENT_CORE, TIMEOUT_MS);
  const { statusCodeDistribution, total } = JSON.parse(output);
  return (statusCodeDistribution.OK / total) * 1e9;
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];

const ghz = installGhz();
const server = await startServer([compileServer(), 'unary'], SERVER_CORE);
let failed = 0;
console.log('| callers | stubless bench, calls/s | ghz, calls/s | ratio |\n| ---: | ---: | ---: | ---: |');
for (const callers of CALLERS) {
  const found: [number, number][] = [];
  for (let round = 0; round < rounds; round++) {
    found.push([await ours(server.port, callers), await theirs(ghz, server.port, callers)]);
  }
  const [own, other] = [median(found.map(([one]) => one)), median(found.map(([, two]) => two))];
  if (own < other) failed++;
  const show = (value: number): string => Math.round(value).toLocaleString('en-US');
  console.log(`| ${callers} | ${show(own)} | ${show(other)} | ${(own / other).toFixed(1)} |`);
}
await server.stop();
console.log(`${CALLERS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
