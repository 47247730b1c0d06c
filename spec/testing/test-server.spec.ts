// A test server from the outside: handlers of every kind, what they see and send, and what the server says where a
// handler or a call is wrong.

import { expect } from 'chai';
import { Client, SchemaError, StatusCode } from '../../lib/index.ts';
import { rpcError, type ServerCall, TestServer, type TestServerOptions } from '../../lib/testing/index.ts';
import { until } from '../support/peers/fleet.ts';
import { TurnedTime } from '../support/time/turned-time.ts';
import { failure, HANDLERS, SHOP } from './shop.ts';

describe('TestServer', () => {
  const servers: TestServer[] = [];
  const make = (handlers: object, options?: TestServerOptions): TestServer => {
    const server = new TestServer(SHOP, handlers as never, options);
    servers.push(server);
    return server;
  };
  const serve = (handlers: object, options?: TestServerOptions): Promise<Client> =>
    make(handlers, options).client();
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  describe('handlers', () => {
    it('answer each kind of method', async () => {
      const client = await serve(HANDLERS);
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
      expect((await chat.status).code).to.equal(0);
    });

    it('see metadata, authority, peer, cardinality and deadline', async () => {
      let seen: ServerCall | undefined;
      const client = await serve({
        Get(_: unknown, call: ServerCall) {
          seen = call;
          return {};
        },
      });
      const before = Date.now();
      await client.request('Get', {}, { metadata: { 'x-a': ['1', '2'] }, timeoutMs: 5000 });
      expect(seen?.metadata.getAll('x-a')).to.deep.equal(['1', '2']);
      expect([seen?.authority, seen?.peer, seen?.cardinality, seen?.method]).to.deep.equal([
        'localhost',
        'memory',
        'unary_unary',
        'shop.Shop.Get',
      ]);
      expect(Number(seen?.deadline) - before).to.be.within(4000, 6000);
    });

    it('send headers and trailers', async () => {
      const client = await serve({
        Get(_: unknown, call: ServerCall) {
          call.headers.set('x-head', 'h');
          call.trailers.set('x-bin', Uint8Array.of(0, 255)).append('x-tail', 't');
          return {};
        },
      });
      const call = client.request('Get');
      await call;
      expect((await call.headers).get('x-head')).to.equal('h');
      expect((await call.trailers).get('x-tail')).to.equal('t');
      expect([...((await call.trailers).get('x-bin') as Uint8Array)]).to.deep.equal([0, 255]);
    });

    it('can send the headers before the first reply', async () => {
      let finish = (): void => {};
      const client = await serve({
        async Get(_: unknown, call: ServerCall) {
          call.headers.set('x-head', 'early');
          call.sendHeaders();
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          return {};
        },
      });
      const call = client.request('Get');
      expect((await call.headers).get('x-head')).to.equal('early');
      finish();
      await call;
    });

    it('are methods of what they came in', async () => {
      class Shop {
        price = 7;
        Get(): object {
          return { price: this.price };
        }
      }
      const shop = new Shop();
      const client = await serve({ Get: shop.Get.bind(shop) });
      expect((await client.request('Get')).price).to.equal(7);
      const stateful = await serve({
        price: undefined,
        Get() {
          return { name: typeof this };
        },
      });
      expect((await stateful.request('Get')).name).to.equal('object');
    });

    it('can be replaced', async () => {
      const server = make(HANDLERS);
      const client = await server.client();
      await server.handle('shop.Shop/Get', () => ({ price: 99 }));
      expect((await client.request('Get', { name: 'x' })).price).to.equal(99);
    });

    it('take requests and give replies of many windows', async () => {
      const data = new Uint8Array(3_000_000).fill(7);
      const client = await serve({
        Get: () => ({ data }),
        async *Chat(keys: AsyncIterable<{ name: string }>) {
          for await (const { name } of keys) yield { data: new Uint8Array(name.length) };
        },
      });
      expect((await client.request('Get')).data.length).to.equal(data.length);
      const names = Array.from({ length: 20 }, () => ({ name: 'n'.repeat(300_000) }));
      const sizes = (await client.request('Chat', names).toArray()).map((item) => item.data.length);
      expect(sizes).to.deep.equal(Array(20).fill(300_000));
    });

    it('are held back by a client that does not read', async () => {
      let sent = 0;
      const client = await serve({
        *List() {
          for (; sent < 1000; sent++) yield { data: new Uint8Array(65_536) };
        },
      });
      const call = client.request('List');
      await call.read();
      for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
      expect(sent).to.be.below(300);
      call.cancel();
      await call.status;
    });
  });

  describe('a status', () => {
    it('is that of the error that a handler throws, with metadata and details', async () => {
      const client = await serve({
        Get() {
          throw rpcError('NOT_FOUND', 'no tea ☕\n', {
            metadata: { 'x-why': 'sold' },
            errorDetails: [
              { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: { seconds: 3n, nanos: 0 } },
              { '@type': 'shop.Item', name: 'coffee' },
            ],
          });
        },
      });
      const error = await failure(client.request('Get'));
      expect([error.codeName, error.details, error.origin]).to.deep.equal([
        'NOT_FOUND',
        'no tea ☕\n',
        'server',
      ]);
      expect(error.metadata.get('x-why')).to.equal('sold');
      expect(error.errorDetails.map((detail) => detail['@type'])).to.deep.equal([
        'type.googleapis.com/google.rpc.RetryInfo',
        'type.googleapis.com/shop.Item',
      ]);
      expect(error.errorDetails[1]['name']).to.equal('coffee');
    });

    it('is sent on from a call of another server', async () => {
      const upstream = await serve({
        Get() {
          throw rpcError(StatusCode.ABORTED, 'again', { metadata: { 'x-from': 'upstream' } });
        },
      });
      const client = await serve({ Get: () => upstream.request('Get') });
      const error = await failure(client.request('Get'));
      expect([error.codeName, error.details, error.metadata.get('x-from')]).to.deep.equal([
        'ABORTED',
        'again',
        'upstream',
      ]);
    });

    it('comes behind the replies before it', async () => {
      const client = await serve({
        *List() {
          yield { price: 1 };
          throw rpcError('DATA_LOSS', 'torn');
        },
      });
      const call = client.request('List');
      expect((await call.read()).price).to.equal(1);
      expect((await failure(call.read())).codeName).to.equal('DATA_LOSS');
    });

    for (const [what, handler, details] of [
      ['something else thrown', () => JSON.parse('{'), 'SyntaxError: '],
      ['a text thrown', () => Promise.reject('no'), 'no'],
    ] as const) {
      it(`is UNKNOWN with its text for ${what}`, async () => {
        const server = make({ Get: handler });
        const error = await failure((await server.client()).request('Get'));
        expect(error.codeName).to.equal('UNKNOWN');
        expect(error.details).to.include(details);
        expect(server.calls[0].error).to.not.equal(undefined);
      });
    }

    for (const code of [0, 17, -1, 1.5, 'NOPE', undefined]) {
      it(`cannot be made with the code ${String(code)}`, () => {
        expect(() => rpcError(code as never)).to.throw(TypeError, 'from 1 to 16');
      });
    }
  });

  describe('a wrong handler', () => {
    for (const [method, what, handler, said] of [
      ['Get', 'undefined', () => undefined, 'returned undefined instead of a shop.Item; an empty one is {}'],
      ['Get', 'a field that there is not', () => ({ prise: 1 }), 'gave something other than a shop.Item: '],
      ['Get', 'a value of the wrong type', () => ({ price: 'much' }), 'price'],
      [
        'Get',
        'a generator',
        function* () {
          yield {};
        },
        'has one reply',
      ],
      [
        'List',
        'one message',
        () => ({ price: 1 }),
        'streams replies: its handler must return an array or a generator of shop.Item, not a single object',
      ],
      ['List', 'nothing', () => undefined, 'streams replies'],
      ['List', 'a wrong second reply', () => [{}, { name: 7 }], 'name'],
    ] as const) {
      it(`that gives ${what} for ${method} fails the call with INTERNAL, and says so`, async () => {
        const server = make({ [method]: handler });
        const client = await server.client();
        const call = client.request(method, { name: 'x' });
        const error = await failure(method === 'List' ? call.toArray() : call);
        expect(error.codeName).to.equal('INTERNAL');
        expect(error.details).to.include(said);
        expect(String(server.calls[0].error)).to.include(said);
      });
    }

    for (const [what, handlers, ErrorType, said] of [
      ['that fits no method', { Gte: () => ({}) }, SchemaError, "did you mean 'shop.Shop.Get'"],
      ['that is no function', { Get: 7 }, TypeError, "the handler of 'Get' must be a function, not number"],
      [
        'beside another',
        { Get: () => ({}), 'Shop/Get': () => ({}) },
        TypeError,
        'shop.Shop.Get has two handlers',
      ],
    ] as const) {
      it(`${what} rejects ready, client and listen`, async () => {
        const server = make(handlers);
        for (const start of [() => server.ready(), () => server.client(), () => server.listen()]) {
          const error = await start().then(
            () => undefined,
            (reason: unknown) => reason,
          );
          expect(error).to.be.instanceOf(ErrorType);
          expect((error as Error).message).to.include(said);
        }
      });
    }

    it('is no reason for a call to wait: it says what is wrong with the schema', async () => {
      const server = new TestServer('syntax = "proto3"; mesage X {}');
      servers.push(server);
      const client = new Client(server.channel, { reflection: 'never' });
      const error = await failure(
        client.raw('/shop.Shop/Get', { cardinality: 'unary_unary' })(new Uint8Array(0)),
      );
      expect(error.codeName).to.equal('UNIMPLEMENTED');
      expect(error.details).to.include('schema could not be loaded').and.include('mesage');
      await client.close();
    });
  });

  describe('options', () => {
    for (const [options, said] of [
      [{ maxRecieveMessageBytes: 1 }, "did you mean 'maxReceiveMessageBytes'"],
      [{ reflection: 1 }, 'reflection must be true or false'],
      [{ includeDirs: 'x' }, 'includeDirs must be an array'],
      [{ package: 1 }, 'package must be the name'],
      [{ maxConcurrentStreams: -1 }, 'maxConcurrentStreams must be a whole number'],
    ] as const) {
      it(`such as ${JSON.stringify(options)} are refused`, () => {
        expect(() => new TestServer(SHOP, {}, options as never)).to.throw(Error, said);
      });
    }

    it('of values are those of the handlers', async () => {
      let seen: unknown;
      const client = await serve(
        {
          Get: (key: unknown) => {
            seen = { ...(key as object) };
            return {};
          },
        },
        { values: { defaults: false } },
      );
      await client.request('Get', {});
      expect(seen).to.deep.equal({});
    });

    it('of the package choose between services', async () => {
      const twice = `${SHOP.replace('service Shop', 'service Other')}service Shop { rpc Get(Key) returns (Item); }`;
      const server = new TestServer(twice, { Get: () => ({ price: 1 }) } as never, { package: 'shop.Other' });
      servers.push(server);
      const client = await server.client();
      expect((await client.request('Get')).price).to.equal(1);
      expect((await failure(client.request('shop.Shop/Get'))).codeName).to.equal('UNIMPLEMENTED');
    });
  });

  describe('a call', () => {
    it('of a method without a handler, or of none, is UNIMPLEMENTED and says what there is', async () => {
      const server = make({});
      const client = await server.client();
      for (const [path, said] of [
        ['/shop.Shop/Get', 'shop.Shop.Get has no handler in this test server'],
        [
          '/shop.Shop/Nothing',
          "service shop.Shop has no method 'Nothing'; it has Get, List, Add, Chat, Later",
        ],
        ['/bank.Bank/Get', "this server has no service 'bank.Bank'; it has shop.Shop"],
      ]) {
        const error = await failure(client.raw(path, { cardinality: 'unary_unary' })(new Uint8Array(0)));
        expect([error.codeName, error.details]).to.deep.equal(['UNIMPLEMENTED', said]);
      }
    });

    it('that is cancelled aborts the signal of its handler', async () => {
      let call: ServerCall | undefined;
      const server = make({
        async Get(_: unknown, own: ServerCall) {
          call = own;
          await new Promise((resolve) => own.signal.addEventListener('abort', resolve));
          throw own.signal.reason;
        },
      });
      const client = await server.client();
      const request = client.request('Get');
      while (call === undefined) await new Promise((resolve) => setImmediate(resolve));
      request.cancel();
      await server.calls[0].ended;
      expect(server.calls[0].status?.codeName).to.equal('CANCELLED');
      expect(call.signal.reason).to.have.property('codeName', 'CANCELLED');
      expect((await request.status).codeName).to.equal('CANCELLED');
    });

    it('that is left ends the generator of its handler, and the requests that it reads', async () => {
      let hasReturned = false;
      let readError: unknown;
      const server = make({
        async *List() {
          try {
            for (;;) yield { price: 1 };
          } finally {
            hasReturned = true;
          }
        },
        async Add(items: AsyncIterable<unknown>) {
          try {
            for await (const _ of items);
          } catch (error) {
            readError = error;
            throw error;
          }
        },
      });
      const client = await server.client();
      for await (const _ of client.request('List')) break;
      await server.calls[0].ended;
      while (!hasReturned) await new Promise((resolve) => setImmediate(resolve));
      const add = client.open('Add');
      await add.write({ price: 1 });
      while (server.calls[1]?.requests.length !== 1) await new Promise((resolve) => setImmediate(resolve));
      add.cancel();
      await server.calls[1].ended;
      while (readError === undefined) await new Promise((resolve) => setImmediate(resolve));
      expect(readError).to.have.property('codeName', 'CANCELLED');
    });

    it('ends at its deadline, which the handler is told', async () => {
      const server = make({ Later: () => new Promise(() => {}) });
      const client = await server.client();
      // Connecting counts against the deadline, too, and the call might never go out.
      await client.waitForReady();
      using time = new TurnedTime();
      const failed = failure(client.request('Later', {}, { timeoutMs: 8000 }));
      await until(() => server.calls.length === 1);
      await time.pass(9000);
      expect((await failed).codeName).to.equal('DEADLINE_EXCEEDED');
      await server.calls[0].ended;
      expect(server.calls[0].status?.codeName).to.be.oneOf(['DEADLINE_EXCEEDED', 'CANCELLED']);
      expect(server.calls[0].timeoutMs).to.be.within(1, 8000);
    });

    it('with a request larger than the limit is RESOURCE_EXHAUSTED; at the limit it is served', async () => {
      const client = await serve(HANDLERS, { maxReceiveMessageBytes: 102 });
      expect((await client.request('Get', { name: 'n'.repeat(100) })).price).to.equal(100);
      const error = await failure(client.request('Get', { name: 'n'.repeat(101) }));
      expect([error.codeName, error.origin]).to.deep.equal(['RESOURCE_EXHAUSTED', 'server']);
      expect(error.details).to.equal('message of 103 bytes exceeds maxReceiveMessageBytes 102');
    });

    it('with a reply larger than the limit is RESOURCE_EXHAUSTED; at the limit it is served', async () => {
      const client = await serve(
        { Get: ({ name }: { name: string }) => ({ name }) },
        { maxSendMessageBytes: 102 },
      );
      expect((await client.request('Get', { name: 'n'.repeat(100) })).name).to.have.length(100);
      const error = await failure(client.request('Get', { name: 'n'.repeat(101) }));
      expect(error.details).to.equal('message of 103 bytes exceeds maxSendMessageBytes 102');
    });

    const EMPTY = new Uint8Array(0);
    for (const [what, requests, code, said] of [
      ['no request', [], 'UNIMPLEMENTED', 'takes one request, but none came'],
      ['two requests', [EMPTY, EMPTY], 'UNIMPLEMENTED', 'takes one request, but a second one came'],
      ['bytes that are no request', [Uint8Array.of(0xff)], 'INTERNAL', 'the request cannot be decoded'],
    ] as const) {
      it(`of a unary method with ${what} is ${code}`, async () => {
        const client = await serve(HANDLERS);
        const call = client.raw('/shop.Shop/Get', { cardinality: 'stream_unary' })(requests);
        const error = await failure(call);
        expect(error.codeName).to.equal(code);
        expect(error.details).to.include(said);
      });
    }
  });

  describe('compression', () => {
    const echo = { Get: ({ name }: { name: string }) => ({ name }) };
    const name = 'n'.repeat(10_000);

    for (const encoding of ['gzip', 'deflate', 'br']) {
      it(`with ${encoding} works both ways`, async () => {
        const server = make(echo, { compression: encoding });
        const client = await server.client({ compression: encoding });
        const call = client.request('Get', { name });
        expect((await call).name).to.equal(name);
        expect(server.calls[0].status?.codeName).to.equal('OK');
        // 10,000 octets do not come through in this time unless they are fewer.
        server.network.bytesPerSecond = 4000;
        expect((await client.request('Get', { name }, { timeoutMs: 2400 })).name).to.equal(name);
      });
    }

    it('of a request larger than the limit when decompressed is RESOURCE_EXHAUSTED', async () => {
      const client = await serve(echo, { maxReceiveMessageBytes: 5000 });
      const error = await failure(client.request('Get', { name }, { compression: 'gzip' }));
      expect([error.codeName, error.origin]).to.deep.equal(['RESOURCE_EXHAUSTED', 'server']);
    });

    it('that the server does not know is UNIMPLEMENTED, and the answer lists what it knows', async () => {
      const server = make(echo);
      const own = {
        name: 'own',
        compress: (bytes: Uint8Array) => bytes,
        decompress: (bytes: Uint8Array) => bytes,
      };
      const client = await server.client({ compressions: [own], compression: 'own' });
      const error = await failure(client.request('Get', { name }));
      expect(error.codeName).to.equal('UNIMPLEMENTED');
      expect(error.details).to.include("'own'").and.include('gzip');
      const both = make(echo, { compressions: [own], compression: 'own' });
      expect((await (await both.client({ compressions: [own] })).request('Get', { name })).name).to.equal(
        name,
      );
    });
  });

  describe('the log of calls', () => {
    it('has each call with its requests, replies and status', async () => {
      const server = make(HANDLERS);
      const client = await server.client();
      await client.request('Get', { name: 'a' }, { metadata: { 'x-a': 'b' } });
      await client.request('List', { name: 'b' }).toArray();
      await client.request('Add', [{ price: 1 }, { price: 2 }]);
      await failure(client.request('Later'));
      const [get, list, add, later] = server.calls;
      expect(get.method).to.equal('shop.Shop.Get');
      expect(get.metadata.get('x-a')).to.equal('b');
      expect(get.requests.map(({ name }) => name)).to.deep.equal(['a']);
      expect(get.replies).to.deep.equal([{ name: 'a', price: 1 }]);
      expect(get.status).to.deep.equal({ code: 0, codeName: 'OK', details: '' });
      expect(list.replies).to.have.length(3);
      expect(add.requests.map(({ price }) => price)).to.deep.equal([1, 2]);
      expect(later.status?.codeName).to.equal('UNIMPLEMENTED');
      expect(server.callsOf('Add')).to.deep.equal([add]);
      server.clearCalls();
      expect(server.calls).to.deep.equal([]);
    });

    it('keeps the latest 1,000 calls and the first 100 messages of each', async () => {
      const server = make({ ...HANDLERS, List: () => Array(101).fill({}) });
      const client = await server.client();
      await client.request('List').toArray();
      expect(server.calls[0].replies).to.have.length(100);
      await Promise.all(Array.from({ length: 1000 }, (_, i) => client.request('Get', { name: String(i) })));
      expect(server.calls).to.have.length(1000);
      expect(server.callsOf('List')).to.deep.equal([]);
    });
  });

  describe('close', () => {
    it('ends running calls with UNAVAILABLE, its clients and its connections', async () => {
      const server = make({ Later: () => new Promise(() => {}) });
      const client = await server.client();
      const call = client.request('Later');
      while (server.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const failed = failure(call);
      await server.close();
      expect((await failed).codeName).to.be.oneOf(['UNAVAILABLE', 'CANCELLED']);
      expect(server.connections).to.equal(0);
      expect((await failure(client.request('Get'))).codeName).to.equal('CANCELLED');
      await server.close();
    });

    it('refuses who comes later', async () => {
      const server = make(HANDLERS);
      await server.ready();
      await server.close();
      const client = new Client(server.channel);
      const error = await failure(
        client.raw('/a/b', { cardinality: 'unary_unary' })(undefined, { timeoutMs: 500 }),
      );
      expect(error.codeName).to.equal('UNAVAILABLE');
      expect(error.details).to.include('the test server is closed');
      await client.close();
    });
  });
});
