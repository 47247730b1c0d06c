// Names and what they are looked up to: when a name is looked up, again and not too often, and what a user's resolver
// may say. DNS is the spec's own; servers are real ones on 127.0.0.1 and ::1.

import type { LookupAddress } from 'node:dns';
import { expect } from 'chai';
import { Channel } from '../../../lib/channel/channel.ts';
import type { ChannelOptions } from '../../../lib/channel/channel-options.ts';
import type { Dns } from '../../../lib/channel/naming/dns-resolver.ts';
import { parseTarget } from '../../../lib/channel/target/target.ts';
import { Client, type ClientOptions, type ResolverListener } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { listenFleet, until } from '../../support/peers/fleet.ts';
import { echo, type Http2Peer, listen, listenHttp2 } from '../../support/peers/peer.ts';
import { LoopClock } from '../../support/time/loop-clock.ts';
import { TurnedTime, turns } from '../../support/time/turned-time.ts';

const BYTES = Buffer.from('hello');

/** A DNS that says what the spec says, and counts. */
class TableDns implements Dns {
  answer: readonly string[] | Error = [];
  readonly questions: string[] = [];

  async lookup(host: string, _signal: AbortSignal): Promise<readonly LookupAddress[]> {
    this.questions.push(host);
    if (this.answer instanceof Error) throw this.answer;
    return this.answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  }

  resolve(host: string, server: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    return this.lookup(`${host} at ${server}`, signal);
  }

  async resolveTxt(
    _host: string,
    _server: string | undefined,
    _signal: AbortSignal,
  ): Promise<readonly (readonly string[])[]> {
    return [];
  }
}

describe('Naming', () => {
  const close = closing();
  const unary = (client: Client, options?: object) =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, options);

  const named = (dns: Dns, target: string, options: Partial<ChannelOptions> = {}): Client =>
    close(
      new Client(
        new Channel(parseTarget(target), {
          connectTimeoutMs: 5000,
          maxHeaderListBytes: 65_536,
          maxBufferedBytes: 1 << 20,
          maxQueuedCalls: 1000,
          ...options,
          naming: { dnsMinIntervalMs: 30_000, serviceConfigFromDns: false, ...options.naming, dns },
        }),
      ),
    );

  describe('by DNS', () => {
    it('looks a name up at the first call, once for all', async () => {
      const peer = close(await listenHttp2(echo));
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      const client = named(dns, `greeter.test:${peer.port}`);
      expect(dns.questions).to.deep.equal([]);
      await Promise.all(Array.from({ length: 20 }, () => unary(client)));
      expect(dns.questions).to.deep.equal(['greeter.test']);
      expect(peer.requests[0].header(':authority')).to.equal(`greeter.test:${peer.port}`);
      expect(client.channel.addresses).to.deep.equal([peer.target]);
    });

    it('asks the DNS server that the target names', async () => {
      const peer = close(await listenHttp2(echo));
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      await unary(named(dns, `dns://9.9.9.9:53/greeter.test:${peer.port}`));
      expect(dns.questions).to.deep.equal(['greeter.test at 9.9.9.9:53']);
    });

    it('does not look up what is an address', async () => {
      const peer = close(await listenHttp2(echo));
      const dns = new TableDns();
      await unary(named(dns, peer.target));
      expect(dns.questions).to.deep.equal([]);
    });

    /** The same port on 127.0.0.1 and ::1. */
    const listenTwice = async (context: Mocha.Context): Promise<[v4: Http2Peer, v6: Http2Peer]> => {
      const v4 = close(await listenHttp2(echo));
      const v6 = await listenHttp2(echo, {}, { host: '::1', port: v4.port }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') context.skip();
          throw error;
        },
      );
      return [v4, close(v6)];
    };

    it('uses the first family, and the other where that fails', async function () {
      const [v4, v6] = await listenTwice(this);
      const dns = new TableDns();
      dns.answer = ['::1', '127.0.0.1'];
      const client = named(dns, `greeter.test:${v4.port}`);
      await unary(client);
      expect([v4.accepted, v6.accepted]).to.deep.equal([0, 1]);
      await v6.close();
      await until(() => client.channel.state === 'idle');
      await unary(client);
      expect(v4.accepted).to.equal(1);
    });

    it('tries the families in turn: a broken one costs one attempt', async function () {
      const [v4, v6] = await listenTwice(this);
      await v6.close();
      const dns = new TableDns();
      dns.answer = ['::1', '::2', '::3', '127.0.0.1'];
      const client = named(dns, `greeter.test:${v4.port}`);
      using clock = new LoopClock();
      await unary(client);
      expect(clock.now()).to.be.below(500);
      expect(client.channel.addresses.map((address) => address.replace(/:\d+$/, ''))).to.deep.equal([
        '[::1]',
        '[::2]',
        '[::3]',
        '127.0.0.1',
      ]);
    });

    it('is not asked again for each loss, but when the answer is old', async () => {
      const peer = close(await listenHttp2(echo));
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      const client = named(dns, `greeter.test:${peer.port}`, {
        naming: { dnsMinIntervalMs: 400, serviceConfigFromDns: false },
      });
      const started = performance.now();
      let losses = 0;
      for (; performance.now() - started < 300; losses++) {
        await unary(client);
        for (const socket of peer.sockets) socket.destroy();
        await until(() => client.channel.state === 'idle');
      }
      expect(losses).to.be.above(3);
      expect(dns.questions).to.have.lengthOf(1);
      await until(() => performance.now() - started > 450);
      await unary(client);
      expect(dns.questions).to.have.lengthOf(2);
    });

    it('tells round_robin of new addresses when one is lost', async () => {
      const gone = await listen(() => {});
      const { port } = gone;
      await gone.close();
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      const client = named(dns, `greeter.test:${port}`, {
        policy: { loadBalancing: { name: 'round_robin' }, healthCheck: undefined },
        naming: { dnsMinIntervalMs: 100, serviceConfigFromDns: false },
      });
      expect(await rejection(unary(client))).to.include({ codeName: 'UNAVAILABLE' });
      const moved = close(await listenHttp2(echo, {}, { host: '127.0.0.2', port }));
      dns.answer = ['127.0.0.2'];
      expect(await unary(client, { waitForReady: true })).to.deep.equal(BYTES);
      expect(moved.requests).to.have.lengthOf(1);
      expect(dns.questions.length).to.be.at.least(2);
    });

    it('is asked from time to time where all addresses are used', async () => {
      const fleet = close(await listenFleet(1, echo));
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      const client = named(dns, `greeter.test:${fleet.peers[0].port}`, {
        policy: { loadBalancing: { name: 'round_robin' }, healthCheck: undefined },
        naming: { dnsMinIntervalMs: 10, dnsRefreshIntervalMs: 50, serviceConfigFromDns: false },
      });
      await unary(client);
      const second = close(await listenHttp2(echo, {}, { host: '127.0.0.2', port: fleet.peers[0].port }));
      dns.answer = ['127.0.0.1', '127.0.0.2'];
      while (second.requests.length === 0) await unary(client);
      expect(client.channel.state).to.equal('ready');
    });

    it('that fails fails the calls with the reason, few times for many calls', async () => {
      const dns = new TableDns();
      dns.answer = Object.assign(new Error('no'), { code: 'ENOTFOUND', hostname: 'greeter.test' });
      const client = named(dns, 'greeter.test:7');
      for (let i = 0; i < 100; i++) {
        const error = await rejection(unary(client));
        expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
        expect(error.message).to.include("the host name 'greeter.test' is not known");
      }
      expect(dns.questions.length).to.be.within(1, 3);
      expect(client.channel.state).to.equal('transient_failure');
    });

    it('that fails leaves what was known before', async () => {
      const peer = close(await listenHttp2(echo));
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      const client = named(dns, `greeter.test:${peer.port}`, {
        naming: { dnsMinIntervalMs: 1, serviceConfigFromDns: false },
      });
      await unary(client);
      dns.answer = new Error('no answer');
      for (const socket of peer.sockets) socket.destroy();
      await until(() => client.channel.state === 'idle');
      expect(await unary(client)).to.deep.equal(BYTES);
    });

    it('that gives no answer fails the calls after connectTimeoutMs, and says who was silent', async () => {
      for (const [target, who] of [
        ['greeter.test:7', 'the name server'],
        ['dns://127.0.0.9:53/greeter.test:7', 'the name server 127.0.0.9:53'],
      ]) {
        const dns = new TableDns();
        dns.lookup = () => new Promise(() => {});
        const client = named(dns, target, { connectTimeoutMs: 50 });
        const error = await rejection(unary(client));
        expect(error.message).to.include(`: ${who} gave no addresses within connectTimeoutMs 50`);
      }
    });

    it('leaves a dial its whole connectTimeoutMs', async () => {
      const peer = close(await listen(() => {}));
      const dns = new TableDns();
      const time = close(new TurnedTime());
      dns.lookup = async () => {
        await time.pass(2000);
        return [{ address: '127.0.0.1', family: 4 }];
      };
      const client = named(dns, `greeter.test:${peer.port}`, { connectTimeoutMs: 3000 });
      const failed = rejection(unary(client));
      await until(() => peer.accepted === 1);
      await time.pass(2900);
      expect(client.channel.state).to.equal('connecting');
      await time.pass(200);
      const error = await failed;
      expect(error.message).to.include('connectTimeoutMs 3000');
    });

    it('that has become silent keeps nobody from the addresses that are known', async () => {
      const peer = close(await listenHttp2(echo));
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      const client = named(dns, `greeter.test:${peer.port}`, {
        naming: { dnsMinIntervalMs: 1, serviceConfigFromDns: false },
      });
      await unary(client);
      let questions = 0;
      dns.lookup = () => {
        questions++;
        return new Promise(() => {});
      };
      for (let i = 0; i < 3; i++) {
        for (const socket of peer.sockets) socket.destroy();
        await until(() => client.channel.state === 'idle');
        const started = performance.now();
        await until(() => performance.now() > started + 2);
        expect(await unary(client, { timeoutMs: 500 })).to.deep.equal(BYTES);
      }
      expect(questions).to.equal(1);
    });

    it('finds a server that has moved for the very call that misses it', async () => {
      const first = await listenHttp2(echo);
      const moved = close(await listenHttp2(echo, {}, { host: '127.0.0.2', port: first.port }));
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      const client = named(dns, `greeter.test:${first.port}`, {
        naming: { dnsMinIntervalMs: 1, serviceConfigFromDns: false },
      });
      await unary(client);
      // The old address refuses at once, the answer comes a moment later.
      dns.lookup = async () => {
        await turns(50);
        return [{ address: '127.0.0.2', family: 4 }];
      };
      await first.close();
      await until(() => client.channel.state === 'idle');
      const started = performance.now();
      await until(() => performance.now() > started + 2);
      expect(await unary(client)).to.deep.equal(BYTES);
      expect(moved.requests).to.have.lengthOf(1);
    });

    it('says both, when known addresses fail and the name cannot be looked up again', async () => {
      const peer = await listenHttp2(echo);
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      const client = named(dns, `greeter.test:${peer.port}`, {
        naming: { dnsMinIntervalMs: 1, serviceConfigFromDns: false },
      });
      await unary(client);
      await peer.close();
      await until(() => client.channel.state === 'idle');
      const started = performance.now();
      await until(() => performance.now() > started + 2);
      dns.answer = Object.assign(new Error('no'), { code: 'ENOTFOUND', hostname: 'greeter.test' });
      const { message } = await rejection(unary(client));
      expect(message).to.match(
        /nothing listens on .*; other addresses could not be looked up: the host name 'greeter.test' is not known/,
      );
    });

    it('is asked no more when the client closes', async () => {
      const dns = new TableDns();
      const signals: AbortSignal[] = [];
      dns.lookup = (_, signal) => {
        signals.push(signal);
        return new Promise(() => {});
      };
      const client = named(dns, 'greeter.test:7');
      const call = rejection(unary(client));
      await until(() => signals.length === 1);
      await client.close({ graceMs: 0 });
      expect(signals[0].aborted).to.equal(true);
      expect(await call).to.include({ codeName: 'CANCELLED' });
    });

    it('brings no service config that does not come in time', async () => {
      const peer = close(await listenHttp2(echo));
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      let asked: AbortSignal | undefined;
      dns.resolveTxt = (_host, _server, signal) => {
        asked = signal;
        return new Promise(() => {});
      };
      const client = named(dns, `greeter.test:${peer.port}`, {
        naming: { dnsMinIntervalMs: 30_000, serviceConfigFromDns: true },
      });
      expect(await unary(client)).to.deep.equal(BYTES);
      // An open question would keep the process alive.
      expect(asked?.aborted).to.equal(true);
    });
  });

  describe('by a resolver of the user', () => {
    const resolved = (
      start: (listener: ResolverListener) => void,
      options: ClientOptions = {},
    ): { client: Client; asked: string[]; refreshes: () => number; closes: () => number } => {
      const asked: string[] = [];
      let refreshes = 0;
      let closes = 0;
      const client = close(
        new Client('lake://consul/greeter', {
          ...options,
          resolver: ({ scheme, authority, path }, listener) => {
            asked.push(scheme, authority, path);
            start(listener);
            return {
              refresh: () => {
                refreshes++;
                start(listener);
              },
              close: () => closes++,
            };
          },
        }),
      );
      return { client, asked, refreshes: () => refreshes, closes: () => closes };
    };

    it('gets the target in parts, at the first call, and is closed with the client', async () => {
      const peer = close(await listenHttp2(echo));
      const { client, asked, closes } = resolved((listener) => listener.onAddresses([peer.target]));
      expect(asked).to.deep.equal([]);
      await unary(client);
      expect(asked).to.deep.equal(['lake', 'consul', 'greeter']);
      expect(peer.requests[0].header(':authority')).to.equal('greeter');
      await client.close();
      expect(closes()).to.equal(1);
    });

    it('leaves nothing open where its close throws', async () => {
      const silent = close(await listen(() => {}));
      const client = new Client('lake:///greeter', {
        resolver: (_, listener) => {
          listener.onAddresses([silent.target]);
          return {
            refresh() {},
            close() {
              throw new Error('closed in vain');
            },
          };
        },
      });
      const call = rejection(unary(client, { waitForReady: true }));
      await until(() => client.channel.connections === 1);
      await client.close({ graceMs: 0 });
      expect(await call).to.include({ codeName: 'CANCELLED' });
      expect(client.channel.state).to.equal('shutdown');
      expect(client.channel.connections).to.equal(0);
    });

    it('is not said to have found no addresses where the config that came with them is wrong', async () => {
      const peer = await listenHttp2(echo);
      let told: ResolverListener | undefined;
      const { client } = resolved((listener) => {
        told = listener;
        listener.onAddresses([peer.target]);
      });
      await unary(client);
      await peer.close();
      told?.onAddresses([peer.target], { loadBalancingConfig: 7 });
      await until(() => client.channel.state === 'idle');
      const { message } = await rejection(unary(client));
      expect(message).to.match(
        /nothing listens on .*; the service config that came with the addresses is not used: .* not 7$/,
      );
      expect(message).to.not.include('could not be looked up');
    });

    it('may answer later, and in its own time', async () => {
      const peer = close(await listenHttp2(echo));
      let answer = (): void => {};
      const { client } = resolved((listener) => {
        answer = () => listener.onAddresses([peer.target]);
      });
      const reply = unary(client);
      await until(() => client.channel.state === 'connecting');
      await turns(50);
      expect(peer.accepted).to.equal(0);
      answer();
      expect(await reply).to.deep.equal(BYTES);
    });

    it('is asked anew when connections are lost and its answer is old', async () => {
      const peer = close(await listenHttp2(echo));
      const { client, refreshes } = resolved((listener) => listener.onAddresses([peer.target]), {
        dns: { minIntervalMs: 1 },
      });
      await unary(client);
      for (const socket of peer.sockets) socket.destroy();
      await until(() => client.channel.state === 'idle');
      const before = performance.now();
      await until(() => performance.now() - before > 5);
      await unary(client);
      expect(refreshes()).to.equal(1);
    });

    it('may bring a service config, and change it', async () => {
      const fleet = close(await listenFleet(2, echo));
      let config: unknown = { loadBalancingConfig: [{ lake_first: {} }, { round_robin: {} }] };
      let tell = (): void => {};
      const { client } = resolved((listener) => {
        tell = () => listener.onAddresses(fleet.addresses, config);
        tell();
      });
      await unary(client);
      expect(client.channel.loadBalancing).to.equal('round_robin');
      while (Math.min(...fleet.counts) === 0) await unary(client);
      config = '{ "loadBalancingConfig": [{ "pick_first": {} }] }';
      tell();
      await unary(client);
      expect(client.channel.loadBalancing).to.equal('pick_first');
      await until(() => client.channel.connections === 1);
      expect(await unary(client)).to.deep.equal(BYTES);
    });

    const bad: readonly (readonly [
      name: string,
      start: (listener: ResolverListener) => void,
      reason: string,
    ])[] = [
      ['an error', (listener) => listener.onError(new Error('no lake')), 'the resolver failed: no lake'],
      [
        'a throw',
        () => {
          throw new Error('dry');
        },
        'the resolver threw: dry',
      ],
      ['no addresses', (listener) => listener.onAddresses([]), 'there are no addresses'],
      ['what is no address', (listener) => listener.onAddresses(['127.0.0.1']), 'malformed addresses'],
      [
        'what is no list',
        (listener) => listener.onAddresses(undefined as unknown as string[]),
        'malformed addresses',
      ],
      [
        'a service config that is none',
        (listener) => listener.onAddresses(['127.0.0.1:7'], { loadBalancingConfig: 7 }),
        'loadBalancingConfig must be an array',
      ],
      [
        'a policy that is not known',
        (listener) => listener.onAddresses(['127.0.0.1:7'], { loadBalancingConfig: [{ lake: {} }] }),
        'no policy of loadBalancingConfig is known (lake)',
      ],
    ];
    for (const [name, start, reason] of bad) {
      it(`fails calls with the reason when it gives ${name}`, async () => {
        const { client } = resolved(start);
        const error = await rejection(unary(client));
        expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
        expect(error.message).to.include('lake://consul/greeter').and.to.include(reason);
      });
    }
  });

  describe('of a service config from DNS', () => {
    it('is asked only where that is wanted, and decides about balancing and methods', async () => {
      const peer = close(await listenHttp2());
      const dns = new TableDns();
      dns.answer = ['127.0.0.1'];
      let asked = 0;
      dns.resolveTxt = async () => {
        asked++;
        return [['grpc_config=[{"serviceConfig":{"loadBalancingConfig":[{"round_robin":{}}]}}]']];
      };
      const target = `greeter.test:${peer.port}`;
      const seen: unknown[] = [];
      const client = named(dns, target, {
        naming: { dnsMinIntervalMs: 30_000, serviceConfigFromDns: true },
        readServiceConfig: (config) => {
          seen.push(config);
          return { loadBalancing: { name: 'round_robin' }, healthCheck: undefined };
        },
      });
      unary(client).cancel();
      await until(() => client.channel.loadBalancing === 'round_robin');
      expect([asked, seen.length]).to.deep.equal([1, 1]);
      const other = named(dns, target);
      unary(other).cancel();
      await until(() => other.channel.addresses.length === 1);
      expect(asked).to.equal(1);
    });
  });
});
