// Interceptors that do what they should not: each fails its call with an error that says so, and none hangs.

import { expect } from 'chai';
import { Client, type InterceptedCall, type Interceptor, RpcError } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { type ExampleServer, startExampleServer } from '../support/peers/servers.ts';
import { TurnedTime, turns } from '../support/time/turned-time.ts';

class Wrong {
  readonly [field: string]: unknown;
  constructor(field: string, value: unknown) {
    Object.assign(this, { [field]: value });
  }
}

/** A HelloRequest, of a class that the codec made. */
async function other(): Promise<object> {
  const client = new Client('127.0.0.1', 1);
  await client.load('protos/helloworld.proto');
  const request: object = client.decode('helloworld.HelloRequest', Buffer.from('0a0179', 'hex'));
  await client.close();
  return request;
}

const GARBAGE = 5 as unknown as InterceptedCall;

describe('Bad interceptors', () => {
  const close = closing();
  let server: ExampleServer;
  let client: Client;

  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());
  beforeEach(async () => {
    client = close(new Client('127.0.0.1', server.port));
    await client.load('protos/helloworld.proto');
  });

  const cases: readonly (readonly [name: string, interceptor: Interceptor, unary: string, stream: string])[] =
    [
      [
        'throws',
        () => {
          throw new RangeError('thrown');
        },
        'thrown',
        'thrown',
      ],
      ['rejects', () => Promise.reject(new RangeError('rejected')), 'rejected', 'rejected'],
      [
        'throws nothing',
        () => {
          throw undefined;
        },
        'interceptor 1 failed without a reason',
        'interceptor 1 failed without a reason',
      ],
      [
        'throws nothing after the call that it began has succeeded',
        async (call, next) => {
          await next(call).status;
          throw undefined;
        },
        'interceptor 1 failed without a reason',
        'interceptor 1 failed without a reason',
      ],
      [
        'returns nothing',
        function silent() {},
        "the interceptor 'silent' returned undefined where /helloworld.Greeter/SayHello needs a reply; it did not call next",
        'needs an iterable of replies; it did not call next',
      ],
      [
        'forgets what next returned',
        async (call, next) => {
          await next(call);
        },
        'did it forget to return what next returned?',
        'did it forget to return what next returned?',
      ],
      ['returns null', () => null, 'returned null', 'returned null'],
      ['returns a number', () => 5, 'not of type helloworld.HelloReply', 'returned 5'],
      ['returns a function', () => () => {}, 'needs a reply', 'needs an iterable'],
      ['returns a wrong reply', () => ({ massage: 'x' }), "'message'", 'needs an iterable of replies'],
      [
        'returns a list of wrong replies',
        () => [{ massage: 'x' }],
        'not of type helloworld.HelloReply',
        "'message'",
      ],
      [
        'returns a Map',
        () => new Map([['message', 'x']]),
        'not of type helloworld.HelloReply',
        'not of type helloworld.HelloReply',
      ],
      [
        'returns an error',
        () => new Error('x'),
        'not of type helloworld.HelloReply',
        'needs an iterable of replies',
      ],
      [
        'returns a list of errors',
        () => [new Error('x')],
        'not of type helloworld.HelloReply',
        'not of type helloworld.HelloReply',
      ],
      [
        'returns a Date',
        () => new Date(0),
        'not of type helloworld.HelloReply',
        'needs an iterable of replies',
      ],
      [
        'returns a list of Dates',
        () => [new Date(0)],
        'not of type helloworld.HelloReply',
        'not of type helloworld.HelloReply',
      ],
      ['returns a wrong reply of its own class', () => new Wrong('massage', 'x'), "'message'", 'iterable'],
      ['returns a list of such', () => [new Wrong('massage', 'x')], 'HelloReply', "'message'"],
      ['returns a reply with a wrong value', () => new Wrong('message', 5), 'message', 'iterable'],
      [
        'returns a list of replies with a wrong value',
        () => [new Wrong('message', 5)],
        'HelloReply',
        'message',
      ],
      [
        'returns a message of another type',
        async (call, next) => Object.assign(await other(), { x: await next(call) }),
        "has no field 'name'",
        'iterable',
      ],
      ['gives next garbage', (_, next) => next(GARBAGE), 'called next with 5', 'called next with 5'],
      [
        'gives next wrong metadata',
        (call, next) => next({ ...call, metadata: { 'grpc-timeout': '1S' } as never }),
        'grpc-timeout',
        'grpc-timeout',
      ],
      [
        'gives next wrong options',
        (call, next) => next({ ...call, options: { timeoutMs: -1 } }),
        'timeoutMs must be',
        'timeoutMs must be',
      ],
      ['is a generator without replies', async function* () {}, 'returned no reply', ''],
      [
        'is a generator of several',
        async function* () {
          yield { message: 'a' };
          yield { message: 'b' };
        },
        'returned several replies',
        '',
      ],
      [
        'gives an iterator that is none',
        () => ({ [Symbol.asyncIterator]: () => ({ next: () => 5 }) }),
        '',
        'instead of { value, done }',
      ],
    ];
  for (const [name, interceptor, unary, stream] of cases) {
    const options = { interceptors: [interceptor], timeoutMs: 2000 };
    if (unary !== '') {
      it(`one that ${name} fails a unary call`, async () => {
        const call = client.request('SayHello', { name: 'you' }, options);
        expect((await rejection(call)).message).to.include(unary);
        expect((await call.status).codeName).to.equal('CANCELLED');
      });
    }
    if (stream !== '') {
      it(`one that ${name} fails a stream`, async () => {
        const call = client.request('SayHelloStreamReply', { name: 'you' }, options);
        expect((await rejection(call.toArray())).message).to.include(stream);
        expect((await call.status).codeName).to.equal('CANCELLED');
      });
    }
  }

  it('one that never calls next ends at the deadline, and is named', async () => {
    function stuck(): Promise<never> {
      return new Promise(() => {});
    }
    using time = new TurnedTime();
    const failed = rejection(client.request('SayHello', {}, { interceptors: [stuck], timeoutMs: 8000 }));
    await turns(12);
    await time.pass(9000);
    expect((await failed).message).to.match(
      /^DEADLINE_EXCEEDED: the timeout of 8000 ms passed after \d+ ms while the interceptor 'stuck' was at work \(it has not called next\)$/,
    );
  });

  it('one that never returns what next returned ends at the deadline', async () => {
    let isAnswered = false;
    const keeping: Interceptor = async (call, next) => {
      await next(call);
      isAnswered = true;
      return new Promise(() => {});
    };
    using time = new TurnedTime();
    const failed = rejection(client.request('SayHello', {}, { interceptors: [keeping], timeoutMs: 8000 }));
    await until(() => isAnswered);
    await time.pass(9000);
    expect((await failed).message).to.match(/^DEADLINE_EXCEEDED: .* 'keeping' was at work$/);
  });

  it('one that calls next after the call has ended begins nothing', async () => {
    let late: Promise<unknown> | undefined;
    let goOn = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const interceptor: Interceptor = async (call, next) => {
      await waiting;
      late = rejection(next(call));
      return late;
    };
    const call = client.request('SayHello', {}, { interceptors: [interceptor] });
    call.cancel();
    goOn();
    expect((await call.status).codeName).to.equal('CANCELLED');
    await waiting;
    const error = await late;
    expect(RpcError.is(error) && error.codeName).to.equal('CANCELLED');
    expect(client.channel.state).to.equal('idle');
  });

  it('one that reads the replies that it passes on gets an error', async () => {
    const interceptor: Interceptor = async (call, next) => {
      const stream = await next(call);
      void stream.read();
      return stream;
    };
    const call = client.request('SayHelloStreamReply', { name: 'you' }, { interceptors: [interceptor] });
    expect((await rejection(call.toArray())).message).to.include('another reader');
  });

  it('a generator that is abandoned cleans up', async () => {
    let isClean = false;
    const interceptor: Interceptor = async function* (call, next) {
      try {
        yield* next(call);
      } finally {
        isClean = true;
      }
    };
    const call = client.request('SayHelloStreamReply', { name: 'you' }, { interceptors: [interceptor] });
    for await (const _ of call) break;
    await client.close();
    expect(isClean).to.equal(true);
  });

  const wrong: readonly (readonly [unknown, string])[] = [
    [() => {}, 'interceptors must be an array of functions, not a function; give [interceptor]'],
    ['log', 'interceptors must be an array of functions, not "log"'],
    [[() => {}, {}], 'interceptors[1] must be a function (call, next) => …, not Object'],
    [[undefined], 'interceptors[0] must be a function (call, next) => …, not undefined'],
  ];
  for (const [interceptors, text] of wrong) {
    it(`the option refuses anything but interceptors: ${text}`, async () => {
      const options = { interceptors: interceptors as Interceptor[] };
      expect(() => new Client('localhost:1', options)).to.throw(TypeError, text);
      expect((await rejection(client.request('SayHello', {}, options))).message).to.include(text);
    });
  }

  it('ends at close, whatever interceptors do', async () => {
    const call = client.request('SayHello', {}, { interceptors: [() => new Promise(() => {})] });
    const failed = rejection(call);
    await client.close({ graceMs: 10 });
    expect((await failed).message).to.equal('CANCELLED: the client was closed');
  });

  it('ends when its signal aborts', async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const call = client.request('SayHello', {}, { signal, interceptors: [() => new Promise(() => {})] });
    abort.abort('enough');
    expect((await rejection(call)).message).to.include('cancelled by the signal');
    const early = client.request('SayHello', {}, { signal, interceptors: [() => ({})] });
    expect((await rejection(early)).message).to.include('cancelled by the signal');
  });
});
