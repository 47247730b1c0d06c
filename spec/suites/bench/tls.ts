// What a unary call costs over TLS, beside @grpc/grpc-js: CPU time of the client's process on one core, with grpc-go's
// interop server (npm run interop installs it) on the other. The clients take turns; medians.
//
//   npm run bench:tls [-- --rounds N]

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '../../../lib/index.ts';
import { run, startServer } from './processes.ts';

const CERTIFICATES = join('spec', 'channel', 'socket', 'tls', 'certificates');
const PROTOS = join('spec', 'suites', 'interop', 'protos');
const SERVER = join('.cache', 'interop', 'go', 'server');
const CLIENTS = ['stubless', 'grpc-js'] as const;
const IN_FLIGHT = [128, 16, 1];
/** At most this part of grpc-js. */
const TARGETS: Readonly<Record<number, number>> = { 128: 1 / 25, 16: 1 / 15, 1: 1 / 4 };
/** So long that the code of a client that mostly waits for the server is compiled, too. */
const WARM_UP_MS = 3000;
const MEASURED_MS = 3000;
const CLIENT_CORE = 0;
const SERVER_CORE = 1;
const TIMEOUT_MS = 60_000;

type ClientName = (typeof CLIENTS)[number];
type MakeCall = () => PromiseLike<unknown>;

/** What grpc-js makes of the service. */
interface Caller {
  UnaryCall(request: object, options: object, done: (error: Error | null, reply: unknown) => void): void;
}

const ca = (): Buffer => readFileSync(join(CERTIFICATES, 'root.pem'));
const body = Buffer.alloc(32);

async function opened(name: ClientName, port: number): Promise<MakeCall> {
  if (name === 'stubless') {
    const client = new Client(`https://localhost:${port}`, { tls: { ca: ca() } });
    await client.load('grpc/testing/test.proto', { includeDirs: [PROTOS] });
    const request = { responseSize: body.length, payload: { body } };
    return () => client.request('grpc.testing.TestService.UnaryCall', request, { timeoutMs: 10_000 });
  }
  const { default: grpc } = await import('@grpc/grpc-js');
  const { loadSync } = await import('@grpc/proto-loader');
  const definition = loadSync('grpc/testing/test.proto', { includeDirs: [PROTOS], keepCase: true });
  const loaded = grpc.loadPackageDefinition(definition) as unknown as {
    grpc: { testing: { TestService: new (target: string, credentials: unknown) => Caller } };
  };
  const { TestService } = loaded.grpc.testing;
  const client = new TestService(`localhost:${port}`, grpc.credentials.createSsl(ca()));
  const request = { response_size: body.length, payload: { body } };
  return () =>
    new Promise((resolve, reject) => {
      client.UnaryCall(request, { deadline: Date.now() + 10_000 }, (error, reply) =>
        error === null ? resolve(reply) : reject(error),
      );
    });
}

/** Microseconds of CPU a call. */
async function measure(call: MakeCall, inFlight: number, forMs: number): Promise<number> {
  const until = performance.now() + forMs;
  const before = process.cpuUsage();
  let calls = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        await call();
        calls++;
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

async function work(name: ClientName, port: number, inFlight: number): Promise<void> {
  const call = await opened(name, port);
  await measure(call, inFlight, WARM_UP_MS);
  console.log(await measure(call, inFlight, MEASURED_MS));
  process.exit();
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];

async function compare(rounds: number): Promise<void> {
  const server = await startServer(
    [SERVER, join(CERTIFICATES, 'server.key'), join(CERTIFICATES, 'server.pem')],
    SERVER_CORE,
  );
  console.log(
    '| in flight | stubless, µs | grpc-js, µs | ratio | target |\n| ---: | ---: | ---: | ---: | ---: |',
  );
  for (const inFlight of IN_FLIGHT) {
    const found: Record<ClientName, number[]> = { stubless: [], 'grpc-js': [] };
    for (let round = 0; round < rounds; round++) {
      for (const name of CLIENTS) {
        const command = [
          process.execPath,
          fileURLToPath(import.meta.url),
          name,
          `${server.port}`,
          `${inFlight}`,
        ];
        const { output } = await run(command, CLIENT_CORE, TIMEOUT_MS);
        found[name].push(Number(output));
      }
    }
    const [ours, theirs] = CLIENTS.map((name) => median(found[name]));
    const target = `1/${Math.round(1 / TARGETS[inFlight])}`;
    const isMet = ours / theirs <= TARGETS[inFlight];
    console.log(
      `| ${inFlight} | ${ours.toFixed(1)} | ${theirs.toFixed(1)} | 1/${(theirs / ours).toFixed(1)} | ${target}${isMet ? '' : ', NOT MET'} |`,
    );
  }
  await server.stop();
}

const [name, port, inFlight] = process.argv.slice(2);
if (CLIENTS.some((known) => known === name)) await work(name as ClientName, Number(port), Number(inFlight));
else await compare(Number(/--rounds[= ](\d+)/.exec(process.argv.slice(2).join(' '))?.[1] ?? 3));
