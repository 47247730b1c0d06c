// A server that does anything: whatever it is, each call settles with a status there is, in time, and afterwards
// nothing is left (docs/promises.md 1, 3 and 10).

import { expect } from 'chai';
import fc from 'fast-check';
import { Client, type RpcError } from '../../lib/index.ts';
import { frame } from '../support/messages.ts';
import { listenHttp2, type PeerStream } from '../support/peers/peer.ts';
import { LoopClock } from '../support/time/loop-clock.ts';

/** What the server does to a request, one after the other. */
const ACTIONS: Record<string, (request: PeerStream) => void> = {
  head: (request) => void request.head(),
  message: (request) => void request.write(frame(10)),
  large: (request) => void request.write(frame(300_000)),
  'half a message': (request) => void request.write(frame(1000).slice(0, 300)),
  ok: (request) => request.status(0),
  failed: (request) => request.status(9, 'grpc-message', 'no'),
  'no status': (request) => request.stream.trailers([]),
  'trailers only': (request) =>
    void request.head([':status', '200', 'content-type', 'application/grpc', 'grpc-status', '5'], true),
  'not gRPC': (request) => void request.head([':status', '502'], true),
  refuse: (request) => request.stream.reset(7),
  cancel: (request) => request.stream.reset(8),
  drain: (request) => request.connection.http2.drain(),
  'close with an error': (request) => request.connection.http2.close(2, 'chaos'),
  'hang up': (request) => void request.connection.socket.destroy(),
  garbage: (request) => void request.connection.socket.write(Buffer.from('ffffffffffffffffffff', 'hex')),
};

/** What the caller does with its call. */
const CALLERS: Record<string, (client: Client) => Promise<unknown>> = {
  await: (client) => client.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(5), LIMIT).then(),
  collect: (client) =>
    client.raw('/s/m', { cardinality: 'unary_stream' })(new Uint8Array(5), LIMIT).toArray(),
  leave: async (client) => {
    for await (const _ of client.raw('/s/m', { cardinality: 'unary_stream' })(undefined, LIMIT)) break;
  },
  upload: (client) =>
    client
      .raw('/s/m', { cardinality: 'stream_unary' })(Array(20).fill(new Uint8Array(30_000)), LIMIT)
      .then(),
  talk: async (client) => {
    const call = client.raw('/s/m', { cardinality: 'stream_stream' }).open(LIMIT);
    for (let i = 0; i < 3; i++) {
      await call.write(new Uint8Array(100));
      if ((await call.read()) === undefined) return;
    }
    call.cancel();
  },
  cancel: async (client) => {
    const call = client.raw('/s/m', { cardinality: 'unary_unary' })(undefined, LIMIT);
    await Promise.race([call.headers, new Promise((resolve) => setImmediate(resolve))]);
    call.cancel();
    await call;
  },
};

const LIMIT = { timeoutMs: 150 };
const SETTLED_MS = LIMIT.timeoutMs + 100;

describe('A client of a server that does anything', function () {
  this.timeout(60_000);

  it('settles each call in time, with a status there is, and keeps nothing', async () => {
    const script = fc.record({
      actions: fc.array(fc.constantFrom(...Object.keys(ACTIONS)), { maxLength: 5 }),
      isPutOff: fc.boolean(),
    });
    const property = fc.asyncProperty(
      fc.array(script, { minLength: 1, maxLength: 6 }),
      fc.array(fc.constantFrom(...Object.keys(CALLERS)), { minLength: 1, maxLength: 12 }),
      async (scripts, callers) => {
        let count = 0;
        const peer = await listenHttp2((request) => {
          const { actions, isPutOff } = scripts[count++ % scripts.length];
          const act = (): void => {
            for (const action of actions) ACTIONS[action](request);
          };
          if (isPutOff) setImmediate(act);
          else act();
        });
        const client = new Client(peer.target);
        const unhandled: unknown[] = [];
        const note = (reason: unknown): void => void unhandled.push(reason);
        process.on('unhandledRejection', note);
        using clock = new LoopClock();
        const ends = await Promise.allSettled(callers.map((caller) => CALLERS[caller](client)));
        const tookMs = clock.now();
        for (const end of ends) {
          if (end.status === 'fulfilled') continue;
          // Who writes on is told that the server has ended the call well.
          if (String(end.reason) === 'TypeError: write after the server ended /s/m with OK') continue;
          const { code, name } = end.reason as RpcError;
          expect(name, String(end.reason)).to.equal('RpcError');
          expect(Number.isInteger(code) && code >= 1 && code <= 16).to.equal(true);
        }
        expect([client.channel.openStreams, client.channel.queuedCalls]).to.deep.equal([0, 0]);
        await client.close();
        await peer.close();
        process.off('unhandledRejection', note);
        expect(unhandled).to.deep.equal([]);
        expect(tookMs).to.be.below(SETTLED_MS + 250);
      },
    );
    await fc.assert(property, { numRuns: 60, endOnFailure: true });
  });
});
