// The memory of large requests is used again: what arrives must be what the call was given all the same. The server is
// node:http2's, which gives back every message as it came.

import http2 from 'node:http2';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { Client, ClientOptions } from '../../lib/index.ts';
import { borrowOctets } from '../../lib/values/octets.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { listenHttp2 } from '../support/peers/http2-listener.ts';

const SCHEMA =
  'syntax = "proto3"; package s; message M { bytes body = 1; } service S { rpc Echo (M) returns (M); }';
/** No other spec has messages of about this size. */
const OCTETS = 1_700_021;
const VERY_LARGE = 1 << 25;

interface Echoed {
  readonly body: Buffer;
}

/** Octets that differ from those of other seeds. */
function pattern(seed: number, octets: number): Buffer {
  const body = Buffer.alloc(octets);
  for (let i = 0; i < octets; i += 4)
    body.writeUInt32LE(i * 31 + seed * 0x0101_0101, Math.min(i, octets - 4));
  return body;
}

describeCalls('Large requests', (Client) => {
  const close = closing();
  let port: number;

  const connected = async (options: ClientOptions = {}): Promise<Client> => {
    const client = close(new Client('127.0.0.1', port, options));
    await client.load(SCHEMA);
    return client;
  };
  const echo = async (client: Client, body: Uint8Array): Promise<Buffer> => {
    const reply: Echoed = await client.request('s.S/Echo', { body });
    return reply.body;
  };

  beforeEach(async () => {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.pipe(stream);
    });
    ({ port } = close(await listenHttp2(server)));
  });

  it('arrive as they were, one after the other and side by side.', async () => {
    const client = await connected();
    for (let round = 0; round < 4; round++) {
      const seeds = Array.from({ length: 1 + round * 2 }, (_, i) => round * 16 + i);
      const calls = seeds.map(async (seed) => {
        const wanted = pattern(seed, OCTETS - seed);
        const given = Buffer.from(wanted);
        const reply = echo(client, given);
        given.fill(0); // the caller's again as soon as the call returns
        return (await reply).equals(wanted);
      });
      expect(await Promise.all(calls)).to.deep.equal(seeds.map(() => true));
    }
  });

  it('leave their memory to the next, once their call is over.', async () => {
    const client = await connected();
    await echo(client, pattern(1, OCTETS));
    expect(holds(borrowOctets(OCTETS + 64), pattern(1, OCTETS))).to.equal(true);
  });

  it('are not kept by a call that has ended, whoever keeps that.', async () => {
    const client = await connected();
    const calls = new Set<object>();
    const heldBefore = held();
    const send = (signal?: AbortSignal) =>
      client.request(
        's.S/Echo',
        { body: Buffer.alloc(VERY_LARGE) },
        { signal, maxReceiveMessageBytes: Infinity },
      );
    const ended = send();
    const controller = new AbortController();
    const cancelled = send(controller.signal);
    calls.add(ended).add(cancelled);
    controller.abort();
    await rejection(cancelled);
    expect((await (ended as PromiseLike<Echoed>)).body).to.have.length(VERY_LARGE);
    // The reply, which its call has as well, and not two requests besides.
    const isMore = (): boolean => held() - heldBefore > 1.5 * VERY_LARGE;
    let waits = 0;
    while (isMore() && waits++ < 50) await new Promise((resolve) => setImmediate(resolve));
    expect(isMore()).to.equal(false);
    expect(calls.size).to.equal(2);
  });

  it('do not where a retry policy may have sent them more than once.', async () => {
    const client = await connected({ retry: { maxAttempts: 2 } });
    await echo(client, pattern(2, OCTETS));
    expect(holds(borrowOctets(OCTETS + 64), pattern(2, OCTETS))).to.equal(false);
  });
});

/** Octets of memory outside the heap that something refers to. */
function held(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().arrayBuffers;
}

function holds(memory: Uint8Array, body: Buffer): boolean {
  return Buffer.from(memory.buffer, memory.byteOffset, memory.length).includes(body);
}
