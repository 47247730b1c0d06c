// A client, a call or a stream of replies that is taken for something else says what to write; whoever only asks what
// it is (promises, test frameworks, streams, JSON) notices nothing.

import assert from 'node:assert';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { from, lastValueFrom, toArray } from 'rxjs';
import { Call, Client, Stream } from '../../lib/index.ts';
import { type ExampleServer, startExampleServer } from '../support/peers/servers.ts';

const AREA = {
  lo: { latitude: 400000000, longitude: -750000000 },
  hi: { latitude: 420000000, longitude: -730000000 },
};
/** What jest, vitest, chai, lodash, immer, mobx, vue, NestJS, RxJS and undici are known to ask objects for. */
const PROBES = [
  ...[
    'then',
    'toJSON',
    'inspect',
    'constructor',
    'length',
    'size',
    'nodeType',
    'tagName',
    '$$typeof',
    '_owner',
  ],
  ...[
    'asymmetricMatch',
    '@@__IMMUTABLE_ITERABLE__@@',
    '@@__IMMUTABLE_RECORD__@@',
    '_isMockFunction',
    'calls',
  ],
  ...['__isMockFunction', '_isBuffer', '__v_skip', '__v_isRef', '__v_raw', '$$mobx', '__esModule', 'default'],
  ...[
    'onModuleInit',
    'onModuleDestroy',
    'onApplicationBootstrap',
    'onApplicationShutdown',
    'getReader',
    'pipe',
  ],
  ...[
    '@@observable',
    'lift',
    'subscribe',
    'hasOwnProperty',
    'toString',
    'valueOf',
    'isPrototypeOf',
    '__proto__',
  ],
  ...['_readableState', '_writableState', 'readable', 'writable', 'prototype', 'arguments', 'stream'],
];

describe('An object that lacks the member a program uses', () => {
  let server: ExampleServer;
  let client: Client;
  before(async () => {
    server = await startExampleServer();
    client = new Client('localhost', server.port);
    await client.load(['protos/helloworld.proto', 'protos/route_guide.proto']);
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  const get = (object: object, name: string): unknown => Reflect.get(object, name);
  const unary = (): Call => client.request('SayHello', { name: 'you' });
  const streaming = (): Call => client.request('ListFeatures', AREA);

  const said: readonly (readonly [what: string, of: () => object, name: string, text: string])[] = [
    [
      'a call, for a field of its reply',
      unary,
      'message',
      "'message' is a field of the reply of /helloworld.Greeter/SayHello, and this is the call: await it first, const reply = await client.request('SayHello', …); reply.message",
    ],
    [
      'a call of a method that streams, for a field of its replies',
      streaming,
      'name',
      "/routeguide.RouteGuide/ListFeatures streams its replies, so there is no single reply to read 'name' from: loop over them, for await (const reply of client.request('ListFeatures', …)) reply.name, or take them all with await call.toArray()",
    ],
    [
      'a call of a method that streams, for the first of its replies',
      streaming,
      '0',
      "the replies of /routeguide.RouteGuide/ListFeatures are not an array and have no '0': loop over them, for await (const reply of client.request('ListFeatures', …)) …, or take them all with await call.toArray()",
    ],
    [
      'a call of a method that streams requests, by the name in the .proto',
      () => client.request('RecordRoute', []),
      'point_count',
      "'point_count' is a field of the reply of /routeguide.RouteGuide/RecordRoute, and this is the call: await it first, const reply = await client.request('RecordRoute', …); reply.point_count",
    ],
    [
      'a call of a service object',
      () => client.service('Greeter').SayHello({ name: 'you' }),
      'message',
      "'message' is a field of the reply of /helloworld.Greeter/SayHello, and this is the call: await it first, const reply = await client.request('SayHello', …); reply.message",
    ],
    [
      'a call with interceptors',
      () => client.request('SayHello', { name: 'you' }, { interceptors: [(_, next) => next()] }),
      'message',
      "'message' is a field of the reply of /helloworld.Greeter/SayHello, and this is the call: await it first, const reply = await client.request('SayHello', …); reply.message",
    ],
    [
      'a call, for an emitter',
      unary,
      'on',
      "a call has no 'on', and emits no events: await its reply, const reply = await client.request('SayHello', …); (await call.status).codeName tells how it ended",
    ],
    [
      'a call of a method that streams, for an emitter',
      streaming,
      'on',
      "a call has no 'on', and emits no events: loop over its replies, for await (const reply of client.request('ListFeatures', …)) …; (await call.status).codeName tells how it ended",
    ],
    [
      'a client, for a method',
      () => client,
      'SayHello',
      "a client has no method 'SayHello': call it by its name, await client.request('helloworld.Greeter.SayHello', { … }), or by its service, await client.service('helloworld.Greeter').SayHello({ … })",
    ],
    [
      'a client, for a method as generated clients spell it',
      () => client,
      'listFeatures',
      "a client has no method 'listFeatures': call it by its name, await client.request('routeguide.RouteGuide.ListFeatures', { … }), or by its service, await client.service('routeguide.RouteGuide').ListFeatures({ … })",
    ],
    [
      'a client, for a method that is not loaded',
      () => client,
      'DeleteUser',
      "a client has no method 'DeleteUser': call it by its name, await client.request('DeleteUser', { … }), or by its service, await client.service('package.Service').DeleteUser({ … })",
    ],
    [
      'a client, for a service',
      () => client,
      'Greeter',
      "a client has no member 'Greeter': a service as an object is client.service('helloworld.Greeter')",
    ],
    [
      'a client, for a service as other libraries spell it',
      () => client,
      'routeGuide',
      "a client has no member 'routeGuide': a service as an object is client.service('routeguide.RouteGuide')",
    ],
    [
      'a client, for a package',
      () => client,
      'routeguide',
      "a client has no member 'routeguide': a service as an object is client.service('routeguide.RouteGuide')",
    ],
    [
      "a client, for a member of grpc-js's",
      () => client,
      'getChannel',
      "a client has no method 'getChannel': its connection is client.channel",
    ],
    [
      'a client, for a connection',
      () => client,
      'connect',
      "a client has no method 'connect': it connects at its first call, and await client.waitForReady() does so before",
    ],
    [
      'a client, for an end',
      () => client,
      'disconnect',
      "a client has no method 'disconnect': await client.close() ends its connections",
    ],
    [
      "a client, for proto-loader's word",
      () => client,
      'loadSync',
      "a client has no method 'loadSync': await client.load('….proto') reads schemas",
    ],
  ];
  for (const [what, make, name, text] of said) {
    it(`says what to write: ${what}, each time`, () => {
      const object = make();
      for (let i = 0; i < 3; i++)
        expect(() => get(object, name))
          .to.throw(TypeError)
          .with.property('message', text);
      if (object instanceof Stream) object.cancel();
    });
  }

  for (const name of ['name', 'on', 'map', 'forEach', '0', '12']) {
    it(`says what to write: a stream that was awaited, for '${name}'`, async () => {
      const stream: Stream = await client.request('ListFeatures', AREA);
      for (let i = 0; i < 3; i++) {
        expect(() => get(stream, name)).to.throw(
          TypeError,
          "for await (const reply of client.request('ListFeatures', …))",
        );
      }
      stream.cancel();
    });
  }

  it('says what to write if a call is looped over without await', async () => {
    const loops: readonly ((call: Iterable<unknown>) => unknown)[] = [
      (call) => [...call],
      (call) => Array.from(call),
      (call) => new Set(call),
      (call) => {
        for (const one of call) return one;
        return undefined;
      },
    ];
    const many = client.request('ListFeatures', AREA);
    const one = unary();
    for (const loop of loops) {
      expect(() => loop(many as never)).to.throw(
        TypeError,
        "a call cannot be iterated like an array, because its replies arrive over time: loop over them, for await (const reply of client.request('ListFeatures', …)) …, or take them all with await call.toArray()",
      );
      expect(() => loop(one as never)).to.throw(
        TypeError,
        "a call is not iterable: await its reply, const reply = await client.request('SayHello', …)",
      );
    }
    // What asks whether it may loop is not misled.
    expect(Symbol.iterator in many).to.equal(false);
    many.cancel();
    await one;
  });

  it('throws at the line of the access', () => {
    function forgetful(): unknown {
      return get(unary(), 'message');
    }
    expect(forgetful)
      .to.throw(TypeError)
      .with.property('stack')
      .that.includes('forgetful')
      .and.not.includes('missing-member.');
  });

  it('says it in a warning if the schema came after the access, unless the name is no field', async () => {
    const late = new Client(client.channel);
    const loaded = late.load('protos/helloworld.proto');
    const warnings: Error[] = [];
    const listen = (warning: Error): void => {
      if (warning.name === 'StublessWarning') warnings.push(warning);
    };
    const printing = process.listeners('warning');
    process.removeAllListeners('warning');
    process.on('warning', listen);
    try {
      const call = late.request('SayHello', { name: 'you' });
      function forgetful(): unknown {
        return [get(call, 'nodeName'), get(call, 'message')];
      }
      expect(forgetful()).to.deep.equal([undefined, undefined]);
      await Promise.all([loaded, call]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(
        warnings.map((warning) => [Reflect.get(warning, 'code'), warning.message.split('\n')[0]]),
      ).to.deep.equal([['STUBLESS_MISSING_AWAIT', said[0][3]]]);
      expect(warnings[0].message).to.include('forgetful');
    } finally {
      process.off('warning', listen);
      for (const listener of printing) process.on('warning', listener);
      await late.close();
    }
  });

  describe('says nothing', () => {
    // In an array, since a call by itself would be awaited.
    const objects: readonly (readonly [name: string, make: () => Promise<[object]>, more?: string[]])[] = [
      ['a client', async () => [client], ['0']],
      ['a call', async () => [unary()], ['0']],
      ['a call that streams', async () => [streaming()]],
      ['a stream', async () => [(await streaming()) as Stream]],
    ];
    for (const [name, make, more = []] of objects) {
      it(`if it is ${name}, and only probed for what it is`, async () => {
        const [object] = await make();
        for (const probe of [...PROBES, ...more]) expect(() => get(object, probe), probe).to.not.throw();
        for (const symbol of [
          Symbol.iterator,
          Symbol.toPrimitive,
          Symbol.for('x'),
          Symbol.observable ?? Symbol(),
        ]) {
          expect(() => Reflect.get(object, symbol)).to.not.throw();
        }
        expect(() => [
          inspect(object, { showProxy: true, depth: 9 }),
          inspect(object, { customInspect: false }),
        ]).to.not.throw();
        expect(() => [JSON.stringify(object), String(object), `${object}`, { ...object }]).to.not.throw();
        expect(() => [Object.keys(object), 'name' in object, Object.hasOwn(object, 'name')]).to.not.throw();
        expect(object).to.deep.equal(object);
        assert.notDeepStrictEqual(object, { name: 1 });
        for (const key in object) expect.fail(key);
        if (object instanceof Stream) object.cancel();
      });
    }

    it('if a stream is passed to something that reads streams', async () => {
      const count = (await streaming().toArray()).length;
      expect(count).to.be.greaterThan(1);
      expect(await Readable.from((await streaming()) as Stream).toArray()).to.have.length(count);
      expect(await lastValueFrom(from((await streaming()) as Stream).pipe(toArray()))).to.have.length(count);
      let piped = 0;
      await pipeline(streaming(), async (features: AsyncIterable<unknown>) => {
        for await (const _ of features) piped++;
      });
      expect(piped).to.equal(count);
    });

    it('on the class itself', () => {
      for (const prototype of [Client.prototype, Call.prototype, Stream.prototype]) {
        expect(get(prototype, 'message')).to.equal(undefined);
        expect(get(Object.create(prototype), 'message')).to.equal(undefined);
      }
    });
  });
});
