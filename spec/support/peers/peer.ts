// Servers that do as a spec tells them, in memory of the spec itself: a listener on any free port of 127.0.0.1, and
// on it either raw sockets or our own HTTP/2 core in the server role, with nothing of gRPC decided beforehand.

import net from 'node:net';
import { Connection, type ConnectionOptions } from '../../../lib/http2/connection.ts';
import type { FieldList, StreamEnd, StreamHandler } from '../../../lib/http2/handlers.ts';
import type { Stream } from '../../../lib/http2/stream.ts';

export interface Listening {
  readonly port: number;
  readonly target: string;
  /** How many connections were accepted. */
  readonly accepted: number;
  readonly sockets: ReadonlySet<net.Socket>;
  /** Closes the listener and every socket. */
  close(): Promise<void>;
}

/** Listens on a free port (or a path) and gives each socket to `onSocket`. */
export async function listen(
  onSocket: (socket: net.Socket) => void,
  at: net.ListenOptions = { host: '127.0.0.1', port: 0 },
): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  let accepted = 0;
  const server = net.createServer((socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away is no failure of the spec.
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    target: typeof address === 'string' ? `unix:${address}` : `127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    sockets,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** One request as a peer sees it. */
export class PeerStream implements StreamHandler {
  readonly stream: Stream;
  readonly connection: PeerConnection;
  headers: FieldList = [];
  trailers: FieldList | undefined;
  body: Buffer = Buffer.alloc(0);
  end: StreamEnd | undefined;
  hasEnded = false;
  readonly #watchers = new Set<() => void>();

  constructor(stream: Stream, connection: PeerConnection) {
    this.stream = stream;
    this.connection = connection;
  }

  /** The value of a request header. */
  header(name: string): string | undefined {
    const index = this.headers.findIndex((field, i) => i % 2 === 0 && field === name);
    return index === -1 ? undefined : this.headers[index + 1];
  }

  /** Whole messages that arrived, without their framing. */
  get messages(): Buffer[] {
    const messages: Buffer[] = [];
    for (let at = 0; at + 5 <= this.body.length; ) {
      const end = at + 5 + this.body.readUInt32BE(at + 1);
      if (end > this.body.length) break;
      messages.push(this.body.subarray(at + 5, end));
      at = end;
    }
    return messages;
  }

  /** Resolves when `condition` holds, looked at after each event. */
  when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Resolves with how the stream was broken off: `reset` with the client's code, or `lost`. */
  async brokenOff(): Promise<StreamEnd> {
    await this.when(() => this.end !== undefined && this.end.kind !== 'complete');
    return this.end as StreamEnd;
  }

  /** A gRPC response head, unless other fields are given. */
  head(fields: FieldList = [':status', '200', 'content-type', 'application/grpc'], endStream = false): this {
    this.stream.headers(fields, endStream);
    return this;
  }

  /** Response octets. */
  write(octets: Uint8Array): this {
    this.stream.write(octets, 0, octets.length, true, false);
    return this;
  }

  /** Ends with trailers. */
  status(code: number | string, ...more: readonly string[]): void {
    this.stream.trailers(['grpc-status', String(code), ...more]);
  }

  onHeaders(fields: FieldList, endStream: boolean): void {
    this.headers = fields;
    this.hasEnded = endStream;
    this.connection.onRequest(this);
    this.#look();
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.body = Buffer.concat([this.body, chunk.subarray(start, end)]);
    this.stream.taken(end - start);
    this.#look();
  }

  onTrailers(): void {}
  onWritable(): void {}

  onEnd(end: StreamEnd): void {
    this.end = end;
    this.hasEnded ||= end.kind === 'complete';
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#watchers]) look();
  }
}

/** A connection with our core in the server role. */
export class PeerConnection {
  readonly http2: Connection;
  readonly socket: net.Socket;
  readonly streams: PeerStream[] = [];
  /** The client's GOAWAY, once it has come. */
  goAway: { readonly code: number; readonly debugData: string } | undefined;
  readonly onRequest: (stream: PeerStream) => void;

  constructor(
    socket: net.Socket,
    options: ConnectionOptions,
    onRequest: (stream: PeerStream) => void,
    onEvent: () => void,
  ) {
    this.socket = socket;
    // As servers have it: otherwise each window that closes costs the 40 ms of a late ACK.
    socket.setNoDelay(true);
    this.onRequest = onRequest;
    this.http2 = new Connection(
      {
        onOutput: () => setImmediate(() => this.flush()),
        onReady() {},
        onCapacity() {},
        onGoAway: (code, _lastStreamId, debugData) => {
          this.goAway = { code, debugData };
          onEvent();
        },
        onPingAck() {},
        onConnectionEnd: () => {
          this.flush();
          socket.end();
        },
        onStream: (stream) => {
          const request = new PeerStream(stream, this);
          this.streams.push(request);
          return request;
        },
      },
      { ...options, role: 'server' },
    );
    socket.on('data', (octets) => this.http2.receive(octets, performance.now()));
    socket.on('close', () => {
      this.http2.transportEnded('the client went away');
      onEvent();
    });
  }

  flush(): void {
    for (let octets = this.http2.nextOutput(); octets !== undefined; octets = this.http2.nextOutput()) {
      if (this.socket.writable) this.socket.write(octets);
    }
  }
}

export interface Http2Peer extends Listening {
  readonly connections: readonly PeerConnection[];
  /** Requests of all connections, in order of their coming. */
  readonly requests: readonly PeerStream[];
  /** Resolves when `condition` holds, looked at after each connection, request, GOAWAY and close. */
  when(condition: () => boolean): Promise<void>;
  /** Resolves with the request number `count`, once it has come. */
  request(count: number): Promise<PeerStream>;
}

/** Listens with our core in the server role; `answer` gets each request when its head has come. */
export async function listenHttp2(
  answer: (request: PeerStream) => void = () => {},
  options: ConnectionOptions = {},
  at?: net.ListenOptions,
): Promise<Http2Peer> {
  const connections: PeerConnection[] = [];
  const requests: PeerStream[] = [];
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  const when = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watcher = (): void => {
        if (!condition()) return;
        watchers.delete(watcher);
        resolve();
      };
      watchers.add(watcher);
      watcher();
    });
  const onRequest = (request: PeerStream): void => {
    requests.push(request);
    answer(request);
    look();
  };
  const listening = await listen((socket) => {
    const connection = new PeerConnection(socket, options, onRequest, look);
    connections.push(connection);
    connection.flush();
    look();
  }, at);
  return Object.assign(Object.create(listening) as Listening, {
    connections,
    requests,
    when,
    async request(count: number): Promise<PeerStream> {
      await when(() => requests.length >= count);
      return requests[count - 1];
    },
  });
}

/** Answers each request, when it is whole, with its own first message, and OK. */
export function echo(request: PeerStream): void {
  void request
    .when(() => request.hasEnded)
    .then(() => {
      request.head();
      for (const message of request.messages) {
        const framed = Buffer.alloc(5 + message.length);
        framed.writeUInt32BE(message.length, 1);
        framed.set(message, 5);
        request.write(framed);
      }
      request.status(0);
    });
}
