// A channel's first calls, made before the addresses of its server are known: what a service config that comes with
// them says of a method holds for them, too. Source: gRFC A2, grpc doc/service_config.md.

import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Client, ClientOptions, ResolverListener } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { echo, type Http2Peer, listenHttp2 } from '../support/peers/peer.ts';

/** The whole response, without headers before it: only so may a call be made again. */
const REFUSED = [':status', '200', 'content-type', 'application/grpc', 'grpc-status', '14'];
const BYTES = Buffer.from('hello');
const config = (method: object): object => ({
  methodConfig: [{ name: [{ service: 's' }], ...method }],
});

describeCalls('A call before its server is named', (Client) => {
  const close = closing();
  let listener: ResolverListener;
  let asked: number;
  beforeEach(() => {
    asked = 0;
  });
  function connect(options: ClientOptions = {}): Client {
    return close(
      new Client('registry:///greeter', {
        resolver: (_, given) => {
          listener = given;
          asked++;
          return { refresh() {}, close() {} };
        },
        ...options,
      }),
    );
  }
  const unary = (client: Client, options?: object) =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, options);
  async function named(peer: Http2Peer, method: object): Promise<void> {
    while (asked === 0) await turn();
    listener.onAddresses([peer.target], config(method));
  }

  it('has the timeout that comes with the addresses', async () => {
    const peer = close(await listenHttp2(() => {}));
    const error = rejection(unary(connect()));
    await named(peer, { timeout: '0.2s' });
    expect(await error).to.include({ codeName: 'DEADLINE_EXCEEDED' });
    expect((await error).message).to.include("the service config's timeout of 200 ms");
    expect(Number.parseInt(peer.requests[0].header('grpc-timeout') ?? '', 10)).to.be.above(0);
  });

  it('has the retry policy that comes with the addresses', async () => {
    let times = 0;
    const peer = close(
      await listenHttp2((request) => (times++ === 0 ? request.stream.headers(REFUSED, true) : echo(request))),
    );
    const call = unary(connect());
    await named(peer, {
      retryPolicy: {
        maxAttempts: 2,
        initialBackoff: '0.01s',
        maxBackoff: '0.01s',
        backoffMultiplier: 1,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    });
    expect(await call).to.deep.equal(BYTES);
    expect(call.attempts).to.equal(2);
  });

  it('is sent in the order in which it was written', async () => {
    const peer = close(await listenHttp2(echo));
    const client = connect();
    const call = client.raw('/s/m', { cardinality: 'stream_stream' }).open();
    const written = [call.write(Buffer.from('a')), call.write(Buffer.from('b')), call.end()];
    const read = call.toArray();
    const whole = client.raw('/s/m', { cardinality: 'stream_stream' })([BYTES]).toArray();
    await named(peer, {});
    await Promise.all(written);
    expect((await read).map(String).join('')).to.include('a');
    expect(await whole).to.have.lengthOf(1);
  });

  it('goes through interceptors', async () => {
    const peer = close(await listenHttp2(() => {}));
    const error = rejection(unary(connect({ interceptors: [(call, next) => next(call)] })));
    await named(peer, { timeout: '0.1s' });
    expect(await error).to.include({ codeName: 'DEADLINE_EXCEEDED' });
  });

  it('is cancelled, and nothing is asked for it any more', async () => {
    const client = connect();
    const call = unary(client);
    while (asked === 0) await turn();
    call.cancel();
    expect(await rejection(call)).to.include({ codeName: 'CANCELLED' });
    const controller = new AbortController();
    const aborted = rejection(unary(client, { signal: controller.signal }));
    controller.abort();
    expect(await aborted).to.include({ codeName: 'CANCELLED' });
  });

  it('ends at its own deadline, and says what it waited for', async () => {
    const limits: readonly (readonly [ClientOptions, object])[] = [
      [{}, { timeoutMs: 30 }],
      [{ interceptors: [(call, next) => next(call)] }, { timeoutMs: 30 }],
      [{}, { timeoutMs: 30, waitForReady: true }],
    ];
    for (const [options, given] of limits) {
      const error = await rejection(unary(connect(options), given));
      expect(error).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      expect(error.message).to.include('while waiting for the addresses of the server');
    }
  });

  it('fails when they cannot be had, and waits where it is to', async () => {
    const peer = close(await listenHttp2(() => {}));
    const client = connect();
    const failing = rejection(unary(client));
    const patient = rejection(unary(client, { waitForReady: true }));
    while (asked === 0) await turn();
    listener.onError(new Error('the registry is down'));
    expect(await failing).to.include({ codeName: 'UNAVAILABLE' });
    expect((await failing).message).to.include('the registry is down');
    // Another fails at once.
    expect((await rejection(unary(client))).message).to.include('the registry is down');
    listener.onAddresses([peer.target], config({ timeout: '0.1s' }));
    expect((await patient).message).to.include("the service config's timeout of 100 ms");
  });

  it('is one of maxQueuedCalls, and one more is refused', async () => {
    const peer = close(await listenHttp2(echo));
    const client = connect({ maxQueuedCalls: 3 });
    const calls = [1, 2, 3].map(() => unary(client));
    const tooMany = await rejection(unary(client));
    expect(tooMany).to.include({ codeName: 'RESOURCE_EXHAUSTED' });
    expect(tooMany.message).to.include('3 calls already wait for a stream');
    await named(peer, {});
    expect(await Promise.all(calls)).to.deep.equal([BYTES, BYTES, BYTES]);
    expect(await unary(client)).to.deep.equal(BYTES);
  });

  it('ends with its client', async () => {
    const client = connect();
    const ended = rejection(unary(client));
    while (asked === 0) await turn();
    await client.close({ graceMs: 0 });
    expect(await ended).to.include({ codeName: 'CANCELLED' });
    expect(await rejection(unary(client))).to.include({ codeName: 'CANCELLED' });
  });

  it('begins at once where the addresses are known, and where none come from elsewhere', async () => {
    const peer = close(await listenHttp2(echo));
    const client = connect();
    const first = unary(client);
    await named(peer, {});
    await first;
    expect(await unary(client)).to.deep.equal(BYTES);
    expect(await unary(close(new Client(peer.target, { dns: { serviceConfig: true } })))).to.deep.equal(
      BYTES,
    );
  });
});
