// All connections of a channel, those that are being made and those that only finish their calls too: makes them, and
// tells how many there are, what is known of each, what passed over them. It decides nothing.

import type { AsyncContext } from '../values/async-context.ts';
import type { ConnectionInfo } from './connection/connection-info.ts';
import type { ConnectionOptions } from './connection/connection-options.ts';
import type { ConnectionListener, PooledConnection } from './connection/pooled-connection.ts';
import { SocketConnection } from './connection/socket-connection.ts';
import { Http1Connection } from './http1/http1-connection.ts';
import { NegotiatedConnection } from './http1/negotiated-connection.ts';
import { type Address, addressText } from './target/address.ts';

export class Connections implements Iterable<PooledConnection> {
  readonly #targetText: string;
  readonly #options: ConnectionOptions;
  readonly #context: AsyncContext;
  /** In the order in which they were made. */
  readonly #all = new Set<PooledConnection>();
  /** Octets of closed ones. */
  #sent = 0;
  #received = 0;

  /**
   * @param targetText how errors name the target
   * @param context in which sockets and timers are made
   */
  constructor(targetText: string, options: ConnectionOptions, context: AsyncContext) {
    this.#targetText = targetText;
    this.#options = options;
    this.#context = context;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<PooledConnection> {
    return this.#all.values();
  }

  /**
   * Starts to connect.
   * @param dnsMs how long looking the address up took before
   */
  dial(address: Address, listener: ConnectionListener, dnsMs: number): PooledConnection {
    const text =
      address.kind === 'tcp' && address.name === undefined ? addressText(address) : this.#targetText;
    // Its socket and timers outlive the call that wants it, and must not keep that call's context.
    const Connection = connectionClass(this.#options);
    const connection = this.#context.run(
      () => new Connection({ address, text }, this.#options, listener, dnsMs),
    );
    this.#all.add(connection);
    return connection;
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

  /** Whether each takes one call at a time. */
  get carryOneCall(): boolean {
    for (const { carriesOneCall } of this.#all) if (carriesOneCall === true) return true;
    return false;
  }

  /** Whether all that are and will be speak HTTP/2, as far as is known: where the server chooses, it has chosen before. */
  get areHttp2(): boolean {
    const { httpVersion = '2', tls } = this.#options;
    if (httpVersion !== 'auto' || tls === undefined) return httpVersion !== '1.1';
    const known = [...this.#all].map(({ info }) => info.httpVersion).filter((one) => one !== undefined);
    return known.length > 0 && known.every((one) => one === '2');
  }

  /** Streams of calls. */
  get openStreams(): number {
    let count = 0;
    for (const connection of this.#all) count += connection.openStreams;
    return count;
  }
}

function connectionClass({
  httpVersion = '2',
  tls,
}: ConnectionOptions): typeof SocketConnection | typeof Http1Connection | typeof NegotiatedConnection {
  switch (httpVersion) {
    case '2':
      return SocketConnection;
    case '1.1':
      return Http1Connection;
    case 'auto':
      return tls === undefined ? SocketConnection : NegotiatedConnection;
    default:
      return httpVersion satisfies never;
  }
}
