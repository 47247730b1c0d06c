// A test server whose clients are others': @connectrpc/connect-node in its three protocols over HTTP/1.1 and HTTP/2, with and
// without TLS; fetch; and what speaks none of it.

import { join } from 'node:path';
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { expect } from 'chai';
import { encodeDescriptorSet } from '../../lib/schema/registry/descriptor-set.ts';
import { Registry } from '../../lib/schema/registry/registry.ts';
import { loadSources } from '../../lib/schema/sources/load-source.ts';
import { rpcError, type ServerCall, TestServer } from '../../lib/testing/index.ts';
import { rejection } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { TurnedTime } from '../support/time/turned-time.ts';
import { HANDLERS, SHOP } from './shop.ts';

const SAFE = SHOP.replace(
  'rpc Get(Key) returns (Item);',
  'rpc Get(Key) returns (Item) { option idempotency_level = NO_SIDE_EFFECTS; }',
);

interface Item {
  readonly name: string;
  readonly price: number;
  readonly data: Uint8Array;
}

interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly headers?: Record<string, string>;
  readonly onHeader?: (headers: Headers) => void;
  readonly onTrailer?: (trailers: Headers) => void;
}

/** What `createClient` makes of the shop: its types know only what a code generator wrote. */
interface ShopClient {
  get(key: object, options?: CallOptions): Promise<Item>;
  later(key: object, options?: CallOptions): Promise<Item>;
  list(key: object, options?: CallOptions): AsyncIterable<Item>;
  add(items: AsyncIterable<object>, options?: CallOptions): Promise<{ price: number; items: number }>;
  chat(keys: AsyncIterable<object>, options?: CallOptions): AsyncIterable<Item>;
}

interface Settings {
  readonly useBinaryFormat?: boolean;
  readonly useHttpGet?: boolean;
  readonly sendCompression?: typeof compressionGzip;
  readonly compressMinBytes?: number;
}

const HTTP_VERSIONS = ['1.1', '2'] as const;
const PEERS: readonly (readonly [
  protocol: 'grpc' | 'grpc-web' | 'connect',
  httpVersion: '1.1' | '2',
  transportTo: (baseUrl: string, settings: Settings) => Transport,
])[] = [
  ['grpc', '2', (baseUrl, settings) => createGrpcTransport({ baseUrl, ...settings })],
  ...HTTP_VERSIONS.map(
    (httpVersion) =>
      [
        'grpc-web',
        httpVersion,
        (baseUrl: string, settings: Settings) =>
          createGrpcWebTransport({ baseUrl, httpVersion, ...settings }),
      ] as const,
  ),
  ...HTTP_VERSIONS.map(
    (httpVersion) =>
      [
        'connect',
        httpVersion,
        (baseUrl: string, settings: Settings) =>
          createConnectTransport({ baseUrl, httpVersion, ...settings }),
      ] as const,
  ),
];

async function* stream<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function connectError(promise: PromiseLike<unknown>): Promise<ConnectError> {
  const error = await rejection(promise);
  if (!(error instanceof ConnectError)) throw error;
  return error;
}

let types: FileRegistry;
before(async () => {
  const registry = new Registry();
  registry.addSources(
    await loadSources([SAFE, join('protos', 'google', 'rpc', 'error_details.proto')], { includeDirs: [] }),
  );
  types = createFileRegistry(fromBinary(FileDescriptorSetSchema, encodeDescriptorSet(registry.files)));
});

function shopOver(transport: Transport): ShopClient {
  const service = types.getService('shop.Shop');
  if (service === undefined) throw new Error('no service shop.Shop');
  return createClient(service, transport) as unknown as ShopClient;
}

for (const [protocol, httpVersion, transportTo] of PEERS) {
  for (const codec of ['proto', 'json'] as const) {
    describe(`A test server with connect-node, ${protocol} over HTTP/${httpVersion} in ${codec}`, () => {
      let server: TestServer;
      const serve = async (handlers: object, settings: Settings = {}): Promise<ShopClient> => {
        server = new TestServer(SAFE, handlers as never, { compression: 'gzip' });
        const { target } = await server.listen();
        return shopOver(transportTo(target, { useBinaryFormat: codec === 'proto', ...settings }));
      };
      afterEach(() => server.close());

      it('answers each kind of method, and logs what was spoken', async () => {
        const shop = await serve(HANDLERS);
        expect((await shop.get({ name: 'tea' })).price).to.equal(3);
        expect((await collect(shop.list({ name: 'x' }))).map(({ price }) => price)).to.deep.equal([1, 2, 3]);
        const total = await shop.add(stream({ price: 2 }, { price: 40 }));
        expect([total.price, total.items]).to.deep.equal([42, 2]);
        const names = (await collect(shop.chat(stream({ name: 'a' }, { name: 'b' })))).map(
          ({ name }) => name,
        );
        expect(names).to.deep.equal(['a', 'b']);
        expect(server.calls).to.have.length(4);
        for (const call of server.calls) {
          expect([call.protocol, call.codec, call.httpVersion]).to.deep.equal([protocol, codec, httpVersion]);
          expect(call.status?.codeName).to.equal('OK');
        }
      });

      if (httpVersion === '2') {
        it('answers one request of a stream before the next', async () => {
          const shop = await serve(HANDLERS);
          let next = (): void => {};
          async function* keys(): AsyncGenerator<object> {
            for (const name of ['a', 'b', 'c']) {
              const answered = new Promise<void>((resolve) => {
                next = resolve;
              });
              yield { name };
              await answered;
            }
          }
          const names: string[] = [];
          for await (const { name } of shop.chat(keys())) {
            names.push(name);
            next();
          }
          expect(names).to.deep.equal(['a', 'b', 'c']);
        });
      }

      it('passes metadata both ways', async () => {
        const annotate = (call: ServerCall): void => {
          call.headers.set('x-head', String(call.metadata.get('x-a')));
          call.trailers.set('x-tail', 't');
        };
        const shop = await serve({
          Get(_: unknown, call: ServerCall) {
            annotate(call);
            return {};
          },
          *List(_: unknown, call: ServerCall) {
            annotate(call);
            yield {};
          },
        });
        for (const call of [
          (options: CallOptions) => shop.get({}, options),
          (options: CallOptions) => collect(shop.list({}, options)),
        ]) {
          let head: Headers | undefined;
          let tail: Headers | undefined;
          await call({
            headers: { 'x-a': '1' },
            onHeader: (headers) => {
              head = headers;
            },
            onTrailer: (trailers) => {
              tail = trailers;
            },
          });
          expect([head?.get('x-head'), tail?.get('x-tail')]).to.deep.equal(['1', 't']);
        }
      });

      it('sends errors with details and metadata', async () => {
        const error = rpcError('NOT_FOUND', 'no tea ☕', {
          metadata: { 'x-why': 'sold' },
          errorDetails: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'SOLD' }],
        });
        const shop = await serve({
          Get: () => Promise.reject(error),
          List: () => Promise.reject(error),
          async *Chat() {
            yield { name: 'first' };
            throw error;
          },
        });
        for (const call of [
          () => shop.get({}),
          () => collect(shop.list({})),
          () => collect(shop.chat(stream({}))),
        ]) {
          const failed = await connectError(call());
          expect([failed.code, failed.rawMessage]).to.deep.equal([Code.NotFound, 'no tea ☕']);
          expect(failed.metadata.get('x-why')).to.equal('sold');
          expect(
            failed.findDetails(types).map((detail) => (detail as { reason?: string }).reason),
          ).to.deep.equal(['SOLD']);
        }
      });

      it('takes and sends compressed messages', async () => {
        const shop = await serve(HANDLERS, { sendCompression: compressionGzip, compressMinBytes: 0 });
        const name = 'n'.repeat(10_000);
        expect((await shop.get({ name })).price).to.equal(name.length);
        const items = await collect(shop.chat(stream({ name }, { name: 'm' })));
        expect(items.map((item) => item.name.length)).to.deep.equal([name.length, 1]);
      });

      it('takes requests and gives replies of many windows', async () => {
        const shop = await serve({
          ...HANDLERS,
          async *Chat(keys: AsyncIterable<{ name: string }>) {
            for await (const { name } of keys) yield { data: new Uint8Array(name.length).fill(1) };
          },
        });
        const name = 'n'.repeat(400_000);
        expect((await shop.get({ name })).name).to.have.length(name.length);
        const items = await collect(shop.chat(stream({ name }, { name })));
        expect(items.map(({ data }) => data.length)).to.deep.equal([name.length, name.length]);
      });

      it('ends a call at its deadline, and tells its handler', async () => {
        let signal: AbortSignal | undefined;
        const shop = await serve({
          Later: (_: unknown, call: ServerCall) => {
            signal = call.signal;
            return new Promise(() => {});
          },
        });
        using time = new TurnedTime();
        const failed = connectError(shop.later({}, { timeoutMs: 8000 }));
        await until(() => server.calls.length === 1);
        await time.pass(9000);
        const error = await failed;
        expect(error.code).to.equal(Code.DeadlineExceeded);
        await server.calls[0].ended;
        expect(signal?.aborted).to.equal(true);
        expect(server.calls[0].timeoutMs).to.be.within(1, 8000);
      });

      it('aborts the signal of a handler whose client goes away', async () => {
        const began = new AbortController();
        const shop = await serve({
          async Later(_: unknown, call: ServerCall) {
            began.abort();
            await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
          },
          async *List(_: unknown, call: ServerCall) {
            yield {};
            await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
          },
        });
        expect((await connectError(shop.later({}, { signal: began.signal }))).code).to.equal(Code.Canceled);
        await server.calls[0].ended;
        expect(server.calls[0].status?.codeName).to.equal('CANCELLED');
        const left = new AbortController();
        const error = await connectError(
          (async () => {
            for await (const _ of shop.list({}, { signal: left.signal })) left.abort();
          })(),
        );
        expect(error.code).to.equal(Code.Canceled);
        await server.calls[1].ended;
        expect(server.calls[1].status?.codeName).to.equal('CANCELLED');
      });

      for (const kind of ['reset', 'disconnect', 'truncate'] as const) {
        it(`fails calls by the fault '${kind}', and answers the next`, async () => {
          const shop = await serve({ ...HANDLERS, Get: ({ name }: { name: string }) => ({ name }) });
          const key = { name: 'a name' };
          for (const call of [() => shop.get(key), () => collect(shop.list(key))]) {
            const injected = server.inject('*', { kind });
            await connectError(call());
            expect(injected.hits).to.equal(1);
          }
          expect((await shop.get({ name: 'tea' })).name).to.equal('tea');
        });
      }

      it('goes away without a loss', async () => {
        const shop = await serve(HANDLERS);
        server.inject('Get', { kind: 'goAway' });
        for (let i = 0; i < 3; i++) expect((await shop.get({ name: 'tea' })).price).to.equal(3);
      });

      if (protocol === 'connect') {
        it('answers a GET', async () => {
          const shop = await serve(HANDLERS, {
            useHttpGet: true,
            sendCompression: compressionGzip,
            compressMinBytes: 100,
          });
          for (const name of ['täglich', 'n'.repeat(200), '']) {
            expect((await shop.get({ name }, { headers: { 'x-a': '1' } })).name).to.equal(name);
          }
          for (const { httpMethod, metadata, method } of server.calls) {
            expect([httpMethod, metadata.get('x-a'), method]).to.deep.equal(['GET', '1', 'shop.Shop.Get']);
          }
        });
      }
    });
  }
}
