// A server that answers fast and fails often: echoes, and now and then resets a stream, refuses it, says GOAWAY or drops
// the connection. A process of its own, on our HTTP/2 core, since it has to keep up. Prints its port; ends when its
// standard input does.

import net from 'node:net';
import { Connection } from '../../../lib/http2/connection.ts';
import type { FieldList, StreamEnd, StreamHandler } from '../../../lib/http2/handlers.ts';
import type { Stream } from '../../../lib/http2/stream.ts';

/** Every so many requests something happens to one: primes, so that it happens to all kinds. */
const RESET_EVERY = 1009;
const REFUSE_EVERY = 997;
const GO_AWAY_EVERY = 20_011;
const DROP_EVERY = 50_021;

const INTERNAL_ERROR = 2;
const REFUSED_STREAM = 7;
const HEAD: FieldList = [':status', '200', 'content-type', 'application/grpc'];
const OK: FieldList = ['grpc-status', '0'];

let requests = 0;

/** Sends each octet back; silent when the request says so. */
class Echo implements StreamHandler {
  readonly #stream: Stream;
  readonly #socket: net.Socket;
  readonly #connection: () => Connection;
  #isSilent = false;
  #hasEnded = false;

  constructor(stream: Stream, socket: net.Socket, connection: () => Connection) {
    this.#stream = stream;
    this.#socket = socket;
    this.#connection = connection;
  }

  onHeaders(fields: FieldList): void {
    requests += 1;
    this.#isSilent = fields.includes('x-silent');
    if (requests % DROP_EVERY === 0) this.#socket.destroy();
    else if (requests % GO_AWAY_EVERY === 0) this.#connection().drain();
    if (requests % RESET_EVERY === 0) this.#stream.reset(INTERNAL_ERROR);
    else if (requests % REFUSE_EVERY === 0) this.#stream.reset(REFUSED_STREAM);
    else if (!this.#isSilent) this.#stream.headers(HEAD, false);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (!this.#isSilent) this.#stream.write(chunk, start, end, false, false);
    this.#stream.taken(end - start);
  }

  onTrailers(): void {}
  onWritable(): void {}

  onEnd(end: StreamEnd): void {
    if (end.kind !== 'complete' || this.#hasEnded) return;
    this.#hasEnded = true;
    if (!this.#isSilent) this.#stream.trailers(OK);
  }
}

function serve(socket: net.Socket): void {
  socket.setNoDelay(true);
  socket.on('error', () => {}); // the close that follows tells of it
  let isScheduled = false;
  const flush = (): void => {
    isScheduled = false;
    for (let octets = http2.nextOutput(); octets !== undefined; octets = http2.nextOutput()) {
      if (socket.writable) socket.write(octets);
    }
    if (http2.isDraining && http2.openStreams === 0) socket.end();
  };
  const later = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  };
  const http2: Connection = new Connection(
    {
      onOutput: later,
      onReady() {},
      onCapacity() {},
      onGoAway() {},
      onPingAck() {},
      onConnectionEnd: () => socket.destroySoon(),
      onStream: (stream) => new Echo(stream, socket, () => http2),
    },
    // Cancelled calls are what this is about: they are no flood.
    { role: 'server', maxResets: Infinity },
  );
  socket.on('data', (octets) => {
    http2.receive(octets, performance.now());
    later();
  });
  socket.on('close', () => http2.transportEnded('closed'));
  flush();
}

const server = net.createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});
process.stdin.resume().once('end', () => process.exit());
