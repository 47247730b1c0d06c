// What interceptors can do with a call, for each cardinality, against gRPC's own examples on @grpc/grpc-js.

import { expect } from 'chai';
import {
  Client,
  type InterceptedCall,
  type Interceptor,
  type Next,
  RpcError,
  StatusCode,
} from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { type ExampleServer, startExampleServer } from '../support/peers/servers.ts';
import { LoopClock } from '../support/time/loop-clock.ts';
import { TurnedTime, turns } from '../support/time/turned-time.ts';

const POINT = { latitude: 407838351, longitude: -746143763 };
const EVERYWHERE = { lo: { latitude: -9e8, longitude: -18e8 }, hi: { latitude: 9e8, longitude: 18e8 } };

describe('Interceptors', () => {
  const close = closing();
  let server: ExampleServer;

  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());

  async function connect(...interceptors: Interceptor[]): Promise<Client> {
    const client = close(new Client(`127.0.0.1:${server.port}`, { interceptors }));
    await client.load(['protos/helloworld.proto', 'protos/route_guide.proto']);
    return client;
  }

  const pass: Interceptor = (call, next) => next(call);
  const awaiting: Interceptor = async (call, next) => await next(call);
  async function* each(call: InterceptedCall, next: Next): AsyncGenerator<unknown> {
    for await (const reply of next(call)) yield reply;
  }
  const forms: readonly (readonly [string, readonly Interceptor[]])[] = [
    ['that returns what next gives', [pass]],
    ['that awaits it', [awaiting]],
    ['that is an async generator', [each]],
    ['of every form, in a chain', [pass, awaiting, each, awaiting, pass, each]],
  ];

  for (const [form, interceptors] of forms) {
    describe(`one ${form}`, () => {
      let client: Client;
      beforeEach(async () => {
        client = await connect(...interceptors);
      });

      it('changes nothing about a unary call', async () => {
        const call = client.request('SayHello', { name: 'you' }, { metadata: { 'x-request-id': '7' } });
        expect(await call).to.deep.include({ message: 'Hello you' });
        expect((await call).constructor.name).to.equal('HelloReply');
        expect((await call.headers).get('x-request-id')).to.equal('7');
        expect((await call.trailers).get('x-served-by')).to.equal('grpc-js');
        expect(await call.status).to.deep.include({ code: 0, codeName: 'OK', origin: 'server' });
        expect(call.method).to.equal('/helloworld.Greeter/SayHello');
        expect(call.cardinality).to.equal('unary_unary');
        expect(call.peer?.address).to.equal(`127.0.0.1:${server.port}`);
      });

      it('changes nothing about a call that fails', async () => {
        const call = client.request('SayHello', { name: 'nobody' });
        const error = await rejection(call);
        expect(RpcError.is(error) && error.codeName).to.equal('NOT_FOUND');
        expect(error.message).to.equal('NOT_FOUND: no greeting for nobody');
        expect((await call.trailers).get('x-served-by')).to.equal('grpc-js');
        expect(await call.status).to.deep.include({ code: 5, origin: 'server' });
      });

      it('changes nothing about a stream of replies', async () => {
        const call = client.request('SayHelloStreamReply', { name: 'you' });
        const stream = await call;
        const messages: string[] = [];
        for await (const reply of stream) messages.push(reply.message);
        expect(messages).to.deep.equal(['Hello you', 'Salut you', 'Hola you']);
        expect((await call.status).code).to.equal(0);
      });

      it('changes nothing about a stream of requests', async () => {
        const summary = await client.request('RecordRoute', [POINT, POINT]);
        expect(summary).to.deep.include({ pointCount: 2 });
      });

      it('changes nothing about an open request stream', async () => {
        const call = client.open('RecordRoute');
        await call.write(POINT);
        await call.write(POINT);
        await call.end(POINT);
        expect(await call).to.deep.include({ pointCount: 3 });
      });

      it('changes nothing about a conversation', async () => {
        const call = client.open('SayHelloBidiStream');
        for (const name of ['one', 'two']) {
          await call.write({ name });
          expect(await call.read()).to.deep.include({ message: `Hello ${name}` });
        }
        await call.end();
        expect(await call.read()).to.equal(undefined);
        expect((await call.status).code).to.equal(0);
      });

      it('cancels the call when its reader leaves', async () => {
        const call = client.request('ListFeatures', EVERYWHERE);
        for await (const _ of call) break;
        expect((await call.status).codeName).to.equal('CANCELLED');
        await client.close({ graceMs: 5000 });
      });

      it('keeps the deadline', async () => {
        const started = performance.now();
        using clock = new LoopClock();
        const error = await rejection(client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 60 }));
        expect(RpcError.is(error) && error.codeName).to.equal('DEADLINE_EXCEEDED');
        expect(performance.now() - started).to.be.at.least(55);
        expect(clock.now()).to.be.below(500);
      });

      it('passes on cancellation', async () => {
        const call = client.request('SayHello', { name: 'sleepy' });
        call.cancel('enough');
        const error = await rejection(call);
        expect(RpcError.is(error) && error.codeName).to.equal('CANCELLED');
        expect(error.cause).to.equal('enough');
      });

      it('passes on a mistake in the request', async () => {
        const error = await rejection(client.request('SayHello', { nam: 'you' }));
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.include("'name'");
      });

      it('rejects a write that does not fit, and goes on', async () => {
        const call = client.open('RecordRoute');
        const error = await rejection(call.write({ latitude: 'north' }));
        expect(error.message).to.include('latitude');
        await call.write(POINT);
        await call.end();
        expect(await call).to.deep.include({ pointCount: 1 });
      });
    });
  }

  it('run from the client’s to the call’s, and back', async () => {
    const seen: string[] = [];
    const named =
      (name: string): Interceptor =>
      async (call, next) => {
        seen.push(`${name} out`);
        const reply = await next(call);
        seen.push(`${name} back`);
        return reply;
      };
    const client = await connect(named('a'), named('b'));
    await client.request('SayHello', { name: 'you' }, { interceptors: [named('c')] });
    expect(seen).to.deep.equal(['a out', 'b out', 'c out', 'c back', 'b back', 'a back']);
  });

  it('add metadata', async () => {
    const client = await connect((call, next) => {
      call.metadata.set('x-request-id', 'from here');
      return next(call);
    });
    const call = client.request('SayHello', { name: 'you' });
    await call;
    expect((await call.headers).get('x-request-id')).to.equal('from here');
  });

  it('see everything about the method', async () => {
    let seen: InterceptedCall | undefined;
    const client = await connect((call, next) => {
      seen = call;
      return next(call);
    });
    await client.request('SayHello', { name: 'you' }, { timeoutMs: 4000, metadata: { a: 'b' } });
    expect(seen?.method).to.deep.equal({
      name: 'SayHello',
      service: 'helloworld.Greeter',
      fullName: 'helloworld.Greeter.SayHello',
      path: '/helloworld.Greeter/SayHello',
      cardinality: 'unary_unary',
      requestStream: false,
      responseStream: false,
      idempotency: 'unknown',
      requestType: 'helloworld.HelloRequest',
      replyType: 'helloworld.HelloReply',
    });
    expect(seen?.options).to.deep.equal({ timeoutMs: 4000 });
    expect(seen?.metadata.get('a')).to.equal('b');
    expect(seen?.message).to.deep.equal({ name: 'you' });
  });

  it('change a request and a reply', async () => {
    const client = await connect(async (call, next) => {
      const reply = await next({ ...call, message: { name: 'World' } });
      return { ...reply, message: `${reply.message}!` };
    });
    const reply = await client.request('SayHello', { name: 'you' });
    expect(reply.message).to.equal('Hello World!');
    expect(reply.constructor.name).to.equal('HelloReply');
  });

  it('change the requests and replies of streams', async () => {
    async function* shout(call: InterceptedCall, next: Next): AsyncGenerator<unknown> {
      async function* louder(): AsyncGenerator<unknown> {
        for await (const { name } of call.messages) yield { name: name.toUpperCase() };
      }
      for await (const reply of next({ ...call, messages: louder() })) yield { message: `${reply.message}!` };
    }
    const client = await connect(shout);
    const replies = await client.request('SayHelloBidiStream', [{ name: 'a' }, { name: 'b' }]).toArray();
    expect(replies.map((one: { message: string }) => one.message)).to.deep.equal(['Hello A!', 'Hello B!']);
  });

  it('answer instead of the server', async () => {
    const client = await connect((call) => ({ message: `cached ${call.message.name}` }));
    const call = client.request('SayHello', { name: 'you' });
    const reply = await call;
    expect(reply.message).to.equal('cached you');
    expect(reply.constructor.name).to.equal('HelloReply');
    expect(await call.status).to.deep.include({ code: 0, origin: 'client' });
    expect((await call.headers).size).to.equal(0);
    expect(client.channel.state).to.equal('idle');
  });

  it('answer with objects of any class, which become replies as fields become requests', async () => {
    class Greeting {
      readonly message: string;
      constructor(message: string) {
        this.message = message;
      }
    }
    class Computed {
      get message(): string {
        return 'got';
      }
    }
    const noPrototype: object = Object.assign(Object.create(null), { message: 'bare' });
    for (const [given, message] of [
      [new Greeting('mine'), 'mine'],
      [new Computed(), 'got'],
      [noPrototype, 'bare'],
    ] as const) {
      const client = await connect(() => given);
      const reply = await client.request('SayHello', { name: 'you' });
      expect(reply.message).to.equal(message);
      expect(reply.constructor.name).to.equal('HelloReply');
      expect(JSON.stringify(reply)).to.equal(JSON.stringify({ message }));
      const streamed = await connect(() => [given, given]);
      const replies = await streamed.request('SayHelloStreamReply', { name: 'you' }).toArray();
      expect(replies.map((one: object) => one.constructor.name)).to.deep.equal(['HelloReply', 'HelloReply']);
    }
  });

  it('return the very reply that next returned', async () => {
    let given: unknown;
    const client = await connect(async (call, next) => {
      given = await next(call);
      return given;
    });
    expect(await client.request('SayHello', { name: 'you' })).to.equal(given);
    const raw = client.raw('/helloworld.Greeter/SayHello', { cardinality: 'unary_unary' });
    expect(await raw(Uint8Array.of(10, 1, 65))).to.equal(given);
  });

  it('answer raw calls with bytes only', async () => {
    const raw = async (reply: unknown) =>
      (await connect(() => reply)).raw('/helloworld.Greeter/SayHello', { cardinality: 'unary_unary' })();
    expect([...(await raw(Uint8Array.of(1, 2)))]).to.deep.equal([1, 2]);
    expect((await rejection(raw(new Date(0)))).message).to.include('not of type bytes');
    expect((await rejection(raw(new Map([[1, 2]])))).message).to.include('not of type bytes');
  });

  it('answer a stream instead of the server', async () => {
    const client = await connect(() => [{ message: 'a' }, { message: 'b' }]);
    const replies = await client.request('SayHelloStreamReply', { name: 'you' }).toArray();
    expect(replies).to.have.length(2);
  });

  it('repeat a call', async () => {
    const codes: string[] = [];
    const retry: Interceptor = async (call, next) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await next(call);
        } catch (error) {
          if (!RpcError.is(error) || attempt === 3) throw error;
          codes.push(error.codeName);
          call.message = { name: attempt === 1 ? 'nobody' : 'you' };
        }
      }
    };
    const client = await connect(retry, (call, next) => {
      call.metadata.append('x-request-id', 'once');
      return next(call);
    });
    const call = client.request('SayHello', { name: 'nobody' });
    expect((await call).message).to.equal('Hello you');
    expect(codes).to.deep.equal(['NOT_FOUND', 'NOT_FOUND']);
    expect((await call.headers).getAll('x-request-id')).to.deep.equal(['once']);
  });

  it('repeat a client-streaming call if its requests can be read again', async () => {
    const twice: Interceptor = async (call, next) => {
      await next(call);
      return next(call);
    };
    const client = await connect(twice);
    expect(await client.request('RecordRoute', [POINT])).to.deep.include({ pointCount: 1 });
    const once = (function* () {
      yield POINT;
    })();
    const error = await rejection(client.request('RecordRoute', once));
    expect(error.message).to.include('can be read only once');
  });

  it('hedge: calls that are no longer wanted are cancelled', async () => {
    const statuses: Promise<{ codeName: string }>[] = [];
    const client = await connect(async (call, next) => {
      const slow = next({ ...call, message: { name: 'sleepy' } });
      const fast = next(call);
      statuses.push(slow.status, fast.status);
      return Promise.race([slow, fast]);
    });
    expect((await client.request('SayHello', { name: 'you' })).message).to.equal('Hello you');
    const ended = await Promise.all(statuses);
    expect(ended.map(({ codeName }) => codeName)).to.deep.equal(['CANCELLED', 'OK']);
  });

  it('change an error', async () => {
    const client = await connect(async (call, next) => {
      try {
        return await next(call);
      } catch (error) {
        throw new Error('no such user', { cause: error });
      }
    });
    const call = client.request('SayHello', { name: 'nobody' });
    const error = await rejection(call);
    expect(error.message).to.equal('no such user');
    expect(RpcError.is(error.cause) && error.cause.code).to.equal(StatusCode.NOT_FOUND);
    expect((await call.status).codeName).to.equal('CANCELLED');
  });

  it('give the call another status', async () => {
    const client = await connect(() => {
      throw RpcError.of('DATA_LOSS', 'lost', { metadata: { a: 'b' } });
    });
    const call = client.request('SayHello', { name: 'you' });
    expect((await rejection(call)).message).to.equal('DATA_LOSS: lost');
    expect(await call.status).to.deep.include({ code: 15, details: 'lost', origin: 'client' });
    expect((await call.trailers).get('a')).to.equal('b');
  });

  it('turn a failure into a reply', async () => {
    const client = await connect(async (call, next) => {
      try {
        return await next(call);
      } catch {
        return { message: 'nobody is here' };
      }
    });
    expect((await client.request('SayHello', { name: 'nobody' })).message).to.equal('nobody is here');
  });

  it('measure', async () => {
    const seen: string[] = [];
    const client = await connect((call, next) => {
      const reply = next(call);
      void reply.status.then(({ codeName }) => seen.push(`${call.method.name} ${codeName}`));
      return reply;
    });
    await client.request('SayHello', { name: 'you' });
    await rejection(client.request('SayHello', { name: 'nobody' }));
    await client.request('SayHelloStreamReply', { name: 'you' }).toArray();
    expect(seen).to.deep.equal(['SayHello OK', 'SayHello NOT_FOUND', 'SayHelloStreamReply OK']);
  });

  it('see the deadline’s error and may change it', async () => {
    const client = await connect(async (call, next) => {
      try {
        return await next(call);
      } catch (error) {
        throw new Error(RpcError.is(error) ? error.codeName : 'other');
      }
    });
    await client.waitForReady();
    using time = new TurnedTime();
    const failed = rejection(client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 8000 }));
    await turns(12);
    await time.pass(9000);
    expect((await failed).message).to.equal('DEADLINE_EXCEEDED');
  });

  it('can shorten the timeout of the inner call, but not outlast the caller’s', async () => {
    const seen: unknown[] = [];
    const setting =
      (timeoutMs: number): Interceptor =>
      async (call, next) => {
        call.options.timeoutMs = timeoutMs;
        try {
          return await next(call);
        } catch (error) {
          seen.push(RpcError.is(error) && error.codeName);
          throw error;
        }
      };
    const client = await connect();
    for (const [given, set] of [
      [5000, 40],
      [40, 5000],
    ]) {
      const started = performance.now();
      using clock = new LoopClock();
      const options = { timeoutMs: given, interceptors: [setting(set)] };
      await rejection(client.request('SayHello', { name: 'sleepy' }, options));
      expect(performance.now() - started).to.be.at.least(35);
      expect(clock.now()).to.be.below(500);
    }
    expect(seen).to.deep.equal(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
  });

  it('apply to raw calls as well', async () => {
    const paths: string[] = [];
    const client = await connect((call, next) => {
      paths.push(`${call.method.path} ${call.method.requestType}`);
      return next(call);
    });
    const raw = client.raw('/helloworld.Greeter/SayHello', { cardinality: 'unary_unary' });
    expect([...(await raw(Uint8Array.of(10, 1, 65)))]).to.deep.equal([10, 7, ...Buffer.from('Hello A')]);
    expect(paths).to.deep.equal(['/helloworld.Greeter/SayHello bytes']);
  });

  it('slow down a writer that is faster than they read', async () => {
    let isWritten = false;
    let goOn = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const client = await connect((call, next) => {
      async function* slowly(): AsyncGenerator<unknown> {
        for await (const one of call.messages) {
          yield one;
          await waiting;
        }
      }
      return next({ ...call, messages: slowly() });
    });
    const call = client.open('RecordRoute');
    const first = call.write(POINT).then(() => {
      isWritten = true;
    });
    const second = call.write(POINT);
    await client.waitForReady();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).to.equal(false);
    goOn();
    await first;
    await call.end();
    await second;
    expect(await call).to.deep.include({ pointCount: 2 });
  });

  it('slow down the server if the caller does not read', async () => {
    let read = 0;
    async function* counting(call: InterceptedCall, next: Next): AsyncGenerator<unknown> {
      for await (const reply of next(call)) {
        read++;
        yield reply;
      }
    }
    const client = await connect(counting);
    const call = client.request('ListFeatures', EVERYWHERE);
    await call.read();
    await call.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).to.equal(2);
    call.cancel();
  });

  it('do not run until the schema of a waiting call has arrived', async () => {
    const seen: string[] = [];
    const client = close(
      new Client(`127.0.0.1:${server.port}`, {
        interceptors: [
          (call, next) => {
            seen.push(call.method.path);
            return next(call);
          },
        ],
      }),
    );
    void client.load('protos/helloworld.proto');
    const call = client.open('SayHello');
    await call.write({ name: 'you' });
    expect((await call).message).to.equal('Hello you');
    expect(seen).to.deep.equal(['/helloworld.Greeter/SayHello']);
    expect((await rejection(client.request('SayHallo'))).message).to.include('SayHello');
  });

  it('do not see reflection calls', async () => {
    const client = await connect(() => {
      throw new Error('must not be called');
    });
    const error = await rejection(client.reflect());
    expect(error.message).not.to.include('must not be called');
  });
});
