// What gRPC-Web and Connect cost, beside @connectrpc/connect-node: CPU time of the client's process on one core, with
// connect-go's interop server (npm run interop installs it) on the other. The clients take turns; medians.
//
//   npm run bench:protocols [-- --rounds N]

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import { run, startServer } from './processes.ts';

const PROTOS = join('spec', 'suites', 'interop', 'protos');
const SERVER = join('.cache', 'interop', 'web', 'server');
const CLIENTS = ['stubless', 'connect-node'] as const;
const WARM_UP_MS = 1000;
const MEASURED_MS = 3000;
const CLIENT_CORE = 0;
const SERVER_CORE = 1;
const TIMEOUT_MS = 60_000;
const STREAMED = 1000;

type ClientName = (typeof CLIENTS)[number];

interface Row {
  readonly protocol: 'connect' | 'grpc-web';
  readonly work: 'unary' | 'stream';
  readonly inFlight: number;
  /** At most this part of connect-node. */
  readonly target: number;
}

const ROWS: readonly Row[] = (['connect', 'grpc-web'] as const).flatMap((protocol) => [
  { protocol, work: 'unary', inFlight: 128, target: 1 / 10 },
  { protocol, work: 'unary', inFlight: 1, target: 1 },
  { protocol, work: 'stream', inFlight: 16, target: 1 / 6 },
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

async function opened(name: ClientName, { protocol, work }: Row, port: number): Promise<MakeCall> {
  const options: ClientOptions = { protocol };
  const client = new Client('127.0.0.1', port, options);
  await client.load('grpc/testing/test.proto', { includeDirs: [PROTOS] });
  if (name === 'stubless') {
    if (work === 'unary')
      return () => client.request('UnaryCall', UNARY, { timeoutMs: 10_000 }).then(() => 1);
    return () => counted(client.request('StreamingOutputCall', STREAM, { timeoutMs: 10_000 }));
  }
  const folder = mkdtempSync(join(tmpdir(), 'stubless-bench-'));
  const path = join(folder, 'test.binpb');
  await client.writeProtoset(path);
  await client.close();
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(path)));
  rmSync(folder, { recursive: true });
  const service = registry.getService('grpc.testing.TestService');
  if (service === undefined) throw new Error('no TestService');
  const transportOptions = { baseUrl: `http://127.0.0.1:${port}`, httpVersion: '2' } as const;
  const transport =
    protocol === 'connect'
      ? createConnectTransport(transportOptions)
      : createGrpcWebTransport(transportOptions);
  const other = createClient(service, transport) as unknown as {
    unaryCall(request: object, options: object): Promise<unknown>;
    streamingOutputCall(request: object, options: object): AsyncIterable<unknown>;
  };
  if (work === 'unary') return () => other.unaryCall(UNARY, { timeoutMs: 10_000 }).then(() => 1);
  return () => counted(other.streamingOutputCall(STREAM, { timeoutMs: 10_000 }));
}

/** Microseconds of CPU a message. */
async function measure(call: MakeCall, inFlight: number, forMs: number): Promise<number> {
  const until = performance.now() + forMs;
  const before = process.cpuUsage();
  let messages = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        // Not `messages += await call()`, which would add to what was there before the call.
        const more = await call();
        messages += more;
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / messages;
}

async function work(name: ClientName, row: Row, port: number): Promise<void> {
  const call = await opened(name, row, port);
  await measure(call, row.inFlight, WARM_UP_MS);
  console.log(await measure(call, row.inFlight, MEASURED_MS));
  process.exit();
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];

async function compare(rounds: number): Promise<void> {
  const server = await startServer([SERVER, 'connect'], SERVER_CORE);
  console.log(
    '| protocol | work | in flight | stubless, µs | connect-node, µs | ratio | target |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |',
  );
  for (const [i, { protocol, work: what, inFlight, target }] of ROWS.entries()) {
    const found: Record<ClientName, number[]> = { stubless: [], 'connect-node': [] };
    for (let round = 0; round < rounds; round++) {
      for (const name of CLIENTS) {
        const command = [process.execPath, fileURLToPath(import.meta.url), name, `${server.port}`, `${i}`];
        const { output } = await run(command, CLIENT_CORE, TIMEOUT_MS);
        found[name].push(Number(output));
      }
    }
    const [ours, theirs] = CLIENTS.map((name) => median(found[name]));
    const isMet = ours / theirs <= target;
    console.log(
      `| ${protocol} | ${what} | ${inFlight} | ${ours.toFixed(2)} | ${theirs.toFixed(1)} | 1/${(theirs / ours).toFixed(1)} | 1/${Math.round(1 / target)}${isMet ? '' : ', NOT MET'} |`,
    );
  }
  await server.stop();
}

const [name, port, row] = process.argv.slice(2);
if (CLIENTS.some((known) => known === name)) await work(name as ClientName, ROWS[Number(row)], Number(port));
else await compare(Number(/--rounds[= ](\d+)/.exec(process.argv.slice(2).join(' '))?.[1] ?? 3));
