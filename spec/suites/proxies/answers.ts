// What proxies say in a server's place, and what the error of a call makes of it: the status by gRPC's table of HTTP
// statuses, and a text that names the cause, so that nobody looks for it in the wrong program.

import { Client, RpcError } from '../../../lib/index.ts';
import { freePorts } from '../../support/free-ports.ts';
import { Caddy } from './peers/caddy.ts';
import { Envoy } from './peers/envoy.ts';
import { Haproxy } from './peers/haproxy.ts';
import { Nginx } from './peers/nginx.ts';
import type { Peer } from './peers/peer.ts';

const PROTO = `
  syntax = "proto3";
  package proxies;
  message Id { string id = 1; }
  service Echo {
    rpc Once(Id) returns (Id);
    rpc Sleep(Id) returns (Id);
    rpc Watch(stream Id) returns (stream Id);
  }
`;

interface AnswerCase {
  readonly name: string;
  readonly start: () => Promise<Peer>;
  readonly call: (client: Client) => Promise<unknown>;
  /** `OK`, or the status. */
  readonly code: string;
  /** What its text holds. */
  readonly text?: readonly (string | RegExp)[];
}

const TIMEOUT_MS = 300;

const once = async (client: Client): Promise<unknown> => await client.request('Once', { id: 'a' });
const sleep = async (client: Client): Promise<unknown> => await client.request('Sleep', { id: 'a' });
const large = async (client: Client): Promise<unknown> =>
  await client.request('Once', { id: 'x'.repeat(8192) });

/** A stream that is silent after its first message. */
async function silence(client: Client): Promise<unknown> {
  await using call = client.open('Watch');
  await call.write({ id: 'a' });
  await call.read();
  return await call.read();
}

function withToken(characters: number): (client: Client) => Promise<unknown> {
  // As in base64, of which a token is made.
  const token = Buffer.from(Array.from({ length: characters }, (_, index) => index * 7)).toString('base64');
  return (client) =>
    client.request(
      'Once',
      { id: 'a' },
      { metadata: { authorization: `Bearer ${token.slice(0, characters)}` } },
    );
}

async function deadPort(): Promise<number> {
  const [port] = await freePorts(1);
  return port;
}

const nginx =
  (...directives: readonly string[]) =>
  (): Promise<Peer> =>
    Nginx.start({ directives });

const CASES: readonly AnswerCase[] = [
  {
    name: 'nginx: 413, client_max_body_size',
    start: nginx('client_max_body_size 1k;'),
    call: large,
    code: 'UNKNOWN',
    text: ['413', 'Request Entity Too Large'],
  },
  {
    name: 'nginx: 502, nobody behind it',
    start: async () => Nginx.start({ backendPort: await deadPort() }),
    call: once,
    code: 'UNAVAILABLE',
    text: ['502', 'Bad Gateway'],
  },
  {
    name: 'nginx: 504, grpc_read_timeout',
    start: nginx(`grpc_read_timeout ${TIMEOUT_MS}ms;`),
    call: sleep,
    code: 'UNAVAILABLE',
    text: ['504', 'Gateway Time-out'],
  },
  {
    name: 'nginx: grpc_read_timeout of a stream',
    start: nginx(`grpc_read_timeout ${TIMEOUT_MS}ms;`),
    call: silence,
    code: 'INTERNAL',
    text: ['reset the stream with INTERNAL_ERROR'],
  },
  {
    name: 'nginx: a token of 9,000 characters',
    start: nginx(),
    call: withToken(9_000),
    code: 'OK',
  },
  {
    name: 'nginx: a token of 40,000 characters',
    start: nginx(),
    call: withToken(40_000),
    code: 'UNAVAILABLE',
    text: ['ENHANCE_YOUR_CALM', 'header fields took'],
  },
  {
    name: 'nginx: without HTTP/2',
    start: () => Nginx.start({ http2: false }),
    call: once,
    code: 'UNAVAILABLE',
    text: [/HTTP\/1/],
  },
  ...(
    [
      [401, 'UNAUTHENTICATED', 'Authorization Required'],
      [403, 'PERMISSION_DENIED', 'Forbidden'],
      [404, 'UNIMPLEMENTED', 'Not Found'],
      [429, 'UNAVAILABLE', 'Too Many Requests'],
      [503, 'UNAVAILABLE', 'Service Temporarily Unavailable'],
    ] as const
  ).map(
    ([status, code, text]): AnswerCase => ({
      name: `nginx: ${status}`,
      start: nginx(`if ($request_method = POST) { return ${status}; }`),
      call: once,
      code,
      text: [String(status), text],
    }),
  ),
  {
    name: 'haproxy: 503, nobody behind it',
    start: async () => Haproxy.start({ backendPort: await deadPort() }),
    call: once,
    code: 'UNAVAILABLE',
    text: ['503', 'No server is available'],
  },
  {
    name: 'haproxy: 504, timeout server',
    start: () => Haproxy.start({ serverTimeoutMs: TIMEOUT_MS }),
    call: sleep,
    code: 'UNAVAILABLE',
    text: ['504', "didn't respond in time"],
  },
  {
    name: 'haproxy: timeout server of a stream',
    start: () => Haproxy.start({ serverTimeoutMs: TIMEOUT_MS }),
    call: silence,
    code: 'UNKNOWN',
    text: ['without a grpc-status'],
  },
  {
    name: 'haproxy: timeout client of a stream',
    start: () => Haproxy.start({ clientTimeoutMs: TIMEOUT_MS }),
    call: silence,
    code: 'UNKNOWN',
    text: ['without a grpc-status'],
  },
  {
    name: 'haproxy: a token of 9,000 characters',
    start: () => Haproxy.start(),
    call: withToken(9_000),
    code: 'OK',
  },
  {
    name: 'haproxy: a token of 40,000 characters',
    start: () => Haproxy.start(),
    call: withToken(40_000),
    code: 'UNAVAILABLE',
    text: ['GOAWAY', 'header fields took'],
  },
  {
    name: 'envoy: nobody behind it',
    start: async () => Envoy.start({ backendPort: await deadPort() }),
    call: once,
    code: 'UNAVAILABLE',
    text: ['upstream connect error'],
  },
  {
    name: 'envoy: timeout of a route',
    start: () => Envoy.start({ route: { timeout: '0.3s' } }),
    call: sleep,
    code: 'UNAVAILABLE',
    text: ['upstream request timeout'],
  },
  {
    name: 'envoy: stream_idle_timeout',
    start: () => Envoy.start({ manager: { stream_idle_timeout: '0.3s' } }),
    call: silence,
    code: 'INTERNAL',
    text: ['reset the stream with INTERNAL_ERROR'],
  },
  {
    name: 'envoy: no route',
    start: () => Envoy.start(),
    call: async (client) =>
      await client.raw('/other.Echo/Once', { cardinality: 'unary_unary' })(Buffer.alloc(0)),
    code: 'UNIMPLEMENTED',
    text: [],
  },
  {
    name: 'envoy: a token of 40,000 characters',
    start: () => Envoy.start(),
    call: withToken(40_000),
    code: 'OK',
  },
  {
    name: 'envoy: a token of 90,000 characters',
    start: () => Envoy.start(),
    call: withToken(90_000),
    code: 'UNAVAILABLE',
    text: ['GOAWAY', 'header fields took'],
  },
  {
    name: 'caddy: 502, nobody behind it',
    start: async () => Caddy.start({ backendPort: await deadPort() }),
    call: once,
    code: 'UNAVAILABLE',
    text: ['502'],
  },
];

export async function runAnswers(
  only: string,
  report: (name: string, wrong: readonly string[]) => void,
): Promise<object[]> {
  const results: object[] = [];
  for (const test of CASES) {
    if (!test.name.includes(only)) continue;
    const { code, text, wrong } = await runAnswer(test);
    report(`${test.name}: ${code}`, wrong);
    if (text !== '') console.log(`    ${text}`);
    results.push({ name: test.name, code, text });
  }
  return results;
}

interface Seen {
  readonly code: string;
  readonly text: string;
  readonly wrong: readonly string[];
}

async function runAnswer(test: AnswerCase): Promise<Seen> {
  let peer: Peer | undefined;
  try {
    peer = await test.start();
    await using client = new Client(`127.0.0.1:${peer.port}`, { reflection: 'never' });
    await client.load(PROTO);
    try {
      await test.call(client);
      return { code: 'OK', text: '', wrong: test.code === 'OK' ? [] : [`OK, not ${test.code}`] };
    } catch (error) {
      if (!RpcError.is(error)) throw error;
      const wrong = error.codeName === test.code ? [] : [`not ${test.code}`];
      for (const part of test.text ?? []) {
        const isThere = typeof part === 'string' ? error.message.includes(part) : part.test(error.message);
        if (!isThere) wrong.push(`its text does not say ${String(part)}`);
      }
      return { code: error.codeName, text: error.details, wrong };
    }
  } catch (error) {
    return { code: 'nothing', text: '', wrong: [String(error)] };
  } finally {
    await peer?.close();
  }
}
