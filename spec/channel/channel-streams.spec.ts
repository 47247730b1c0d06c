// Calls and the streams for them: those that wait, and those whose connection drains: none is lost (RFC 9113 §6.8,
// gRFC A6, docs/promises.md 8).

import http2 from 'node:http2';
import type net from 'node:net';
import { expect } from 'chai';
import { Channel } from '../../lib/channel/channel.ts';
import { parseTarget } from '../../lib/channel/target/target.ts';
import { Client, type ClientOptions } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { frame } from '../support/messages.ts';
import { echo, listen, listenHttp2 } from '../support/peers/peer.ts';
import { TurnedTime } from '../support/time/turned-time.ts';

const LAST_STREAM_ID = 2 ** 31 - 1;
const BYTES = Buffer.from('hello');
const REFUSED_STREAM = 7;

describe('Channel: streams', () => {
  const close = closing();

  const connect = (peer: { target: string }, options?: ClientOptions): Client =>
    close(new Client(peer.target, options));
  const unary = (client: Client, options?: object) =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, options);

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
      const late = await rejection(waiting[0]);
      expect(late).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      expect(late.message).to.include('waiting for a stream: the server allows no more at once');
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

  describe('what the server did nothing of', () => {
    it('is sent again when a GOAWAY excludes it: of 2,000 calls over 40 connections none is lost', async () => {
      let count = 0;
      const peer = close(
        await listenHttp2((request) => {
          echo(request);
          if (++count % 50 === 0) request.connection.http2.drain();
        }),
      );
      const client = connect(peer);
      const worker = async (): Promise<void> => {
        for (let i = 0; i < 100; i++) expect(await unary(client)).to.deep.equal(BYTES);
      };
      await Promise.all(Array.from({ length: 20 }, worker));
      expect(peer.accepted).to.be.at.least(40);
    });

    it('is sent again when the stream is refused, once, with the same message', async () => {
      const peer = close(
        await listenHttp2((request) => {
          if (peer.requests.length === 1) request.stream.reset(REFUSED_STREAM);
          else echo(request);
        }),
      );
      expect(await unary(connect(peer))).to.deep.equal(BYTES);
      expect(peer.requests).to.have.lengthOf(2);
      const refusing = close(await listenHttp2((request) => request.stream.reset(REFUSED_STREAM)));
      const error = await rejection(unary(connect(refusing)));
      expect(error).to.include({ codeName: 'UNAVAILABLE' });
      expect(error.message).to.include('REFUSED_STREAM');
      expect(refusing.requests).to.have.lengthOf(2);
    });

    it('is sent again by every GOAWAY, where each connection serves a few of many', async () => {
      let count = 0;
      const peer = close(
        await listenHttp2((request) => {
          echo(request);
          if (++count % 10 === 0) request.connection.http2.drain();
        }),
      );
      const client = connect(peer);
      const replies = await Promise.all(Array.from({ length: 200 }, () => unary(client)));
      expect(replies).to.deep.equal(new Array(200).fill(BYTES));
      expect(peer.accepted).to.be.at.least(20);
    });

    it('is a request stream that has begun, with what was written', async () => {
      const peer = close(await listenHttp2());
      const client = connect(peer);
      const call = client.raw('/s/m', { cardinality: 'stream_unary' }).open();
      await call.write(BYTES);
      const request = await peer.request(1);
      await request.when(() => request.messages.length === 1);
      request.stream.reset(REFUSED_STREAM);
      request.connection.flush();
      const again = await peer.request(2);
      await call.end();
      echo(again);
      expect(await call).to.deep.equal(BYTES);
      expect(peer.requests).to.have.lengthOf(2);
    });

    it('is a request stream that has not begun, too', async () => {
      const peer = close(await listenHttp2());
      const client = connect(peer);
      const call = client.raw('/s/m', { cardinality: 'stream_unary' }).open();
      const request = await peer.request(1);
      request.stream.reset(REFUSED_STREAM);
      request.connection.flush();
      echo(await peer.request(2));
      await call.end(BYTES);
      expect(await call).to.deep.equal(BYTES);
    });

    it('keeps its deadline, and can be cancelled, when it is sent again', async () => {
      const peer = close(
        await listenHttp2((request) => {
          if (peer.requests.length % 2 === 1) request.stream.reset(REFUSED_STREAM);
        }),
      );
      const client = connect(peer);
      {
        using time = new TurnedTime();
        const failed = rejection(unary(client, { timeoutMs: 8000 }));
        await peer.request(2);
        await time.pass(9000);
        expect(await failed).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      }
      const other = unary(client);
      const second = await peer.request(4);
      other.cancel();
      expect(await second.brokenOff()).to.deep.equal({ kind: 'reset', code: 8 });
    });
  });
});
