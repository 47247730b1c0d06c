// A connection's socket as a spec plays it: what the connection writes is kept, what "the network" does is called. For
// what sockets of the operating system do when they like, and not when a spec likes.

import type { ConnectionOptions } from '../../lib/channel/connection/connection-options.ts';
import type { ConnectionListener } from '../../lib/channel/connection/pooled-connection.ts';
import { SocketConnection } from '../../lib/channel/connection/socket-connection.ts';
import type { SocketHandler } from '../../lib/channel/socket/dial.ts';
import type { Peer, StreamEnd, StreamRequest, TransportStream } from '../../lib/rpc/transport.ts';
import { octets, SETTINGS_ACK, settings } from '../suites/hostile/wire.ts';

export class WireSocket {
  /** Nothing of what is written leaves it. */
  isStuck = false;
  isDestroyed = false;
  /** `destroySoon` was called. */
  isEnding = false;
  isRef = true;
  /** What left it. */
  written: Uint8Array[] = [];
  #waiting: Uint8Array[] = [];
  readonly #handler: SocketHandler;

  constructor(handler: SocketHandler) {
    this.#handler = handler;
  }

  get writableLength(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }

  write(bytes: Uint8Array): boolean {
    (this.isStuck ? this.#waiting : this.written).push(new Uint8Array(bytes));
    return !this.isStuck;
  }

  cork(): void {}
  uncork(): void {}

  ref(): void {
    this.isRef = true;
  }

  unref(): void {
    this.isRef = false;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  destroySoon(): void {
    this.isEnding = true;
    if (!this.isStuck) this.isDestroyed = true;
  }

  // --- what the network does

  connect(): void {
    this.#handler.onConnect(this, undefined);
  }

  receive(...parts: Uint8Array[]): void {
    this.#handler.onRead(octets(...parts));
  }

  /** What waited goes out. */
  drain(): void {
    this.isStuck = false;
    this.written.push(...this.#waiting.splice(0));
    this.#handler.onDrain();
  }

  close(error?: Error): void {
    this.#handler.onClose(error);
  }
}

/** A call that does nothing but remember. */
export class WireRequest implements StreamRequest {
  readonly head = { scheme: 'http', authority: 'a', path: '/s/m', fields: [] } as const;
  readonly waitForReady = false;
  queuePlace = -1;
  stream: TransportStream | undefined;
  end: StreamEnd | undefined;

  callFields(): undefined {}

  onOpen(stream: TransportStream, _: Peer): void {
    this.stream = stream;
  }

  onHeaders(): void {}
  onData(): void {}
  onTrailers(): void {}
  onWritable(): void {}

  onEnd(end: StreamEnd): void {
    this.end = end;
  }
}

const OPTIONS: ConnectionOptions = {
  connectTimeoutMs: Infinity,
  maxHeaderListBytes: 65_536,
  maxBufferedBytes: 1 << 20,
};

/** A connection on such a socket, to which the server has said its SETTINGS. */
export function wired(
  listener: Partial<ConnectionListener> = {},
  options: Partial<ConnectionOptions> = {},
): { connection: SocketConnection; socket: WireSocket } {
  let socket: WireSocket | undefined;
  const nothing = (): void => {};
  const connection = new SocketConnection(
    { address: { kind: 'tcp', host: '127.0.0.1', port: 1, name: undefined }, text: '127.0.0.1:1' },
    {
      ...OPTIONS,
      ...options,
      dial: (_address, _credentials, handler) => {
        socket = new WireSocket(handler);
        return socket;
      },
    },
    { onReady: nothing, onCapacity: nothing, onDraining: nothing, onClosed: nothing, ...listener },
  );
  if (socket === undefined) throw new Error('it did not dial');
  socket.connect();
  socket.receive(settings(), SETTINGS_ACK);
  return { connection, socket };
}
