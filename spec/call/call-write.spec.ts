// The request side of calls: write and end of an open one, and requests from an iterable.

import { expect } from 'chai';
import { type Client, RpcError } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { type Http2Peer, listenHttp2, type PeerStream } from '../support/peers/peer.ts';

const SMALL_WINDOWS = {
  initialWindowOctets: 65_535,
  maxWindowOctets: 65_535,
  connectionWindowOctets: 65_535,
};
const POINT = { latitude: 1, longitude: 2 };

describeCalls('Writing requests', (Client) => {
  const close = closing();
  let peer: Http2Peer;
  let client: Client;

  beforeEach(async () => {
    peer = close(await listenHttp2());
    client = close(new Client(peer.target));
    await client.load('protos/route_guide.proto');
  });

  async function ended(count = 1): Promise<PeerStream> {
    const request = await peer.request(count);
    await request.when(() => request.hasEnded);
    return request;
  }

  describe('of an open call', () => {
    it('sends each message when it is written, and END_STREAM with end()', async () => {
      const call = client.open('RecordRoute');
      await call.write(POINT);
      const request = await peer.request(1);
      await request.when(() => request.messages.length === 1);
      expect(request.hasEnded).to.equal(false);
      await call.write({});
      await call.end();
      await ended();
      expect(request.messages.map((message) => message.toString('hex'))).to.deep.equal(['08011002', '']);
      request.head().write(frame(0)).status(0);
      expect((await call).pointCount).to.equal(0);
    });

    it('may send the last message with end(fields)', async () => {
      const call = client.open('RecordRoute');
      await call.end(POINT);
      expect((await ended()).messages).to.have.lengthOf(1);
    });

    it('answers to and fro', async () => {
      const call = client.open('RouteChat');
      const request = await peer.request(1);
      request.head();
      for (let i = 1; i <= 3; i++) {
        await call.write({ message: `m${i}` });
        await request.when(() => request.messages.length === i);
        request.write(frame(Buffer.concat([Uint8Array.of(0x12, 2), Buffer.from(`r${i}`)])));
        expect((await call.read())?.message).to.equal(`r${i}`);
      }
      await call.end();
      request.status(0);
      expect(await call.read()).to.equal(undefined);
    });

    it('ends twice without a word', async () => {
      const call = client.open('RecordRoute');
      await call.end();
      await call.end();
      const request = await ended();
      expect(request.messages).to.deep.equal([]);
      request.head().write(frame(0)).status(0);
      expect(await call).to.include({ pointCount: 0 });
      await call.end();
      expect(await call.status).to.include({ codeName: 'OK' });
    });

    it('writes in order what was written before the schema and the connection were there', async () => {
      const other = close(new Client(peer.target));
      void other.load('protos/route_guide.proto');
      const call = other.open('RecordRoute');
      const writes = [1, 2, 3].map((latitude) => call.write({ latitude }));
      writes.push(call.end());
      await Promise.all(writes);
      expect((await ended()).messages.map((message) => message[1])).to.deep.equal([1, 2, 3]);
    });

    it('rejects a value that does not fit, and goes on', async () => {
      const call = client.open('RouteChat');
      const error = await rejection(call.write({ location: { latitude: 'north' } }));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include('location.latitude');
      expect(await rejection(call.end({ mesage: 'x' }))).to.be.instanceOf(TypeError);
      await call.write({ message: 'fits' });
      await call.end();
      expect((await ended()).messages).to.have.lengthOf(1);
    });

    it('rejects what is written after the end, as a mistake', async () => {
      const call = client.open('RecordRoute');
      await call.end();
      expect((await rejection(call.write(POINT))).message).to.match(/after the request .* was ended/);
      expect(await rejection(call.end(POINT))).to.be.instanceOf(TypeError);
    });

    it('rejects what is written after the call has failed, with its error', async () => {
      const call = client.open('RecordRoute');
      (await peer.request(1)).head(
        [':status', '200', 'content-type', 'application/grpc', 'grpc-status', '7'],
        true,
      );
      await call.status;
      const error = await rejection(call.write(POINT));
      expect(error).to.be.instanceOf(RpcError).and.include({ codeName: 'PERMISSION_DENIED' });
      expect(await rejection(call)).to.equal(error);
      await call.end();
    });

    it('waits for room while the server does not read', async () => {
      const slow = close(await listenHttp2(() => {}, SMALL_WINDOWS));
      const other = close(new Client(slow.target));
      const call = other.raw('/s/m', { cardinality: 'stream_unary' }).open({ timeoutMs: 8000 });
      const request = await slow.request(1);
      // What the peer's core would credit by itself is not, since nobody takes it.
      request.stream.taken = () => {};
      let written = 0;
      const writing = (async () => {
        for (; written < 1000; written++) await call.write(new Uint8Array(16_384));
      })();
      writing.catch(() => {});
      await request.when(() => request.body.length >= 60_000);
      // Twenty turns of the loop with nothing to move: what is going to be written has been.
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      expect(written).to.be.below(20);
      call.cancel();
      expect(await rejection(writing)).to.include({ codeName: 'CANCELLED' });
    });

    it('sends what it was given, though it had to wait for room', async () => {
      const slow = close(await listenHttp2(() => {}, SMALL_WINDOWS));
      const other = close(new Client(slow.target));
      await other.load('protos/route_guide.proto');
      const texts = Array.from({ length: 200 }, (_, i) => `${i}-`.padEnd(1000, String(i)));
      const call = other.open('RouteChat');
      await call.write({ message: texts[0] });
      const request = await slow.request(1);
      // All at once: most wait for a window, in memory that the next has written over.
      await Promise.all([...texts.slice(1).map((message) => call.write({ message })), call.end()]);
      await request.when(() => request.hasEnded);
      expect(request.messages.map((message) => message.toString().slice(3))).to.deep.equal(texts);
    });

    it('takes the one request of a method that has one, and half-closes with it', async () => {
      const call = client.open('GetFeature');
      await call.write(POINT);
      const request = await ended();
      expect(request.messages).to.have.lengthOf(1);
      expect(await rejection(call.write(POINT))).to.be.instanceOf(TypeError);
      await call.end();
      request.head().write(frame(0)).status(0);
      await call;
    });

    it('is what write and end are for: a request given whole takes none', async () => {
      const calls = [client.request('RecordRoute', [POINT]), client.request('GetFeature', POINT)];
      for (const call of calls) {
        const error = await rejection(call.write(POINT));
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.include('client.open');
      }
      for (const call of calls) call.cancel();
    });
  });

  describe('from an iterable', () => {
    async function* generate(count: number) {
      for (let latitude = 0; latitude < count; latitude++) yield { latitude };
    }
    const sources: readonly (readonly [name: string, source: () => unknown, count: number])[] = [
      ['an array', () => [POINT, POINT], 2],
      ['an empty array', () => [], 0],
      ['nothing at all', () => undefined, 0],
      ['a Set', () => new Set([POINT]), 1],
      ['an async generator', () => generate(5), 5],
      ['a generator', () => [POINT, POINT].values(), 2],
    ];
    for (const [name, source, count] of sources) {
      it(`sends what ${name} gives, then half-closes`, async () => {
        const call = client.request('RecordRoute', source());
        const request = await ended();
        expect(request.messages).to.have.lengthOf(count);
        request.head().write(frame(0)).status(0);
        await call;
      });
    }

    it('starts at once, though nobody looks at the call', async () => {
      client.request('RecordRoute', generate(2)).status.catch(() => {});
      expect((await ended()).messages).to.have.lengthOf(2);
    });

    it('asks for no more while there is no room', async () => {
      const slow = close(await listenHttp2(() => {}, SMALL_WINDOWS));
      const other = close(new Client(slow.target));
      let asked = 0;
      const source = (function* () {
        for (; asked < 1000; asked++) yield new Uint8Array(16_384);
      })();
      const call = other.raw('/s/m', { cardinality: 'stream_unary' })(source);
      const request = await slow.request(1);
      request.stream.taken = () => {};
      await request.when(() => request.body.length >= 60_000);
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      expect(asked).to.be.below(20);
      call.cancel();
      await call.status;
    });

    /** An iterator that counts what is asked of it. */
    function watched(values: readonly unknown[], failure?: unknown) {
      const seen = { next: 0, returned: 0 };
      const iterable = {
        [Symbol.asyncIterator]: () => ({
          async next() {
            if (seen.next < values.length) return { done: false, value: values[seen.next++] };
            if (failure !== undefined) throw failure;
            return new Promise<never>(() => {});
          },
          async return() {
            seen.returned++;
            return { done: true, value: undefined };
          },
        }),
      };
      return { seen, iterable };
    }

    it('that gives a bad item fails the call with that very error, resets the stream and is told', async () => {
      const { seen, iterable } = watched([POINT, { latitude: 'north' }, POINT]);
      const call = client.request('RecordRoute', iterable);
      const error = await rejection(call);
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include('latitude');
      expect(await (await peer.request(1)).brokenOff()).to.deep.equal({ kind: 'reset', code: 8 });
      expect(seen).to.deep.equal({ next: 2, returned: 1 });
      expect(await call.status).to.include({ codeName: 'CANCELLED', origin: 'client' });
    });

    it('that throws fails the call with that very error', async () => {
      const failure = new Error('the file ended');
      const call = client.request('RecordRoute', watched([POINT], failure).iterable);
      expect(await rejection(call)).to.equal(failure);
      expect(await (await peer.request(1)).brokenOff()).to.deep.equal({ kind: 'reset', code: 8 });
    });

    it('that throws what is no Error fails the call with it all the same', async () => {
      const call = client.request('RecordRoute', watched([], 'odd').iterable);
      expect(
        await call.then(
          () => 'fulfilled',
          (reason: unknown) => reason,
        ),
      ).to.equal('odd');
    });

    for (const step of [undefined, null, 7, 'text', true]) {
      for (const given of [step, Promise.resolve(step)]) {
        const shown = given === step ? String(step) : `a promise of ${step}`;
        it(`that returns ${shown} for a step fails the call, and is asked no more`, async () => {
          let asked = 0;
          const next = () => (asked++ === 0 ? { done: false, value: POINT } : given);
          const call = client.request('RecordRoute', { [Symbol.asyncIterator]: () => ({ next }) });
          const error = await rejection(call);
          expect(error).to.be.instanceOf(TypeError);
          expect(error.message).to.equal(
            `an iterator of requests returned ${step} instead of { value, done }`,
          );
          expect(asked).to.equal(2);
        });
      }
    }

    it('is told when the call ends before it', async () => {
      const { seen, iterable } = watched([POINT]);
      const call = client.request('RecordRoute', iterable);
      (await peer.request(1)).head().write(frame(0)).status(0);
      await call;
      expect(seen.returned).to.equal(1);
      const cancelled = watched([POINT]);
      const other = client.request('RecordRoute', cancelled.iterable);
      await peer.request(2);
      other.cancel();
      await other.status;
      expect(cancelled.seen.returned).to.equal(1);
    });

    for (const wrong of [POINT, 7, 'text', true, Buffer.from('x')]) {
      it(`is not ${JSON.stringify(wrong)}: the call rejects with what is wanted`, async () => {
        const error = await rejection(client.request('RecordRoute', wrong));
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.include('takes a stream of requests');
      });
    }
  });

  it('refuses a message past maxSendMessageBytes, and takes one as large', async () => {
    const send = (octets: number, options: object) =>
      client.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(octets), options);
    const error = await rejection(send(11, { maxSendMessageBytes: 10 }));
    expect(error).to.include({ codeName: 'RESOURCE_EXHAUSTED', origin: 'client' });
    expect(error.message).to.include('message of 11 bytes exceeds maxSendMessageBytes 10');
    expect(peer.requests).to.have.lengthOf(0);
    const call = send(10, { maxSendMessageBytes: 10 });
    (await peer.request(1)).head().write(frame(0)).status(0);
    await call;
  });
});
