// A test server whose clients speak gRPC, gRPC-Web and Connect: what works in one works in each, and its handlers see no
// difference.

import { expect } from 'chai';
import { Client, type ClientOptions } from '../../lib/index.ts';
import { type Fault, rpcError, type ServerCall, TestServer } from '../../lib/testing/index.ts';
import { until } from '../support/peers/fleet.ts';
import { TurnedTime } from '../support/time/turned-time.ts';
import { failure, HANDLERS, SHOP } from './shop.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

for (const [protocol, httpVersion] of [
  ['grpc', '2'],
  ['grpc-web', '2'],
  ['grpc-web', '1.1'],
  ['connect', '2'],
  ['connect', '1.1'],
] as const) {
  describe(`A test server with a client that speaks ${protocol} over HTTP/${httpVersion} in memory`, () => {
    let server: TestServer;
    const make = (handlers: object, options?: ClientOptions): Promise<Client> => {
      server = new TestServer(SHOP, handlers as never, { compression: 'gzip' });
      return server.client({ protocol, httpVersion, ...options });
    };
    afterEach(() => server.close());

    it('answers each kind of method, and logs what was spoken', async () => {
      const client = await make(HANDLERS);
      expect((await client.request('Get', { name: 'tea' })).price).to.equal(3);
      const items = await client.request('List', { name: 'tea' }).toArray();
      expect(items.map(({ price }) => price)).to.deep.equal([1, 2, 3]);
      const total = await client.request('Add', [{ price: 2 }, { price: 40 }]);
      expect([total.price, total.items]).to.deep.equal([42, 2]);
      const chat = client.open('Chat');
      for (const name of ['a', 'b']) {
        await chat.write({ name });
        expect((await chat.read()).name).to.equal(name);
      }
      await chat.end();
      expect(await chat.read()).to.equal(undefined);
      expect(server.calls.map((call) => call.method)).to.deep.equal(
        ['Get', 'List', 'Add', 'Chat'].map((name) => `shop.Shop.${name}`),
      );
      for (const call of server.calls) {
        expect([call.protocol, call.codec, call.httpVersion, call.httpMethod]).to.deep.equal([
          protocol,
          'proto',
          httpVersion,
          'POST',
        ]);
        expect(call.status?.codeName).to.equal('OK');
      }
    });

    it('gives its handler metadata and the deadline, and none of the protocol', async () => {
      let seen: ServerCall | undefined;
      const client = await make({
        Get(_: unknown, call: ServerCall) {
          seen = call;
          return {};
        },
        *List(_: unknown, call: ServerCall) {
          seen = call;
          yield {};
        },
      });
      const options = { metadata: { 'x-a': ['1', '2'], 'x-b-bin': Uint8Array.of(0, 255) }, timeoutMs: 5000 };
      for (const method of ['Get', 'List']) {
        const before = Date.now();
        await client.request(method, {}, options).status;
        expect(seen?.metadata.getAll('x-a')).to.deep.equal(['1', '2']);
        const entries = new Map(seen?.metadata);
        expect(Buffer.from(entries.get('x-b-bin') ?? '').toString('hex')).to.equal('00ff');
        const names = [...entries.keys()];
        expect(names.filter((name) => !/^x-[ab]|^(?:x-)?user-agent$/.test(name))).to.deep.equal([]);
        expect(Number(seen?.deadline) - before).to.be.within(4000, 6000);
      }
    });

    it('sends headers and trailers, of replies and of errors', async () => {
      const annotate = (call: ServerCall): void => {
        call.headers.set('x-head', 'h').set('x-head-bin', Uint8Array.of(1, 2));
        call.trailers.append('x-tail', 't').append('x-tail', 'u').set('x-tail-bin', Uint8Array.of(0, 255));
      };
      const client = await make({
        Get(_: unknown, call: ServerCall) {
          annotate(call);
          return {};
        },
        *List(_: unknown, call: ServerCall) {
          annotate(call);
          yield {};
          throw rpcError('ABORTED', 'again');
        },
        Later(_: unknown, call: ServerCall) {
          annotate(call);
          throw rpcError('ABORTED', 'again');
        },
      });
      for (const method of ['Get', 'List', 'Later']) {
        const call = client.request(method);
        expect((await call.status).codeName).to.equal(method === 'Get' ? 'OK' : 'ABORTED');
        const headers = await call.headers;
        expect(headers.get('x-head')).to.equal('h');
        expect([...(headers.get('x-head-bin') as Uint8Array)]).to.deep.equal([1, 2]);
        const trailers = await call.trailers;
        expect(trailers.getAll('x-tail')).to.deep.equal(['t', 'u']);
        expect([...(trailers.get('x-tail-bin') as Uint8Array)]).to.deep.equal([0, 255]);
      }
    });

    for (const [method, when] of [
      ['Get', 'alone'],
      ['List', 'before any reply'],
      ['Chat', 'behind a reply'],
    ] as const) {
      it(`sends an error with its details, ${when}`, async () => {
        const error = rpcError('NOT_FOUND', 'no tea ☕\n100 %', {
          metadata: { 'x-why': 'sold' },
          errorDetails: [
            { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: { seconds: 3n, nanos: 0 } },
            { '@type': 'shop.Item', name: 'coffee' },
          ],
        });
        const client = await make({
          Get: () => Promise.reject(error),
          List: () => Promise.reject(error),
          async *Chat() {
            yield {};
            throw error;
          },
        });
        const call = client.request(method, method === 'Chat' ? [{}] : {});
        const failed = await failure(method === 'Get' ? call : call.toArray());
        expect([failed.codeName, failed.details, failed.origin]).to.deep.equal([
          'NOT_FOUND',
          'no tea ☕\n100 %',
          'server',
        ]);
        expect(failed.metadata.get('x-why')).to.equal('sold');
        expect(failed.errorDetails.map((detail) => detail['@type'])).to.deep.equal([
          'type.googleapis.com/google.rpc.RetryInfo',
          'type.googleapis.com/shop.Item',
        ]);
        expect(failed.errorDetails[1]['name']).to.equal('coffee');
      });
    }

    it('takes and sends compressed messages', async () => {
      const client = await make(HANDLERS, { compression: 'gzip' });
      const name = 'n'.repeat(10_000);
      expect((await client.request('Get', { name })).price).to.equal(name.length);
      const items = await client.request('Chat', [{ name }, { name }]).toArray();
      expect(items.map((item) => item.name.length)).to.deep.equal([name.length, name.length]);
    });

    it('takes requests and gives replies of many windows', async () => {
      const data = new Uint8Array(1_000_000);
      for (let i = 0; i < data.length; i++) data[i] = (i * 7919) >> 3;
      const client = await make({
        Get: () => ({ data }),
        async *Chat(keys: AsyncIterable<{ name: string }>) {
          for await (const { name } of keys) yield { data: new Uint8Array(name.length) };
        },
        async Add(items: AsyncIterable<{ data: Uint8Array }>) {
          let price = 0;
          for await (const item of items) price += item.data.length;
          return { price };
        },
        Later: ({ name }: { name: string }) => ({ price: name.length }),
      });
      expect(Buffer.compare((await client.request('Get')).data, data)).to.equal(0);
      expect((await client.request('Later', { name: 'n'.repeat(500_000) })).price).to.equal(500_000);
      const names = Array.from({ length: 4 }, () => ({ name: 'n'.repeat(300_000) }));
      const sizes = (await client.request('Chat', names).toArray()).map((item) => item.data.length);
      expect(sizes).to.deep.equal(Array(4).fill(300_000));
      expect((await client.request('Add', [{ data }, { data }])).price).to.equal(2_000_000);
    });

    it('ends a call at its deadline, which its handler is told', async () => {
      const client = await make({ Later: () => new Promise(() => {}) });
      await client.waitForReady();
      using time = new TurnedTime();
      const failed = failure(client.request('Later', {}, { timeoutMs: 8000 }));
      await until(() => server.calls.length === 1);
      await time.pass(9000);
      expect((await failed).codeName).to.equal('DEADLINE_EXCEEDED');
      await server.calls[0].ended;
      expect(server.calls[0].timeoutMs).to.be.within(1, 8000);
    });

    it('aborts the signal of a handler whose client cancels', async () => {
      let call: ServerCall | undefined;
      const client = await make({
        async Later(_: unknown, own: ServerCall) {
          call = own;
          await new Promise((resolve) => own.signal.addEventListener('abort', resolve));
          throw own.signal.reason;
        },
        async *List(_: unknown, own: ServerCall) {
          yield {};
          await new Promise((resolve) => own.signal.addEventListener('abort', resolve));
        },
      });
      const request = client.request('Later');
      while (call === undefined) await turn();
      request.cancel();
      await server.calls[0].ended;
      expect(call.signal.reason).to.have.property('codeName', 'CANCELLED');
      for await (const _ of client.request('List')) break;
      await server.calls[1].ended;
      expect(server.calls[1].status?.codeName).to.equal('CANCELLED');
    });

    it('holds its handler back while the client does not read', async () => {
      let sent = 0;
      const client = await make({
        *List() {
          for (; sent < 1000; sent++)
            yield { data: Buffer.from(crypto.getRandomValues(new Uint8Array(65_536))) };
        },
      });
      const call = client.request('List');
      await call.read();
      for (let i = 0; i < 200; i++) await turn();
      expect(sent).to.be.below(300);
      call.cancel();
      await call.status;
    });

    it('refuses a request larger than the limit, and takes one at the limit', async () => {
      server = new TestServer(SHOP, HANDLERS as never, { maxReceiveMessageBytes: 102 });
      const client = await server.client({ protocol });
      expect((await client.request('Get', { name: 'n'.repeat(100) })).price).to.equal(100);
      const error = await failure(client.request('Get', { name: 'n'.repeat(101) }));
      expect([error.codeName, error.origin]).to.deep.equal(['RESOURCE_EXHAUSTED', 'server']);
      expect(error.details).to.equal('message of 103 bytes exceeds maxReceiveMessageBytes 102');
    });

    it('says what a call of no method, or of one without a handler, is', async () => {
      const client = await make({});
      for (const [path, said] of [
        ['/shop.Shop/Get', 'shop.Shop.Get has no handler in this test server'],
        ['/bank.Bank/Get', "this server has no service 'bank.Bank'; it has shop.Shop"],
      ]) {
        const error = await failure(client.raw(path, { cardinality: 'unary_unary' })(new Uint8Array(0)));
        expect([error.codeName, error.details]).to.deep.equal(['UNIMPLEMENTED', said]);
      }
    });

    // HTTP/1.1 breaks off a call by ending its connection, and a body whose length is known by ending it too soon.
    const isHttp1 = httpVersion === '1.1';
    const brokenOff = isHttp1 ? 'UNAVAILABLE' : 'INTERNAL';
    for (const [fault, code, codeOfStream = code] of [
      [{ kind: 'status', code: 'ABORTED', details: 'again' }, 'ABORTED'],
      [{ kind: 'reset' }, brokenOff],
      [{ kind: 'reset', after: 1 }, brokenOff],
      [{ kind: 'disconnect' }, 'UNAVAILABLE'],
      [{ kind: 'truncate' }, isHttp1 && protocol === 'connect' ? 'UNAVAILABLE' : 'INTERNAL', 'INTERNAL'],
      [{ kind: 'silence' }, 'DEADLINE_EXCEEDED'],
    ] as readonly (readonly [Fault, string, string?])[]) {
      it(`fails a call with ${code} by the fault ${JSON.stringify(fault)}`, async () => {
        const client = await make(HANDLERS);
        for (const method of ['Get', 'List']) {
          const injected = server.inject(method, fault);
          const timeoutMs = fault.kind === 'silence' ? 200 : 10_000;
          const call = client.request(method, { name: 'a name' }, { timeoutMs });
          const error = await failure(method === 'Get' ? call : call.toArray());
          expect(error.codeName, error.message).to.equal(method === 'Get' ? code : codeOfStream);
          expect(injected.hits).to.equal(1);
        }
        expect((await client.request('Get', { name: 'a' })).price).to.equal(1);
      });
    }

    it('sends again what it refused, goes away without a loss, and is late when it is told to', async () => {
      const client = await make(HANDLERS);
      const refused = server.inject('Get', { kind: 'refuse' });
      if (isHttp1) {
        // A server that closes may have run the call.
        expect((await failure(client.request('Get', { name: 'ab' }))).codeName).to.equal('UNAVAILABLE');
      } else expect((await client.request('Get', { name: 'ab' })).price).to.equal(2);
      expect(refused.hits).to.equal(1);
      server.inject('Get', { kind: 'goAway' });
      for (let i = 0; i < 3; i++) expect((await client.request('Get', { name: 'ab' })).price).to.equal(2);
      server.inject('Get', { kind: 'delay', ms: 40 });
      const started = performance.now();
      await client.request('Get');
      expect(performance.now() - started).to.be.above(38);
    });

    it('is reached through the network that a test makes', async () => {
      const client = await make(HANDLERS);
      await client.request('Get');
      server.network.latencyMs = 30;
      const started = performance.now();
      await client.request('Get');
      expect(performance.now() - started).to.be.above(58);
      server.network.latencyMs = 0;
      server.network.isStalled = true;
      expect((await failure(client.request('Get', {}, { timeoutMs: 50 }))).codeName).to.equal(
        'DEADLINE_EXCEEDED',
      );
      server.network.isStalled = false;
      expect((await client.request('Get', { name: 'ab' })).price).to.equal(2);
      for (const end of ['disconnect', 'goAway'] as const) {
        server[end]();
        await until(() => client.channel.connections === 0);
        expect((await client.request('Get', { name: 'ab' })).price).to.equal(2);
        expect(server.connections).to.equal(1);
      }
    });

    it('tells its schema by reflection, and its health', async () => {
      server = new TestServer(SHOP, HANDLERS as never);
      const client = new Client(server.channel, { protocol });
      expect((await client.request('Get', { name: 'four' })).price).to.equal(4);
      await client.reflect();
      expect(client.services.map(({ fullName }) => fullName)).to.include.members([
        'shop.Shop',
        'grpc.health.v1.Health',
      ]);
      const reply = await client.request('grpc.health.v1.Health/Check', { service: 'shop.Shop' });
      expect(reply.status).to.equal('SERVING');
      const watch = client.request('grpc.health.v1.Health/Watch', { service: 'shop.Shop' });
      expect((await watch.read()).status).to.equal('SERVING');
      server.setHealth('shop.Shop', 'NOT_SERVING');
      expect((await watch.read()).status).to.equal('NOT_SERVING');
      watch.cancel();
      await client.close();
    });
  });
}

describe('A test server with a client of Connect that calls with GET', () => {
  const SAFE = SHOP.replace(
    'rpc Get(Key) returns (Item);',
    'rpc Get(Key) returns (Item) { option idempotency_level = NO_SIDE_EFFECTS; }',
  );

  for (const compression of ['identity', 'gzip'] as const) {
    it(`answers methods without side effects, in ${compression}`, async () => {
      const server = new TestServer(SAFE, HANDLERS as never);
      const client = await server.client({ protocol: 'connect', idempotentGet: true, compression });
      const metadata = { 'x-a': '1' };
      const name = 'täglich'.repeat(20);
      expect((await client.request('Get', { name }, { metadata, timeoutMs: 5000 })).name).to.equal(name);
      const [call] = server.calls;
      expect([call.httpMethod, call.metadata.get('x-a'), call.method]).to.deep.equal([
        'GET',
        '1',
        'shop.Shop.Get',
      ]);
      expect(call.timeoutMs).to.be.within(1, 5000);
      await failure(client.request('Later'));
      expect(server.calls[1].httpMethod).to.equal('POST');
      await server.close();
    });
  }

  // Node's own HTTP/1.1 server answers 431 to a head with such a URL; over HTTP/2 the client is told the limit before.
  for (const httpVersion of ['1.1', '2'] as const) {
    it(`gets a POST where the URL makes the head too large for it, over HTTP/${httpVersion}`, async () => {
      const server = new TestServer(SAFE, HANDLERS as never, { maxHeaderListBytes: 4096 });
      const { target } = await server.listen();
      const client = new Client(target, {
        protocol: 'connect',
        idempotentGet: true,
        maxGetUrlBytes: Infinity,
        httpVersion,
      });
      await client.load(SAFE);
      await client.waitForReady();
      for (const length of [10, 5000, 1_000_000, 4500, 100]) {
        const name = 'x'.repeat(length);
        expect((await client.request('Get', { name }, { timeoutMs: 5000 })).name).to.equal(name);
      }
      expect(server.calls.map((call) => call.httpMethod)).to.deep.equal([
        'GET',
        'POST',
        'POST',
        'POST',
        'GET',
      ]);
      await client.close();
      await server.close();
    });
  }
});
