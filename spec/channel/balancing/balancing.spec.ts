// Calls over several addresses: which server each goes to, and what follows when addresses or servers change. Real
// sockets; the policies' own arithmetic is specified beside this.

import { expect } from 'chai';
import { Client, type ClientOptions, type ResolverListener } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { listenFleet, until } from '../../support/peers/fleet.ts';
import { echo, listen, listenHttp2, type PeerStream } from '../../support/peers/peer.ts';
import { LoopClock } from '../../support/time/loop-clock.ts';

const BYTES = Buffer.from('hello');

describe('Balancer', () => {
  const close = closing();
  const connect = (target: string, options?: ClientOptions): Client => close(new Client(target, options));
  const unary = (client: Client, options?: object) =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, options);
  const calls = async (client: Client, count: number): Promise<void> => {
    for (let i = 0; i < count; i++) expect(await unary(client)).to.deep.equal(BYTES);
  };
  /** An address at which nothing listens. */
  const goneAddress = async (): Promise<string> => {
    const gone = await listen(() => {});
    await gone.close();
    return gone.target;
  };
  /** A client whose addresses a spec says. */
  const resolved = (options: ClientOptions = {}) => {
    const told: { listener: ResolverListener | undefined; refreshes: number } = {
      listener: undefined,
      refreshes: 0,
    };
    const client = connect('lake:///greeter', {
      ...options,
      resolver: (_, listener) => {
        told.listener = listener;
        return { refresh: () => told.refreshes++, close() {} };
      },
    });
    return { client, told };
  };

  describe('pick_first', () => {
    it('sends all calls to the first address', async () => {
      const fleet = close(await listenFleet(3, echo));
      const client = connect(fleet.target);
      await calls(client, 5);
      expect(fleet.counts).to.deep.equal([5, 0, 0]);
      expect(fleet.peers.map(({ accepted }) => accepted)).to.deep.equal([1, 0, 0]);
    });

    it('goes on to the next where nothing listens, at once', async () => {
      const fleet = close(await listenFleet(1, echo));
      const gone = await goneAddress();
      const client = connect(`ipv4:${gone},${gone.replace('127.0.0.1', '127.0.0.2')},${fleet.addresses[0]}`);
      using clock = new LoopClock();
      await calls(client, 2);
      expect(clock.now()).to.be.below(240);
      expect(fleet.counts).to.deep.equal([2]);
    });

    it('tries the next beside one that does not answer, after a moment, and drops the slower', async () => {
      const silent = close(await listen((socket) => socket.resume()));
      const fleet = close(await listenFleet(1, echo));
      const client = connect(`ipv4:${silent.target},${fleet.addresses[0]}`);
      const started = performance.now();
      using clock = new LoopClock();
      await calls(client, 2);
      expect(performance.now() - started).to.be.at.least(240);
      expect(clock.now()).to.be.below(2000);
      expect([silent.accepted, fleet.peers[0].accepted]).to.deep.equal([1, 1]);
      await until(() => silent.sockets.size === 0);
      expect(client.channel.connections).to.equal(1);
    });

    it('names each address that was tried when none answers', async () => {
      const [one, other] = [await goneAddress(), (await goneAddress()).replace('127.0.0.1', '127.0.0.3')];
      const client = connect(`ipv4:${one},${other}`);
      const error = await rejection(unary(client));
      expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
      for (const address of [one, other]) expect(error.message).to.include(`nothing listens on ${address}`);
      expect(error.cause).to.be.instanceOf(AggregateError);
      expect(client.channel.lastFailure).to.include(one).and.to.include(other);
      expect(client.channel.state).to.equal('transient_failure');
    });

    it('tries them in an order of chance when it is to shuffle', async () => {
      const fleet = close(await listenFleet(3, echo));
      const clients = Array.from({ length: 40 }, () =>
        connect(fleet.target, { loadBalancing: { policy: 'pick_first', shuffleAddressList: true } }),
      );
      for (const client of clients) await calls(client, 1);
      expect(fleet.counts.filter((count) => count > 0)).to.have.lengthOf(3);
    });

    it('stays where it is while its address is among those there are, and else lets its calls end', async () => {
      const held: PeerStream[] = [];
      const fleet = close(await listenFleet(2, (request) => held.push(request)));
      const { client, told } = resolved();
      const first = unary(client);
      told.listener?.onAddresses([fleet.addresses[0]]);
      await until(() => held.length === 1);
      told.listener?.onAddresses([fleet.addresses[1], fleet.addresses[0]]);
      const second = unary(client);
      await until(() => held.length === 2);
      expect(fleet.counts).to.deep.equal([2, 0]);
      told.listener?.onAddresses([fleet.addresses[1]]);
      const third = unary(client);
      await until(() => held.length === 3);
      expect(fleet.counts).to.deep.equal([2, 1]);
      for (const request of held) echo(request);
      expect(await Promise.all([first, second, third])).to.deep.equal([BYTES, BYTES, BYTES]);
      await until(() => client.channel.connections === 1);
    });
  });

  describe('round_robin', () => {
    const options: ClientOptions = { loadBalancing: 'round_robin' };

    it('sends the calls to all in turn', async () => {
      const fleet = close(await listenFleet(3, echo));
      const client = connect(fleet.target, options);
      expect(client.channel.loadBalancing).to.equal('round_robin');
      await unary(client);
      await until(() => client.channel.connections === 3 && fleet.peers.every((peer) => peer.accepted === 1));
      // Whoever was not ready for the first.
      await calls(client, 30);
      const before = [...fleet.counts];
      await calls(client, 30);
      expect(fleet.counts.map((count, i) => count - before[i])).to.deep.equal([10, 10, 10]);
    });

    it('leaves out those that are lost, and takes them again when they are back', async () => {
      const fleet = close(await listenFleet(2, echo));
      const client = connect(fleet.target, options);
      await calls(client, 1);
      await until(() => fleet.peers.every((peer) => peer.accepted === 1));
      await calls(client, 10);
      const [{ port }] = fleet.peers;
      await fleet.peers[0].close();
      await until(() => client.channel.connections === 1);
      await calls(client, 20);
      expect(client.channel.state).to.equal('ready');
      const back = close(await listenHttp2(echo, {}, { host: '127.0.0.1', port }));
      await back.when(() => back.connections.length === 1);
      for (let i = 0; i < 1000 && back.requests.length === 0; i++) await calls(client, 1);
      expect(back.requests.length).to.be.above(0);
    });

    it('loses no call when servers drain in turn', async () => {
      let count = 0;
      const fleet = close(
        await listenFleet(4, (request) => {
          echo(request);
          if (++count % 150 === 0) request.connection.http2.drain();
        }),
      );
      const client = connect(fleet.target, options);
      const worker = async (): Promise<void> => calls(client, 100);
      await Promise.all(Array.from({ length: 20 }, worker));
      expect(fleet.counts.reduce((sum, one) => sum + one)).to.be.at.least(2000);
      expect(fleet.peers.reduce((sum, { accepted }) => sum + accepted, 0)).to.be.at.least(4 + 10);
    });

    it('follows the addresses: new ones get calls, old ones finish theirs', async () => {
      const held: PeerStream[] = [];
      const fleet = close(
        await listenFleet(3, (request, index) => (index === 0 ? held.push(request) : echo(request))),
      );
      const { client, told } = resolved(options);
      const first = unary(client);
      told.listener?.onAddresses([fleet.addresses[0]]);
      await until(() => held.length === 1);
      told.listener?.onAddresses([fleet.addresses[1], fleet.addresses[2]]);
      await calls(client, 20);
      expect(held).to.have.lengthOf(1);
      expect(Math.min(...fleet.counts.slice(1))).to.be.above(0);
      echo(held[0]);
      expect(await first).to.deep.equal(BYTES);
      await until(() => client.channel.connections === 2);
      expect(client.channel.addresses).to.deep.equal(fleet.addresses.slice(1));
    });

    it('goes past a server whose streams are all in use', async () => {
      const held: PeerStream[] = [];
      const full = close(await listenHttp2((request) => held.push(request), { maxConcurrentStreams: 1 }));
      const free = close(await listenHttp2(echo));
      const client = connect(`ipv4:${full.target},${free.target}`, options);
      await client.waitForReady();
      await until(() => full.connections.length === 1 && free.connections.length === 1);
      const running: Promise<unknown>[] = [];
      while (held.length === 0) {
        running.push(Promise.resolve(unary(client)));
        await new Promise(setImmediate);
      }
      await calls(client, 10);
      expect(held).to.have.lengthOf(1);
      echo(held[0]);
      await Promise.all(running);
    });

    it('fails calls when none answers, with all reasons, and dials each few times', async () => {
      const doors = [
        close(await listen((socket) => socket.destroy())),
        close(await listen((socket) => socket.destroy())),
      ];
      const client = connect(`ipv4:${doors[0].target},${doors[1].target}`, options);
      for (let i = 0; i < 100; i++) {
        const error = await rejection(unary(client));
        expect(error).to.include({ codeName: 'UNAVAILABLE' });
        for (const { target } of doors) expect(error.message).to.include(target);
      }
      for (const door of doors) expect(door.accepted).to.be.within(1, 10);
    });
  });

  describe('least_request', () => {
    it('sends calls to where fewest run', async () => {
      const held: PeerStream[] = [];
      const fleet = close(
        await listenFleet(2, (request, index) => (index === 0 ? held.push(request) : echo(request))),
      );
      const client = connect(fleet.target, { loadBalancing: { policy: 'least_request', choiceCount: 10 } });
      await client.waitForReady();
      await until(() => fleet.peers.every((peer) => peer.connections.length === 1));
      const running: PromiseLike<unknown>[] = [];
      let answered = 0;
      const arrived = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) running.push(unary(client).then(() => answered++));
        await until(() => held.length + answered === running.length);
      };
      // Until both are ready, all go to the one that is.
      while (held.length < 5) await arrived(10);
      const stuck = held.length;
      for (let i = 0; i < 50; i++) await arrived(1);
      // A call goes to the busy one, and is held there, only where all of its ten choices fall on it: one of 1,024.
      // More than three of fifty are one run of four million.
      expect(held.length - stuck).to.be.at.most(3);
      for (const request of held) echo(request);
      await Promise.all(running);
    });
  });

  describe('weighted_round_robin', () => {
    /** OrcaLoadReport with application_utilization and rps_fractional. */
    const report = (utilization: number, rps: number): string => {
      const octets = Buffer.alloc(18);
      octets[0] = (9 << 3) | 1;
      octets.writeDoubleLE(utilization, 1);
      octets[9] = (6 << 3) | 1;
      octets.writeDoubleLE(rps, 10);
      return octets.toString('base64').replace(/=+$/, '');
    };

    it('sends more calls to who does more for its load, by the reports in trailers', async () => {
      const fleet = close(
        await listenFleet(2, (request, index) => {
          void request
            .when(() => request.hasEnded)
            .then(() => {
              request.head().write(Buffer.from('000000000568656c6c6f', 'hex'));
              request.status(0, 'endpoint-load-metrics-bin', report(index === 0 ? 0.9 : 0.3, 100));
            });
        }),
      );
      const client = connect(fleet.target, {
        loadBalancing: { policy: 'weighted_round_robin', blackoutPeriodMs: 0, weightUpdatePeriodMs: 100 },
      });
      await client.waitForReady();
      await until(() => fleet.peers.every((peer) => peer.connections.length === 1));
      const deadline = performance.now() + 5000;
      for (;;) {
        const before = [...fleet.counts];
        await calls(client, 40);
        const [busy, free] = fleet.counts.map((count, i) => count - before[i]);
        if (free >= 29 && free <= 31 && busy + free === 40) break;
        expect(performance.now()).to.be.below(deadline);
      }
    });
  });
});
