// Servers that fall silent as a spec tells them, over each kind of connection that there is: in plaintext, over TLS, a Unix
// socket, through proxies, one TLS in another, in memory.

import net from 'node:net';
import { Duplex } from 'node:stream';
import { Channel } from '../../../lib/channel/channel.ts';
import type { KeepalivePolicy } from '../../../lib/channel/connection/keepalive.ts';
import type { ByteSocket } from '../../../lib/channel/socket/byte-socket.ts';
import { parseTarget } from '../../../lib/channel/target/target.ts';
import { ChannelPolicies } from '../../../lib/client/channel-policy.ts';
import { makeChannel } from '../../../lib/client/client-channel.ts';
import { checkClientOptions } from '../../../lib/client/client-options.ts';
import { ALWAYS_HEALTHY } from '../../../lib/client/health-watch.ts';
import { Connection as Http2Connection } from '../../../lib/http2/connection.ts';
import type { FieldList } from '../../../lib/http2/handlers.ts';
import type { Stream } from '../../../lib/http2/stream.ts';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import { MemorySocket } from '../../../lib/testing/memory/memory-socket.ts';
import { Network } from '../../../lib/testing/memory/network.ts';
import { certificatePath } from '../../channel/socket/tls/certificate-files.ts';
import { behind, connectFront, type Front, socksFront, tlsFront } from '../../suites/hostile/fronts.ts';

const HUGE_WINDOW_OCTETS = 0x7fff_ffff;
const RESPONSE: FieldList = [':status', '200', 'content-type', 'application/grpc'];
const EMPTY_MESSAGE = Buffer.alloc(5);

/** The server's end of one connection. Unless told otherwise it answers requests that are whole with an empty message. */
class FarEnd {
  /** What comes is read and forgotten: not even PINGs are answered. */
  isDeaf = false;
  /** Requests are not answered, PINGs are. */
  isHolding = false;
  pings = 0;
  readonly streams: Stream[] = [];
  readonly #stream: Duplex;
  readonly #http2: Http2Connection;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#http2 = new Http2Connection(
      {
        onOutput: () => setImmediate(() => this.flush()),
        onReady() {},
        onCapacity() {},
        onGoAway() {},
        onPingAck() {},
        onConnectionEnd: () => stream.end(),
        onStream: (opened) => {
          this.streams.push(opened);
          return {
            onHeaders() {},
            onData: (_, start, end) => opened.taken(end - start),
            onTrailers() {},
            onWritable() {},
            onEnd: (end) => {
              if (end.kind === 'complete' && !this.isHolding) this.answer(opened);
            },
          };
        },
      },
      {
        role: 'server',
        initialWindowOctets: HUGE_WINDOW_OCTETS,
        connectionWindowOctets: HUGE_WINDOW_OCTETS,
        frameTap: {
          onFrame: (direction, type, flags) => {
            if (direction === 'received' && type === 6 && flags === 0) this.pings++;
          },
        },
      },
    );
    stream.on('error', () => {});
    stream.on('data', (octets: Buffer) => {
      if (!this.isDeaf) this.#http2.receive(octets, performance.now());
    });
    // Fronts leave it paused.
    stream.resume();
    this.flush();
  }

  answer(stream: Stream): void {
    stream.headers(RESPONSE, false);
    stream.write(EMPTY_MESSAGE, 0, EMPTY_MESSAGE.length, false, false);
    stream.trailers(['grpc-status', '0']);
  }

  /** GOAWAY: running calls go on. */
  drain(): void {
    this.#http2.drain();
  }

  /** Reads nothing any more. */
  stall(): void {
    this.#stream.pause();
  }

  /** Closes its side; what comes goes on as it does. */
  closeItsSide(): void {
    this.#stream.end();
  }

  flush(): void {
    for (let octets = this.#http2.nextOutput(); octets !== undefined; octets = this.#http2.nextOutput()) {
      if (this.#stream.writable) this.#stream.write(octets);
    }
  }
}

export interface Standing {
  /** One for each connection that was made. */
  readonly ends: readonly FarEnd[];
  readonly client: Client;
  close(): void;
}

export interface ConnectionKind {
  readonly name: string;
  /** A server, and a client with any keepalive, not only those that users may have. */
  start(keepalive?: KeepalivePolicy, options?: ClientOptions): Promise<Standing>;
}

const TRUSTED = { ca: { file: certificatePath('root.pem') }, serverName: 'localhost' };

interface Socketed {
  readonly name: string;
  readonly front?: Front;
  readonly options?: (port: number) => ClientOptions;
  readonly path?: () => string;
}

const proxied = (scheme: string, tls?: object) => (port: number) => ({
  ...(tls === undefined ? {} : { tls }),
  proxy: {
    url: `${scheme}://127.0.0.1:${port}`,
    ...(scheme === 'https' ? { tls: TRUSTED } : {}),
  },
});
const PROXY_TLS = tlsFront({ ALPNProtocols: ['http/1.1'] });

const SOCKETED: readonly Socketed[] = [
  { name: 'in plaintext' },
  { name: 'over TLS', front: tlsFront(), options: () => ({ tls: TRUSTED }) },
  { name: 'over a Unix socket', path: () => `\0stubless-${process.pid}-${Math.random()}` },
  { name: 'through an HTTP proxy', front: connectFront(), options: proxied('http') },
  {
    name: 'over TLS through an HTTP proxy',
    front: behind(connectFront(), tlsFront()),
    options: proxied('http', TRUSTED),
  },
  {
    name: 'over TLS through a SOCKS5 proxy',
    front: behind(socksFront(), tlsFront()),
    options: proxied('socks5', TRUSTED),
  },
  { name: 'through an HTTPS proxy', front: behind(PROXY_TLS, connectFront()), options: proxied('https') },
  {
    name: 'over TLS through an HTTPS proxy',
    front: behind(PROXY_TLS, behind(connectFront(), tlsFront())),
    options: proxied('https', TRUSTED),
  },
];

function clientOf(target: string, keepalive: KeepalivePolicy | undefined, options: ClientOptions): Client {
  const checked = checkClientOptions(options);
  const policies = new ChannelPolicies(checked.balancing, undefined, () => ALWAYS_HEALTHY);
  return new Client(
    makeChannel(
      { where: target, port: undefined },
      { ...checked, channel: { ...checked.channel, keepalive } },
      policies,
    ),
  );
}

async function startSocketed(
  { front, options, path }: Socketed,
  keepalive: KeepalivePolicy | undefined,
  more: ClientOptions,
): Promise<Standing> {
  const ends: FarEnd[] = [];
  const wires = new Set<net.Socket>();
  // Half open, so that a side can be closed by itself.
  const server = net.createServer({ allowHalfOpen: true }, (wire) => {
    wires.add(wire);
    wire.on('error', () => {});
    void (async () => {
      const stream = front === undefined ? wire : await front(wire);
      if (stream !== undefined) ends.push(new FarEnd(stream));
    })().catch(() => {});
  });
  const at = path === undefined ? { host: '127.0.0.1', port: 0 } : { path: path() };
  await new Promise<void>((resolve) => server.listen(at, resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const own = options?.(port) ?? {};
  const host = 'proxy' in own ? 'target.test:50051' : `127.0.0.1:${port}`;
  const target = 'path' in at ? `unix-abstract:${at.path.slice(1)}` : 'tls' in own ? `https://${host}` : host;
  const client = clientOf(target, keepalive, { ...own, ...more });
  return {
    ends,
    client,
    close() {
      void client.close({ graceMs: 0 });
      for (const wire of wires) wire.destroy();
      server.close();
    },
  };
}

/** As a stream of Node's. */
class MemoryDuplex extends Duplex {
  readonly #socket: MemorySocket;

  constructor(socket: MemorySocket) {
    super();
    this.#socket = socket;
    socket.use({
      onRead: (octets) => void this.push(new Uint8Array(octets)),
      onDrain() {},
      onClose: () => void this.push(null),
    });
  }

  override _read(): void {}

  override _write(octets: Buffer, _: unknown, done: () => void): void {
    this.#socket.write(octets);
    done();
  }

  override _final(done: () => void): void {
    this.#socket.destroySoon();
    done();
  }
}

/** A network in memory that is stalled where sockets are only not read. */
class MemoryEnd extends FarEnd {
  readonly #network: Network;

  constructor(stream: Duplex, network: Network) {
    super(stream);
    this.#network = network;
  }

  override stall(): void {
    this.#network.conditions.isStalled = true;
  }

  override closeItsSide(): void {
    // Or nobody would hear of it.
    this.#network.conditions.isStalled = false;
    super.closeItsSide();
  }
}

function startInMemory(keepalive: KeepalivePolicy | undefined, options: ClientOptions): Standing {
  const ends: FarEnd[] = [];
  const channel = new Channel(parseTarget('unix:in-memory'), {
    ...checkClientOptions(options).channel,
    keepalive,
    dial(_address, _credentials, handler): ByteSocket {
      const network = new Network();
      const [near, far] = MemorySocket.pair(network);
      near.use(handler);
      near.ref();
      setImmediate(() => {
        ends.push(new MemoryEnd(new MemoryDuplex(far), network));
        handler.onConnect(near, undefined);
      });
      return near;
    },
  });
  const client = new Client(channel);
  return { ends, client, close: () => void client.close({ graceMs: 0 }) };
}

export const CONNECTION_KINDS: readonly ConnectionKind[] = [
  ...SOCKETED.map((kind) => ({
    name: kind.name,
    start: (keepalive?: KeepalivePolicy, options: ClientOptions = {}) =>
      startSocketed(kind, keepalive, options),
  })),
  { name: 'in memory', start: async (keepalive, options = {}) => startInMemory(keepalive, options) },
];
