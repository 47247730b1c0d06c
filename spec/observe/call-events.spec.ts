// What is told of calls through node:diagnostics_channel, and their timing.

import diagnosticsChannel from 'node:diagnostics_channel';
import { expect } from 'chai';
import {
  type CallAttemptEvent,
  type CallEvent,
  type CallMessageEvent,
  Client,
  type ObservedCall,
} from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { concat, frame } from '../support/messages.ts';
import { listenHttp2 } from '../support/peers/peer.ts';
import { type ExampleServer, startExampleServer } from '../support/peers/servers.ts';
import { listening } from '../support/subscriptions.ts';

const NAMES = ['start', 'attempt', 'stream', 'headers', 'message', 'attempt.end', 'end'] as const;

describe('Diagnostics of calls', () => {
  const close = closing();
  const listen = listening();
  let server: ExampleServer;

  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());

  async function connect(options = {}): Promise<Client> {
    const client = close(new Client('127.0.0.1', server.port, options));
    await client.load(['protos/helloworld.proto', 'protos/route_guide.proto']);
    return client;
  }

  /** What is told from here on, as short lines. */
  function record(): string[] {
    const lines: string[] = [];
    for (const name of NAMES) {
      listen(`stubless:call.${name}`, (event: CallEvent & Partial<CallMessageEvent>) => {
        const { call, attempt, direction, octets } = event;
        const detail =
          direction === undefined ? (attempt?.number ?? call.codeName) : `${direction} ${octets}`;
        lines.push(`${name} ${call.method.split('/').at(-1)}${detail === undefined ? '' : ` ${detail}`}`);
      });
    }
    return lines;
  }

  it('tell of a unary call, in order', async () => {
    const client = await connect();
    const lines = record();
    await client.request('SayHello', { name: 'you' });
    expect(lines).to.deep.equal([
      'start SayHello',
      'attempt SayHello 1',
      'stream SayHello 1',
      'message SayHello sent 5',
      'headers SayHello 1',
      'message SayHello received 11',
      'attempt.end SayHello 1',
      'end SayHello OK',
    ]);
  });

  it('tell of streams, message by message', async () => {
    const client = await connect();
    const lines = record();
    await client.request('SayHelloBidiStream', [{ name: 'a' }, { name: 'b' }]).toArray();
    expect(lines.filter((line) => line.startsWith('message'))).to.have.members([
      'message SayHelloBidiStream sent 3',
      'message SayHelloBidiStream sent 3',
      'message SayHelloBidiStream received 9',
      'message SayHelloBidiStream received 9',
    ]);
  });

  it('tell of calls that fail, and of those whose method is not known', async () => {
    const client = await connect();
    const lines = record();
    await rejection(client.request('SayHello', { name: 'nobody' }));
    await rejection(client.request('SayGoodbye'));
    expect(lines.filter((line) => line.startsWith('end'))).to.deep.equal([
      'end SayHello NOT_FOUND',
      'end SayGoodbye CANCELLED',
    ]);
  });

  it('tell of cancelling and of the deadline as the call’s end', async () => {
    const client = await connect();
    const seen: (string | undefined)[] = [];
    listen('stubless:call.attempt.end', ({ attempt }: CallAttemptEvent) => seen.push(attempt.codeName));
    const call = client.request('SayHello', { name: 'sleepy' });
    await client.waitForReady();
    call.cancel();
    await call.status;
    const late = client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 30 });
    await late.status;
    expect(seen).to.deep.equal(['CANCELLED', 'DEADLINE_EXCEEDED']);
  });

  it('hold all there is to know of the call', async () => {
    const client = await connect({ metadata: { 'x-tenant': 'a' } });
    let seen: ObservedCall | undefined;
    listen('stubless:call.end', ({ call }: CallEvent) => {
      seen = call;
    });
    const metadata = { 'x-request-id': '7' };
    await client.request('SayHello', { name: 'you' }, { metadata });
    expect(seen).to.deep.include({
      method: '/helloworld.Greeter/SayHello',
      cardinality: 'unary_unary',
      isRaw: false,
      code: 0,
      codeName: 'OK',
      details: 'OK',
      origin: 'server',
    });
    expect(seen?.target).to.equal(client.channel.target.text);
    expect(seen?.peer?.address).to.equal(`127.0.0.1:${server.port}`);
    expect(seen?.requestMetadata?.get('x-request-id')).to.equal('7');
    expect(seen?.requestMetadata?.get('x-tenant')).to.equal('a');
    expect(seen?.headers?.get('x-request-id')).to.equal('7');
    expect(seen?.attempts).to.have.length(1);
    expect(seen?.attempts[0]).to.include({
      number: 1,
      sentMessages: 1,
      sentBytes: 5,
      receivedBytes: 11,
      code: 0,
    });
  });

  it('count the messages of a response however it is cut', async () => {
    const peer = close(await listenHttp2());
    const client = close(new Client(peer.target));
    const lines = record();
    const call = client.raw('/s/Stream', { cardinality: 'unary_stream' })(new Uint8Array(3));
    const request = await peer.request(1);
    request.head();
    const octets = concat(frame(3), frame(0), frame(300));
    for (const one of octets) request.write(Uint8Array.of(one));
    request.status(0);
    expect(await call.toArray()).to.have.length(3);
    expect(lines.filter((line) => line.includes('received'))).to.deep.equal([
      'message Stream received 3',
      'message Stream received 0',
      'message Stream received 300',
    ]);
  });

  it('tell of each attempt where a server refuses one', async () => {
    const peer = close(await listenHttp2());
    const client = close(new Client(peer.target));
    const lines = record();
    const call = client.raw('/s/Unary', { cardinality: 'unary_unary' })();
    (await peer.request(1)).stream.reset(7);
    (await peer.request(2)).head().write(frame(1)).status(0);
    await call;
    expect(lines.filter((line) => /attempt|end/.test(line))).to.deep.equal([
      'attempt Unary 1',
      'attempt Unary 2',
      'attempt.end Unary 1',
      'attempt.end Unary 2',
      'end Unary OK',
    ]);
  });

  it('tell of hedged attempts: the one that was taken, and those given up for it', async () => {
    const peer = close(await listenHttp2());
    const client = close(new Client(peer.target, { hedging: { delayMs: 10, maxAttempts: 2 } }));
    let seen: ObservedCall | undefined;
    listen('stubless:call.end', ({ call }: CallEvent) => {
      seen = call;
    });
    const call = client.raw('/s/Unary', { cardinality: 'unary_unary' })();
    (await peer.request(2)).head().write(frame(1)).status(0);
    await call;
    expect(seen?.attempts.map(({ codeName }) => codeName)).to.deep.equal(['CANCELLED', 'OK']);
    expect(seen?.codeName).to.equal('OK');
  });

  it('cost a call nothing while nobody listens', async () => {
    const client = await connect();
    const call = client.request('SayHello', { name: 'you' });
    await call;
    expect(call.timing).to.equal(undefined);
    expect(diagnosticsChannel.hasSubscribers('stubless:call.end')).to.equal(false);
  });

  describe('timing', () => {
    it('says when a call reached what, in order', async () => {
      const client = await connect({ timing: true });
      // The clock of the wall may be set meanwhile.
      const nowMs = (): number => performance.timeOrigin + performance.now();
      const before = nowMs();
      const call = client.request('SayHello', { name: 'you' });
      expect(call.timing?.endMs).to.equal(undefined);
      await call;
      const { timing } = call;
      expect(timing?.startedAt).to.be.within(before - 0.01, nowMs());
      const phases = [
        0,
        timing?.methodMs,
        timing?.streamMs,
        timing?.sentMs,
        timing?.headersMs,
        timing?.firstMessageMs,
        timing?.endMs,
      ] as number[];
      expect([...phases].sort((a, b) => a - b)).to.deep.equal(phases);
      expect(timing?.attempts).to.equal(1);
      const connect_ = timing?.connect;
      expect(connect_?.connectMs).to.be.at.least(0);
      expect(connect_?.settingsMs).to.be.at.least(0);
      expect(connect_?.tlsMs).to.equal(undefined);
    });

    it('says nothing of a connection that was there before', async () => {
      const client = await connect();
      await client.waitForReady();
      const call = client.request('SayHello', { name: 'you' }, { timing: true });
      await call;
      expect(call.timing?.connect).to.equal(undefined);
      expect(call.peer?.connect?.connectMs).to.be.at.least(0);
    });

    it('leaves out what was not reached', async () => {
      const client = await connect({ timing: true });
      await client.waitForReady();
      const call = client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 50 });
      await call.status;
      const { timing } = call;
      expect(timing?.sentMs).to.be.a('number');
      expect(timing?.firstMessageMs).to.equal(undefined);
      expect(timing?.endMs).to.be.at.least(45);
    });

    it('is that of the last call that an interceptor made', async () => {
      const client = await connect({
        timing: true,
        interceptors: [(call: never, next: (call: never) => unknown) => next(call)],
      });
      const call = client.request('SayHello', { name: 'you' });
      await call;
      expect(call.timing?.endMs).to.be.a('number');
    });

    it('must be true or false', () => {
      expect(() => new Client('localhost:1', { timing: 1 as never })).to.throw(
        TypeError,
        'timing must be true or false',
      );
    });
  });
});
