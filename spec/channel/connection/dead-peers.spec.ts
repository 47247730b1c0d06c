// Servers that die without a word, and those that only seem to, because this program was busy: over each kind of
// connection.

import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { KeepalivePolicy } from '../../../lib/channel/connection/keepalive.ts';
import type { Client } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { CONNECTION_KINDS, type Standing } from '../../support/peers/far-ends.ts';
import { until } from '../../support/peers/fleet.ts';
import { standStill } from '../../support/time/stand-still.ts';

const CHUNK = Buffer.alloc(1 << 20);
/** More than operating systems keep for two sockets. */
const MANY = 64;

const unary = (client: Client, timeoutMs = 8000) =>
  client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.from('hello'), { timeoutMs });

/** A call that writes more than goes out, until it ends. */
function upload(client: Client) {
  const call = client.raw('/s/up', { cardinality: 'stream_unary' }).open({ timeoutMs: 30_000 });
  void (async () => {
    for (let i = 0; i < MANY; i++) await call.write(CHUNK);
  })().catch(() => {});
  return call;
}

/** Nothing of what is written leaves any more. */
async function untilStuck(standing: Standing): Promise<void> {
  let sent = -1;
  await until(() => standing.client.channel.octets.sent > 1 << 17);
  while (sent !== standing.client.channel.octets.sent) {
    sent = standing.client.channel.octets.sent;
    await delay(30);
  }
}

for (const kind of CONNECTION_KINDS) {
  describe(`A connection ${kind.name}`, () => {
    const close = closing();
    const start = async (...args: Parameters<typeof kind.start>): Promise<Standing> => {
      const standing = close(await kind.start(...args));
      await unary(standing.client);
      return standing;
    };

    it('is given up when the server takes nothing any more; calls that wait for room go to another', async () => {
      const standing = await start(new KeepalivePolicy(150, 400, false));
      const { client, ends } = standing;
      ends[0].stall();
      const up = upload(client);
      await untilStuck(standing);
      const waiting = unary(client);
      expect((await up.status).codeName).to.equal('UNAVAILABLE');
      expect((await up.status).details).to.include('nothing came within keepalive.timeoutMs 400 of a PING');
      await waiting;
      expect(ends).to.have.length(2);
    });

    it('ends when the server closes its side, though output waits for it', async () => {
      const standing = await start();
      const { client, ends } = standing;
      ends[0].stall();
      const up = upload(client);
      await untilStuck(standing);
      ends[0].closeItsSide();
      expect((await up.status).codeName).to.equal('UNAVAILABLE');
      await unary(client);
      expect(ends).to.have.length(2);
    });

    it('is given up when the server falls silent', async () => {
      const { client, ends } = await start(new KeepalivePolicy(50, 50, false));
      ends[0].isDeaf = true;
      const error = await rejection(unary(client));
      expect(error).to.include({ codeName: 'UNAVAILABLE' });
    });

    it('lives though this program is busy whenever PINGs are answered', async () => {
      const { client, ends } = await start(new KeepalivePolicy(30, 60, false));
      ends[0].isHolding = true;
      const call = unary(client, 30_000);
      await until(() => ends[0].streams.length === 2);
      for (let i = 0; i < 2; i++) {
        const { pings } = ends[0];
        await until(() => ends[0].pings > pings);
        standStill(90);
        await delay(i * 20);
        standStill(130);
      }
      ends[0].answer(ends[0].streams[1]);
      await call;
      expect(ends).to.have.length(1);
    });

    it('comes about though this program is busy for longer than connectTimeoutMs', async () => {
      const { client, ends, ...standing } = await kind.start(undefined, { connectTimeoutMs: 100 });
      close({ close: () => standing.close() });
      const call = unary(client);
      standStill(150);
      await delay(1);
      standStill(150);
      await call;
      expect(ends).to.have.length(1);
    });
  });
}
