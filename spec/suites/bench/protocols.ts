// What gRPC-Web and Connect cost, beside @connectrpc/connect-node: CPU time of the client's process on one core, with
// connect-go's interop server (npm run interop installs it) on the other. The clients take turns; the least of the rounds.
//
//   npm run bench:protocols [-- --rounds N] [--row PATTERN] [--write]

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import { describeMachine } from './machine.ts';
import { run, startServer } from './processes.ts';

const PROTOS = join('spec', 'suites', 'interop', 'protos');
const SERVER = join('.cache', 'interop', 'web', 'server');
const CLIENTS = ['stubless', 'connect-node'] as const;
/** Of CPU: other work on the machine makes no difference. */
const WARM_UP_MS = 2000;
const MEASURED_MS = 1500;
const CLIENT_CORE = 0;
const SERVER_CORE = 1;
const TIMEOUT_MS = 300_000;
const CALL_TIMEOUT_MS = 120_000;
const STREAMED = 1000;

type ClientName = (typeof CLIENTS)[number];

interface Row {
  readonly protocol: 'connect' | 'grpc-web';
  readonly work: 'unary' | 'stream';
  readonly httpVersion: '2' | '1.1';
  /** The server writes streams in blocks, as connect-go does not. */
  readonly isBatched: boolean;
  readonly inFlight: number;
  /** At most this part of connect-node. */
  readonly target: number;
}

const ROWS: readonly Row[] = (['connect', 'grpc-web'] as const).flatMap((protocol) => [
  { protocol, work: 'unary', httpVersion: '2', isBatched: false, inFlight: 128, target: 1 / 10 },
  { protocol, work: 'unary', httpVersion: '2', isBatched: false, inFlight: 1, target: 1 },
  { protocol, work: 'unary', httpVersion: '1.1', isBatched: false, inFlight: 128, target: 1 / 3 },
  { protocol, work: 'stream', httpVersion: '2', isBatched: true, inFlight: 16, target: 1 / 6 },
  { protocol, work: 'stream', httpVersion: '2', isBatched: false, inFlight: 16, target: 1 / 6 },
]);

/** Makes one call; how many messages came. */
type MakeCall = () => Promise<number>;

const body = Buffer.alloc(32);
const UNARY = { responseSize: body.length, payload: { body } };
const STREAM = { responseParameters: Array.from({ length: STREAMED }, () => ({ size: body.length })) };

async function counted(replies: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of replies) count++;
  return count;
}

async function opened(
  name: ClientName,
  { protocol, work, httpVersion }: Row,
  port: number,
): Promise<MakeCall> {
  const options: ClientOptions = { protocol, httpVersion };
  const client = new Client('127.0.0.1', port, options);
  await client.load('grpc/testing/test.proto', { includeDirs: [PROTOS] });
  if (name === 'stubless') {
    if (work === 'unary')
      return () => client.request('UnaryCall', UNARY, { timeoutMs: CALL_TIMEOUT_MS }).then(() => 1);
    return () => counted(client.request('StreamingOutputCall', STREAM, { timeoutMs: CALL_TIMEOUT_MS }));
  }
  const folder = mkdtempSync(join(tmpdir(), 'stubless-bench-'));
  const path = join(folder, 'test.binpb');
  await client.writeProtoset(path);
  await client.close();
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(path)));
  rmSync(folder, { recursive: true });
  const service = registry.getService('grpc.testing.TestService');
  if (service === undefined) throw new Error('no TestService');
  const transportOptions = { baseUrl: `http://127.0.0.1:${port}`, httpVersion } as const;
  const transport =
    protocol === 'connect'
      ? createConnectTransport(transportOptions)
      : createGrpcWebTransport(transportOptions);
  const other = createClient(service, transport) as unknown as {
    unaryCall(request: object, options: object): Promise<unknown>;
    streamingOutputCall(request: object, options: object): AsyncIterable<unknown>;
  };
  if (work === 'unary') return () => other.unaryCall(UNARY, { timeoutMs: CALL_TIMEOUT_MS }).then(() => 1);
  return () => counted(other.streamingOutputCall(STREAM, { timeoutMs: CALL_TIMEOUT_MS }));
}

/** Microseconds of CPU a message, over so many milliseconds of it. */
async function measure(call: MakeCall, inFlight: number, forMs: number): Promise<number> {
  const before = process.cpuUsage();
  let isOver = false;
  const look = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    isOver = user + system >= forMs * 1000;
  }, 10);
  let messages = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (!isOver) {
        // Not `messages += await call()`, which would add to what was there before the call.
        const more = await call();
        messages += more;
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  clearInterval(look);
  return (user + system) / messages;
}

async function work(name: ClientName, row: Row, port: number): Promise<void> {
  const call = await opened(name, row, port);
  await measure(call, row.inFlight, WARM_UP_MS);
  console.log(await measure(call, row.inFlight, MEASURED_MS));
  process.exit();
}

const title = ({ protocol, work, httpVersion, isBatched, inFlight }: Row): string =>
  `${protocol} ${work}${isBatched ? ', in blocks' : ''}, HTTP/${httpVersion}, ${inFlight} in flight`;

const HEAD = [
  '| work | stubless | connect-node | of connect-node | target |',
  '| --- | ---: | ---: | ---: | --- |',
];

async function measureRow(row: Row, rounds: number): Promise<string> {
  const server = await startServer([SERVER, row.isBatched ? 'connect-batched' : 'connect'], SERVER_CORE);
  const found: Record<ClientName, number[]> = { stubless: [], 'connect-node': [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of CLIENTS) {
      const place = ROWS.indexOf(row);
      const command = [process.execPath, fileURLToPath(import.meta.url), name, `${server.port}`, `${place}`];
      const { output } = await run(command, CLIENT_CORE, TIMEOUT_MS);
      found[name].push(Number(output));
    }
  }
  await server.stop();
  const [ours, theirs] = CLIENTS.map((name) => Math.min(...found[name]));
  const isMet = ours / theirs <= row.target;
  const target = `≤ 1/${Math.round(1 / row.target)}: ${isMet ? 'met' : 'NOT MET'}`;
  return `| ${title(row)} | ${ours.toFixed(2)} µs | ${theirs.toFixed(1)} µs | 1/${(theirs / ours).toFixed(1)} | ${target} |`;
}

async function compare(rounds: number, wanted: RegExp, isKept: boolean): Promise<void> {
  const machine = describeMachine();
  const lines: string[] = [];
  console.log(HEAD.join('\n'));
  for (const row of ROWS.filter((one) => wanted.test(title(one)))) {
    lines.push(await measureRow(row, rounds));
    console.log(lines.at(-1));
  }
  if (isKept) writeFileSync(join('docs', 'benchmark-protocols.md'), report(machine, rounds, lines));
}

function report(machine: readonly string[], rounds: number, lines: readonly string[]): string {
  return [
    '# gRPC-Web and Connect',
    '',
    ...machine.map((line) => `- ${line}`),
    `- Rounds: ${rounds}, of ${MEASURED_MS} ms of CPU after ${WARM_UP_MS} ms; spec/suites/bench/protocols.ts, \`npm run bench:protocols\``,
    '',
    "CPU time of the client's process (user and system) for a call, or for a message of a stream: the least of the rounds, in",
    'which both clients take turns on one core, against connect-go on the other. Messages carry 32 octets, and the server',
    'compresses each with gzip, as connect-go does for clients that accept it; every call has a deadline. connect-go also',
    'flushes each message of a stream, so that packets cost a client as much as messages; where it says *in blocks*, the same',
    'server sends what it has in blocks of 32 KiB. A ratio of 1/10 means: a tenth of their CPU time.',
    '',
    ...HEAD,
    ...lines,
    '',
  ].join('\n');
}

const [name, port, row] = process.argv.slice(2);
if (CLIENTS.some((known) => known === name)) await work(name as ClientName, ROWS[Number(row)], Number(port));
else {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      row: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  await compare(Number(values.rounds), new RegExp(values.row), values.write);
}
