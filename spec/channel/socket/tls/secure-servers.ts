// Servers over TLS for specs, none of them ours: @grpc/grpc-js, node:http2 and node:tls, with the certificates beside
// this file.

import http2 from 'node:http2';
import type net from 'node:net';
import tls from 'node:tls';
import { startPeer } from '../../../support/peers/peer-process.ts';
import { certificatePath, pair, pem } from './certificate-files.ts';

export { certificatePath, pair, pem };

export interface SecureServer {
  readonly port: number;
  close(): unknown;
}

/** helloworld.Greeter on grpc-js; with `clientRoot`, for clients with a certificate of it alone. */
export function grpcServer(name: string, clientRoot?: string, address?: string): Promise<SecureServer> {
  return startPeer('greeter', {
    address,
    tls: { ...pair(name), clientRoot: clientRoot === undefined ? undefined : pem(clientRoot) },
  });
}

/** What a request looked like to node:http2. */
interface Seen {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly servername: string | undefined;
  readonly isResumed: boolean;
  readonly version: string | null;
}

export interface SeeingServer extends SecureServer {
  readonly seen: readonly Seen[];
  /** Ends all connections; the listener stays. */
  hangUp(): void;
}

/** Answers any unary call with an empty message, and tells what it saw. */
export async function seeingServer(
  options: http2.SecureServerOptions,
  host: string = '127.0.0.1',
): Promise<SeeingServer> {
  const seen: Seen[] = [];
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = http2.createSecureServer(options);
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.on('stream', (stream, headers) => {
    const socket = stream.session?.socket as unknown as tls.TLSSocket & { servername?: string };
    seen.push({
      scheme: headers[':scheme'],
      authority: headers[':authority'],
      servername: socket.servername,
      isResumed: socket.isSessionReused(),
      version: socket.getProtocol(),
    });
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  const port = await listening(server, { host, port: 0 });
  const hangUp = (): void => {
    for (const session of sessions) session.destroy();
    sessions.clear();
  };
  return {
    port,
    seen,
    hangUp,
    close() {
      hangUp();
      server.close();
    },
  };
}

/** A TLS server that is no gRPC server; `onSocket` gets what its handshakes come to. */
export async function tlsServer(
  options: tls.TlsOptions,
  onSocket: (socket: tls.TLSSocket) => void = (socket) => socket.resume(),
): Promise<SecureServer> {
  const sockets = new Set<net.Socket>();
  const server = tls.createServer(options, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.on('connection', (socket: net.Socket) => sockets.add(socket));
  server.on('tlsClientError', () => {});
  const port = await listening(server, { host: '127.0.0.1', port: 0 });
  return {
    port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function listening(server: net.Server, at: net.ListenOptions): Promise<number> {
  await new Promise<void>((resolve) => server.listen(at, resolve));
  return (server.address() as net.AddressInfo).port;
}
