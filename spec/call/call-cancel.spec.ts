// Every way to end a call early, and what the server sees of it.

import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import type { Client, RpcError } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { type Http2Peer, listenHttp2 } from '../support/peers/peer.ts';
import { standStill } from '../support/time/stand-still.ts';
import { TurnedTime } from '../support/time/turned-time.ts';

const CANCEL = { kind: 'reset', code: 8 };

describeCalls('Ending a call early', (Client) => {
  const close = closing();
  let peer: Http2Peer;
  let client: Client;

  beforeEach(async () => {
    peer = close(await listenHttp2());
    client = close(new Client(peer.target));
  });

  const unary = (options?: object) =>
    client.raw('/s/Unary', { cardinality: 'unary_unary' })(undefined, options);
  const stream = (options?: object) =>
    client.raw('/s/Stream', { cardinality: 'unary_stream' })(undefined, options);
  const bidi = (options?: object) => client.raw('/s/Bidi', { cardinality: 'stream_stream' }).open(options);

  /** A stream with two replies there to be read, and more to come. */
  async function startStream(
    call = stream(),
  ): Promise<{ call: typeof call; request: Awaited<ReturnType<Http2Peer['request']>> }> {
    const request = await peer.request(1);
    request.head().write(frame(1)).write(frame(2));
    await call.headers;
    return { call, request };
  }

  describe('leaving its loop', () => {
    const ways: readonly (readonly [
      name: string,
      leave: (call: AsyncIterable<unknown>) => Promise<unknown>,
    ])[] = [
      [
        'break',
        async (call) => {
          for await (const _ of call) break;
        },
      ],
      [
        'return',
        async (call) => {
          for await (const _ of call) return 7;
          return 8;
        },
      ],
      [
        'throw',
        async (call) => {
          try {
            for await (const _ of call) throw new Error('enough');
          } catch (error) {
            expect(error).to.include({ message: 'enough' });
          }
        },
      ],
      [
        "the iterator's return()",
        async (call) => {
          const iterator = call[Symbol.asyncIterator]();
          await iterator.next();
          expect(await iterator.return?.()).to.deep.equal({ value: undefined, done: true });
          expect(await iterator.next()).to.deep.equal({ value: undefined, done: true });
        },
      ],
    ];
    for (const [name, leave] of ways) {
      it(`by ${name} cancels it`, async () => {
        const { call, request } = await startStream();
        await leave(call);
        expect(await request.brokenOff()).to.deep.equal(CANCEL);
        expect(await call.status).to.include({ codeName: 'CANCELLED', origin: 'client' });
      });
    }

    it('after the last reply changes nothing', async () => {
      const { call, request } = await startStream();
      request.status(0);
      await call.status;
      for await (const _ of call) break;
      expect(await call.status).to.include({ codeName: 'OK' });
    });
  });

  describe('by cancel()', () => {
    it('fails what awaits it, with the reason as cause', async () => {
      const call = unary();
      const request = await peer.request(1);
      const reason = new Error('the user left');
      call.cancel(reason);
      const error = (await rejection(call)) as RpcError;
      expect(error).to.include({ codeName: 'CANCELLED', origin: 'client', cause: reason });
      expect(await request.brokenOff()).to.deep.equal(CANCEL);
    });

    it('drops what waits to be read', async () => {
      const { call } = await startStream();
      call.cancel();
      expect(await rejection(call.read())).to.include({ codeName: 'CANCELLED' });
    });

    it('ends a reader and writers that wait', async () => {
      const call = bidi();
      await peer.request(1);
      const reading = call.read();
      const writing = (async () => {
        for (;;) await call.write(new Uint8Array(100_000));
      })();
      call.cancel();
      for (const waiting of [reading, writing])
        expect(await rejection(waiting)).to.include({ codeName: 'CANCELLED' });
    });

    it('before there is a connection sends nothing', async () => {
      const call = unary();
      call.cancel();
      expect(await rejection(call)).to.include({ codeName: 'CANCELLED' });
      const other = unary();
      const request = await peer.request(1);
      request.head().write(frame(0)).status(0);
      await other;
      expect(peer.requests).to.have.lengthOf(1);
    });

    it('after the end does nothing', async () => {
      const call = unary();
      (await peer.request(1)).head().write(frame(0)).status(0);
      await call;
      call.cancel();
      call.cancel();
      expect(await call.status).to.include({ codeName: 'OK' });
      expect(await call).to.have.lengthOf(0);
    });

    it('leaves the connection and other calls alone', async () => {
      const calls = [unary(), unary(), unary()];
      await peer.request(3);
      calls[1].cancel();
      for (const request of [peer.requests[0], peer.requests[2]]) request.head().write(frame(3)).status(0);
      expect(await calls[0]).to.have.lengthOf(3);
      expect(await calls[2]).to.have.lengthOf(3);
      expect(peer.accepted).to.equal(1);
    });
  });

  it('by leaving its block cancels it', async () => {
    {
      await using call = stream();
      await peer.request(1);
      expect(call.method).to.equal('/s/Stream');
    }
    expect(await peer.requests[0].brokenOff()).to.deep.equal(CANCEL);
    await using ended = unary();
    (await peer.request(2)).head().write(frame(0)).status(0);
    await ended;
  });

  describe('by an AbortSignal', () => {
    it('fails with its reason as cause', async () => {
      const controller = new AbortController();
      const call = unary({ signal: controller.signal });
      const request = await peer.request(1);
      controller.abort('why');
      expect(await rejection(call)).to.include({ codeName: 'CANCELLED', cause: 'why', origin: 'client' });
      expect(await request.brokenOff()).to.deep.equal(CANCEL);
    });

    it('that has aborted before sends nothing', async () => {
      const call = unary({ signal: AbortSignal.abort(new Error('before')) });
      const error = (await rejection(call)) as RpcError;
      expect(error.codeName).to.equal('CANCELLED');
      expect(error.cause).to.include({ message: 'before' });
      expect(client.channel.state).to.equal('idle');
    });

    it('costs one listener for 1,000 calls, and none when they have ended', async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const calls = Array.from({ length: 1000 }, () => unary({ signal }));
      expect(getEventListeners(signal, 'abort')).to.have.lengthOf(1);
      await peer.request(1000);
      for (const request of peer.requests.slice(0, 500)) request.head().write(frame(0)).status(0);
      await Promise.all(calls.slice(0, 500));
      expect(getEventListeners(signal, 'abort')).to.have.lengthOf(1);
      controller.abort();
      const results = await Promise.allSettled(calls);
      expect(results.map(({ status }) => status)).to.deep.equal([
        ...Array(500).fill('fulfilled'),
        ...Array(500).fill('rejected'),
      ]);
      expect(getEventListeners(signal, 'abort')).to.have.lengthOf(0);
    });
  });

  describe('by its deadline', () => {
    it('fails at its time with what it waited for, and tells the server', async () => {
      const time = close(new TurnedTime());
      const failed = rejection(unary({ timeoutMs: 60_000 }));
      const request = await peer.request(1);
      await time.pass(30_000);
      expect(request.end?.kind).to.not.equal('reset');
      await time.pass(31_000);
      const error = (await failed) as RpcError;
      expect(error).to.include({ codeName: 'DEADLINE_EXCEEDED', origin: 'client' });
      expect(error.details).to.match(
        /timeout of 60000 ms passed after \d+ ms while waiting for the response/,
      );
      expect(await request.brokenOff()).to.deep.equal(CANCEL);
      expect(request.header('grpc-timeout')).to.match(/^(?:60000|5\d{4})m$/);
    });

    it('ends a stream, though replies wait to be read', async () => {
      const time = close(new TurnedTime());
      const { call, request } = await startStream(stream({ timeoutMs: 60_000 }));
      await time.pass(61_000);
      expect(await call.status).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      expect(await rejection(call.toArray())).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      expect(await request.brokenOff()).to.deep.equal(CANCEL);
    });

    it('is the earlier of timeoutMs and deadline', async () => {
      const soon = Date.now() + 50;
      const cases = [
        unary({ deadline: soon }),
        unary({ deadline: new Date(soon), timeoutMs: 60_000 }),
        unary({ deadline: soon + 60_000, timeoutMs: 50 }),
        stream({ deadline: soon }),
      ];
      for (const call of cases)
        expect(await rejection(call.toArray())).to.include({ codeName: 'DEADLINE_EXCEEDED' });
    });

    for (const deadline of [0, -1e15, new Date(0), Date.now() - 1]) {
      it(`that has passed (${Number(deadline)}) fails at once and sends nothing`, async () => {
        expect(await rejection(unary({ deadline }))).to.include({ codeName: 'DEADLINE_EXCEEDED' });
        expect(client.channel.state).to.equal('idle');
      });
    }

    it('is 10 s for a unary call and none for others, where nothing is said', async () => {
      const calls = [unary(), stream(), bidi(), unary({ timeoutMs: Infinity }), unary({ timeoutMs: 20_000 })];
      await peer.request(calls.length);
      const timeouts = peer.requests.map((request) => request.header('grpc-timeout'));
      expect(timeouts.slice(1, 4)).to.deep.equal([undefined, undefined, undefined]);
      expect(Number.parseInt(timeouts[0] ?? '', 10)).to.be.within(9000, 10_000);
      expect(Number.parseInt(timeouts[4] ?? '', 10)).to.be.within(19_000, 20_000);
      for (const call of calls) call.cancel();
    });

    it("is the client's for all its calls, where it has one", async () => {
      const other = close(new Client(client.channel, { timeoutMs: 5000 }));
      const calls = [
        other.raw('/s/a', { cardinality: 'unary_stream' })(),
        other.raw('/s/a', { cardinality: 'unary_stream' })(undefined, { timeoutMs: 3000 }),
      ];
      await peer.request(2);
      const timeouts = peer.requests.map((request) =>
        Number.parseInt(request.header('grpc-timeout') ?? '', 10),
      );
      expect(timeouts[0]).to.be.within(4000, 5000);
      expect(timeouts[1]).to.be.within(2000, 3000);
      for (const call of calls) call.cancel();
    });

    it("told by the server first, with RST_STREAM(CANCEL), is the deadline's all the same", async () => {
      const time = close(new TurnedTime());
      const call = unary({ timeoutMs: 60_000 });
      const request = await peer.request(1);
      await time.pass(59_900);
      // The event loop stands still past the deadline, so that the server's word comes before the timer.
      request.stream.reset(8);
      request.connection.flush();
      standStill(100);
      expect(await rejection(call)).to.include({ codeName: 'DEADLINE_EXCEEDED' });
    });
  });
});
