// Large and many messages over one connection: back pressure both ways, and streams that leave each other alone. The
// server is node:http2's, whose flow control is a witness from outside.

import http2 from 'node:http2';
import { expect } from 'chai';
import type { Client } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { listenHttp2 } from '../support/peers/http2-listener.ts';

const MIB = 1 << 20;
/** The most a stream may hold unread, by our windows (4 MiB) and a message that is being finished. */
const MOST_HELD = 8 * MIB;

describeCalls('Flow control, end to end', (Client) => {
  const close = closing();
  let port: number;
  let client: Client;
  /** Octets that the server could hand to its socket, of the stream `/s/Flood`. */
  let flooded: number;
  let onFlood: () => void;

  beforeEach(async () => {
    flooded = 0;
    onFlood = () => {};
    const server = http2.createServer();
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      if (headers[':path'] === '/s/Echo') stream.pipe(stream);
      else {
        const message = frame(64 * 1024);
        const pour = (): void => {
          while (
            !stream.destroyed &&
            stream.write(message, () => {
              flooded += message.length;
              onFlood();
            })
          );
        };
        stream.on('drain', pour);
        stream.resume();
        pour();
      }
    });
    ({ port } = close(await listenHttp2(server)));
    client = close(new Client('127.0.0.1', port));
  });

  const echo = (octets: Uint8Array, options?: object) =>
    client.raw('/s/Echo', { cardinality: 'unary_unary' })(octets, {
      maxReceiveMessageBytes: Infinity,
      ...options,
    });

  /** Resolves when the server has been able to send no more for a while of turns of the loop. */
  async function stalled(): Promise<void> {
    for (let before = -1, quiet = 0; quiet < 50; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = before === flooded && flooded > 0 ? quiet + 1 : 0;
      before = flooded;
    }
  }

  for (const size of [65_530, 65_531, 262_139, 262_140, 5 * MIB, 20 * MIB]) {
    it(`carries a message of ${size} octets there and back`, async () => {
      const octets = Buffer.alloc(size, 'abc');
      const reply = await echo(octets);
      expect(reply.length).to.equal(size);
      expect(octets.equals(reply)).to.equal(true);
    });
  }

  it('carries 64 MiB of messages in a stream to and fro, in order', async () => {
    async function* requests() {
      for (let i = 0; i < 64; i++) yield Buffer.alloc(MIB, i);
    }
    let count = 0;
    for await (const reply of client.raw('/s/Echo', { cardinality: 'stream_stream' })(requests())) {
      expect([reply.length, reply[0], reply[MIB - 1]]).to.deep.equal([MIB, count, count]);
      count++;
    }
    expect(count).to.equal(64);
  });

  it('holds a server back that sends faster than the caller reads', async () => {
    const call = client.raw('/s/Flood', { cardinality: 'unary_stream' })();
    await call.read();
    await stalled();
    const held = flooded;
    expect(held).to.be.below(MOST_HELD);
    for (let i = 0; i < 500; i++) await call.read();
    await stalled();
    expect(flooded - held, 'and lets it go on').to.be.above(400 * 64 * 1024);
    call.cancel();
  });

  it('lets 1,000 calls pass a stream that nobody reads', async () => {
    const unread = client.raw('/s/Flood', { cardinality: 'unary_stream' })();
    await unread.headers;
    await stalled();
    for (let i = 0; i < 10; i++) {
      const replies = await Promise.all(Array.from({ length: 100 }, () => echo(Buffer.alloc(1000, 'x'))));
      expect(replies.every((reply) => reply.length === 1000)).to.equal(true);
    }
    expect((await echo(Buffer.alloc(2 * MIB))).length).to.equal(2 * MIB);
    expect((await unread.read())?.length).to.equal(64 * 1024);
    unread.cancel();
  });

  it('is whole again after streams that were cancelled with data under way', async () => {
    for (let i = 0; i < 50; i++) {
      const calls = Array.from({ length: 10 }, () =>
        client.raw('/s/Flood', { cardinality: 'unary_stream' })(),
      );
      await Promise.all(calls.map((call) => call.read()));
      for (const call of calls) call.cancel();
    }
    expect((await echo(Buffer.alloc(5 * MIB))).length).to.equal(5 * MIB);
    expect(client.channel.openStreams).to.equal(0);
  });

  it('ends a call whose reply grows past its limit, and no other', async () => {
    const large = echo(Buffer.alloc(2 * MIB), { maxReceiveMessageBytes: MIB });
    const other = echo(Buffer.alloc(2 * MIB));
    expect(await rejection(large)).to.include({ codeName: 'RESOURCE_EXHAUSTED' });
    expect((await other).length).to.equal(2 * MIB);
  });
});
