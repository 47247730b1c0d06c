// What a channel keeps for those who look from outside: who waits for it, and in whose async context it runs what a
// user gave it.

import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { Channel } from '../../lib/channel/channel.ts';
import { parseTarget } from '../../lib/channel/target/target.ts';
import { Client, type ResolverFactory } from '../../lib/index.ts';
import { lookAtWaits, waits } from '../../lib/values/waits.ts';
import { closing, rejection } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { echo, listen, listenHttp2 } from '../support/peers/peer.ts';
import { TurnedTime, turns } from '../support/time/turned-time.ts';

const unary = (client: Client, options?: object) =>
  client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.from('hello'), options);

describe('Who waits for a channel', () => {
  const close = closing();
  // Asked when it runs: the hook that looks in every spec is not there yet when this file is read.
  let wasLookedAt = false;
  before(() => {
    wasLookedAt = waits !== undefined;
    if (!wasLookedAt) lookAtWaits(true);
  });
  after(() => {
    if (!wasLookedAt) lookAtWaits(false);
  });

  const channelTo = (target: string, dns?: () => Promise<never>): Channel => {
    const resolve = dns ?? (async () => []);
    return new Channel(parseTarget(target), {
      connectTimeoutMs: 5000,
      maxHeaderListBytes: 65_536,
      maxBufferedBytes: 1 << 20,
      maxQueuedCalls: 1000,
      naming: {
        dnsMinIntervalMs: 30_000,
        serviceConfigFromDns: false,
        dns: { lookup: resolve, resolve, resolveTxt: async () => [] },
      },
    });
  };
  const kinds = (channel: Channel): string[] => [...channel.waits()].map(({ kind }) => kind).sort();

  it('is known from its beginning until it is settled', async () => {
    const silent = close(await listen(() => {}));
    const channel = channelTo(silent.target);
    const client = close(new Client(channel));
    expect(kinds(channel)).to.deep.equal([]);
    const call = rejection(unary(client));
    const ready = rejection(client.waitForReady());
    const states = channel.states();
    const reading = (async () => {
      for await (const { state } of states) if (state === 'shutdown') return;
    })();
    await until(() => kinds(channel).length === 4);
    expect(kinds(channel)).to.deep.equal(['dial', 'ready', 'state', 'stream']);
    expect([...channel.waits()].find(({ kind }) => kind === 'stream')?.owner).to.equal('/s/m');
    await client.close({ graceMs: 0 });
    await Promise.all([call, ready, reading]);
    expect(kinds(channel)).to.deep.equal([]);
  });

  it('is known while a name is looked up', async () => {
    const channel = channelTo('greeter.test:7', () => new Promise(() => {}));
    const client = close(new Client(channel));
    const call = rejection(unary(client));
    await until(() => kinds(channel).length === 2);
    expect(kinds(channel)).to.deep.equal(['dns', 'stream']);
    await client.close({ graceMs: 0 });
    await call;
    expect(kinds(channel)).to.deep.equal([]);
  });
});

describe('What a call waits for', () => {
  const close = closing();
  /** What a call says at its deadline that has long come to where it waits. */
  async function expired(client: Client): Promise<string> {
    using time = new TurnedTime();
    const failed = rejection(unary(client, { timeoutMs: 8000 }));
    await turns(12);
    await time.pass(9000);
    return (await failed).message;
  }

  it('is the addresses of the server', async () => {
    const resolver = () => ({ refresh() {}, close() {} });
    const client = close(new Client('lake:///x', { resolver }));
    expect(await expired(client)).to.include('while waiting for the addresses of the server');
  });

  it('is a connection, once there are addresses, whoever has told them', async () => {
    const silent = close(await listen(() => {}));
    const resolver: ResolverFactory = (_, listener) => {
      setImmediate(() => listener.onAddresses([silent.target]));
      return { refresh() {}, close() {} };
    };
    for (const options of [{}, { waitForReady: true }]) {
      const client = close(new Client('lake:///x', { ...options, resolver }));
      expect(await expired(client)).to.include('while waiting for a connection');
    }
  });

  it('is a connection', async () => {
    const silent = close(await listen(() => {}));
    const client = close(new Client(silent.target));
    expect(await expired(client)).to.include('while waiting for a connection');
  });

  it('is a stream', async () => {
    const peer = close(await listenHttp2(() => {}, { maxConcurrentStreams: 1 }));
    const client = close(new Client(peer.target));
    await client.waitForReady();
    const first = client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.of());
    await until(() => peer.requests.length === 1);
    expect(await expired(client)).to.include('while waiting for a stream: the server allows no more at once');
    first.cancel();
  });

  it('is that what was written before leaves', async () => {
    const peer = close(
      await listenHttp2(() => {}, { initialWindowOctets: 1 << 26, connectionWindowOctets: 1 << 26 }),
    );
    const client = close(new Client(peer.target));
    await client.waitForReady();
    for (const socket of peer.sockets) socket.pause();
    const large = client.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(32 << 20), {
      timeoutMs: 60_000,
    });
    await until(() => client.channel.connectionInfo()[0].sentOctets > 1 << 20);
    expect(await expired(client)).to.include(
      'while waiting for the connection: the server is not reading what was sent before',
    );
    large.cancel();
  });
});

describe("A channel's async context", () => {
  const close = closing();
  const caller = new AsyncLocalStorage<string>();

  it("is a resolver's for all that it is asked, whoever calls or was cut off", async () => {
    const peer = close(await listenHttp2(echo));
    const seen: string[] = [];
    const tell = (what: string) => seen.push(`${what} for ${caller.getStore()}`);
    const client = caller.run('maker', () =>
      close(
        new Client('lake:///x', {
          dns: { minIntervalMs: 1 },
          resolver: (_, listener) => {
            tell('made');
            listener.onAddresses([peer.target]);
            return { refresh: () => tell('asked'), close: () => tell('closed') };
          },
        }),
      ),
    );
    await caller.run('alice', () => unary(client));
    for (const socket of peer.sockets) socket.destroy();
    await until(() => client.channel.state === 'idle');
    const started = performance.now();
    await until(() => performance.now() > started + 2);
    await caller.run('bob', () => unary(client));
    await caller.run('carol', () => client.close());
    expect(seen).to.deep.equal(['made for maker', 'asked for maker', 'closed for maker']);
  });

  it("of a listener is that in which it was given, not a call's", async () => {
    const peer = close(await listenHttp2(echo));
    const client = close(new Client(peer.target));
    const seen = new Set<string | undefined>();
    caller.run('listener', () => client.channel.onStateChange(() => seen.add(caller.getStore())));
    await caller.run('alice', () => unary(client));
    await client.close();
    expect([...seen]).to.deep.equal(['listener']);
  });
});
