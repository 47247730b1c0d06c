// A server that accepts a connection and closes it without a word, at an address where others came about before: as happens
// where processes share a port (SO_REUSEPORT), or stand behind a balancer of TCP, and one goes away. What waits for the
// connection waits for the next one; but not for ever, and not at an address that never did anything else.

import type { Socket } from 'node:net';
import { expect } from 'chai';
import { FORGIVEN_LOSSES } from '../../../lib/channel/connection/dial-backoff.ts';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { fakeSubchannel, servingSubchannel } from '../../support/fake-connections.ts';
import { type Front, listenBefore } from '../../support/peers/front.ts';
import { echo, listenHttp2 } from '../../support/peers/peer.ts';
import { httpProxy } from '../socket/proxy-servers.ts';
import { pair, pem, seeingServer } from '../socket/tls/secure-servers.ts';

const CALLS = 50;
const BYTES = Buffer.from('hello');

/** How a connection ends that nobody reads. */
const WAYS: Readonly<Record<string, (socket: Socket) => void>> = {
  'is closed': (socket) => socket.end(),
  'is reset': (socket) => socket.resetAndDestroy(),
};

describe('A connection that is accepted and closed without a word', () => {
  const use = closing();

  /** A front with a client that connects through it. */
  type Make = (options: ClientOptions, turnAway: (socket: Socket) => void) => Promise<[Front, Client]>;

  const PLACES: Readonly<Record<string, Make>> = {
    async 'in plaintext'(options, turnAway) {
      const { port } = use(await listenHttp2(echo));
      const front = use(await listenBefore(port, turnAway));
      return [front, use(new Client(front.target, options))];
    },
    async 'over TLS'(options, turnAway) {
      const { port } = use(await seeingServer(pair('server')));
      const front = use(await listenBefore(port, turnAway));
      const tls = { ca: pem('root') };
      return [front, use(new Client(`https://localhost:${front.port}`, { ...options, tls }))];
    },
    async 'by a proxy'(options, turnAway) {
      const server = use(await listenHttp2(echo));
      const proxy = use(await httpProxy());
      const front = use(await listenBefore(proxy.port, turnAway));
      const way = { proxy: `http://127.0.0.1:${front.port}` };
      return [front, use(new Client(`greeter.test:${server.port}`, { ...options, ...way }))];
    },
  };

  const call = (client: Client): Promise<unknown> =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, { timeoutMs: 25_000 });

  /** Calls that come when a connection that has served is lost, and the next ones are turned away. */
  const callBehind = async (front: Front, client: Client, turnedAway: number) => {
    await call(client);
    const isLost = new Promise<void>((resolve) => {
      client.channel.onStateChange(({ state }) => {
        if (state !== 'ready') resolve();
      });
    });
    front.astray = turnedAway;
    front.cut();
    await isLost;
    const lost: string[] = [];
    let dials = 0;
    const calls = Array.from({ length: CALLS }, () =>
      call(client).catch((error: Error) => {
        // As many as there are when the first call fails: later a back-off may be over.
        if (lost.push(error.message) === 1) dials = front.accepted;
      }),
    );
    await Promise.all(calls);
    return { lost, dials: lost.length === 0 ? front.accepted : dials };
  };

  for (const [place, make] of Object.entries(PLACES)) {
    for (const [way, turnAway] of Object.entries(WAYS)) {
      for (const loadBalancing of ['pick_first', 'round_robin'] as const) {
        it(`costs no call, ${place}, under ${loadBalancing}, where it ${way}`, async () => {
          for (let turnedAway = 0; turnedAway <= FORGIVEN_LOSSES; turnedAway++) {
            const [front, client] = await make({ loadBalancing }, turnAway);
            const dials = 1 + turnedAway + 1;
            expect(await callBehind(front, client, turnedAway)).to.deep.equal({ lost: [], dials });
          }
        });

        it(`is tried a few times, and no more, ${place}, under ${loadBalancing}, where it ${way}`, async () => {
          const [front, client] = await make({ loadBalancing }, turnAway);
          const { lost, dials } = await callBehind(front, client, Infinity);
          expect(lost).to.have.length(CALLS);
          expect(lost[0]).to.match(/^UNAVAILABLE: .*closed/);
          expect(dials).to.equal(1 + FORGIVEN_LOSSES + 1);
        });

        it(`fails calls at once where there never was another, ${place}, under ${loadBalancing}, where it ${way}`, async () => {
          const [front, client] = await make({ loadBalancing }, turnAway);
          front.astray = Infinity;
          expect((await rejection(call(client))).message).to.match(/^UNAVAILABLE: .*closed/);
          expect(front.accepted).to.equal(1);
        });
      }
    }
  }
});

describe('The dial behind a connection that was turned away', () => {
  /** Ends the connection that serves, and turns the next ones away. */
  const turnAway = ({ host, one }: ReturnType<typeof fakeSubchannel>, times: number): void => {
    for (let i = 0; i < times; i++) {
      one.connect();
      host.connection('a').end('turned away', true);
    }
  };

  it('may be dialled again at once a few times, then waits, and waits longer each time', () => {
    const set = servingSubchannel();
    const { host, one, connection } = set;
    connection.end('lost');
    for (const [times, nextDialMs] of [
      [1, 0],
      [1, 0],
      [1, 2000],
    ]) {
      turnAway(set, times);
      expect([one.nextDialMs, one.failure?.reason]).to.deep.equal([nextDialMs, 'turned away']);
    }
    expect(one.state).to.equal('transient_failure');
    host.after(1000);
    turnAway(set, 1);
    expect(one.nextDialMs).to.equal(2000 + 1600);
  });

  it('is forgiven as often again once a connection has served', () => {
    const set = servingSubchannel();
    const { host, one } = set;
    for (let i = 0; i < 5; i++) {
      host.connection('a').end('lost');
      turnAway(set, 2);
      expect(one.state).to.equal('idle');
      one.connect();
      Object.assign(host.connection('a').ready(), { hasServed: true, openedStreams: 1 });
    }
  });

  it('is counted together with connections that came about and answered nothing', () => {
    const set = servingSubchannel();
    const { host, one, connection } = set;
    connection.end('lost');
    turnAway(set, 1);
    for (const state of ['idle', 'transient_failure']) {
      one.connect();
      Object.assign(host.connection('a').ready(), { openedStreams: 1 }).end('lost');
      expect(one.state).to.equal(state);
    }
  });

  it('waits where nothing came about before, and where a dial has failed since', () => {
    const set = fakeSubchannel();
    turnAway(set, 1);
    expect(set.one.nextDialMs).to.equal(2000);

    const known = servingSubchannel();
    known.connection.end('lost');
    known.one.connect();
    known.host.connection('a').end('refused');
    known.host.after(1000);
    turnAway(known, 1);
    expect(known.one.nextDialMs).to.equal(2000 + 1600);
  });

  it('waits where it was to stand beside one that takes calls', () => {
    for (const carriesOneCall of [true, false]) {
      const { host, one, connection } = servingSubchannel();
      Object.assign(connection, { isFull: true, carriesOneCall });
      host.maxConnections = 3;
      one.grow();
      host.connection('a').end('turned away', true);
      one.grow();
      expect(host.dialled).to.equal('a a');
      host.after(1000);
      one.grow();
      expect(host.dialled).to.equal('a a a');
    }
  });

  it('need not wait where one was turned away that was to stand beside the last, which is lost then', () => {
    const set = servingSubchannel();
    const { host, one, connection } = set;
    connection.isFull = true;
    host.maxConnections = 3;
    one.grow();
    host.after(1);
    host.connection('a').end('turned away', true);
    Object.assign(connection, { ageMs: 1 }).end('lost');
    expect([one.state, one.isDue]).to.deep.equal(['idle', true]);
    turnAway(set, 2);
    expect(one.state).to.equal('idle');
  });

  it('is counted once where several were dialled together, whatever they turn out to be', () => {
    for (const carriesOneCall of [true, false]) {
      const { host, one, connection } = servingSubchannel();
      Object.assign(connection, { isFull: true, carriesOneCall: true });
      host.carriesOneCall = carriesOneCall;
      host.maxConnections = 100;
      one.grow(50);
      connection.end('lost');
      const made = host.connections.slice(1);
      for (const one of made) one.end('turned away', true);
      expect([made.length, one.state]).to.deep.equal([50, 'idle']);
      one.connect();
      host.connection('a').end('turned away', true);
      expect(one.state).to.equal('idle');
      one.connect();
      host.connection('a').end('turned away', true);
      expect(one.state).to.equal('transient_failure');
    }
  });

  it('counts one failed dial where several fail that were dialled before it was known what is spoken', () => {
    const { host, one, connection } = servingSubchannel();
    Object.assign(connection, { isFull: true, carriesOneCall: true });
    host.maxConnections = 100;
    one.grow(50);
    for (const made of host.connections.slice(1)) made.end('refused');
    expect(one.isDue).to.equal(false);
    host.after(1000);
    expect(one.isDue).to.equal(true);
  });
});
