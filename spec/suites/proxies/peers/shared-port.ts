// A port that two servers share while one takes the other's place, as with SO_REUSEPORT: what has come to the listener of the
// one that goes is reset when it is closed. The kernel does that by chance, and this to the connections that it is told to.

import net from 'node:net';
import { type Peer, Server, type ServerCommand } from './peer.ts';

export class SharedPort implements Peer {
  readonly port: number;
  readonly #listener: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #server: Server;
  readonly #turnedAway: number;
  /** How many of the next connections are reset. */
  #left = 0;

  private constructor(listener: net.Server, server: Server, turnedAway: number) {
    this.port = (listener.address() as net.AddressInfo).port;
    this.#listener = listener;
    this.#server = server;
    this.#turnedAway = turnedAway;
    listener.on('connection', (socket) => this.#onConnection(socket));
  }

  /** @param turnedAway how many connections wait at the listener of each server that goes */
  static async start(command: ServerCommand, turnedAway: number): Promise<SharedPort> {
    const server = await Server.start(command);
    const listener = net.createServer();
    await new Promise<void>((resolve) => listener.listen({ host: '127.0.0.1', port: 0 }, resolve));
    return new SharedPort(listener, server, turnedAway);
  }

  /** The next one is there, and this one says goodbye to its connections. */
  async replace(): Promise<void> {
    this.#left = this.#turnedAway;
    await this.#server.replace();
  }

  #onConnection(socket: net.Socket): void {
    socket.on('error', () => {});
    if (this.#left > 0) {
      this.#left--;
      socket.resetAndDestroy();
      return;
    }
    const behind = net.connect({ host: '127.0.0.1', port: this.#server.port, noDelay: true });
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ]) {
      this.#sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroySoon();
      });
    }
    socket.setNoDelay(true);
    socket.pipe(behind).pipe(socket);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
    await this.#server.close();
  }
}
