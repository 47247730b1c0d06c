// One connection of a test server: our HTTP/2 core in the server role on a socket, in memory or real. Has each of its
// streams answered, and knows nothing of how.

import type { ByteSocket } from '../channel/socket/byte-socket.ts';
import { type ConnectionOptions, Connection as Http2Connection } from '../http2/connection.ts';
import type { ConnectionHandler, StreamHandler } from '../http2/handlers.ts';
import type { Stream } from '../http2/stream.ts';
import { nextTurn } from '../values/turn.ts';
import { ArrivingStream } from './arriving-stream.ts';
import type { ExchangeConnection, ExchangeHost } from './server-exchange.ts';

/** While the socket holds more than this unsent, no DATA is written. */
const MAX_UNSENT_OCTETS = 256 * 1024;

/** A connection, as its server has it. */
export interface TestConnection extends ExchangeConnection {
  /** GOAWAY, and the end. */
  close(): void;
}

export class ServerConnection implements ConnectionHandler, TestConnection {
  readonly httpVersion = '2';
  readonly peer: string;
  readonly #socket: ByteSocket;
  readonly #http2: Http2Connection;
  readonly #host: ExchangeHost;
  readonly #onClosed: () => void;
  #isReceiving = false;
  #isFlushScheduled = false;
  #isClosed = false;

  constructor(
    socket: ByteSocket,
    peer: string,
    host: ExchangeHost,
    limits: Partial<ConnectionOptions>,
    onClosed: () => void,
  ) {
    this.#socket = socket;
    this.peer = peer;
    this.#host = host;
    this.#onClosed = onClosed;
    this.#http2 = new Http2Connection(this, { ...limits, role: 'server' });
    this.#scheduleFlush();
  }

  /** GOAWAY: running calls continue, and new ones go elsewhere. */
  goAway(): void {
    this.#http2.drain();
    this.#closeWhenIdle();
  }

  /** The socket is destroyed without a GOAWAY. */
  disconnect(): void {
    if (this.#isClosed) return;
    this.#socket.destroy();
    this.#finish('the server dropped the connection');
  }

  close(): void {
    if (this.#isClosed) return;
    this.#http2.close(0, 'the server was closed');
    this.#finish('the server was closed');
  }

  // --- from the socket

  onRead(octets: Uint8Array): void {
    if (this.#isClosed) return;
    this.#isReceiving = true;
    this.#http2.receive(octets, performance.now());
    this.#isReceiving = false;
    this.#flush();
    this.#closeWhenIdle();
  }

  onDrain(): void {
    this.#http2.outputBlocked = false;
    this.#flush();
  }

  onClose(): void {
    this.#finish('the client went away');
  }

  // --- from the HTTP/2 connection

  onOutput(): void {
    if (!this.#isReceiving) this.#scheduleFlush();
  }

  onReady(): void {}
  onCapacity(): void {}
  onPingAck(): void {}

  onGoAway(): void {
    // The client opens no more streams, and closes when it is done.
  }

  onConnectionEnd(): void {
    if (!this.#isClosed) this.#finish('the connection ended');
  }

  onStream(stream: Stream): StreamHandler {
    return new ArrivingStream(stream, this.#host, this);
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    nextTurn(() => {
      this.#isFlushScheduled = false;
      this.#flush();
      this.#closeWhenIdle();
    });
  }

  #flush(): void {
    const socket = this.#socket;
    for (let octets = this.#http2.nextOutput(); octets !== undefined; octets = this.#http2.nextOutput()) {
      socket.write(octets);
      if (socket.writableLength > MAX_UNSENT_OCTETS) this.#http2.outputBlocked = true;
    }
  }

  #closeWhenIdle(): void {
    if (this.#isClosed || !this.#http2.isDraining || this.#http2.openStreams > 0) return;
    if (this.#http2.outputOctets > 0) return;
    this.close();
  }

  #finish(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#http2.transportEnded(reason);
    this.#flush();
    this.#socket.destroySoon();
    this.#onClosed();
  }
}
