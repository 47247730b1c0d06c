// What is told of connections, channels and frames through node:diagnostics_channel.

import { expect } from 'chai';
import {
  type ChannelStateChanged,
  Client,
  type ConnectionClosed,
  type ConnectionDialed,
  type ConnectionGoAway,
  type ConnectionReady,
  type FrameSeen,
} from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { frame } from '../../support/messages.ts';
import { type Http2Peer, listenHttp2 } from '../../support/peers/peer.ts';
import { listening } from '../../support/subscriptions.ts';

describe('Diagnostics of connections', () => {
  const close = closing();
  const listen = listening();
  let peer: Http2Peer;
  let client: Client;

  beforeEach(async () => {
    peer = close(await listenHttp2());
    client = close(new Client(peer.target));
  });

  const start = () => client.raw('/s/Unary', { cardinality: 'unary_unary' })(new Uint8Array(2));

  async function roundTrip(): Promise<void> {
    const call = start();
    (await peer.request(1)).head().write(frame(1)).status(0);
    await call;
  }

  it('tell of a connection from its dial to its end', async () => {
    const told: string[] = [];
    const ids = new Set<number>();
    let ready: ConnectionReady | undefined;
    let closed: ConnectionClosed | undefined;
    listen('stubless:connection.dial', ({ connection }: ConnectionDialed) => {
      told.push('dial');
      ids.add(connection.id);
      expect(connection).to.include({ address: peer.target, isSecure: false });
    });
    listen('stubless:connection.ready', (event: ConnectionReady) => {
      told.push('ready');
      ids.add(event.connection.id);
      ready = event;
    });
    listen('stubless:connection.close', (event: ConnectionClosed) => {
      told.push('close');
      ids.add(event.connection.id);
      closed = event;
    });
    await roundTrip();
    await client.close();
    expect(told).to.deep.equal(['dial', 'ready', 'close']);
    expect(ids.size).to.equal(1);
    expect(ready?.peer.address).to.equal(peer.target);
    expect(ready?.timing.readyAt).to.be.at.least(ready?.timing.startedAt ?? Infinity);
    expect(closed).to.include({ wasReady: true, streams: 1, reason: 'the client was closed' });
  });

  it('tell of a connection that could not be made', async () => {
    await peer.close();
    let closed: ConnectionClosed | undefined;
    listen('stubless:connection.close', (event: ConnectionClosed) => {
      closed = event;
    });
    await rejection(start());
    expect(closed).to.include({ wasReady: false, streams: 0 });
    expect(closed?.reason).to.include('ECONNREFUSED');
  });

  it('tell of a GOAWAY', async () => {
    const told: ConnectionGoAway[] = [];
    listen('stubless:connection.goaway', (event: ConnectionGoAway) => told.push(event));
    const call = start();
    const request = await peer.request(1);
    request.connection.http2.drain();
    request.head().write(frame(1)).status(0);
    await call;
    expect(told).to.have.length(1);
    expect(told[0]).to.include({ code: 0, codeName: 'NO_ERROR', openStreams: 1 });
  });

  it('tell of the states of a channel', async () => {
    const states: string[] = [];
    listen('stubless:channel.state', ({ target, state }: ChannelStateChanged) => {
      if (target === client.channel.target.text) states.push(state);
    });
    await roundTrip();
    await client.close();
    expect(states).to.deep.equal(['connecting', 'ready', 'shutdown']);
  });

  describe('frames', () => {
    it('are all told, both ways, from the first on', async () => {
      const seen: string[] = [];
      listen('stubless:frame', (one: FrameSeen) => {
        const flags = one.flagNames.join('+');
        seen.push(
          `${one.direction === 'sent' ? '>' : '<'} ${one.typeName} ${one.streamId} ${one.length} ${flags}`.trim(),
        );
      });
      await roundTrip();
      expect(seen).to.include.members([
        '> SETTINGS 0 18',
        '> WINDOW_UPDATE 0 4',
        '< SETTINGS 0 0 ACK',
        '> SETTINGS 0 0 ACK',
        '> DATA 1 7 END_STREAM',
        '< DATA 1 6',
      ]);
      expect(seen.some((line) => /^> HEADERS 1 \d+ END_HEADERS$/.test(line))).to.equal(true);
      expect(seen.some((line) => /^< HEADERS 1 \d+ END_STREAM\+END_HEADERS$/.test(line))).to.equal(true);
    });

    it('are decoded where their payload is the connection’s', async () => {
      const seen: FrameSeen[] = [];
      listen('stubless:frame', (one: FrameSeen) => seen.push({ ...one, payload: Buffer.from(one.payload) }));
      const call = start();
      const request = await peer.request(1);
      request.connection.http2.ping(0x0102030405060708n);
      call.cancel();
      await request.brokenOff();
      request.connection.http2.close(11, 'enough');
      await peer.when(() => peer.sockets.size === 0);
      const one = (name: string, direction: string): FrameSeen | undefined =>
        seen.find(({ typeName, direction: way }) => typeName === name && way === direction);
      expect(one('SETTINGS', 'sent')?.settings).to.deep.include({ id: 2, name: 'ENABLE_PUSH', value: 0 });
      expect(one('WINDOW_UPDATE', 'sent')?.increment).to.equal(16 * 1024 * 1024 - 65_535);
      expect(one('PING', 'received')?.opaque).to.equal('0102030405060708');
      expect(one('RST_STREAM', 'sent')).to.include({ code: 8, codeName: 'CANCEL' });
      expect(one('GOAWAY', 'received')).to.include({
        code: 11,
        codeName: 'ENHANCE_YOUR_CALM',
        debugData: 'enough',
      });
    });

    it('show their payload, a large one that is sent without a copy too', async () => {
      let octets = 0;
      listen('stubless:frame', ({ typeName, direction, payload, length }: FrameSeen) => {
        expect(payload.length).to.equal(length);
        if (typeName === 'DATA' && direction === 'sent') octets += payload.length;
      });
      const call = client.raw('/s/Unary', { cardinality: 'unary_unary' })(new Uint8Array(60_000).fill(7));
      (await peer.request(1)).head().write(frame(1)).status(0);
      await call;
      expect(octets).to.equal(60_005);
    });

    it('are told to who listens when the connection is there already', async () => {
      await roundTrip();
      const seen: string[] = [];
      listen('stubless:frame', ({ typeName }: FrameSeen) => seen.push(typeName));
      for (let number = 2; number <= 3; number++) {
        const call = start();
        (await peer.request(number)).head().write(frame(1)).status(0);
        await call;
      }
      expect(seen).to.include.members(['HEADERS', 'DATA']);
    });
  });
});
