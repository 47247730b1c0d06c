// A server on node:http2 that answers every call with an empty message, and keeps what was sent as metadata.

import http2 from 'node:http2';
import type net from 'node:net';
import { pair } from '../../channel/socket/tls/secure-servers.ts';

export interface RecordingServer {
  readonly port: number;
  /** The heads of all requests. */
  readonly heads: readonly http2.IncomingHttpHeaders[];
  /** So many of the next requests are refused (REFUSED_STREAM): the server certainly did nothing of them. */
  refusals: number;
  close(): void;
}

/** Over TLS with the certificate of spec/channel/socket/tls, plaintext, or plaintext on a Unix socket. */
export async function recordingServer(
  kind: 'tls' | 'plaintext' | { path: string },
): Promise<RecordingServer> {
  const heads: http2.IncomingHttpHeaders[] = [];
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = kind === 'tls' ? http2.createSecureServer(pair('server')) : http2.createServer();
  const recording = {
    port: 0,
    heads,
    refusals: 0,
    close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    stream.on('error', () => {});
    heads.push(headers);
    if (recording.refusals > 0) {
      recording.refusals--;
      stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  const at = typeof kind === 'object' ? kind : { host: '127.0.0.1', port: 0 };
  await new Promise<void>((resolve) => server.listen(at, resolve));
  if (typeof kind !== 'object') recording.port = (server.address() as net.AddressInfo).port;
  return recording;
}
