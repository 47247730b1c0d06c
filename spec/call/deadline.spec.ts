// What ends calls that take too long, and what their errors say: deadlines, a service config's limits, silence.

import { expect } from 'chai';
import {
  type CallOptions,
  type Client,
  type ClientOptions,
  type Interceptor,
  RpcError,
  type ServiceConfigMethod,
} from '../../lib/index.ts';
import { listenScript, PROTO, type Step } from '../rpc/retry/script.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { until } from '../support/peers/fleet.ts';
import { type Http2Peer, listen, listenHttp2, type PeerStream } from '../support/peers/peer.ts';
import { standStill } from '../support/time/stand-still.ts';
import { TurnedTime, turns } from '../support/time/turned-time.ts';

/** A message with one text. */
const TEXT = frame(Uint8Array.of(0x0a, 1, 0x61));

describeCalls('Limits of time', (Client) => {
  const close = closing();

  async function connect(step: Step, options?: ClientOptions): Promise<{ peer: Http2Peer; client: Client }> {
    const peer = close(await listenScript(step));
    const client = close(new Client(peer.target, { reflection: 'never', ...options }));
    await client.load(PROTO);
    return { peer, client };
  }

  const under = (config: ServiceConfigMethod) => ({
    serviceConfig: { methodConfig: [{ name: [{ service: 'test.Tests' }], ...config }] },
  });

  describe('of a service config', () => {
    const cases: readonly (readonly [
      name: string,
      timeout: string,
      timeoutMs: number | undefined,
      text: RegExp,
    ])[] = [
      [
        'counts where the caller says nothing',
        '5s',
        undefined,
        /^the service config's timeout of 5000 ms passed/,
      ],
      ['counts where it is the lesser', '5s', 60_000, /^the service config's timeout of 5000 ms passed/],
      ['does not count where it is the greater', '60s', 5000, /^the timeout of 5000 ms passed/],
    ];
    for (const [name, timeout, timeoutMs, text] of cases) {
      it(name, async () => {
        const { peer, client } = await connect('silence', under({ timeout }));
        await client.waitForReady();
        const time = close(new TurnedTime());
        const failed = rejection(client.request('Plain', { text: 'a' }, { timeoutMs }));
        await peer.request(1);
        await time.pass(6000);
        const error = (await failed) as RpcError;
        expect(error.code).to.equal(4);
        expect(error.details)
          .to.match(text)
          .and.match(/while waiting for the response/);
      });
    }

    it('holds for streams, which have none of their own', async () => {
      const { peer, client } = await connect('silence', under({ timeout: '5s' }));
      await client.waitForReady();
      const time = close(new TurnedTime());
      const failed = rejection(client.request('List', { text: 'a' }).toArray());
      const request = await peer.request(1);
      await time.pass(6000);
      expect(await failed).to.include({ code: 4 });
      expect(request.header('grpc-timeout')).to.match(/^(?:5000|[1-4]\d{3})m$/);
    });

    it('comes in place of the default of unary calls', async () => {
      const { peer, client } = await connect('echo', under({ timeout: '60s' }));
      await client.request('Plain', { text: 'a' });
      expect(peer.requests[0].header('grpc-timeout')).to.match(/^(?:60000|59\d\d\d)m$/);
    });
  });

  describe('sizes of a service config', () => {
    const cases: readonly (readonly [
      name: string,
      config: ServiceConfigMethod,
      options: object,
      fails: string | undefined,
    ])[] = [
      ['a request as large as may be', { maxRequestMessageBytes: 7 }, {}, undefined],
      ['a request larger than may be', { maxRequestMessageBytes: 6 }, {}, 'maxSendMessageBytes 6'],
      ['a reply as large as may be', { maxResponseMessageBytes: 7 }, {}, undefined],
      ['a reply larger than may be', { maxResponseMessageBytes: 6 }, {}, 'maxReceiveMessageBytes 6'],
      [
        'the lesser of both, the option',
        { maxResponseMessageBytes: 7 },
        { maxReceiveMessageBytes: 6 },
        'maxReceiveMessageBytes 6',
      ],
      [
        'the lesser of both, the config',
        { maxResponseMessageBytes: 6 },
        { maxReceiveMessageBytes: 7 },
        'maxReceiveMessageBytes 6',
      ],
    ];
    for (const [name, config, options, fails] of cases) {
      it(name, async () => {
        const { client } = await connect('echo', under(config));
        const call = client.request('Plain', { text: 'hello' }, options);
        if (fails === undefined) expect((await call).text).to.equal('hello');
        else
          expect((await rejection(call)).message)
            .to.match(/^RESOURCE_EXHAUSTED/)
            .and.include(fails);
      });
    }
  });

  it('wait for a connection where a service config says so, unless the caller does not want to', async () => {
    const gone = await listen(() => {});
    await gone.close();
    const client = close(new Client(gone.target, { reflection: 'never', ...under({ waitForReady: true }) }));
    await client.load(PROTO);
    expect(await rejection(client.request('Plain', {}, { timeoutMs: 100 }))).to.include({ code: 4 });
    const call = client.request('Plain', {}, { timeoutMs: 5000, waitForReady: false });
    expect(await rejection(call)).to.include({ codeName: 'UNAVAILABLE' });
  });

  it('say that the server did not take the request', async () => {
    const { peer, client } = await connect('deafness');
    const time = close(new TurnedTime());
    // More than the window of a stream.
    const failed = rejection(client.request('Plain', { text: 'x'.repeat(1_000_000) }, { timeoutMs: 8000 }));
    await peer.request(1);
    await time.pass(9000);
    expect(((await failed) as RpcError).details).to.include('while writing the request');
  });

  const passed: readonly (readonly [name: string, method: string, isOpen: boolean])[] = [
    ['a call', 'Plain', false],
    ['a stream', 'List', false],
    ['an open call', 'Plain', true],
    ['a call of a method that is not known', 'Nothing', false],
  ];
  for (const [name, method, isOpen] of passed) {
    it(`fail ${name} at once that is made when its deadline has passed, and begin nothing`, async () => {
      const { peer, client } = await connect('echo');
      let went = 0;
      const going: Interceptor = (call, next) => {
        went++;
        return next(call);
      };
      const options = { deadline: new Date(0), interceptors: [going] };
      const call = isOpen ? client.open(method, options) : client.request(method, {}, options);
      const status = { code: 4, origin: 'client' };
      expect(await call.status).to.include(status);
      expect((await call.status).details).to.match(
        /^the deadline of 1970-01-01T00:00:00.000Z had passed before the call was made$/,
      );
      expect(went).to.equal(0);
      expect(peer.requests).to.be.empty;
      const { started, failed, running } = client.stats().calls;
      expect({ started, failed, running }).to.deep.equal({ started: 1, failed: 1, running: 0 });
    });
  }

  it('say that nobody wrote the request of an open call', async () => {
    const { client } = await connect('silence');
    await client.waitForReady();
    const time = close(new TurnedTime());
    const failed = rejection(client.open('Plain', { timeoutMs: 8000 }));
    await turns(12);
    await time.pass(9000);
    expect(((await failed) as RpcError).details).to.match(
      /^the timeout of 8000 ms passed after \d+ ms while waiting for the request to be written: write it with call\.end\(\{ … \}\)/,
    );
  });

  it('say what they waited for where the request of an open call was written', async () => {
    const { peer, client } = await connect('silence');
    await client.waitForReady();
    const time = close(new TurnedTime());
    const call = client.open('Plain', { timeoutMs: 8000 });
    const failed = rejection(call);
    await call.end({ text: 'a' });
    await peer.request(1);
    await time.pass(9000);
    expect(((await failed) as RpcError).details).to.include('while waiting for the response');
  });

  it('leave the server the time that is left when interceptors have gone on', async () => {
    const { peer, client } = await connect('echo');
    const slow: Interceptor = async (call, next) => {
      await undefined;
      standStill(40);
      return await next(call);
    };
    await client.request('Plain', {}, { timeoutMs: 5000, interceptors: [slow] });
    const timeout = /^(\d+)m$/.exec(peer.requests[0].header('grpc-timeout') ?? '')?.[1];
    expect(Number(timeout)).to.be.within(4000, 4965);
  });

  it('say how long interceptors were at work', async () => {
    const { peer, client } = await connect('silence');
    const slow: Interceptor = async (call, next) => {
      await undefined;
      standStill(40);
      return await next(call);
    };
    await client.waitForReady();
    const time = close(new TurnedTime());
    const failed = rejection(client.request('Plain', {}, { timeoutMs: 10_000, interceptors: [slow] }));
    await peer.request(1);
    await time.pass(10_000);
    expect(((await failed) as RpcError).details).to.match(
      /while waiting for the response: \d+ ms in interceptors, .*\d+ ms for the response$/,
    );
  });

  it('say how long each phase took', async () => {
    const { peer, client } = await connect('silence');
    const time = close(new TurnedTime());
    const call = client.request('List', { text: 'a' }, { timeoutMs: 8000 });
    const failed = rejection(call.toArray());
    const request = await peer.request(1);
    await time.pass(60);
    request.head().connection.flush();
    await call.headers;
    // Beyond the deadline, by however much the timers are late.
    await time.pass(9000);
    const { details } = (await failed) as RpcError;
    const phases = /^the timeout of 8000 ms passed after \d+ ms while reading the response: (.*)$/.exec(
      details,
    )?.[1];
    expect(phases).to.match(/(?:^|, )\d+ ms for the response, \d+ ms reading it$/);
    const [waited, read] = Array.from(
      phases?.matchAll(/(\d+) ms (?:for the response|reading it)/g) ?? [],
      (match) => Number(match[1]),
    );
    expect(waited).to.be.above(40);
    expect(read).to.be.above(40);
  });

  describe('that another was the first to tell of', () => {
    /** The server's answer at the deadline; what it says is kept. */
    const answers: readonly (readonly [
      name: string,
      answer: (request: PeerStream) => void,
      message: RegExp,
    ])[] = [
      [
        'grpc-status 4',
        (request) => {
          const fields = ['grpc-status', '4', 'grpc-message', 'Deadline Exceeded'];
          request.head([':status', '200', 'content-type', 'application/grpc', ...fields], true);
        },
        /^DEADLINE_EXCEEDED: Deadline Exceeded \(after \d+ ms of the timeout of 8000 ms, while waiting for the response/,
      ],
      [
        'grpc-status 4 behind headers',
        (request) => request.head().status(4),
        /^DEADLINE_EXCEEDED \(after \d+ ms of the timeout of 8000 ms, while reading the response/,
      ],
      [
        'RST_STREAM(CANCEL) before it',
        (request) => request.stream.reset(8),
        /^CANCELLED: the server reset the stream with CANCEL \(8\) \(after \d+ ms of the timeout of 8000 ms, while waiting/,
      ],
      [
        'HTTP 504',
        (request) => request.head([':status', '504', 'content-type', 'text/plain'], true),
        /^UNAVAILABLE: .*504.* \(after \d+ ms of the timeout of 8000 ms, while waiting/,
      ],
    ];
    const pass: Interceptor = (call, next) => next(call);
    const forms: readonly (readonly [name: string, options: CallOptions])[] = [
      ['', {}],
      [', through interceptors', { interceptors: [pass, async (call, next) => await next(call)] }],
      [', with retries', { retry: { maxAttempts: 2, initialBackoffMs: 1, maxBackoffMs: 1 } }],
    ];
    for (const [name, answer, message] of answers) {
      for (const [form, options] of forms) {
        it(`say the time and the place beside its words: ${name}${form}`, async () => {
          const peer = close(
            await listenHttp2((request) => {
              // Near the deadline, where that matters.
              const isNear = peer.requests.length === 1 && !name.includes('grpc');
              void time.pass(isNear ? startMs + 7950 - performance.now() : 0).then(async () => {
                answer(request);
                request.connection.flush();
                // A further attempt waits for a millisecond.
                for (let i = 0; i < 5; i++) await time.pass(1);
              });
            }),
          );
          const client = close(new Client(peer.target, { reflection: 'never' }));
          await client.load(PROTO);
          const time = close(new TurnedTime());
          time.stand();
          const startMs = performance.now();
          const call = client.request('Plain', { text: 'a' }, { timeoutMs: 8000, ...options });
          const error = (await rejection(call)) as RpcError;
          expect(error.message).to.match(message);
          const { details, origin } = await call.status;
          if (origin === 'server' && error.codeName === 'DEADLINE_EXCEEDED')
            expect(details, 'the very words of the server').to.be.oneOf(['Deadline Exceeded', '']);
          else if (origin === 'client') expect(details, 'our own').to.include('8000 ms');
        });
      }
    }

    it('say so where the server has a shorter one of its own, and where the call has none', async () => {
      const peer = close(await listenHttp2((request) => request.head().status(4, 'grpc-message', 'mine')));
      const client = close(new Client(peer.target, { reflection: 'never' }));
      await client.load(PROTO);
      const text = async (call: PromiseLike<unknown>) => (await rejection(call)).message;
      expect(await text(client.request('Plain', {}))).to.match(
        /^DEADLINE_EXCEEDED: mine \(after \d+ ms of the timeout of 10000 ms, the default of a unary call, while/,
      );
      expect(await text(client.request('List', {}).toArray())).to.match(
        /^DEADLINE_EXCEEDED: mine \(after \d+ ms; the call has no deadline here, while reading the response/,
      );
      expect(await text(client.request('Plain', {}, { deadline: new Date(Date.now() + 60_000) }))).to.match(
        /^DEADLINE_EXCEEDED: mine \(after \d+ ms, with the deadline of 20\d\d-\d\d-\d\dT[\d:.]+Z, while/,
      );
    });

    it('say it of credentials that had one', async () => {
      const client = close(
        new Client('127.0.0.1:1', { reflection: 'never', allowCredentialsOverPlaintext: true }),
      );
      await client.load(PROTO);
      const credentials = (): never => {
        throw RpcError.of('DEADLINE_EXCEEDED', 'no token in 1 s');
      };
      expect(
        (await rejection(client.request('Plain', {}, { credentials, timeoutMs: 5000 }))).message,
      ).to.match(
        /no token in 1 s \(after \d+ ms of the timeout of 5000 ms, while waiting for its credentials\)$/,
      );
    });
  });

  describe('idleTimeoutMs', () => {
    it('ends a stream on which nothing goes', async () => {
      const { peer, client } = await connect('silence');
      const time = close(new TurnedTime());
      const failed = rejection(client.request('List', { text: 'a' }, { idleTimeoutMs: 8000 }).toArray());
      await peer.request(1);
      await time.pass(16_000);
      const error = (await failed) as RpcError;
      expect(error).to.include({
        codeName: 'DEADLINE_EXCEEDED',
        details:
          'no message went either way for 8000 ms, the idleTimeoutMs of the call, while waiting for the response',
        origin: 'client',
      });
    });

    it('does nothing to a call of one request and one reply', async () => {
      const { client } = await connect('silence');
      const call = client.request('Plain', { text: 'a' }, { idleTimeoutMs: 10, timeoutMs: 60 });
      expect(((await rejection(call)) as RpcError).details).to.match(/^the timeout of 60 ms/);
    });

    const alive: readonly (readonly [name: string, direction: 'replies' | 'requests'])[] = [
      ['goes on while replies come', 'replies'],
      ['goes on while requests go', 'requests'],
    ];
    for (const [name, direction] of alive) {
      it(name, async () => {
        const { peer, client } = await connect('silence');
        const time = close(new TurnedTime());
        const call = client.open('Talk', { idleTimeoutMs: 5000 });
        const request = await peer.request(1);
        request.head();
        let replies = 0;
        const reading = (async () => {
          for await (const _ of call) replies++;
        })();
        for (let count = 1; count <= 5; count++) {
          await time.pass(3000);
          if (direction === 'requests') await call.write({ text: 'a' });
          else request.write(Uint8Array.from(TEXT)).connection.flush();
          await until(() => request.messages.length === count || replies === count);
        }
        request.status(0);
        request.connection.flush();
        await reading;
        expect(replies).to.equal(direction === 'replies' ? 5 : 0);
      });
    }

    it('counts a message that came while this program was busy for longer', async () => {
      const { peer, client } = await connect('silence');
      await client.waitForReady();
      const call = client.open('Talk', { idleTimeoutMs: 400 });
      const request = await peer.request(1);
      request.head().connection.flush();
      await call.headers;
      for (let i = 0; i < 2; i++) {
        request.write(Uint8Array.from(TEXT)).connection.flush();
        standStill(500);
        expect(await call.read()).to.include({ text: 'a' });
      }
    });

    it('does not count the time in which the reader leaves replies unread', async () => {
      const { peer, client } = await connect('silence');
      const time = close(new TurnedTime());
      const call = client.open('Talk', { idleTimeoutMs: 8000 });
      const request = await peer.request(1);
      request.head().write(Uint8Array.from(TEXT)).connection.flush();
      await call.headers;
      await time.pass(32_000);
      expect(await call.read()).to.include({ text: 'a' });
      const next = rejection(call.read());
      await time.pass(16_000);
      expect(((await next) as RpcError).details).to.match(/^no message went/);
    });
  });
});
