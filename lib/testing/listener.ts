// Lets a test server be reached from other processes and by other clients: on TCP, with or without TLS, or on a Unix
// socket. Tells HTTP/2 from HTTP/1.1 by the first octets of a connection, and knows no more of either.

import net from 'node:net';
import type { ByteSocket } from '../channel/socket/byte-socket.ts';
import { nodeTls } from '../channel/socket/node-tls.ts';
import { isObject } from '../values/realm.ts';

/** The certificate of a server, as PEM. */
export interface ServerTls {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** Requires clients to have a certificate signed by one of these. */
  readonly ca?: string | Uint8Array | undefined;
}

/** Where to listen. */
export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** A Unix socket instead of host and port. */
  readonly path?: string | undefined;
  /** TLS; plaintext without it. */
  readonly tls?: ServerTls | undefined;
}

/** Where a server listens. */
export interface Listening {
  /** What `new Client(target)` takes. */
  readonly target: string;
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
}

/** What a socket reports to. */
interface SocketUser {
  onRead(octets: Uint8Array): void;
  onDrain(): void;
  onClose(): void;
}

export interface Listener extends Listening {
  close(): Promise<void>;
}

/** Who takes connections. */
export interface Acceptor {
  http2(socket: ByteSocket, peer: string): SocketUser;
  /** The socket's first octets can be read again. */
  http1(socket: net.Socket, peer: string): Promise<void>;
}

/** Listens, and hands each connection to who speaks its HTTP. Rejects with the system's error. */
export async function listen(
  { host = '127.0.0.1', port = 0, path, tls }: ListenOptions,
  acceptor: Acceptor,
): Promise<Listener> {
  /** Connections that have not said what they speak. */
  const silent = new Set<net.Socket>();
  const onSocket = (socket: net.Socket): void => {
    socket.setNoDelay(true);
    // The close that follows reports the end.
    socket.on('error', () => {});
    silent.add(socket);
    socket.on('close', () => silent.delete(socket));
    onFirstOctets(socket, (octets, isHttp2) => {
      const peer =
        socket.remoteAddress === undefined ? 'unix' : `${socket.remoteAddress}:${socket.remotePort}`;
      if (isHttp2) {
        silent.delete(socket);
        useHttp2(socket, octets, acceptor.http2(socket, peer));
      } else {
        socket.pause();
        socket.unshift(octets);
        void acceptor.http1(socket, peer).then(() => {
          silent.delete(socket);
          socket.resume();
        });
      }
    });
  };
  const server = tls === undefined ? net.createServer(onSocket) : secureServer(tls, onSocket);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path === undefined ? { host, port } : { path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const bound = isObject(address) ? address.port : 0;
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    target:
      path === undefined ? `${tls === undefined ? 'http' : 'https'}://${shown}:${bound}` : `unix:${path}`,
    host: path === undefined ? host : path,
    port: bound,
    close: () => {
      for (const socket of silent) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function useHttp2(socket: net.Socket, octets: Uint8Array, user: SocketUser): void {
  socket.on('data', (chunk) => user.onRead(chunk));
  socket.on('drain', () => user.onDrain());
  socket.on('close', () => user.onClose());
  user.onRead(octets);
}

/** No method of HTTP/1.1 begins so (RFC 9113 §3.4). */
const HTTP2_START = Buffer.from('PRI');

/** Calls once, with what came so far, when that tells the preface of HTTP/2 from anything else. */
function onFirstOctets(socket: net.Socket, decide: (octets: Buffer, isHttp2: boolean) => void): void {
  let octets: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    octets = Buffer.concat([octets, chunk]);
    const length = Math.min(octets.length, HTTP2_START.length);
    const isHttp2 = octets.subarray(0, length).equals(HTTP2_START.subarray(0, length));
    if (isHttp2 && length < HTTP2_START.length) return;
    socket.off('data', onData);
    decide(octets, isHttp2);
  };
  socket.on('data', onData);
}

function secureServer({ cert, key, ca }: ServerTls, onSocket: (socket: net.Socket) => void): net.Server {
  const tls = nodeTls();
  const text = (pem: string | Uint8Array): string | Buffer =>
    typeof pem === 'string' ? pem : Buffer.from(pem);
  const server = tls.createServer(
    {
      cert: text(cert),
      key: text(key),
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: text(ca), requestCert: true, rejectUnauthorized: true }),
    },
    onSocket,
  );
  // A client that does not trust the certificate is not the server's failure.
  server.on('tlsClientError', () => {});
  return server;
}
