// Many gRPC servers in one process, each on a port of its own: every call is answered with an empty message. Prints the
// ports on one line, and ends with its standard input.

import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';

const EMPTY_MESSAGE = Buffer.alloc(5);

function listen(): Promise<Http2Server> {
  const server = createServer();
  // The clients' process ends without closing its connections.
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.end(EMPTY_MESSAGE);
    stream.resume();
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

const servers = await Promise.all(Array.from({ length: Number(process.argv[2]) }, listen));
console.log(servers.map((server) => (server.address() as AddressInfo).port).join());
process.stdin.on('end', () => process.exit(0)).resume();
