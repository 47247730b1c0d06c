// One connection for all calls: when it is made, shared, lost, made again, and when not (grpc
// doc/connection-backoff.md, DESIGN.md promises 1, 2 and 8). The peers are ours or node:http2's.

import http2 from 'node:http2';
import net from 'node:net';
import { expect } from 'chai';
import { Channel } from '../../lib/channel/channel.ts';
import { parseTarget } from '../../lib/channel/target.ts';
import { Client, type ClientOptions } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { frame } from '../support/messages.ts';
import { echo, listen, listenHttp2 } from '../support/peer.ts';

const LAST_STREAM_ID = 2 ** 31 - 1;
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
    ];
    for (const [name, onSocket] of failures) {
      it(`dials a server that ${name} few times for 100 calls, each of which fails with the reason`, async () => {
        const peer = close(await listen(onSocket));
        const client = connect(peer);
        for (let i = 0; i < 100; i++) {
          const error = await rejection(unary(client));
          expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
          expect(error.message).to.include(peer.target);
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
          `UNAVAILABLE: cannot connect to ${gone.target}: nothing listens on ${gone.target} (ECONNREFUSED)`,
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

    it('gives up on a server that never sends SETTINGS after connectTimeoutMs, and dials no more for it', async () => {
      const peer = close(await listen(() => {}));
      const client = connect(peer, { connectTimeoutMs: 50 });
      const started = performance.now();
      const error = await rejection(unary(client));
      expect(performance.now() - started).to.be.within(40, 1000);
      expect(error).to.include({ codeName: 'UNAVAILABLE' });
      expect(error.message).to.match(/did not answer within connectTimeoutMs 50: .*SETTINGS/);
      expect(await rejection(unary(client))).to.include({ codeName: 'UNAVAILABLE' });
      expect(peer.accepted).to.equal(1);
    });
  });

  describe('calls without a stream', () => {
    it('wait, as many as maxQueuedCalls; one more fails', async () => {
      const peer = close(await listen(() => {}));
      const client = connect(peer, { maxQueuedCalls: 3, connectTimeoutMs: 100 });
      const calls = Array.from({ length: 3 }, () => unary(client));
      const error = await rejection(unary(client));
      expect(error).to.include({ codeName: 'RESOURCE_EXHAUSTED', origin: 'client' });
      expect(error.message).to.include('3 calls already wait').and.include('maxQueuedCalls');
      calls[1].cancel();
      const following = unary(client);
      expect(client.channel.queuedCalls).to.equal(3);
      for (const call of [calls[0], calls[2], following]) {
        expect(await rejection(call)).to.include({ codeName: 'UNAVAILABLE' });
      }
    });

    it('are opened in order as MAX_CONCURRENT_STREAMS allows, and more when it is raised', async () => {
      const streams: http2.ServerHttp2Stream[] = [];
      const server = http2.createServer({ settings: { maxConcurrentStreams: 1 } });
      let arrived: () => void = () => {};
      server.on('stream', (stream, headers) => {
        stream.on('error', () => {});
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.respond(
          { 'content-type': 'application/grpc', 'x-path': headers[':path'] },
          { waitForTrailers: true },
        );
        streams.push(stream);
        arrived();
      });
      const count = (wanted: number): Promise<void> =>
        new Promise((resolve) => {
          arrived = () => (streams.length >= wanted ? resolve() : undefined);
          arrived();
        });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      close({ close: () => server.close() });
      const { port } = server.address() as net.AddressInfo;
      const client = connect({ target: `127.0.0.1:${port}` });
      const calls = Array.from({ length: 6 }, (_, i) =>
        client.raw(`/s/m${i}`, { cardinality: 'unary_unary' })(),
      );

      await count(1);
      expect([client.channel.openStreams, client.channel.queuedCalls]).to.deep.equal([1, 5]);
      streams[0].end(frame(0));
      await calls[0];
      await count(2);
      expect([client.channel.openStreams, client.channel.queuedCalls]).to.deep.equal([1, 4]);
      streams[1].session?.settings({ maxConcurrentStreams: 3 });
      await count(4);
      expect([client.channel.openStreams, client.channel.queuedCalls]).to.deep.equal([3, 2]);
      for (let i = 1; i < 6; i++) {
        await count(i + 1);
        streams[i].end(frame(0));
        expect((await calls[i].headers).get('x-path')).to.equal(`/s/m${i}`);
        await calls[i];
      }
      await client.close();
    });

    it('leave the queue at their deadline and when they are cancelled', async () => {
      const peer = close(await listenHttp2(undefined, { maxConcurrentStreams: 1 }));
      const client = connect(peer);
      const running = unary(client);
      await peer.request(1);
      const waiting = [unary(client, { timeoutMs: 40 }), unary(client)];
      expect(client.channel.queuedCalls).to.equal(2);
      waiting[1].cancel();
      expect(await rejection(waiting[0])).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      expect(await rejection(waiting[1])).to.include({ codeName: 'CANCELLED' });
      expect(client.channel.queuedCalls).to.equal(0);
      running.cancel();
    });
  });

  describe('when a connection drains', () => {
    it('lets what runs on it go on, and makes the next call on a new one', async () => {
      const peer = close(await listenHttp2());
      const client = connect(peer);
      const running = unary(client);
      const first = await peer.request(1);
      first.connection.http2.drain();
      await new Promise<void>((resolve) => {
        const look = (): unknown => (client.channel.state === 'idle' ? resolve() : setImmediate(look));
        look();
      });
      const next = unary(client);
      const second = await peer.request(2);
      expect(second.connection).to.not.equal(first.connection);
      expect(client.channel.openStreams).to.equal(2);
      for (const request of [second, first]) echo(request);
      expect(await Promise.all([running, next])).to.deep.equal([BYTES, BYTES]);
      await peer.when(() => peer.sockets.size === 1);
    });

    it('serves those that wait on a new one', async () => {
      const peer = close(await listenHttp2(undefined, { maxConcurrentStreams: 1 }));
      const client = connect(peer);
      const calls = [unary(client), unary(client), unary(client)];
      const first = await peer.request(1);
      first.connection.http2.drain();
      const second = await peer.request(2);
      expect(second.connection).to.not.equal(first.connection);
      for (const request of [first, second]) echo(request);
      echo(await peer.request(3));
      expect(await Promise.all(calls)).to.deep.equal([BYTES, BYTES, BYTES]);
    });

    it('tells what the server said when a GOAWAY with an error ends the calls', async () => {
      const peer = close(await listenHttp2());
      const client = connect(peer);
      const call = unary(client);
      (await peer.request(1)).connection.http2.close(11, 'too_many_pings');
      const error = await rejection(call);
      expect(error).to.include({ codeName: 'UNAVAILABLE' });
      expect(error.message).to.include('ENHANCE_YOUR_CALM').and.include('too_many_pings');
    });

    for (const atOnce of [1, 7]) {
      it(`hands over with no call lost when the stream ids end, ${atOnce} at a time`, async () => {
        const peer = close(await listenHttp2(echo));
        const options = {
          connectTimeoutMs: 5000,
          maxHeaderListBytes: 65_536,
          maxBufferedBytes: 1 << 20,
          maxQueuedCalls: 100,
          firstStreamId: LAST_STREAM_ID - 8,
        };
        const client = close(new Client(new Channel(parseTarget(peer.target), options)));
        let sent = 0;
        while (sent < 28) {
          const calls = Array.from({ length: atOnce }, () => unary(client));
          for (const reply of await Promise.all(calls)) expect(reply).to.deep.equal(BYTES);
          sent += atOnce;
        }
        // Five ids each.
        expect(peer.accepted).to.be.within(Math.ceil(sent / 5), Math.ceil(sent / 5) + 1);
        await peer.when(() => peer.sockets.size <= 1);
      });
    }
  });
});
