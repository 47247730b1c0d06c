// Keepalive: when PINGs are sent and when a connection is given up, on a clock of the spec's; what a connection makes of
// it, on real sockets with short times.

import net from 'node:net';
import { expect } from 'chai';
import { Channel } from '../../../lib/channel/channel.ts';
import { Keepalive, KeepalivePolicy } from '../../../lib/channel/connection/keepalive.ts';
import { parseTarget } from '../../../lib/channel/target/target.ts';
import { checkKeepalive } from '../../../lib/client/keepalive-options.ts';
import { Client } from '../../../lib/index.ts';
import { Peer } from '../../suites/hostile/peer.ts';
import { answer, goAway, HEADERS, PING, REPLY, SETTINGS_ACK, settings } from '../../suites/hostile/wire.ts';
import { closing, rejection } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import { WatchedPeer } from '../../support/peers/watched-peer.ts';

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 20_000;

function watched(isWanted: boolean, withoutCalls = false) {
  const peer = new WatchedPeer();
  peer.isWanted = isWanted;
  const policy = new KeepalivePolicy(INTERVAL_MS, TIMEOUT_MS, withoutCalls);
  const keepalive = new Keepalive(policy, peer.clock, peer, peer.onDead);
  return {
    peer,
    clock: peer.clock,
    events: peer.events,
    policy,
    keepalive,
    until: (ms: number) => peer.until(ms),
    read: () => peer.read(),
  };
}

describe('Keepalive (gRFC A8)', () => {
  it('sends a PING when nothing came for the interval, and not before', () => {
    const { events, until } = watched(true);
    until(INTERVAL_MS - 1);
    expect(events).to.deep.equal([]);
    until(INTERVAL_MS);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`]);
  });

  it('counts the interval from what came last', () => {
    const { events, until, read } = watched(true);
    until(INTERVAL_MS - 1);
    read();
    until(2 * INTERVAL_MS - 2);
    expect(events).to.deep.equal([]);
    until(2 * INTERVAL_MS - 1);
    expect(events).to.deep.equal([`ping ${2 * INTERVAL_MS - 1}`]);
  });

  it('gives the connection up when nothing comes within the timeout, once', () => {
    const { events, until, clock } = watched(true);
    until(INTERVAL_MS + TIMEOUT_MS - 1);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`]);
    until(10 * INTERVAL_MS);
    expect(events.slice(1)).to.deep.equal([`dead ${INTERVAL_MS + TIMEOUT_MS}`]);
    expect(clock.timers.size).to.equal(0);
  });

  it('takes anything that comes for an answer, and goes on', () => {
    const { events, until, read } = watched(true);
    until(INTERVAL_MS + TIMEOUT_MS - 1);
    read();
    until(2 * INTERVAL_MS + TIMEOUT_MS - 2);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`]);
    until(2 * INTERVAL_MS + TIMEOUT_MS - 1);
    expect(events.slice(1)).to.deep.equal([`ping ${2 * INTERVAL_MS + TIMEOUT_MS - 1}`]);
  });

  it('rests while there is no call, and asks at once when one starts after a long rest', () => {
    const { events, until, peer, keepalive, clock } = watched(false);
    until(5 * INTERVAL_MS);
    expect(events).to.deep.equal([]);
    expect(clock.timers.size).to.equal(0);
    keepalive.onCall();
    peer.isWanted = true;
    until(5 * INTERVAL_MS);
    expect(events).to.deep.equal([`ping ${5 * INTERVAL_MS}`]);
  });

  it('does not rest where it is wanted without calls', () => {
    const { events, until } = watched(false, true);
    until(INTERVAL_MS + TIMEOUT_MS);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`, `dead ${INTERVAL_MS + TIMEOUT_MS}`]);
  });

  it('gives up a connection whose output is stuck: a PING that cannot be written is not answered', () => {
    const { events, until, peer } = watched(true);
    peer.isStuck = true;
    peer.unsentOctets = peer.sentOctets = 300_000;
    until(9 * INTERVAL_MS);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`, `dead ${INTERVAL_MS + TIMEOUT_MS}`]);
  });

  it('reads what has arrived before it asks, and before it gives up', () => {
    const { events, until, peer, clock } = watched(true);
    clock.onPoll = () => peer.read();
    until(INTERVAL_MS);
    expect(events).to.deep.equal([]);
    clock.onPoll = () => {};
    until(2 * INTERVAL_MS);
    expect(events).to.deep.equal([`ping ${2 * INTERVAL_MS}`]);
    clock.onPoll = () => peer.read();
    clock.standStill(9 * TIMEOUT_MS);
    expect(events).to.have.length(1);
  });

  it('asks again when this process stood still while it waited', () => {
    const { events, until, clock } = watched(true);
    until(INTERVAL_MS);
    clock.standStill(9 * TIMEOUT_MS);
    const askedMs = INTERVAL_MS + 9 * TIMEOUT_MS;
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`, `ping ${askedMs}`]);
    until(askedMs + TIMEOUT_MS);
    expect(events.slice(2)).to.deep.equal([`dead ${askedMs + TIMEOUT_MS}`]);
  });

  it('watches a connection that drains, half as often and with twice the patience', () => {
    const { events, until, peer } = watched(true);
    peer.isDraining = true;
    until(2 * INTERVAL_MS - 1);
    expect(events).to.deep.equal([]);
    until(2 * INTERVAL_MS + 2 * TIMEOUT_MS - 1);
    expect(events).to.deep.equal([`ping ${2 * INTERVAL_MS}`]);
    until(2 * INTERVAL_MS + 2 * TIMEOUT_MS);
    expect(events.slice(1)).to.deep.equal([`dead ${2 * INTERVAL_MS + 2 * TIMEOUT_MS}`]);
  });

  it('has one timer however many calls start, before and after a rest', () => {
    const { until, keepalive, clock } = watched(false);
    for (const restedMs of [0, 5 * INTERVAL_MS]) {
      until(restedMs);
      for (let i = 0; i < 3; i++) keepalive.onCall();
      expect(clock.timers.size).to.equal(1);
    }
  });

  it('leaves no timer when it is stopped, before its time and while a look is put off', () => {
    for (const isLate of [false, true]) {
      const { events, until, keepalive, clock } = watched(true);
      if (isLate) clock.onPoll = () => keepalive.stop();
      else keepalive.stop();
      expect(clock.timers.size).to.equal(isLate ? 1 : 0);
      until(INTERVAL_MS);
      keepalive.onCall();
      expect([events, clock.timers.size]).to.deep.equal([[], 0]);
    }
  });

  it('watches no more after a rest when it is stopped', () => {
    const { until, keepalive, clock } = watched(false);
    until(5 * INTERVAL_MS);
    keepalive.stop();
    keepalive.onCall();
    expect(clock.timers.size).to.equal(0);
  });

  it('sends no PING and ends nothing when it is stopped, by calls neither', () => {
    const { events, until, keepalive, clock } = watched(true);
    until(INTERVAL_MS);
    keepalive.stop();
    keepalive.onCall();
    until(9 * INTERVAL_MS);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`]);
    expect(clock.timers.size).to.equal(0);
  });

  it('asks half as often when the server says that it is too often, and warns once', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', onWarning);
    const { policy, until, events } = watched(true);
    policy.onTooManyPings('example.com:443');
    policy.onTooManyPings('example.com:443');
    expect(policy.intervalMs).to.equal(4 * INTERVAL_MS);
    until(4 * INTERVAL_MS);
    expect(events).to.deep.equal([`ping ${4 * INTERVAL_MS}`]);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include({ name: 'StublessWarning', code: 'STUBLESS_TOO_MANY_PINGS' });
    expect(warnings[0].message)
      .to.include('example.com:443')
      .and.include('every 120000 ms now, not every 60000 ms');
  });

  it('asks every 10 s at most', () => {
    expect(checkKeepalive({ intervalMs: 1 })).to.include({
      intervalMs: 10_000,
      timeoutMs: 20_000,
      withoutCalls: false,
    });
    expect(checkKeepalive({ intervalMs: 10_001, timeoutMs: 1, withoutCalls: true })).to.include({
      intervalMs: 10_001,
      timeoutMs: 1,
      withoutCalls: true,
    });
    expect(checkKeepalive({ intervalMs: Infinity })).to.equal(undefined);
    expect(checkKeepalive(undefined)).to.equal(undefined);
  });

  const wrong: readonly (readonly [keepalive: unknown, message: string])[] = [
    [{}, 'keepalive needs intervalMs'],
    [{ intervalMs: 0 }, 'keepalive.intervalMs must be a number of milliseconds above 0'],
    [{ intervalMs: '10' }, 'keepalive.intervalMs must be'],
    [{ intervalMs: 10_000, timeoutMs: -1 }, 'keepalive.timeoutMs must be'],
    [{ intervalMs: 10_000, withoutCalls: 1 }, 'keepalive.withoutCalls must be true or false'],
    [{ intervalMS: 10_000 }, "did you mean 'intervalMs'"],
    [10_000, 'the keepalive options must be an object, not 10000; give { intervalMs: 10000 }'],
    [true, 'the keepalive options must be an object, not true; give { intervalMs: 300_000 }'],
  ];
  for (const [keepalive, message] of wrong) {
    it(`refuses ${JSON.stringify(keepalive)}`, () => {
      expect(() => new Client('localhost:1', { keepalive: keepalive as never })).to.throw(message);
    });
  }
});

describe('A connection with keepalive', () => {
  const close = closing();
  const METHOD = ['/p.S/M', { cardinality: 'unary_unary' }] as const;
  /** Eight octets, type 6, no flags, stream 0 (RFC 9113 §6.7). */
  const PING_HEAD = Buffer.of(0, 0, 8, PING, 0, 0, 0, 0, 0);
  /** What the server answers, without its header of five octets. */
  const REPLIED = Buffer.from(REPLY).subarray(5);

  /** Gives each connection to a script, one after the other; the last one to all that follow. */
  async function serving(
    policy: KeepalivePolicy,
    ...scripts: ((peer: Peer) => Promise<void>)[]
  ): Promise<Client> {
    const peers: Peer[] = [];
    const server = net.createServer((socket) => {
      const peer = new Peer(socket, () => {});
      const script = scripts[Math.min(peers.length, scripts.length - 1)];
      peers.push(peer);
      // That a client closes in the middle is what some of them are about.
      void script(peer).catch(() => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close({
      close() {
        for (const { socket } of peers) socket.destroy();
        server.close();
      },
    });
    const { port } = server.address() as net.AddressInfo;
    const channel = new Channel(parseTarget(`127.0.0.1:${port}`), {
      connectTimeoutMs: 5000,
      maxQueuedCalls: 10,
      maxHeaderListBytes: 65_536,
      maxBufferedBytes: 1 << 20,
      keepalive: policy,
    });
    return close(new Client(channel));
  }

  /** Everything but acknowledging PINGs, from which the hostile suite's peer cannot be kept. */
  function deaf(peer: Peer): void {
    peer.socket.removeAllListeners('data');
    peer.socket.resume();
  }

  it('ends its calls with UNAVAILABLE when the server falls silent', async () => {
    const client = await serving(new KeepalivePolicy(50, 50, false), async (peer) => {
      await peer.greetAndTakeRequest();
      deaf(peer);
    });
    const error = await rejection(client.raw(...METHOD)(undefined, { timeoutMs: 25_000 }));
    expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
    expect(error.message).to.include('nothing came within keepalive.timeoutMs 50 of a PING');
  });

  it('keeps a call as long as the server answers PINGs', async () => {
    const client = await serving(new KeepalivePolicy(10, 1000, false), async (peer) => {
      let pings = 0;
      peer.socket.on('data', (octets: Buffer) => {
        if (octets.includes(PING_HEAD)) pings++;
      });
      const id = await peer.greetAndTakeRequest();
      await until(() => pings >= 5);
      peer.send(answer(id));
    });
    expect(await client.raw(...METHOD)(undefined, { timeoutMs: 25_000 })).to.deep.equal(REPLIED);
  });

  it('loses no call on a connection that drains, though PINGs stay unanswered', async () => {
    const client = await serving(new KeepalivePolicy(20, 20, false), async (peer) => {
      const id = await peer.greetAndTakeRequest();
      peer.send(goAway(0x7fff_ffff, 0));
      await peer.pause(20);
      deaf(peer);
      await peer.pause(200);
      peer.send(answer(id));
    });
    expect(await client.raw(...METHOD)(undefined, { timeoutMs: 25_000 })).to.deep.equal(REPLIED);
  });

  it('asks less often on all connections of the channel after too_many_pings', async () => {
    const policy = new KeepalivePolicy(50, 1000, false);
    const client = await serving(
      policy,
      async (peer) => {
        await peer.greet();
        const { streamId } = await peer.frame('a request', (one) => one.type === HEADERS);
        peer.end(goAway(streamId, 11, 'too_many_pings'));
      },
      async (peer) => {
        await peer.preface();
        peer.send(settings(), SETTINGS_ACK);
        await peer.serve();
      },
    );
    await rejection(client.raw(...METHOD)(undefined, { timeoutMs: 25_000 }));
    expect(policy.intervalMs).to.equal(100);
    expect(await client.raw(...METHOD)(undefined, { timeoutMs: 25_000 })).to.deep.equal(REPLIED);
  });

  it('sends real PINGs', async () => {
    let pinged: () => void = () => {};
    const ping = new Promise<void>((resolve) => {
      pinged = resolve;
    });
    const client = await serving(new KeepalivePolicy(20, 1000, true), async (peer) => {
      peer.socket.on('data', (octets: Buffer) => {
        if (octets.includes(PING_HEAD)) pinged();
      });
      await peer.greet();
    });
    await client.waitForReady({ timeoutMs: 5000 });
    await ping;
    expect(client.channel.state).to.equal('ready');
  });
});
