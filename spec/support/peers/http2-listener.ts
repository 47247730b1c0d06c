// A server on node:http2 on a free port of this machine, which ends with all of its connections.

import type http2 from 'node:http2';
import type net from 'node:net';

export interface Http2Listener {
  readonly port: number;
  close(): void;
}

export async function listenHttp2(server: http2.Http2Server): Promise<Http2Listener> {
  const sessions = new Set<http2.Http2Session>();
  server.on('session', (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}
