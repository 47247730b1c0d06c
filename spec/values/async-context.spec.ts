// In whose async context a user's function runs: that of the call it belongs to, whoever opened the socket, fired the
// timer or freed the stream that brought it about. AsyncLocalStorage is the witness.

import { AsyncLocalStorage } from 'node:async_hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import type { ConnectionOptions } from '../../lib/http2/connection.ts';
import { type Call, type CallOptions, Client, type ClientOptions } from '../../lib/index.ts';
import { PROTO } from '../rpc/retry/script.ts';
import { closing, rejection } from '../support/closing.ts';
import { type Http2Peer, listenHttp2, type PeerStream } from '../support/peers/peer.ts';
import { listening } from '../support/subscriptions.ts';

const PATH = '/test.Tests/';
const caller = new AsyncLocalStorage<string>();
const FAST = { maxAttempts: 3, initialBackoffMs: 1, maxBackoffMs: 1 };
const EVENTS = ['start', 'attempt', 'stream', 'headers', 'message', 'attempt.end', 'end'] as const;

/** Answers with the first message, marked as compressed with `own` where the client accepts that. */
function answer(request: PeerStream): void {
  void request
    .when(() => request.hasEnded)
    .then(() => {
      const isOwn = request.header('grpc-accept-encoding')?.includes('own') === true;
      const head = [':status', '200', 'content-type', 'application/grpc', 'grpc-encoding', 'own'];
      request.head(isOwn ? head : head.slice(0, 4));
      const [message] = request.messages;
      const framed = Buffer.alloc(5 + message.length);
      framed.writeUInt8(isOwn ? 1 : 0, 0);
      framed.writeUInt32BE(message.length, 1);
      framed.set(message, 5);
      request.write(framed).status(0);
    });
}

/** How the attempt that is answered comes about. */
interface Way {
  readonly name: string;
  /** What the server does with bob's first request; it answers those that follow. */
  readonly first?: (request: PeerStream) => void;
  readonly server?: ConnectionOptions;
  readonly options?: CallOptions;
  /** Alice's connection is not ready, or has no free stream, when bob makes his call. */
  readonly waits?: 'connection' | 'stream';
}

const busy = (request: PeerStream): void => {
  request.head([':status', '200', 'content-type', 'application/grpc', 'grpc-status', '14'], true);
};
const WAYS: readonly Way[] = [
  { name: 'at once' },
  { name: 'from behind the connection', waits: 'connection' },
  { name: 'from behind the limit of streams', waits: 'stream', server: { maxConcurrentStreams: 1 } },
  { name: 'again, after a timer', first: busy, options: { retry: FAST } },
  { name: 'beside another (hedging)', first: () => {}, options: { hedging: { delayMs: 1 } } },
  { name: 'again, unasked', first: (request) => request.stream.reset(7) },
];

/** A function of the user's, which tells of itself. */
interface Kind {
  readonly name: string;
  client?(tell: () => void): ClientOptions;
  options?(tell: () => void): CallOptions;
  /** Makes the call; by default of one request and one reply. */
  call?(client: Client, options: CallOptions, tell: () => void): Promise<unknown>;
  /** What is loaded in place of the .proto file. */
  schema?(tell: () => void): object;
  /** How often it is told of at least. */
  readonly least: number;
}

const own = (tell: () => void): NonNullable<ClientOptions['compressions']> => [
  {
    name: 'own',
    compress(bytes) {
      tell();
      return bytes;
    },
    decompress(bytes) {
      tell();
      return bytes;
    },
  },
];

describe('Async context: functions of the user', () => {
  const close = closing();
  const listen = listening();

  const kinds: readonly Kind[] = [
    {
      name: 'credentials',
      options: (tell) => ({
        credentials: async () => {
          tell();
          await undefined;
          tell();
          return {};
        },
      }),
      least: 2,
    },
    {
      name: 'credentials that are no promise',
      options: (tell) => ({
        credentials: () => {
          tell();
          return {};
        },
      }),
      least: 1,
    },
    {
      name: 'compressions',
      client: (tell) => ({ compressions: own(tell), compression: 'own' }),
      least: 2,
    },
    {
      name: 'interceptors',
      options: (tell) => ({
        interceptors: [
          async (call, next) => {
            tell();
            const reply = await next(call);
            tell();
            return reply;
          },
          async (call, next) => {
            tell();
            const inner = next(call);
            await inner.headers;
            tell();
            return inner;
          },
        ],
      }),
      least: 4,
    },
    {
      name: 'an interceptor’s replies, read elsewhere',
      options: (tell) => ({
        interceptors: [
          async function* (call, next) {
            for await (const reply of next(call)) {
              tell();
              yield reply;
              tell();
            }
          },
        ],
      }),
      async call(client, options) {
        const stream = await client.request('List', { text: 'a' }, options);
        await caller.run('a reader', () => stream.toArray());
      },
      least: 2,
    },
    {
      name: 'the requests of an iterable',
      async call(client, options, tell) {
        async function* messages(): AsyncGenerator<object> {
          try {
            tell();
            yield { text: 'a' };
            tell();
          } finally {
            tell();
          }
        }
        await client.request('Gather', messages(), options);
      },
      least: 3,
    },
    {
      name: 'codecs of foreign modules',
      schema: (tell) => ({
        plain: {
          path: `${PATH}Plain`,
          requestStream: false,
          responseStream: false,
          requestSerialize(value: { text: string }) {
            tell();
            return Buffer.from(value.text);
          },
          responseDeserialize(bytes: Buffer) {
            tell();
            return { text: bytes.toString() };
          },
        },
      }),
      least: 2,
    },
    {
      name: 'subscribers of diagnostics',
      async call(client, options, tell) {
        for (const name of EVENTS) {
          listen(`stubless:call.${name}`, ({ call }: { call: { method: string } }) => {
            if (call.method === `${PATH}Plain`) tell();
          });
        }
        await client.request('Plain', { text: 'a' }, options);
      },
      least: EVENTS.length,
    },
    {
      name: 'processors of OpenTelemetry’s spans',
      client: (tell) => {
        const processor = {
          onStart: tell,
          onEnd: tell,
          forceFlush: () => Promise.resolve(),
          shutdown: () => Promise.resolve(),
        };
        const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('t');
        return { telemetry: { tracer, metrics: false } };
      },
      least: 2,
    },
  ];

  /** Alice has the connection made, and keeps its stream if she is asked to; bob's call is the one to look at. */
  async function seen(kind: Kind, way: Way): Promise<readonly (string | undefined)[]> {
    const stores: (string | undefined)[] = [];
    const tell = (): void => {
      stores.push(caller.getStore());
    };
    let first = way.first;
    const held: PeerStream[] = [];
    const peer: Http2Peer = close(
      await listenHttp2((request) => {
        if (request.header(':path') === `${PATH}Read`) {
          if (way.waits === 'stream') held.push(request);
          else answer(request);
        } else if (first === undefined) answer(request);
        else {
          first(request);
          first = undefined;
        }
      }, way.server),
    );
    const alice = close(new Client(peer.target));
    await alice.load(PROTO);
    const bob = close(
      new Client(alice.channel, {
        allowCredentialsOverPlaintext: true,
        ...kind.client?.(tell),
      } as ClientOptions),
    );
    await bob.load((kind.schema?.(tell) ?? PROTO) as string);
    if (way.waits === undefined) await caller.run('alice', () => alice.waitForReady());
    const hers = caller.run('alice', () => alice.request('Read', { text: 'a' }));
    void hers.status;
    if (way.waits === 'stream') await peer.request(1);
    else if (way.waits === undefined) await hers;
    const options: CallOptions = { timeoutMs: 5000, ...way.options, ...kind.options?.(tell) };
    const his = caller.run('bob', async () => {
      if (kind.call !== undefined) return kind.call(bob, options, tell);
      return await bob.request('Plain', { text: 'a' }, options);
    });
    for (const request of held) answer(request);
    await his;
    await hers;
    return stores;
  }

  for (const kind of kinds) {
    describe(kind.name, () => {
      for (const way of WAYS) {
        it(`run in the context of the call that is made ${way.name}`, async () => {
          const stores = await seen(kind, way);
          expect(stores.length, 'how often it ran').to.be.at.least(kind.least);
          expect([...new Set(stores)]).to.deep.equal(['bob']);
        });
      }
    });
  }

  describe('of a call that ends', () => {
    /** A server that never answers, with a connection that alice had made. */
    async function connect(options?: ClientOptions): Promise<Client> {
      const peer = close(await listenHttp2());
      const client = close(new Client(peer.target, options));
      await client.load(PROTO);
      await caller.run('alice', () => client.waitForReady());
      return client;
    }

    function endings(call: Call, end: 'deadline' | 'cancel'): Promise<Error> {
      if (end === 'cancel') setImmediate(() => caller.run('alice', () => call.cancel()));
      return rejection(call);
    }

    for (const end of ['deadline', 'cancel'] as const) {
      const options = end === 'deadline' ? { timeoutMs: 20 } : {};

      it(`clean up its iterable in its context: ${end}`, async () => {
        const client = await connect();
        let store: string | undefined;
        const source = {
          next: () => new Promise<IteratorResult<object>>(() => {}),
          async return() {
            store = caller.getStore();
            return { value: undefined, done: true as const };
          },
          [Symbol.asyncIterator]() {
            return this;
          },
        };
        const call = caller.run('bob', () => client.request('Gather', source, options));
        await endings(call, end);
        expect(store).to.equal('bob');
      });

      it(`abort the signal of its credentials in its context: ${end}`, async () => {
        const client = await connect({ allowCredentialsOverPlaintext: true });
        let store: string | undefined;
        const call = caller.run('bob', () =>
          client.request(
            'Plain',
            {},
            {
              ...options,
              credentials: ({ signal }) =>
                new Promise((_, reject) => {
                  signal.addEventListener('abort', () => {
                    store = caller.getStore();
                    reject(signal.reason);
                  });
                }),
            },
          ),
        );
        await endings(call, end);
        expect(store).to.equal('bob');
      });

      it(`leave an interceptor's replies in its context: ${end}`, async () => {
        const client = await connect();
        let store: string | undefined;
        const call = caller.run('bob', () =>
          client.request(
            'List',
            {},
            {
              ...options,
              interceptors: [
                async function* () {
                  try {
                    yield { text: 'a' };
                    yield { text: 'b' };
                  } finally {
                    store = caller.getStore();
                  }
                },
              ],
            },
          ),
        );
        const reader = (await call)[Symbol.asyncIterator]();
        await caller.run('alice', () => reader.next());
        if (end === 'cancel') caller.run('alice', () => call.cancel());
        await call.status;
        await new Promise((resolve) => setImmediate(resolve));
        expect(store).to.equal('bob');
      });
    }

    it('tell of one that nobody looked at in its context', async () => {
      for (const interceptors of [undefined, [(call: never, next: (call: never) => unknown) => next(call)]]) {
        const client = await connect();
        const told = new Promise<string | undefined>((resolve) => {
          listen('stubless:call.unobserved', () => resolve(caller.getStore()));
        });
        caller.run(
          'bob',
          () => void client.request('Plain', {}, { timeoutMs: 20, interceptors } as CallOptions),
        );
        expect(await told).to.equal('bob');
      }
    });

    it('tell of one whose method was not found in its context', async () => {
      const client = await connect();
      let store: string | undefined;
      listen('stubless:call.end', () => {
        store = caller.getStore();
      });
      const loading = client.load('protos/helloworld.proto');
      const call = caller.run('bob', () => client.request('Nothing', {}));
      await rejection(call);
      await loading;
      expect(store).to.equal('bob');
    });
  });

  it('run in the context of an interceptor that set one of its own', async () => {
    const peer = close(await listenHttp2(answer));
    const stores: (string | undefined)[] = [];
    const client = close(
      new Client(peer.target, {
        allowCredentialsOverPlaintext: true,
        interceptors: [(call, next) => caller.run('the interceptor', () => next(call))],
        credentials: () => {
          stores.push(caller.getStore());
          return {};
        },
      }),
    );
    await client.load(PROTO);
    await caller.run('bob', () => client.request('Plain', { text: 'a' }));
    expect(stores).to.deep.equal(['the interceptor']);
  });

  it('run in the context of the call, whoever writes its one request', async () => {
    const peer = close(await listenHttp2(answer));
    const stores: (string | undefined)[] = [];
    const client = close(
      new Client(peer.target, {
        interceptors: [
          (call, next) => {
            stores.push(caller.getStore());
            return next(call);
          },
        ],
      }),
    );
    await client.load(PROTO);
    const call = caller.run('bob', () => client.open('Plain'));
    await caller.run('alice', () => call.end({ text: 'a' }));
    await call;
    expect(stores).to.deep.equal(['bob']);
  });
});
