// What 1,000 tests in 100 files take, start included, with `stubless test`, with grpctestify against the same server, and with
// hurl for the same over HTTP; and what one test takes. They take turns; both cores are theirs and their server's.
//
//   npm run bench:test [-- --rounds N]
//
// spec/suites/bench/install.sh installs the other two, and spec/suites/interop/install.sh the server on grpc-go.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine } from '../machine.ts';
import { repositoryRoot } from '../native.ts';

const FILES = 100;
const TESTS_OF_FILE = 10;
const MAX_WALL_MS = 1000;
const root = repositoryRoot();
const peers = join(root, '.cache', 'bench-test');
const proto = join(root, 'protos', 'helloworld.proto');

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  /** What its files are called. */
  readonly extension: string;
  readonly file: (tests: number) => string;
}

/** @param protoset the .proto file as a descriptor set, the only form in which grpctestify takes one */
function contenders(grpc: string, http: string, protoset: string): readonly Contender[] {
  const ours = [process.execPath, join(root, 'dist', 'cli.cjs'), 'test'];
  const testify = [join(peers, 'grpctestify', 'bin', 'grpctestify')];
  const hurl = [join(peers, 'hurl', 'bin', 'hurl'), '--test'];
  return [
    {
      name: 'stubless, with the .proto file',
      command: ours,
      extension: '.requests.yaml',
      file: (tests) => requestFile(`target: ${grpc}\nschema: { proto: ${proto} }\n`, tests),
    },
    {
      name: 'stubless, by reflection',
      command: ours,
      extension: '.requests.yaml',
      file: (tests) => requestFile(`target: ${grpc}\n`, tests),
    },
    {
      name: 'grpctestify, with a descriptor set',
      command: testify,
      extension: '.gctf',
      file: (tests) => gctfFile(grpc, `--- PROTO ---\ndescriptor: ${protoset}\n\n`, tests),
    },
    {
      name: 'grpctestify, by reflection',
      command: testify,
      extension: '.gctf',
      file: (tests) => gctfFile(grpc, '', tests),
    },
    { name: 'hurl, over HTTP', command: hurl, extension: '.hurl', file: (tests) => hurlFile(http, tests) },
  ];
}

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join('');

function requestFile(head: string, tests: number): string {
  const request = (i: number): string => `  - name: greets ${i}
    method: helloworld.Greeter/SayHello
    request: { name: you${i} }
    expect:
      reply: { message: Hello you${i} }
`;
  return `${head}requests:\n${times(tests, request)}`;
}

function gctfFile(address: string, schema: string, tests: number): string {
  return times(
    tests,
    (i) => `--- ADDRESS ---
${address}

${schema}--- ENDPOINT ---
helloworld.Greeter/SayHello

--- REQUEST ---
{ "name": "you${i}" }

--- RESPONSE ---
{ "message": "Hello you${i}" }

`,
  );
}

function hurlFile(address: string, tests: number): string {
  return times(
    tests,
    (i) => `POST http://${address}/helloworld.Greeter/SayHello
{ "name": "you${i}" }
HTTP 200
[Asserts]
jsonpath "$.message" == "Hello you${i}"

`,
  );
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Runs a command as a shell does, and takes its times. Throws where it does not pass. */
async function costOf(command: readonly string[], folder: string): Promise<Cost> {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>out.txt';
  const child = spawn('bash', ['-c', script, 'bash', ...command], { cwd: folder });
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command.join(' ')} in ${folder} ended with ${code}`);
  const [wall, user, system] = told.trim().split(' ').map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];

async function startGreeter(): Promise<{ readonly address: string; stop(): void }> {
  const server = spawn(join(root, '.cache', 'interop', 'examples', 'server'), [join(root, 'protos')]);
  await once(server, 'spawn');
  const [line] = await once(server.stdout, 'data');
  return { address: String(line).trim().replace('listening ', ''), stop: () => server.stdin.end() };
}

/** The same greeting over HTTP, in a process of its own: `run.js serve`. */
async function serveHttp(): Promise<void> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ message: `Hello ${JSON.parse(body).name}` }));
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(`listening 127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  process.stdin.resume().once('end', () => process.exit());
}

async function startHttp(): Promise<{ readonly address: string; stop(): void }> {
  const server = spawn(process.execPath, [process.argv[1], 'serve']);
  await once(server, 'spawn');
  const [line] = await once(server.stdout, 'data');
  return { address: String(line).trim().replace('listening ', ''), stop: () => server.stdin.end() };
}

function install(script: string, ...names: readonly string[]): void {
  const { status } = spawnSync(join(root, 'spec', 'suites', script, 'install.sh'), names, {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${script}/install.sh ended with ${status}`);
}

async function measure(rounds: number): Promise<number> {
  install('interop', 'examples');
  install('bench');
  const folder = mkdtempSync(join(tmpdir(), 'stubless-bench-test-'));
  const servers = [await startGreeter(), await startHttp()];
  try {
    const protoset = join(folder, 'helloworld.binpb');
    await costOf(
      [process.execPath, join(root, 'dist', 'cli.cjs'), 'export', proto, '--protoset-out', protoset],
      folder,
    );
    const all = contenders(servers[0].address, servers[1].address, protoset);
    const sizes = [
      { files: FILES, tests: TESTS_OF_FILE },
      { files: 1, tests: 1 },
    ];
    const runs = all.flatMap((contender, index) =>
      sizes.map(({ files, tests }) => {
        const path = join(folder, `${index}-${files}`);
        mkdirSync(path);
        for (let i = 0; i < files; i++) {
          writeFileSync(join(path, `f${i}${contender.extension}`), contender.file(tests));
        }
        return { contender, count: files * tests, path, costs: [] as Cost[] };
      }),
    );
    for (let round = 0; round < rounds; round++) {
      for (const { contender, path, costs } of runs)
        costs.push(await costOf([...contender.command, '.'], path));
    }
    console.log(describeMachine().join('\n'));
    console.log(
      '\n| | tests | wall, ms | CPU, ms | least wall | least CPU |\n| --- | ---: | ---: | ---: | ---: | ---: |',
    );
    for (const { contender, count, costs } of runs) {
      const walls = costs.map(({ wallMs }) => wallMs);
      const cpus = costs.map(({ cpuMs }) => cpuMs);
      const cells = [median(walls), median(cpus), Math.min(...walls), Math.min(...cpus)].map(Math.round);
      console.log(`| ${contender.name} | ${count} | ${cells.join(' | ')} |`);
    }
    return median(runs[0].costs.map(({ wallMs }) => wallMs));
  } finally {
    for (const server of servers) server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === 'serve') await serveHttp();
else {
  const rounds = Number(/^--rounds[= ]?(\d+)$/.exec(process.argv.slice(2).join(' '))?.[1] ?? 7);
  const wallMs = await measure(rounds);
  const isFast = wallMs < MAX_WALL_MS;
  console.log(`${isFast ? 1 : 0} passed, ${isFast ? 0 : 1} failed`);
  process.exitCode = isFast ? 0 : 1;
}
