// How a client ends: close() gracefully, `await using`, and processes with and without it.

import { expect } from 'chai';
import type { Client } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { echo, type Http2Peer, listenHttp2 } from '../support/peers/peer.ts';
import { TurnedTime, turns } from '../support/time/turned-time.ts';

describeCalls('Client: close()', (Client) => {
  const close = closing();
  let peer: Http2Peer;
  let client: Client;

  beforeEach(async () => {
    peer = close(await listenHttp2());
    client = close(new Client(peer.target));
  });

  const unary = () => client.raw('/s/m', { cardinality: 'unary_unary' })();

  it('before any call has nothing to do', async () => {
    await client.close();
    expect([client.channel.state, peer.accepted]).to.deep.equal(['shutdown', 0]);
  });

  it('lets running calls finish, refuses new ones at once, then closes the connection', async () => {
    const running = unary();
    const request = await peer.request(1);
    const closed = client.close();
    expect(await rejection(unary())).to.include({ codeName: 'CANCELLED', origin: 'client' });
    expect(peer.requests).to.have.lengthOf(1);
    request.head().write(frame(3)).status(0);
    expect(await running).to.have.lengthOf(3);
    await closed;
    await peer.when(() => peer.sockets.size === 0);
  });

  it('cancels what still runs after its grace', async () => {
    const calls = [unary(), client.raw('/s/m', { cardinality: 'stream_stream' }).open()];
    await peer.request(2);
    await client.close({ graceMs: 20 });
    for (const call of calls) {
      expect(await call.status).to.include({ codeName: 'CANCELLED', origin: 'client' });
    }
    for (const request of peer.requests)
      expect((await request.brokenOff()).kind).to.be.oneOf(['reset', 'lost']);
  });

  it('cancels at once with graceMs 0, calls that wait for a connection too', async () => {
    const call = unary();
    await client.close({ graceMs: 0 });
    expect(await rejection(call)).to.include({ codeName: 'CANCELLED' });
    expect((await rejection(call)).message).to.include('closed');
  });

  it('may be called any number of times, at any time', async () => {
    const first = client.close();
    expect(client.close()).to.equal(first);
    await Promise.all([first, client.close(), client[Symbol.asyncDispose]()]);
    await client.close();
  });

  const seconds: readonly (readonly [
    name: string,
    first: number,
    again: { graceMs?: number } | undefined,
    isShort: boolean,
  ])[] = [
    ['0, at once', 60_000, { graceMs: 0 }, true],
    ['a shorter time', 60_000, { graceMs: 20 }, true],
    ['a time where there was no limit', Infinity, { graceMs: 20 }, true],
    ['a longer time, which counts for nothing', 60, { graceMs: 60_000 }, true],
    ['no time, which leaves the first', 60_000, undefined, false],
  ];
  for (const [name, graceMs, again, isShort] of seconds) {
    it(`takes a second call that gives ${name}`, async () => {
      const call = unary();
      await peer.request(1);
      const time = close(new TurnedTime());
      const first = client.close({ graceMs });
      expect(client.close(again)).to.equal(first);
      let isClosed = false;
      void first.then(() => {
        isClosed = true;
      });
      await time.pass(500);
      await turns(50);
      expect(isClosed).to.equal(isShort);
      if (!isShort) void client.close({ graceMs: 0 });
      expect(await call.status).to.include({ codeName: 'CANCELLED', details: 'the client was closed' });
      await first;
    });
  }

  it('is what `await using` does', async () => {
    let inside: Client;
    {
      await using used = new Client(peer.target);
      inside = used;
      expect(inside.channel.state).to.equal('idle');
    }
    expect(inside.channel.state).to.equal('shutdown');
  });

  for (const graceMs of [-1, Number.NaN, '5' as unknown as number]) {
    it(`rejects graceMs ${graceMs} (${typeof graceMs}) and closes nothing`, async () => {
      expect(await rejection(client.close({ graceMs }))).to.be.instanceOf(RangeError);
      expect(client.channel.state).to.equal('idle');
    });
  }

  it('waits as long as it takes with graceMs Infinity', async () => {
    const call = unary();
    const request = await peer.request(1);
    const closed = client.close({ graceMs: Infinity });
    request.head().write(frame(3)).status(0);
    expect(await call).to.have.lengthOf(3);
    await closed;
    await peer.when(() => peer.sockets.size === 0);
  });

  it('tells the server with GOAWAY', async () => {
    const call = unary();
    (await peer.request(1)).head().write(frame(0)).status(0);
    await call;
    await client.close();
    await peer.when(() => peer.connections[0].goAway !== undefined);
    expect(peer.connections[0].goAway).to.include({ code: 0 });
  });

  it('ends a stream that nobody reads any more', async () => {
    const stream = client.raw('/s/m', { cardinality: 'unary_stream' })();
    (await peer.request(1)).head().write(frame(1));
    await stream.read();
    await client.close({ graceMs: 10 });
    expect(await rejection(stream.read())).to.include({ codeName: 'CANCELLED' });
  });

  it('leaves a load that is under way to itself', async () => {
    const loading = client.load('protos/helloworld.proto');
    await client.close();
    await loading;
    expect(await rejection(client.request('SayHello', {}))).to.include({ codeName: 'CANCELLED' });
  });

  it('leaves nothing open after a thousand clients', async () => {
    const answering = close(await listenHttp2(echo));
    for (let i = 0; i < 40; i++) {
      const clients = Array.from({ length: 25 }, () => new Client(answering.target));
      await Promise.all(
        clients.map((one) => one.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(3))),
      );
      await Promise.all(clients.map((one) => one.close()));
    }
    await answering.when(() => answering.sockets.size === 0);
    expect(answering.accepted).to.equal(1000);
  });
});
