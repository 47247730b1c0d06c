// Lets a test server be reached from other processes and by other clients: on TCP, with or without TLS, or on a Unix
// socket. Knows nothing of HTTP/2.

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

/** Listens, and hands each connection to `accept`. Rejects with the system's error. */
export async function listen(
  { host = '127.0.0.1', port = 0, path, tls }: ListenOptions,
  accept: (socket: ByteSocket, peer: string) => SocketUser,
): Promise<Listener> {
  const onSocket = (socket: net.Socket): void => {
    socket.setNoDelay(true);
    const peer = socket.remoteAddress === undefined ? 'unix' : `${socket.remoteAddress}:${socket.remotePort}`;
    const user = accept(socket, peer);
    socket.on('data', (octets) => user.onRead(octets));
    socket.on('drain', () => user.onDrain());
    // The close that follows reports the end.
    socket.on('error', () => {});
    socket.on('close', () => user.onClose());
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
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function secureServer({ cert, key, ca }: ServerTls, onSocket: (socket: net.Socket) => void): net.Server {
  const tls = nodeTls();
  const text = (pem: string | Uint8Array): string | Buffer =>
    typeof pem === 'string' ? pem : Buffer.from(pem);
  const server = tls.createServer(
    {
      cert: text(cert),
      key: text(key),
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: text(ca), requestCert: true, rejectUnauthorized: true }),
    },
    onSocket,
  );
  // A client that does not trust the certificate is not the server's failure.
  server.on('tlsClientError', () => {});
  return server;
}
