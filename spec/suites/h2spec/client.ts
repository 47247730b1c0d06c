// The HTTP/2 client that h2specd examines: opens a Connection on a socket to the address given, sends one
// request, and stays until the server is done with it. Usage: client.js http://127.0.0.1:30000/

import net from 'node:net';
import { Connection } from '../../../lib/http2/connection.ts';

/** h2specd says GOAWAY when a test is over, then waits a second: what it still sends comes at once or never. */
const LEAVE_MS = 50;

const { hostname, port, host } = new URL(process.argv[2] ?? '');
const head = { scheme: 'http', authority: host, path: '/', fields: ['te', 'trailers'] } as const;
const nobody = { onHeaders() {}, onData() {}, onTrailers() {}, onWritable() {}, onEnd() {} };

const socket = net.connect(Number(port), hostname);
const connection = new Connection({
  onOutput: () => setImmediate(flush),
  onReady() {
    connection.open(head, undefined, nobody, true);
  },
  onCapacity() {},
  onGoAway: (code) => {
    if (code === 0) setTimeout(() => socket.destroy(), LEAVE_MS);
  },
  onPingAck() {},
  onConnectionEnd() {
    setImmediate(() => {
      flush();
      socket.end();
      setTimeout(() => socket.destroy(), LEAVE_MS);
    });
  },
});

function flush(): void {
  for (let octets = connection.nextOutput(); octets !== undefined; octets = connection.nextOutput()) {
    socket.write(octets);
  }
}

socket.setNoDelay(true);
socket.on('data', (chunk) => connection.receive(chunk, performance.now()));
socket.on('end', () => socket.end());
socket.on('error', (error) => connection.transportEnded(error.message));
socket.on('close', () => connection.transportEnded('the socket closed'));
