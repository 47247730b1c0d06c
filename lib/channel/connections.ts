// All connections of a channel, those that are being made and those that only finish their calls too: how many, what is
// known of each, what passed over them. It decides nothing.

import type { ConnectionInfo } from './connection/connection-info.ts';
import type { PooledConnection } from './connection/pooled-connection.ts';

export class Connections implements Iterable<PooledConnection> {
  /** In the order in which they were made. */
  readonly #all = new Set<PooledConnection>();
  /** Octets of closed ones. */
  #sent = 0;
  #received = 0;

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<PooledConnection> {
    return this.#all.values();
  }

  add(connection: PooledConnection): void {
    this.#all.add(connection);
  }

  /** It is closed. */
  remove(connection: PooledConnection): void {
    if (!this.#all.delete(connection)) return;
    const { sentOctets, receivedOctets } = connection.info;
    this.#sent += sentOctets;
    this.#received += receivedOctets;
  }

  /** Each as it is now. */
  info(): ConnectionInfo[] {
    return Array.from(this.#all, ({ info }) => info);
  }

  /** On their sockets, those of closed ones too. */
  get octets(): { readonly sent: number; readonly received: number } {
    let sent = this.#sent;
    let received = this.#received;
    for (const { info } of this.#all) {
      sent += info.sentOctets;
      received += info.receivedOctets;
    }
    return { sent, received };
  }

  /** Whether the server would take another stream on one of them. */
  get hasRoom(): boolean {
    for (const { wasReady, isDraining, isFull } of this.#all) {
      if (wasReady && !isDraining && !isFull) return true;
    }
    return false;
  }

  /** Streams of calls. */
  get openStreams(): number {
    let count = 0;
    for (const connection of this.#all) count += connection.openStreams;
    return count;
  }
}
