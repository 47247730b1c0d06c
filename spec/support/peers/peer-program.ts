// The process of the peers that make code out of text, as @grpc/proto-loader does: the specs themselves also run where
// that is not allowed (spec/suites/noeval). Starts, asks and closes peers as peer-process.ts tells it, and ends with
// the process that started it.

import { serveShop } from '../../schema/sources/shop-peer.ts';
import { serveExamples } from './example-server.ts';
import { serveGreeter } from './greeter-server.ts';
import type { Peer } from './grpc-peer.ts';

const PEERS = { examples: serveExamples, greeter: serveGreeter, shop: serveShop };

export type PeerName = keyof typeof PEERS;
export type PeerArguments<Name extends PeerName> = Parameters<(typeof PEERS)[Name]>;

/** What is asked of this process; `id` is the request's own. */
export type PeerOrder = { readonly id: number } & (
  | { readonly kind: 'start'; readonly name: PeerName; readonly args: readonly unknown[] }
  | { readonly kind: 'state' | 'close'; readonly port: number }
);

/** What comes of it: the port of one that was started, the state that was asked for, or nothing. */
export interface PeerAnswer {
  readonly id: number;
  readonly value?: unknown;
  /** Why it failed. */
  readonly error?: string;
}

/** By port. */
const running = new Map<number, Peer>();

async function obey(order: PeerOrder): Promise<unknown> {
  if (order.kind === 'start') {
    const start = PEERS[order.name] as (...args: readonly unknown[]) => Promise<Peer>;
    const peer = await start(...order.args);
    running.set(peer.port, peer);
    return peer.port;
  }
  const peer = running.get(order.port);
  if (order.kind === 'state') return peer?.state?.();
  running.delete(order.port);
  await peer?.close();
  return undefined;
}

process.on('message', (order: PeerOrder) => {
  const answer = (rest: Omit<PeerAnswer, 'id'>): void => void process.send?.({ id: order.id, ...rest });
  obey(order).then(
    (value) => answer({ value }),
    (error: unknown) => answer({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
