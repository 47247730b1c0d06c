// A server that ends the connection for one call's header fields, as nginx, haproxy and Envoy do: the other calls of the
// connection, and the connections after it, must not pay for that call.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { Client } from '../../../lib/index.ts';
import { Peer } from '../../suites/hostile/peer.ts';
import { goAway, HEADERS } from '../../suites/hostile/wire.ts';
import { closing, rejection } from '../../support/closing.ts';

const INTERNAL_ERROR = 2;
/** What a request's head may take on the wire before the client thinks it large. */
const USUAL_OCTETS = 8192;
/** Digits take five bits each in Huffman's code. */
const TOO_LONG = '7'.repeat(20_000);

/** Ends the first connection when a large head comes, as if it had begun no call; answers all on the others. */
async function strictServer(): Promise<{ port: number; peers: readonly Peer[]; close(): void }> {
  const peers: Peer[] = [];
  const server = createServer((socket) => {
    const peer = new Peer(socket, () => {});
    peers.push(peer);
    void (peers.length === 1 ? refuseLargeHead(peer) : peer.greet().then(() => peer.serve())).catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    close() {
      for (const { socket } of peers) socket.destroy();
      server.close();
    },
  };
}

async function refuseLargeHead(peer: Peer): Promise<void> {
  await peer.greet();
  await peer.frame('a large head', ({ type, payload }) => type === HEADERS && payload.length > USUAL_OCTETS);
  peer.end(goAway(0, INTERNAL_ERROR));
}

describe('A call with header fields that the server ends the connection for', () => {
  const opened = closing();

  for (const loadBalancing of ['pick_first', 'round_robin'] as const)
    it(`fails alone, once, and says why, under ${loadBalancing}`, async () => {
      const { port, peers } = opened(await strictServer());
      const client = opened(new Client('127.0.0.1', port, { loadBalancing }));
      const call = client.raw('/s/m', { cardinality: 'unary_unary' });
      const others = Array.from({ length: 20 }, async () => await call(undefined));
      await client.waitForReady();
      const failure = await rejection(call(undefined, { metadata: { authorization: TOO_LONG } }));
      expect(failure.message).to.match(
        /^UNAVAILABLE: .*GOAWAY INTERNAL_ERROR.*; the call's header fields took 1\d{4} octets, which may be more than the server accepts$/,
      );
      expect(await Promise.all(others), 'the others are answered').to.have.lengthOf(20);
      expect(peers).to.have.lengthOf(2);
    });
});
