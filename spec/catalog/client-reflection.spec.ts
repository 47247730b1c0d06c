import { expect } from 'chai';
import type { Call } from '../../lib/call/call.ts';
import type { Interceptor } from '../../lib/call/interceptor.ts';
import { Client } from '../../lib/client/client.ts';
import type { ClientOptions } from '../../lib/client/client-options.ts';
import { CardinalityError, SchemaError } from '../../lib/values/errors.ts';
import { RpcError } from '../../lib/values/rpc-error.ts';
import {
  answersFrom,
  listenReflection,
  type Question,
  type ReflectionPeer,
} from '../schema/reflection/reflection-peer.ts';
import { filesOf, GREETER } from '../schema/reflection/schema-files.ts';
import { closing, rejection } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { TurnedTime } from '../support/time/turned-time.ts';

const PARTING = {
  'parting.proto': `
    package hello;
    import "hello/reply.proto";
    service Parting { rpc SayBye (Question) returns (Reply); }
    message Question { string name = 1; }`,
};

describe('Client, by server reflection', () => {
  const open = closing();

  async function serve(
    change: (answer: ReturnType<typeof answersFrom>) => Parameters<typeof listenReflection>[0]['answer'] = (
      answer,
    ) => answer,
    services?: readonly string[],
  ): Promise<ReflectionPeer> {
    const files = await filesOf({ ...GREETER, ...PARTING });
    const answer = answersFrom(files, services === undefined ? {} : { services });
    return open(await listenReflection({ answer: change(answer) }));
  }

  const connect = (peer: ReflectionPeer, options?: ClientOptions): Client =>
    open(new Client('127.0.0.1', peer.port, options));

  describe('with nothing loaded', () => {
    for (const name of ['hello.Greeter/SayHello', '/hello.Greeter/SayHello', 'hello.Greeter.SayHello']) {
      it(`asks for one symbol to call ${name}`, async () => {
        const peer = await serve();
        const client = connect(peer);
        const reply = await client.request(name, { name: 'you' });
        expect(reply.message).to.equal('you');
        expect(peer.questions).to.deep.equal(['symbol hello.Greeter']);
        expect(peer.calls).to.deep.equal(['/hello.Greeter/SayHello']);
      });
    }

    const passesOn: Interceptor = (call, next) => next(call);
    for (const [kind, options] of [
      ['a plain call', {}],
      ['with captureStacks', { captureStacks: true }],
      ['through an interceptor', { interceptors: [passesOn] }],
      ['through an interceptor, with captureStacks', { captureStacks: true, interceptors: [passesOn] }],
    ] as const) {
      it(`leads from a mistake to the line that called, once the server has told of the method: ${kind}`, async () => {
        const peer = await serve();
        const client = connect(peer, options);
        const theOtherLine = (): Call => client.request('hello.Greeter/SayHelo', {});
        const mistakes: readonly (() => PromiseLike<unknown>)[] = [
          function theLine() {
            return client.request('hello.Greeter/SayHelo', {});
          },
          function theLine() {
            return client.unaryStream('hello.Greeter/SayHello', {});
          },
          function theLine() {
            return connect(peer, options).request('hello.Greeter/SayHello', { nam: 'you' });
          },
        ];
        for (const mistake of mistakes) {
          const call = mistake();
          // Waits for the same answer.
          const other = rejection(theOtherLine());
          const { stack = '' } = await rejection(call);
          expect(stack.match(/theLine/g), stack).to.have.lengthOf(1);
          expect(stack).to.not.include('theOtherLine');
          expect((await other).stack)
            .to.include('theOtherLine')
            .and.not.include('theLine');
        }
      });
    }

    it('leads from a bad write to its line, though the write had to wait', async () => {
      const call = connect(await serve()).open('hello.Greeter/SayHello');
      const theWriter = (): Promise<void> => call.write({ nam: 'you' });
      expect((await rejection(theWriter())).stack).to.include('theWriter');
    });

    it('leads from a failed load to its line', async () => {
      const client = connect(await serve());
      const theLoader = (): Promise<Client> => client.load('/nowhere/at-all.proto');
      expect((await rejection(theLoader())).stack).to.include('theLoader');
    });

    it('asks once for all services to call a method by its short name', async () => {
      const peer = await serve();
      const client = connect(peer);
      expect((await client.request('SayHello', { name: 'you' })).message).to.equal('you');
      expect((await client.request('sayBye', { name: 'me' })).message).to.equal('me');
      expect(peer.questions).to.deep.equal(['list', 'symbol hello.Greeter', 'symbol hello.Parting']);
      expect(client.services.map(({ fullName }) => fullName)).to.have.members([
        'hello.Greeter',
        'hello.Parting',
      ]);
    });

    it('asks for the services that a name without its package may mean', async () => {
      const peer = await serve();
      expect((await connect(peer).request('Parting/SayBye', { name: 'you' })).message).to.equal('you');
      expect(peer.questions).to.deep.equal(['list', 'symbol hello.Parting']);
    });

    it('keeps what it was told', async () => {
      const peer = await serve();
      const client = connect(peer);
      for (const name of ['a', 'b', 'c']) {
        expect((await client.request('hello.Greeter/SayHello', { name })).message).to.equal(name);
      }
      const again = client.request('hello.Greeter/Again', { name: 'd' });
      expect(
        (await (await again).toArray()).map((reply: { message: string }) => reply.message),
      ).to.deep.equal(['d']);
      expect(peer.questions).to.deep.equal(['symbol hello.Greeter']);
    });

    it('shares one question among calls that are made together', async () => {
      const peer = await serve();
      const client = connect(peer);
      const names = Array.from({ length: 100 }, (_, i) => `${i}`);
      const calls = names.map((name) => client.request('hello.Greeter/SayHello', { name }));
      const replies = await Promise.all([...calls, client.request('hello.Greeter.Again', { name: 'x' })]);
      expect(replies.slice(0, 100).map((reply) => reply.message)).to.deep.equal(names);
      expect(peer.questions).to.deep.equal(['symbol hello.Greeter']);
      expect(peer.streams).to.deep.equal(['v1']);
      expect(peer.accepted).to.equal(1);
    });

    it('does not take a method for the only one of its name before it knows all services', async () => {
      const files = await filesOf({
        ...GREETER,
        'other.proto': `
          package other;
          import "hello/reply.proto";
          service Greeter { rpc SayHello (hello.Reply) returns (hello.Reply); }`,
      });
      const client = connect(open(await listenReflection({ answer: answersFrom(files) })));
      await client.request('hello.Greeter/SayHello', { name: 'you' });
      const error = await rejection(client.request('SayHello', {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include("'SayHello' is ambiguous");
      expect(error.message).to.include('other.Greeter.SayHello');
    });

    it('offers services that the server has, not all that its files define', async () => {
      const files = await filesOf({
        'two.proto': `
          package two;
          message M { string s = 1; }
          service Served { rpc Go (M) returns (M); }
          service Unserved { rpc Go (M) returns (M); }`,
      });
      const answer = answersFrom(files, { services: ['two.Served'] });
      const client = connect(open(await listenReflection({ answer })));
      expect(await client.request('Go', { s: 'x' })).to.deep.include({ s: 'x' });
      expect(client.services.map(({ name }) => name)).to.deep.equal(['Served']);
      // Who asks for one by its full name shall have it.
      expect(await client.request('two.Unserved/Go', { s: 'y' })).to.deep.include({ s: 'y' });
      expect(client.services.map(({ name }) => name)).to.deep.equal(['Served', 'Unserved']);
    });

    it('knows the cardinality before it begins, and minds it', async () => {
      const client = connect(await serve());
      const error = await rejection(client.unaryStream('hello.Greeter/SayHello', {}));
      expect(error).to.be.instanceOf(CardinalityError);
      expect(await client.unaryUnary('hello.Greeter/SayHello', { name: 'x' })).to.deep.include({
        message: 'x',
      });
    });

    it('writes to a request stream that was opened before the schema was there', async () => {
      const files = await filesOf({
        'chat.proto': `
          package chat;
          message Line { string text = 1; }
          service Chat { rpc Talk (stream Line) returns (stream Line); }`,
      });
      const client = connect(open(await listenReflection({ answer: answersFrom(files) })));
      const call: Call = client.open('chat.Chat/Talk');
      await call.write({ text: 'one' });
      await call.end({ text: 'two' });
      expect(await call.toArray()).to.have.length(1);
    });

    it('says what is unknown, what is near and who was asked', async () => {
      const peer = await serve();
      const client = connect(peer);
      const cases: [string, string][] = [
        ['hello.Greeter/SayHelo', "service hello.Greeter has no method 'SayHelo'; did you mean 'SayHello'?"],
        ['hello.Greter/SayHello', "did you mean 'hello.Greeter.SayHello'?"],
        ['Gretter/SayHello', "did you mean 'hello.Greeter/SayHello'?"],
        ['SayHelo', "did you mean 'hello.Greeter.SayHello'?"],
        ['elsewhere.Something/Else', 'hello.Greeter, hello.Parting'],
      ];
      for (const [name, said] of cases) {
        const error = await rejection(client.request(name, {}));
        expect(error, name).to.be.instanceOf(SchemaError);
        expect(error.message).to.include(said);
        expect(error.message).to.include(`127.0.0.1:${peer.port}`);
        expect(error.message).not.to.include('\n');
      }
    });
  });

  describe('with a schema loaded', () => {
    it('is not asked in the mode auto', async () => {
      const peer = await serve();
      const client = connect(peer);
      await client.load('helloworld.proto', { includeDirs: ['protos'] });
      const error = await rejection(client.request('hello.Greeter/SayHello', {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(peer.streams).to.deep.equal([]);
    });

    it('is not asked in the mode auto when the load failed', async () => {
      const peer = await serve();
      const client = connect(peer);
      await rejection(client.load('nowhere.proto'));
      const error = await rejection(client.request('hello.Greeter/SayHello', {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('nowhere.proto');
      expect(peer.streams).to.deep.equal([]);
    });

    it('is asked in the mode always for what was not loaded', async () => {
      const peer = await serve();
      const client = connect(peer, { reflection: 'always' });
      await client.load('helloworld.proto', { includeDirs: ['protos'] });
      expect((await client.request('SayHello', { name: 'loaded' })).message).to.equal('loaded');
      expect(peer.streams).to.deep.equal([]);
      expect((await client.request('hello.Greeter/SayHello', { name: 'you' })).message).to.equal('you');
      expect(peer.questions).to.deep.equal(['symbol hello.Greeter']);
    });

    it('is never asked by calls in the mode never', async () => {
      const peer = await serve();
      const client = connect(peer, { reflection: 'never' });
      const error = await rejection(client.request('hello.Greeter/SayHello', {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('nothing is loaded');
      expect(peer.accepted).to.equal(0);
      await client.reflect();
      expect((await client.request('hello.Greeter/SayHello', { name: 'you' })).message).to.equal('you');
    });
  });

  describe('reflect', () => {
    it('loads everything, and calls made meanwhile wait for it', async () => {
      const peer = await serve();
      const client = connect(peer);
      const reflected = client.reflect();
      const reply = client.request('SayHello', { name: 'you' });
      expect(await reflected).to.equal(client);
      expect((await reply).message).to.equal('you');
      expect(client.services.map(({ fullName }) => fullName)).to.have.members([
        'hello.Greeter',
        'hello.Parting',
      ]);
      expect(peer.questions).to.deep.equal(['list', 'symbol hello.Greeter', 'symbol hello.Parting']);
      expect(client.schemaDifferences).to.deep.equal([]);
    });

    it('loads the services that it is told to', async () => {
      const peer = await serve();
      const client = connect(peer);
      await client.reflect({ services: ['hello.Parting'] });
      expect(peer.questions).to.deep.equal(['symbol hello.Parting']);
      expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['hello.Parting']);
      const error = await rejection(client.reflect({ services: ['hello.Nobody'] }));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('hello.Nobody');
    });

    it('tells a service from a method', async () => {
      const client = connect(await serve());
      const error = await rejection(client.request('hello.Greeter', {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.match(
        /^'hello\.Greeter' is a service; name one of its methods as well, such as 'hello\.Greeter\/Method' \(127\.0\.0\.1:\d+ was asked by reflection\)$/,
      );
    });

    it('prefers methods of the package that it was given', async () => {
      const files = await filesOf({
        ...GREETER,
        'other.proto': `
          package other;
          import "hello/reply.proto";
          service Greeter { rpc SayHello (hello.Reply) returns (hello.Reply); }`,
      });
      const client = connect(open(await listenReflection({ answer: answersFrom(files) })));
      await client.reflect({ package: 'other' });
      expect((await client.request('SayHello', { message: 'you' })).message).to.equal('you');
    });

    it('takes what the server says now in place of what it said before', async () => {
      let files = await filesOf(GREETER);
      const peer = open(await listenReflection({ answer: (question) => answersFrom(files)(question) }));
      const client = connect(peer);
      await client.reflect();
      files = await filesOf({
        ...PARTING,
        'hello/reply.proto': 'package hello; message Reply { string text = 1; }',
      });
      await client.reflect();
      expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['hello.Parting']);
      expect((await client.request('SayBye', { name: 'you' })).text).to.equal('you');
    });

    it('leaves calls that run the codec that they began with', async () => {
      let files = await filesOf(GREETER);
      const peer = open(await listenReflection({ answer: (question) => answersFrom(files)(question) }));
      const client = connect(peer);
      await client.reflect();
      const running = client.open('hello.Greeter/SayHello');
      files = await filesOf({
        ...GREETER,
        'hello/reply.proto': 'package hello; message Reply { string text = 1; }',
      });
      await client.reflect();
      await running.end({ name: 'old' });
      expect((await running).message).to.equal('old');
      expect((await client.request('hello.Greeter/SayHello', { name: 'new' })).text).to.equal('new');
    });

    it('rejects, and the calls that wait for it too, when the server has no reflection', async () => {
      const peer = open(await listenReflection({ versions: [], answer: () => 'silence' }));
      const client = connect(peer);
      const reflected = client.reflect();
      const call = client.request('SayHello');
      const error = await rejection(reflected);
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.equal(
        `127.0.0.1:${peer.port} has no reflection service; load the schema from files: client.load('….proto')`,
      );
      expect(error.cause).to.be.instanceOf(RpcError);
      const ofTheCall = await rejection(call);
      expect(ofTheCall).to.be.instanceOf(SchemaError);
      expect(ofTheCall).to.include({ message: error.message, cause: error.cause });
    });

    it('is given up at its timeout', async () => {
      const client = connect(open(await listenReflection({ answer: () => 'silence' })));
      expect((await rejection(client.reflect({ timeoutMs: 20 }))).name).to.equal('TimeoutError');
    });

    it('is given up at its signal', async () => {
      const peer = open(await listenReflection({ answer: () => 'silence' }));
      const controller = new AbortController();
      const reason = new Error('enough');
      const reflected = connect(peer).reflect({ signal: controller.signal });
      const request = await peer.request(1);
      controller.abort(reason);
      expect(await rejection(reflected)).to.equal(reason);
      expect(await request.brokenOff()).to.deep.equal({ kind: 'reset', code: 8 });
    });

    it('ends with the client', async () => {
      const peer = open(await listenReflection({ answer: () => 'silence' }));
      const client = connect(peer);
      const reflected = client.reflect();
      await peer.request(1);
      await client.close({ graceMs: 0 });
      const error = (await rejection(reflected)) as RpcError;
      expect(error).to.be.instanceOf(RpcError);
      expect(error.codeName).to.equal('CANCELLED');
    });

    it('fixes the form of values, as a load does', async () => {
      const client = connect(await serve(), { values: { longs: String } });
      await client.reflect();
      const error = await rejection(
        client.load('helloworld.proto', { includeDirs: ['protos'], longs: BigInt }),
      );
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include("'longs'");
    });

    const wrong: [string, unknown, string][] = [
      ['an option that is none', { service: [] }, "there is no reflect option 'service'"],
      ['services that are no list', { services: 'hello.Greeter' }, 'services must be an array'],
      ['a signal that is none', { signal: {} }, 'signal must be an AbortSignal'],
      ['a timeout of 0', { timeoutMs: 0 }, 'timeoutMs must be'],
    ];
    for (const [name, options, message] of wrong) {
      it(`refuses ${name}`, async () => {
        const client = open(new Client('127.0.0.1', 1));
        expect((await rejection(client.reflect(options as never))).message).to.include(message);
      });
    }
  });

  describe('metadata', () => {
    it('is that of reflection.metadata alone', async () => {
      const peer = await serve();
      const client = connect(peer, {
        metadata: { authorization: 'Bearer client' },
        reflection: { metadata: { 'x-schema': 'yes' } },
      });
      await client.request('hello.Greeter/SayHello', {}, { metadata: { 'x-secret': 'call' } });
      const [request] = peer.reflectionRequests;
      expect(request.header('x-schema')).to.equal('yes');
      expect(request.header('authorization')).to.equal(undefined);
      expect(request.header('x-secret')).to.equal(undefined);
      expect(request.header('grpc-timeout')).to.equal(undefined);
      expect(request.header('user-agent')).to.match(/^grpc-stubless/);
      const call = peer.requests.find((one) => one.header(':path') === '/hello.Greeter/SayHello');
      expect(call?.header('authorization')).to.equal('Bearer client');
      expect(call?.header('x-secret')).to.equal('call');
      expect(call?.header('x-schema')).to.equal(undefined);
    });
  });

  describe('a call that waits for its schema', () => {
    /** A server whose answers wait until they are let go. */
    async function slow(): Promise<{ peer: ReflectionPeer; letGo: () => void }> {
      let letGo = (): void => {};
      const gate = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const peer = await serve((answer) => async (question: Question) => {
        await gate;
        return answer(question);
      });
      return { peer, letGo };
    }

    it('says in which phase its deadline found it', async () => {
      const { peer } = await slow();
      const client = connect(peer);
      using time = new TurnedTime();
      const failed = rejection(client.request('hello.Greeter/SayHello', {}, { timeoutMs: 8000 }));
      const request = await peer.request(1);
      await time.pass(9000);
      const error = (await failed) as RpcError;
      expect(error.codeName).to.equal('DEADLINE_EXCEEDED');
      expect(error.details).to.match(/while loading the schema$/);
      // Nobody waits for the answer any more.
      expect(await request.brokenOff()).to.deep.equal({ kind: 'reset', code: 8 });
    });

    it('can be cancelled, and leaves others waiting', async () => {
      const { peer, letGo } = await slow();
      const client = connect(peer);
      const cancelled = client.request('hello.Greeter/SayHello', { name: 'a' });
      const waiting = client.request('hello.Greeter/SayHello', { name: 'b' });
      await peer.request(1);
      cancelled.cancel();
      expect(((await rejection(cancelled)) as RpcError).codeName).to.equal('CANCELLED');
      letGo();
      expect((await waiting).message).to.equal('b');
      expect(peer.streams).to.deep.equal(['v1']);
    });

    it('asks anew when all who asked before have gone', async () => {
      const { peer, letGo } = await slow();
      const client = connect(peer);
      const cancelled = client.request('hello.Greeter/SayHello', { name: 'a' });
      await peer.request(1);
      cancelled.cancel();
      await rejection(cancelled);
      const call = client.request('hello.Greeter/SayHello', { name: 'b' });
      letGo();
      expect((await call).message).to.equal('b');
      expect(peer.streams).to.deep.equal(['v1', 'v1']);
    });

    it('ends with its signal', async () => {
      const { peer } = await slow();
      const controller = new AbortController();
      const call = connect(peer).request('SayHello', {}, { signal: controller.signal });
      await peer.request(1);
      controller.abort(new Error('enough'));
      const error = (await rejection(call)) as RpcError;
      expect(error.codeName).to.equal('CANCELLED');
      expect((error.cause as Error).message).to.equal('enough');
    });

    it('ends when its client closes', async () => {
      const { peer } = await slow();
      const client = connect(peer);
      const call = client.request('SayHello', {});
      await peer.request(1);
      await client.close({ graceMs: 0 });
      expect(((await rejection(call)) as RpcError).codeName).to.equal('CANCELLED');
    });

    it('finishes within the grace of a client that closes', async () => {
      const { peer, letGo } = await slow();
      const client = connect(peer);
      const call = client.request('SayHello', { name: 'you' });
      await peer.request(1);
      const closed = client.close();
      letGo();
      expect((await call).message).to.equal('you');
      await closed;
    });

    it('fails with the status of the connection when there is none', async () => {
      const peer = await serve();
      await peer.close();
      const client = open(new Client('127.0.0.1', peer.port));
      const error = (await rejection(client.request('hello.Greeter/SayHello', {}))) as RpcError;
      expect(error).to.be.instanceOf(RpcError);
      expect(error.codeName).to.equal('UNAVAILABLE');
      expect(error.details).to.include('cannot load the schema');
      expect(error.details).to.include('ECONNREFUSED');
      expect(error.method).to.equal('hello.Greeter/SayHello');
    });

    it('waits for a connection if it shall, and tells why it had none', async () => {
      const peer = await serve();
      await peer.close();
      const client = open(new Client('127.0.0.1', peer.port));
      using time = new TurnedTime();
      const call = client.request('hello.Greeter/SayHello', {}, { waitForReady: true, timeoutMs: 8000 });
      const failed = rejection(call);
      await until(() => client.channel.state === 'transient_failure');
      await time.pass(9000);
      const error = (await failed) as RpcError;
      expect(error.codeName).to.equal('DEADLINE_EXCEEDED');
      expect(error.details).to.include('while loading the schema (the last attempt: ');
    });
  });

  it('does not keep a stream open that has told all', async () => {
    const peer = await serve();
    const client = connect(peer);
    await client.request('SayHello', { name: 'you' });
    const [request] = peer.reflectionRequests;
    await request.when(() => request.hasEnded);
    await client.close();
    expect(request.end).to.deep.equal({ kind: 'complete' });
  });
});
