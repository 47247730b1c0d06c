// What a client does, in every protocol, codec and version of HTTP that go together: each works, or is an error that says why
// it cannot.

import { expect } from 'chai';
import type { Client, ClientOptions, Interceptor } from '../../lib/index.ts';
import { rpcError, type ServerCall, TestServer } from '../../lib/testing/index.ts';
import { rejection } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { failure } from '../testing/shop.ts';

const SCHEMA = `
  syntax = "proto3";
  package shop;
  import "google/protobuf/any.proto";
  import "google/protobuf/timestamp.proto";
  message Item {
    string name = 1; bytes data = 2; int64 price = 3; Kind kind = 4; google.protobuf.Timestamp made = 5;
    map<string, Item> parts = 6; google.protobuf.Any more = 7;
  }
  enum Kind { NONE = 0; TEA = 1; }
  service Shop {
    rpc Get(Item) returns (Item) { option idempotency_level = NO_SIDE_EFFECTS; }
    rpc List(Item) returns (stream Item);
    rpc Sum(stream Item) returns (Item);
    rpc Chat(stream Item) returns (stream Item);
    rpc Fail(Item) returns (Item);
    rpc FailLate(Item) returns (stream Item);
    rpc Hang(Item) returns (Item) { option idempotency_level = IDEMPOTENT; }
    rpc Flaky(Item) returns (Item);
    rpc FlakyList(Item) returns (stream Item);
  }`;

interface Item {
  readonly name: string;
}

const PROTOCOLS: readonly (readonly [name: string, options: ClientOptions])[] = [
  ['grpc', {}],
  ['grpc-web', { protocol: 'grpc-web' }],
  ['grpc-web in text', { protocol: 'grpc-web', grpcWebText: true }],
  ['connect', { protocol: 'connect' }],
  ['connect with GET', { protocol: 'connect', idempotentGet: true }],
];

const MATRIX = PROTOCOLS.flatMap(([name, protocol]) =>
  (['2', '1.1'] as const).flatMap((httpVersion) =>
    (['proto', 'json'] as const).map((codec) => ({ name, httpVersion, codec, protocol })),
  ),
).filter(({ name, httpVersion }) => name !== 'grpc' || httpVersion === '2');

const item = (name: string) => ({
  name,
  data: Uint8Array.of(0, 255),
  price: 9007199254740993n,
  kind: 'TEA',
  made: new Date(1_700_000_000_123),
  parts: { a: { name: 'part' } },
  more: { '@type': 'type.googleapis.com/shop.Item', name: 'any' },
});

for (const { name, httpVersion, codec, protocol } of MATRIX) {
  describe(`A client of ${name} with ${codec} over HTTP/${httpVersion}`, () => {
    let server: TestServer;
    let failures = 0;
    const hanging = (_: unknown, { signal }: ServerCall): Promise<never> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

    before(() => {
      server = new TestServer(SCHEMA, {
        Get(fields: Item, call: ServerCall) {
          call.headers.set('x-head', 'h');
          call.trailers.set('x-tail', String(call.metadata.get('x-given') ?? ''));
          call.trailers.set('x-tail-bin', Uint8Array.of(0, 255));
          return fields;
        },
        *List({ name: count }: Item) {
          for (let i = 0; i < Number(count); i++) yield item(String(i));
        },
        async Sum(items: AsyncIterable<Item>) {
          let sum = '';
          for await (const one of items) sum += one.name;
          return { name: sum };
        },
        async *Chat(items: AsyncIterable<Item>) {
          for await (const one of items) yield { name: one.name.toUpperCase() };
        },
        Fail({ name: why }: Item) {
          throw rpcError('FAILED_PRECONDITION', why, {
            metadata: { 'x-why': 'so' },
            errorDetails: [{ '@type': 'google.rpc.ErrorInfo', reason: 'r', domain: 'd' }],
          });
        },
        *FailLate() {
          yield { name: 'first' };
          throw rpcError('DATA_LOSS', 'late');
        },
        Hang: hanging,
        Flaky(fields: Item) {
          if (failures-- > 0) throw rpcError('UNAVAILABLE', 'later');
          return fields;
        },
        *FlakyList(fields: Item) {
          if (failures-- > 0) throw rpcError('UNAVAILABLE', 'later');
          yield fields;
        },
      } as never);
    });
    afterEach(() => {
      server.clearCalls();
      server.clearFaults();
    });
    after(() => server.close());

    const connect = (options: ClientOptions = {}): Promise<Client> =>
      server.client({ ...protocol, httpVersion, codec, ...options });

    it('makes calls of all four kinds, with every kind of value', async () => {
      const client = await connect();
      const reply = await client.request('Get', item('ä'));
      const read = JSON.parse(JSON.stringify(reply));
      expect(read).to.deep.include({
        name: 'ä',
        data: 'AP8=',
        price: '9007199254740993',
        kind: 'TEA',
        made: '2023-11-14T22:13:20.123Z',
        more: { '@type': 'type.googleapis.com/shop.Item', name: 'any' },
      });
      const listed = await client.request('List', { name: '3' }).toArray();
      expect(listed.map((one) => [one.name, one.price])).to.deep.equal(
        ['0', '1', '2'].map((one) => [one, 9007199254740993n]),
      );
      expect((await client.request('Sum', [{ name: 'a' }, { name: 'b' }])).name).to.equal('ab');
      const shouted = await client.request('Chat', [{ name: 'a' }, { name: 'b' }]).toArray();
      expect(shouted.map((one) => one.name)).to.deep.equal(['A', 'B']);
      for (const one of server.calls) {
        const isGet = one.method === 'shop.Shop.Get' && protocol.idempotentGet === true;
        expect([one.protocol, one.codec, one.httpVersion, one.httpMethod]).to.deep.equal([
          protocol.protocol ?? 'grpc',
          codec,
          httpVersion,
          isGet ? 'GET' : 'POST',
        ]);
      }
    });

    it('writes and reads step by step', async () => {
      const client = await connect();
      const call = client.open('Chat');
      await call.write({ name: 'a' });
      await call.write({ name: 'b' });
      await call.end();
      expect([(await call.read())?.name, (await call.read())?.name, await call.read()]).to.deep.equal([
        'A',
        'B',
        undefined,
      ]);
      const single = client.open('Get');
      await single.end({ name: 'x' });
      expect((await single).name).to.equal('x');
    });

    it('carries metadata, headers and trailers, and tells its times and its peer', async () => {
      const client = await connect();
      const call = client.request('Get', {}, { metadata: { 'x-given': 'g' }, timing: true });
      await call;
      expect((await call.headers).get('x-head')).to.equal('h');
      const trailers = await call.trailers;
      expect(trailers.get('x-tail')).to.equal('g');
      expect(trailers.get('x-tail-bin')).to.deep.equal(Buffer.of(0, 255));
      const { timing } = call;
      const times = [
        timing?.streamMs,
        timing?.sentMs,
        timing?.headersMs,
        timing?.firstMessageMs,
        timing?.endMs,
      ];
      for (const [i, ms] of times.entries()) {
        expect(ms, String(i)).to.be.a('number');
        if (i > 0) expect(ms, String(i)).to.be.at.least(times[i - 1] ?? 0);
      }
      expect(call.peer?.address).to.include('stubless-test-server');
      expect(await call.status).to.include({ code: 0 });
    });

    it('gives errors with text, details and trailers, early and late', async () => {
      const client = await connect();
      const error = await failure(client.request('Fail', { name: 'nö\n%' }));
      expect(error).to.include({ codeName: 'FAILED_PRECONDITION', details: 'nö\n%', origin: 'server' });
      expect(error.metadata.get('x-why')).to.equal('so');
      expect(error.errorDetails[0]).to.include({ reason: 'r', domain: 'd' });
      const call = client.request('FailLate');
      expect((await call.read())?.name).to.equal('first');
      expect(await rejection(call.read())).to.include({ codeName: 'DATA_LOSS', details: 'late' });
      const none = await rejection(
        client.raw('/shop.Shop/None', { cardinality: 'unary_unary' })(Buffer.alloc(0)),
      );
      expect(none).to.include({ codeName: 'UNIMPLEMENTED' });
    });

    it('ends at its deadline, when it is aborted, and when its reader leaves', async () => {
      const client = await connect();
      expect(await rejection(client.request('Hang', {}, { timeoutMs: 60 }))).to.include({
        codeName: 'DEADLINE_EXCEEDED',
      });
      const controller = new AbortController();
      const call = client.request('Hang', {}, { signal: controller.signal });
      queueMicrotask(() => controller.abort());
      expect(await rejection(call)).to.include({ codeName: 'CANCELLED' });
      for await (const one of client.request('List', { name: '1000' })) if (one.name === '2') break;
      expect((await client.request('Get', { name: 'x' })).name).to.equal('x');
    });

    it('tries again, for streams too', async () => {
      const client = await connect({ retry: { initialBackoffMs: 1, statusCodes: ['UNAVAILABLE'] } });
      failures = 2;
      const call = client.request('Flaky', { name: 'x' });
      expect((await call).name).to.equal('x');
      expect(call.attempts).to.equal(3);
      failures = 1;
      expect((await client.request('FlakyList', { name: 'y' }).toArray())[0].name).to.equal('y');
    });

    it('hedges', async () => {
      const client = await connect({ hedging: { delayMs: 10, maxAttempts: 2 } });
      server.inject('Get', { kind: 'silence' });
      expect((await client.request('Get', { name: 'x' }, { timeoutMs: 5000 })).name).to.equal('x');
    });

    it('goes through interceptors, which see the same call', async () => {
      const seen: unknown[] = [];
      const interceptor: Interceptor = (call, next) => {
        seen.push(call.method.fullName);
        call.metadata.set('x-given', 'i');
        return next(call);
      };
      const client = await connect({ interceptors: [interceptor] });
      const call = client.request('Get', { name: 'x' });
      expect((await call).name).to.equal('x');
      expect((await call.trailers).get('x-tail')).to.equal('i');
      expect(await client.request('List', { name: '2' }).toArray()).to.have.lengthOf(2);
      expect((await client.request('Sum', [{ name: 'a' }])).name).to.equal('a');
      expect(seen).to.deep.equal(['shop.Shop.Get', 'shop.Shop.List', 'shop.Shop.Sum']);
    });

    it('sends credentials', async () => {
      const client = await connect({
        credentials: async () => ({ 'x-given': 'secret' }),
        allowCredentialsOverPlaintext: true,
      });
      const call = client.request('Get');
      await call;
      expect((await call.trailers).get('x-tail')).to.equal('secret');
    });

    for (const compression of ['gzip', 'deflate', 'br']) {
      it(`compresses with ${compression}`, async () => {
        const client = await connect({ compression });
        const large = 'x'.repeat(5000);
        expect((await client.request('Get', { name: large })).name).to.equal(large);
        expect((await client.request('Sum', [{ name: large }, { name: '!' }])).name).to.equal(`${large}!`);
      });
    }

    it('keeps its limits', async () => {
      const client = await connect({ maxReceiveMessageBytes: 3000, maxSendMessageBytes: 4000 });
      expect((await client.request('Get', { name: 'x'.repeat(2500) })).name).to.have.lengthOf(2500);
      for (const length of [3500, 5000]) {
        const error = await failure(client.request('Get', { name: 'x'.repeat(length) }));
        expect(error).to.include({ codeName: 'RESOURCE_EXHAUSTED', origin: 'client' });
        expect(error.details).to.include(length === 5000 ? 'maxSendMessageBytes' : 'maxReceiveMessageBytes');
      }
    });

    it('sends and gets bytes without a schema', async () => {
      const client = await connect();
      const octets = client.encode('shop.Item', { name: 'raw' });
      const raw = client.raw('/shop.Shop/Get', {
        cardinality: 'unary_unary',
        idempotency: 'no_side_effects',
      });
      expect(client.decode('shop.Item', await raw(octets)).name).to.equal('raw');
      const list = client.raw('/shop.Shop/List', { cardinality: 'unary_stream' });
      expect(await list(client.encode('shop.Item', { name: '2' })).toArray()).to.have.lengthOf(2);
    });

    it('waits for the server, and asks for its health and its schema', async () => {
      const client = await connect({ waitForReady: true });
      await client.waitForReady({ timeoutMs: 5000 });
      expect(await client.check('shop.Shop')).to.equal('SERVING');
      await client.reflect();
      expect(client.services.map(({ fullName }) => fullName)).to.include('grpc.health.v1.Health');
      expect((await client.method('Get')).fullName).to.equal('shop.Shop.Get');
      expect(client.describe('shop.Shop').proto).to.include('rpc Get');
    });

    it('goes on with another connection where one is lost', async () => {
      const client = await connect();
      await client.request('Get');
      const call = client.request('Hang');
      call.catch(() => {});
      await until(() => server.callsOf('Hang').length === 1);
      server.disconnect();
      expect(await rejection(call)).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
      expect((await client.request('Get', { name: 'x' })).name).to.equal('x');
    });
  });
}

describe('A client of grpc', () => {
  for (const httpVersion of ['1.1', 'auto'] as const) {
    it(`cannot use HTTP/${httpVersion}, and says so`, async () => {
      const server = new TestServer(SCHEMA);
      expect((await rejection(server.client({ httpVersion }))).message).to.include('gRPC needs HTTP/2');
      await server.close();
    });
  }
});
