// What specs of HTTP/1.1 need: a request that remembers what it hears, servers (node:http's, and one that the spec plays
// octet by octet), and a channel to them.

import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { Channel } from '../../../lib/channel/channel.ts';
import type { ChannelOptions } from '../../../lib/channel/channel-options.ts';
import { parseTarget } from '../../../lib/channel/target/target.ts';
import type {
  FieldList,
  Peer,
  RequestHead,
  StreamEnd,
  StreamRequest,
  TransportStream,
} from '../../../lib/rpc/transport.ts';

/** A request that takes all that comes, unless `holds`, and remembers it. */
export class HeardRequest extends EventEmitter implements StreamRequest {
  readonly head: RequestHead;
  readonly waitForReady: boolean;
  queuePlace = -1;
  /** The own fields. */
  fields: FieldList | undefined;
  /** What arrives is not taken. */
  holds = false;
  stream: TransportStream | undefined;
  peer: Peer | undefined;
  status: string | undefined;
  headers: FieldList | undefined;
  endStream: boolean | undefined;
  body: Buffer = Buffer.alloc(0);
  trailers: FieldList | undefined;
  writable = 0;
  end: StreamEnd | undefined;
  /** What came, in order: `open`, `headers`, `data`, `trailers`, `end complete`. */
  readonly events: string[] = [];
  readonly #onOpen: (stream: TransportStream) => void;

  /** @param begin what is done with the stream when there is one; default an empty request */
  constructor(
    begin: (stream: TransportStream) => void = (stream) => stream.end(),
    head: Partial<RequestHead> = {},
    waitForReady = false,
  ) {
    super();
    this.#onOpen = begin;
    this.waitForReady = waitForReady;
    this.head = {
      scheme: 'http',
      authority: 'localhost:80',
      path: '/s/m',
      fields: ['te', 'trailers', 'content-type', 'application/proto'],
      ...head,
    };
  }

  callFields(): FieldList | undefined {
    return this.fields;
  }

  onOpen(stream: TransportStream, peer: Peer): void {
    this.stream = stream;
    this.peer = peer;
    this.#note('open');
    this.#onOpen(stream);
  }

  onHeaders(fields: FieldList, endStream: boolean): void {
    this.headers = fields;
    this.endStream = endStream;
    this.status = fields[1];
    this.#note('headers');
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.body = Buffer.concat([this.body, chunk.subarray(start, end)]);
    if (!this.holds) this.stream?.taken(end - start);
    this.#note('data');
  }

  onTrailers(fields: FieldList): void {
    this.trailers = fields;
    this.#note('trailers');
  }

  onWritable(): void {
    this.writable++;
    this.emit('writable');
  }

  onEnd(end: StreamEnd): void {
    this.end = end;
    this.#note(`end ${end.kind}`);
    this.emit('over');
  }

  /** How it ends. */
  async over(): Promise<StreamEnd> {
    if (this.end === undefined) await once(this, 'over');
    if (this.end === undefined) throw new Error('it has not ended');
    return this.end;
  }

  /** Waits for an event that has not come. */
  async heard(event: string): Promise<void> {
    if (!this.events.includes(event)) await once(this, event);
  }

  #note(event: string): void {
    if (this.events.at(-1) !== event || event !== 'data') this.events.push(event);
    this.emit(event);
  }
}

/** A request of one piece. */
export function post(body: string | Uint8Array, head: Partial<RequestHead> = {}): HeardRequest {
  const octets = Buffer.from(body);
  return new HeardRequest((stream) => stream.write(octets, 0, octets.length, true, true), head);
}

export interface Http1Server {
  readonly port: number;
  readonly server: net.Server;
  /** Connections that were ever made. */
  readonly connections: readonly net.Socket[];
  close(): void;
}

export async function listening(server: net.Server, path?: string): Promise<Http1Server> {
  const connections: net.Socket[] = [];
  server.on('connection', (socket: net.Socket) => {
    connections.push(socket);
    socket.on('error', () => {});
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    server,
    connections,
    close() {
      for (const socket of connections) socket.destroy();
      server.close();
    },
  };
}

export function httpServer(
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
  options: http.ServerOptions = {},
): Promise<Http1Server> {
  return listening(http.createServer(options, answer));
}

/** Answers with the request's body. */
export function echoBody(request: http.IncomingMessage, response: http.ServerResponse): void {
  response.setHeader('content-type', 'application/proto');
  request.pipe(response);
}

/** A server that the spec plays: called with each connection, and with all that came on it whenever more comes. */
export function playedServer(
  play: (socket: net.Socket, received: string, requests: number) => void,
): Promise<Http1Server> {
  let requests = 0;
  return listening(
    net.createServer((socket) => {
      let received = '';
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
        if (/\r\n\r\n/.test(received)) {
          requests++;
          const seen = received;
          received = '';
          play(socket, seen, requests);
        }
      });
    }),
  );
}

/** A channel that speaks HTTP/1.1, closed with the result of `closing()`. */
export function http1Channel(
  target: string | number,
  options: Partial<ChannelOptions> = {},
): Channel & { close(): void } {
  const channel = new Channel(
    parseTarget(typeof target === 'number' ? `http://127.0.0.1:${target}` : target, false),
    {
      httpVersion: '1.1',
      connectTimeoutMs: 5000,
      maxQueuedCalls: 1000,
      maxConnections: 256,
      maxBufferedBytes: 1024 * 1024,
      maxHeaderListBytes: 64 * 1024,
      ...options,
    },
  );
  channel.retain();
  return Object.assign(channel, { close: () => channel.release() });
}

/** Opens a request on a channel. */
export function opened(channel: Channel, request: HeardRequest): HeardRequest {
  channel.open(request);
  return request;
}

/** Waits for so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until a number has stopped growing: what is on the way has come, through sockets of this machine. */
export async function settled(read: () => number): Promise<number> {
  for (;;) {
    const before = read();
    await turns(300);
    if (read() === before) return before;
  }
}
