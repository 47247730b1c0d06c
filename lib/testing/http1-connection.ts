// One connection of a test server that speaks HTTP/1.1, read and written by node:http. Has each of its requests answered, and
// knows nothing of how. Loaded when the first such client comes.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { StreamHandler } from '../http2/handlers.ts';
import { Http1Stream } from './protocols/http1-stream.ts';
import type { ServerStream } from './protocols/server-stream.ts';
import type { TestConnection } from './server-connection.ts';

export class Http1Connection implements TestConnection {
  readonly httpVersion = '1.1';
  readonly peer: string;
  readonly #socket: Socket;
  readonly #answer: (stream: ServerStream) => StreamHandler;
  #running = 0;
  #isDraining = false;

  /** @param answer gives who answers a request */
  constructor(
    socket: Socket,
    peer: string,
    maxHeaderSize: number,
    answer: (stream: ServerStream, connection: Http1Connection) => StreamHandler,
    onClosed: () => void,
  ) {
    this.peer = peer;
    this.#socket = socket;
    this.#answer = (stream) => answer(stream, this);
    // A test decides when connections end, and time does not.
    const options = { maxHeaderSize, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
    const server = createServer(options, (request, response) => this.#accept(request, response));
    socket.on('close', onClosed);
    server.emit('connection', socket);
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    this.#running++;
    response.on('close', () => {
      this.#running--;
      if (this.#isDraining) this.goAway();
    });
    const stream = new Http1Stream(request, response, () => this.#isDraining);
    stream.begin(this.#answer(stream));
  }

  /** As near as HTTP/1.1 comes to it: the running request is answered, and with `connection: close`. */
  goAway(): void {
    this.#isDraining = true;
    if (this.#running === 0) this.#socket.destroySoon();
  }

  disconnect(): void {
    this.#socket.destroy();
  }

  close(): void {
    this.#socket.destroySoon();
  }
}
