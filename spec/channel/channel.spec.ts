// One connection for all calls: when it is made, shared, lost, made again, and when not (grpc
// doc/connection-backoff.md, docs/promises.md 1, 2 and 8). The peers are ours or node:http2's.

import net from 'node:net';
import { expect } from 'chai';
import { Client, type ClientOptions } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { frame } from '../support/messages.ts';
import { echo, listen, listenHttp2 } from '../support/peers/peer.ts';
import { LoopClock } from '../support/time/loop-clock.ts';

const BYTES = Buffer.from('hello');

describe('Channel', () => {
  const close = closing();

  const connect = (peer: { target: string }, options?: ClientOptions): Client =>
    close(new Client(peer.target, options));
  const unary = (client: Client, options?: object) =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, options);

  describe('its connection', () => {
    it('is made at the first call and shared by all that come meanwhile', async () => {
      const peer = close(await listenHttp2(echo));
      const client = connect(peer);
      expect([client.channel.state, peer.accepted]).to.deep.equal(['idle', 0]);
      const calls = Array.from({ length: 50 }, () => unary(client));
      expect(client.channel.state).to.equal('connecting');
      expect(client.channel.queuedCalls).to.equal(50);
      for (const call of calls) expect(await call).to.deep.equal(BYTES);
      expect(client.channel.state).to.equal('ready');
      expect([peer.accepted, client.channel.queuedCalls, client.channel.openStreams]).to.deep.equal([
        1, 0, 0,
      ]);
    });

    it('is made again by the call after a loss, at once', async () => {
      const peer = close(await listenHttp2(echo));
      const client = connect(peer);
      for (let i = 1; i <= 5; i++) {
        await unary(client);
        expect(peer.accepted).to.equal(i);
        for (const socket of peer.sockets) socket.destroy();
        await new Promise<void>((resolve) => {
          const look = (): unknown => (client.channel.state === 'idle' ? resolve() : setImmediate(look));
          look();
        });
      }
    });

    it('that is lost fails what runs on it, with UNAVAILABLE and who was lost', async () => {
      const peer = close(await listenHttp2());
      const client = connect(peer);
      const calls = [unary(client), client.raw('/s/m', { cardinality: 'stream_stream' }).open()];
      await peer.request(2);
      for (const socket of peer.sockets) socket.destroy();
      for (const call of calls) {
        const status = await call.status;
        expect(status).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
        expect(status.details).to.include(`the connection to ${peer.target} was lost`);
      }
    });

    it('that is lost behind replies gives those first', async () => {
      const peer = close(await listenHttp2());
      const client = connect(peer);
      const call = client.raw('/s/m', { cardinality: 'unary_stream' })();
      const request = await peer.request(1);
      request.head().write(frame(1)).write(frame(2));
      await call.headers;
      request.connection.flush();
      request.connection.socket.end();
      await call.status;
      expect([(await call.read())?.length, (await call.read())?.length]).to.deep.equal([1, 2]);
      expect(await rejection(call.read())).to.include({ codeName: 'UNAVAILABLE' });
    });

    it("has the peer's address, however it was named", async () => {
      const peer = close(await listenHttp2(echo));
      const client = close(new Client('localhost', peer.port));
      const call = unary(client);
      await call;
      expect(call.peer?.address).to.equal(`127.0.0.1:${peer.port}`);
    });

    const places: readonly (readonly [name: string, at: () => net.ListenOptions])[] = [
      ['an IPv6 address', () => ({ host: '::1', port: 0 })],
      ['a Unix socket', () => ({ path: `/tmp/stubless-${process.pid}.sock` })],
    ];
    for (const [name, at] of places) {
      it(`may be to ${name}`, async function () {
        const place = at();
        const peer = close(
          await listenHttp2(echo, {}, place).catch((error: NodeJS.ErrnoException) => {
            // A machine without IPv6 proves nothing.
            if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') this.skip();
            throw error;
          }),
        );
        const client = place.path === undefined ? close(new Client('::1', peer.port)) : connect(peer);
        const call = unary(client);
        expect(await call).to.deep.equal(BYTES);
        expect(call.peer?.address).to.equal(place.path === undefined ? `[::1]:${peer.port}` : peer.target);
        const authority = place.path === undefined ? `[::1]:${peer.port}` : 'localhost';
        expect(peer.requests[0].header(':authority')).to.equal(authority);
      });
    }
  });

  describe('while none can be made', () => {
    const failures: readonly (readonly [name: string, onSocket: (socket: net.Socket) => void])[] = [
      ['hangs up at once', (socket) => socket.destroy()],
      ['hangs up after its SETTINGS', (socket) => socket.end(Buffer.from('000000040000000000', 'hex'))],
      [
        'sends SETTINGS and GOAWAY',
        (socket) =>
          socket.write(Buffer.from('000000040000000000' + '0000080700000000000000000000000000', 'hex')),
      ],
    ];
    for (const [name, onSocket] of failures) {
      it(`dials a server that ${name} few times for 100 calls, each of which fails with the reason`, async () => {
        const peer = close(await listen(onSocket));
        const client = connect(peer);
        for (let i = 0; i < 100; i++) {
          const error = await rejection(unary(client));
          expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
          expect(error.message).to.satisfy(
            (text: string) => text.includes(peer.target) || text.includes('GOAWAY'),
          );
        }
        expect(peer.accepted).to.be.within(1, 10);
        expect(client.channel.state).to.equal('transient_failure');
        expect(client.channel.lastFailure).to.include(peer.target);
      });
    }

    it('fails each call with the reason, when nothing listens', async () => {
      const gone = await listen(() => {});
      await gone.close();
      const client = close(new Client('127.0.0.1', gone.port));
      for (let i = 0; i < 3; i++) {
        const error = await rejection(unary(client));
        expect(error.message).to.equal(
          `UNAVAILABLE: cannot connect to ${gone.target}: nothing listens on ${gone.target} (ECONNREFUSED); if the server listens on IPv6 alone, give [::1]:${gone.port}, or localhost:${gone.port} for both`,
        );
        expect(error.cause).to.include({ code: 'ECONNREFUSED' });
      }
    });

    it('says so of a host name that is not known, and of a Unix socket that is not there', async () => {
      const unknown = close(new Client('no-such-host.invalid', 50051));
      expect((await rejection(unary(unknown, { timeoutMs: 8000 }))).message).to.match(
        /no-such-host\.invalid/,
      );
      const absent = close(new Client('unix:/tmp/no-such-socket'));
      expect((await rejection(unary(absent))).message).to.include('there is no Unix socket');
    });

    it('lets calls that wait for ready wait, and serves them by and by', async () => {
      let isUp = false;
      const peer = close(await listenHttp2(echo));
      const door = close(
        await listen((socket) => {
          if (!isUp) socket.destroy();
          else socket.pipe(net.connect(peer.port, '127.0.0.1')).pipe(socket);
        }),
      );
      const client = connect(door, { waitForReady: true });
      const patient = unary(client);
      const impatient = unary(client, { waitForReady: false });
      expect(await rejection(impatient)).to.include({ codeName: 'UNAVAILABLE' });
      isUp = true;
      expect(await patient).to.deep.equal(BYTES);
      expect(door.accepted).to.equal(2);
    });

    it('ends a call that waits for ready at its deadline, with the last reason', async () => {
      const peer = close(await listen((socket) => socket.destroy()));
      const error = await rejection(unary(connect(peer), { waitForReady: true, timeoutMs: 100 }));
      expect(error).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      expect(error.message).to.include('waiting for a connection').and.include('SETTINGS');
    });

    it('waits as long as connectTimeoutMs says, even for longer than a timer can be set', async () => {
      const peer = close(await listenHttp2(echo));
      for (const connectTimeoutMs of [2 ** 31, 1e15, Infinity]) {
        expect(await unary(connect(peer, { connectTimeoutMs }))).to.deep.equal(BYTES);
      }
    });

    it('gives up on a server that never sends SETTINGS after connectTimeoutMs, and dials no more for it', async () => {
      const peer = close(await listen(() => {}));
      const client = connect(peer, { connectTimeoutMs: 50 });
      const started = performance.now();
      using clock = new LoopClock();
      const error = await rejection(unary(client));
      expect(performance.now() - started).to.be.at.least(40);
      expect(clock.now()).to.be.below(1000);
      expect(error).to.include({ codeName: 'UNAVAILABLE' });
      expect(error.message).to.match(/did not answer within connectTimeoutMs 50: .*SETTINGS/);
      expect(await rejection(unary(client))).to.include({ codeName: 'UNAVAILABLE' });
      expect(peer.accepted).to.equal(1);
    });
  });
});
