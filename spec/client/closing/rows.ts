// What may be under way when a client is closed: each row begins it against a server that does not do its part, and says
// what of it has been promised.

import { Client, type ClientOptions } from '../../../lib/index.ts';
import { certificatePath } from '../../channel/socket/tls/certificate-files.ts';

/** Where servers that do not do their part listen, by what they are. */
export interface Places {
  /** Sends its SETTINGS with huge windows, and reads nothing, on each kind of connection. */
  readonly stuck: { readonly [kind in StuckKind]: number };
  /** Takes connections and is silent. */
  readonly silent: number;
  /** Takes no connections: its queue of them is full. */
  readonly full: number;
  /** Answers. */
  readonly good: number;
}

export type StuckKind =
  | 'plaintext'
  | 'tls'
  | 'http-proxy'
  | 'tls-http-proxy'
  | 'https-proxy'
  | 'tls-https-proxy';

/** Something under way: its client, and what must settle when that is closed. */
interface Begun {
  readonly client: Client;
  readonly promised: readonly Promise<unknown>[];
}

export interface Row {
  readonly name: string;
  readonly begin: (places: Places) => Promise<Begun>;
  /** Nobody closes the client: it must come to an end by itself. */
  readonly isLeft?: boolean;
}

const TRUSTED = { ca: { file: certificatePath('root.pem') }, serverName: 'localhost' };
const UNARY = { cardinality: 'unary_unary' } as const;
const CHUNK = Buffer.alloc(1 << 20);

const at = (port: number): string => `127.0.0.1:${port}`;

function through(port: number, isSecure: boolean): ClientOptions['proxy'] {
  return isSecure ? { url: `https://${at(port)}`, tls: TRUSTED } : { url: `http://${at(port)}` };
}

function stuckClient(kind: StuckKind, port: number, more: ClientOptions = {}): Client {
  const isTls = kind === 'tls' || kind.startsWith('tls-');
  const options: ClientOptions = { ...(isTls ? { tls: TRUSTED } : {}), ...more };
  const proxy = kind.endsWith('proxy') ? through(port, kind.endsWith('https-proxy')) : undefined;
  const host = proxy === undefined ? at(port) : 'target.test:50051';
  return new Client(
    `${isTls ? 'https' : 'http'}://${host}`,
    proxy === undefined ? options : { ...options, proxy },
  );
}

/** Writes until nothing leaves any more. */
async function fill(client: Client): Promise<Promise<unknown>[]> {
  const call = client.raw('/s/up', { cardinality: 'stream_unary' }).open({ timeoutMs: 600_000 });
  const writing = (async () => {
    for (;;) await call.write(CHUNK);
  })();
  writing.catch(() => {});
  let sent = -1;
  while (sent < 1 << 16 || sent !== client.channel.octets.sent) {
    sent = client.channel.octets.sent;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return [call.status, writing, call.headers, call.trailers];
}

function call(client: Client): Promise<unknown>[] {
  const running = client.raw('/s/m', UNARY)(undefined, { timeoutMs: 600_000 });
  return [running.status, running.headers, running.trailers];
}

/** Time in which a dial gets as far as it can. */
const under = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

async function dialling(client: Client): Promise<Begun> {
  const promised = [...call(client), client.waitForReady()];
  promised.at(-1)?.catch(() => {});
  await under();
  const { state } = client.channel;
  if (state !== 'connecting') throw new Error(`it is ${state}: ${client.channel.lastFailure}`);
  return { client, promised };
}

const KINDS: readonly StuckKind[] = [
  'plaintext',
  'tls',
  'http-proxy',
  'tls-http-proxy',
  'https-proxy',
  'tls-https-proxy',
];

export const ROWS: readonly Row[] = [
  ...KINDS.map((kind) => ({
    name: `unsent octets to a server that reads nothing: ${kind}`,
    async begin({ stuck }: Places): Promise<Begun> {
      const client = stuckClient(kind, stuck[kind]);
      return { client, promised: await fill(client) };
    },
  })),
  {
    name: 'a call that waits for room in the output',
    async begin({ stuck }) {
      const client = stuckClient('plaintext', stuck.plaintext);
      return { client, promised: [...(await fill(client)), ...call(client)] };
    },
  },
  {
    name: 'TCP',
    begin: ({ full }) => dialling(new Client(at(full))),
  },
  {
    name: 'TCP to a proxy',
    begin: ({ full }) => dialling(new Client('target.test:50051', { proxy: `http://${at(full)}` })),
  },
  {
    name: "a proxy's answer to CONNECT",
    begin: ({ silent }) => dialling(new Client('target.test:50051', { proxy: `http://${at(silent)}` })),
  },
  {
    name: "a proxy's answer in SOCKS5",
    begin: ({ silent }) => dialling(new Client('target.test:50051', { proxy: `socks5://${at(silent)}` })),
  },
  {
    name: "a proxy's TLS handshake",
    begin: ({ silent }) => dialling(new Client('target.test:50051', { proxy: `https://${at(silent)}` })),
  },
  {
    name: 'the TLS handshake',
    begin: ({ silent }) => dialling(new Client(`https://${at(silent)}`, { tls: TRUSTED })),
  },
  {
    name: "the server's SETTINGS",
    begin: ({ silent }) => dialling(new Client(at(silent))),
  },
  {
    name: 'a second address, while the first does not answer',
    async begin({ full, good }) {
      const client = new Client(`ipv4:${at(full)},${at(good)}`);
      await client.raw('/s/m', UNARY)(undefined, { timeoutMs: 5000 });
      return { client, promised: [] };
    },
  },
  {
    name: 'dials to all addresses',
    begin: ({ full, silent }) =>
      dialling(new Client(`ipv4:${at(full)},${at(silent)}`, { loadBalancing: 'round_robin' })),
  },
  {
    name: 'the watch of health on a server that reads nothing',
    async begin({ stuck }) {
      return dialling(
        new Client(`ipv4:${at(stuck.plaintext)}`, { loadBalancing: 'round_robin', healthCheck: true }),
      );
    },
  },
  {
    name: 'reflection',
    async begin({ silent }) {
      const client = new Client(at(silent));
      const loading = client.reflect();
      const found = client.request('Any', {});
      await under();
      return { client, promised: [loading, found.status] };
    },
  },
  {
    name: 'requests from an iterable that never settles',
    async begin({ good }) {
      const client = new Client(at(good));
      const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
      const running = client.raw('/s/up', { cardinality: 'stream_unary' })(never, { timeoutMs: 600_000 });
      await under();
      return { client, promised: [running.status] };
    },
  },
  {
    name: 'connections to an address that is no longer used',
    async begin({ stuck, good }) {
      let move: (() => void) | undefined;
      const client = new Client('moving:///somewhere', {
        resolver: (_target, listener) => {
          queueMicrotask(() => listener.onAddresses([at(stuck.plaintext)]));
          move = () => listener.onAddresses([at(good)]);
          return { refresh() {}, close() {} };
        },
      });
      const promised = await fill(client);
      move?.();
      await client.raw('/s/m', UNARY)(undefined, { timeoutMs: 5000 });
      return { client, promised };
    },
  },
  {
    name: 'unsent octets on a connection that is closed because it is idle',
    isLeft: true,
    async begin({ stuck }) {
      const client = stuckClient('plaintext', stuck.plaintext, { idleConnectionMs: 100 });
      const running = client.raw('/s/up', { cardinality: 'stream_unary' }).open({ timeoutMs: 600_000 });
      void (async () => {
        for (;;) await running.write(CHUNK);
      })().catch(() => {});
      await under();
      running.cancel();
      return { client, promised: [running.status] };
    },
  },
];
