// A listener before a server, as a balancer of TCP is: it passes connections on, but for the next few that it is told to do
// something else with.

import net from 'node:net';
import { type Listening, listen } from './peer.ts';

export interface Front extends Listening {
  /** How many of the next connections are not passed on. */
  astray: number;
  /** Ends those that there are. */
  cut(): void;
}

/** @param onAstray what is done with connections that are not passed on */
export async function listenBefore(port: number, onAstray: (socket: net.Socket) => void): Promise<Front> {
  const listening = await listen((socket) => {
    if (front.astray > 0) {
      front.astray--;
      onAstray(socket);
      return;
    }
    const server = net.connect({ host: '127.0.0.1', port, noDelay: true });
    socket.setNoDelay(true);
    server.on('error', () => {});
    // What one side has sent is to arrive, however it ends.
    server.on('close', () => socket.destroySoon());
    socket.on('close', () => server.destroySoon());
    socket.pipe(server).pipe(socket);
  });
  const front: Front = Object.assign(Object.create(listening) as Listening, {
    astray: 0,
    cut() {
      for (const socket of listening.sockets) socket.destroy();
    },
  });
  return front;
}
