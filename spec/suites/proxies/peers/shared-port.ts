// A port that two servers share while one takes the other's place, as with SO_REUSEPORT: what has come to the listener of the
// one that goes is reset when it is closed. The kernel does that by chance, and this to the connections that it is told to.

import { type Front, listenBefore } from '../../../support/peers/front.ts';
import { type Peer, Server, type ServerCommand } from './peer.ts';

export class SharedPort implements Peer {
  readonly #front: Front;
  readonly #server: Server;
  readonly #turnedAway: number;

  private constructor(front: Front, server: Server, turnedAway: number) {
    this.#front = front;
    this.#server = server;
    this.#turnedAway = turnedAway;
  }

  /** @param turnedAway how many connections wait at the listener of each server that goes */
  static async start(command: ServerCommand, turnedAway: number): Promise<SharedPort> {
    const server = await Server.start(command);
    const front = await listenBefore(server.port, (socket) => socket.resetAndDestroy());
    return new SharedPort(front, server, turnedAway);
  }

  get port(): number {
    return this.#front.port;
  }

  /** The next one is there, and this one says goodbye to its connections. */
  async replace(): Promise<void> {
    this.#front.astray = this.#turnedAway;
    await this.#server.replace();
  }

  async close(): Promise<void> {
    await this.#front.close();
    await this.#server.close();
  }
}
