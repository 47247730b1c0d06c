// Keepalive: when PINGs are sent and when a connection is given up, on a clock of the spec's; what a connection makes of
// it, on real sockets with short times.

import net from 'node:net';
import { expect } from 'chai';
import { Channel } from '../../lib/channel/channel.ts';
import { Keepalive, KeepalivePolicy } from '../../lib/channel/keepalive.ts';
import { parseTarget } from '../../lib/channel/target.ts';
import { Client } from '../../lib/index.ts';
import { checkKeepalive } from '../../lib/options/keepalive-options.ts';
import { Peer } from '../hostile/peer.ts';
import { answer, goAway, HEADERS, PING, SETTINGS_ACK, settings } from '../hostile/wire.ts';
import { closing, rejection } from '../support/closing.ts';
import { FakeClock } from '../support/fake-clock.ts';

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 20_000;

function watched(openStreams: number, withoutCalls = false) {
  const clock = new FakeClock(1000);
  const events: string[] = [];
  const host = {
    openStreams,
    ping: () => events.push(`ping ${clock.now() - 1000}`),
    onDead: () => events.push(`dead ${clock.now() - 1000}`),
  };
  const policy = new KeepalivePolicy(INTERVAL_MS, TIMEOUT_MS, withoutCalls);
  const keepalive = new Keepalive(policy, clock, host);
  return {
    clock,
    events,
    host,
    policy,
    keepalive,
    /** Lets time pass up to so many milliseconds from the start. */
    until: (ms: number) => clock.advanceTo(1000 + ms),
    read: () => keepalive.onRead(clock.now()),
  };
}

describe('Keepalive (gRFC A8)', () => {
  it('sends a PING when nothing came for the interval, and not before', () => {
    const { events, until } = watched(1);
    until(INTERVAL_MS - 1);
    expect(events).to.deep.equal([]);
    until(INTERVAL_MS);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`]);
  });

  it('counts the interval from what came last', () => {
    const { events, until, read } = watched(1);
    until(INTERVAL_MS - 1);
    read();
    until(2 * INTERVAL_MS - 2);
    expect(events).to.deep.equal([]);
    until(2 * INTERVAL_MS - 1);
    expect(events).to.deep.equal([`ping ${2 * INTERVAL_MS - 1}`]);
  });

  it('gives the connection up when nothing comes within the timeout, once', () => {
    const { events, until, clock } = watched(1);
    until(INTERVAL_MS + TIMEOUT_MS - 1);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`]);
    until(10 * INTERVAL_MS);
    expect(events.slice(1)).to.deep.equal([`dead ${INTERVAL_MS + TIMEOUT_MS}`]);
    expect(clock.timers.size).to.equal(0);
  });

  it('takes anything that comes for an answer, and goes on', () => {
    const { events, until, read } = watched(1);
    until(INTERVAL_MS + TIMEOUT_MS - 1);
    read();
    until(2 * INTERVAL_MS + TIMEOUT_MS - 2);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`]);
    until(2 * INTERVAL_MS + TIMEOUT_MS - 1);
    expect(events.slice(1)).to.deep.equal([`ping ${2 * INTERVAL_MS + TIMEOUT_MS - 1}`]);
  });

  it('rests while there is no call, and asks at once when one starts after a long rest', () => {
    const { events, until, host, keepalive, clock } = watched(0);
    until(5 * INTERVAL_MS);
    expect(events).to.deep.equal([]);
    expect(clock.timers.size).to.equal(0);
    keepalive.onCall();
    host.openStreams = 1;
    until(5 * INTERVAL_MS);
    expect(events).to.deep.equal([`ping ${5 * INTERVAL_MS}`]);
  });

  it('does not rest where it is wanted without calls', () => {
    const { events, until } = watched(0, true);
    until(INTERVAL_MS + TIMEOUT_MS);
    expect(events).to.deep.equal([`ping ${INTERVAL_MS}`, `dead ${INTERVAL_MS + TIMEOUT_MS}`]);
  });

  it('sends no PING and ends nothing when it is stopped, by calls neither', () => {
    const { events, until, keepalive, clock } = watched(1);
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
    const { policy, until, events } = watched(1);
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
    [10_000, 'the keepalive options must be an object'],
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
    const error = await rejection(client.raw(...METHOD)(undefined, { timeoutMs: 5000 }));
    expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
    expect(error.message).to.include('nothing came within keepalive.timeoutMs 50 of a PING');
  });

  it('keeps a call as long as the server answers PINGs', async () => {
    const client = await serving(new KeepalivePolicy(10, 1000, false), async (peer) => {
      const id = await peer.greetAndTakeRequest();
      await peer.pause(200);
      peer.send(answer(id));
    });
    await client.raw(...METHOD)(undefined, { timeoutMs: 5000 });
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
    await client.raw(...METHOD)(undefined, { timeoutMs: 5000 });
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
    await rejection(client.raw(...METHOD)(undefined, { timeoutMs: 5000 }));
    expect(policy.intervalMs).to.equal(100);
    await client.raw(...METHOD)(undefined, { timeoutMs: 5000 });
  });

  it('sends real PINGs', async () => {
    let pinged: () => void = () => {};
    const ping = new Promise<void>((resolve) => {
      pinged = resolve;
    });
    const client = await serving(new KeepalivePolicy(20, 1000, true), async (peer) => {
      peer.socket.on('data', (octets: Buffer) => {
        // Its header (RFC 9113 §6.7): eight octets, type 6, no flags, stream 0.
        if (octets.includes(Buffer.of(0, 0, 8, PING, 0, 0, 0, 0, 0))) pinged();
      });
      await peer.greet();
    });
    await client.waitForReady({ timeoutMs: 5000 });
    await ping;
  });
});
