// How long a call from the shell takes, from start to exit, beside grpcurl and a Node that does nothing: `npm run
// bench:cli`. They take turns, against grpc-go's interop server with reflection, which `npm run interop` installs. The
// executable takes part if `npm run build:binary` has made it; another Node, if it runs this file.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

const ROUNDS = Number(process.argv[2] ?? 15);
const METHOD = 'grpc.testing.TestService/EmptyCall';
/** What `stubless call` may take beyond a bare Node. */
const TARGET_MS = 40;
/** What the executable may take of grpcurl's time. */
const TARGET_RATIO = 2;

const SERVER = '.cache/interop/go/server';
const BIN = resolve('.cache/bin');
const GRPCURL = `${BIN}/grpcurl`;
const EXECUTABLE = `.build/binary/stubless${process.platform === 'win32' ? '.exe' : ''}`;

if (!existsSync(SERVER)) {
  process.stdout.write('skipped: the server is installed by npm run interop\n');
  process.exit(0);
}
if (!existsSync(GRPCURL)) {
  mkdirSync(BIN, { recursive: true });
  const env = { ...process.env, GOBIN: BIN };
  execFileSync('go', ['install', 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3'], {
    env,
    stdio: 'inherit',
  });
}

const server = spawn(SERVER, { stdio: ['pipe', 'pipe', 'inherit'] });
const address = await new Promise<string>((done) => {
  server.stdout.once('data', (line) => done(String(line).trim().replace('listening ', '')));
});

const rows: [string, string, string[]][] = [
  ['node -e 0', process.execPath, ['-e', '0']],
  ['stubless --version', process.execPath, ['dist/cli.cjs', '--version']],
  ['stubless call', process.execPath, ['dist/cli.cjs', 'call', address, METHOD]],
  ['grpcurl', GRPCURL, ['-plaintext', address, METHOD]],
];
if (existsSync(EXECUTABLE)) rows.push(['executable call', EXECUTABLE, ['call', address, METHOD]]);
/** Node 20 parses what it names before any script, at a multiple of what is measured here. */
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
const times = rows.map((): number[] => []);
// The first round warms the disk's caches, and the code that the command keeps.
for (let round = 0; round <= ROUNDS; round++) {
  rows.forEach(([name, file, args], i) => {
    const startMs = performance.now();
    const { status, stderr } = spawnSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
    if (round > 0) times[i].push(performance.now() - startMs);
  });
}
server.stdin.end();

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
process.stdout.write(`Node ${process.version}, ${ROUNDS} rounds, wall time in ms\n`);
rows.forEach(([name], i) => {
  const line = [
    name.padEnd(20),
    median(times[i]).toFixed(1).padStart(7),
    Math.min(...times[i])
      .toFixed(1)
      .padStart(7),
  ];
  process.stdout.write(`${line.join(' ')}${i === 0 ? '   (median, least)' : ''}\n`);
});
const [bare, , call, grpcurl, executable] = times.map((values) => Math.min(...values));
process.stdout.write(`stubless call above bare Node: ${(call - bare).toFixed(1)} ms (target ${TARGET_MS})\n`);
if (executable !== undefined) {
  const ratio = executable / grpcurl;
  process.stdout.write(`executable beside grpcurl: ${ratio.toFixed(1)} times (target ${TARGET_RATIO})\n`);
}
