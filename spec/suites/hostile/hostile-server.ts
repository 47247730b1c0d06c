// Listens for one case: gives its first connection (or every one) to the script, and serves all others in the
// ordinary way. Keeps what it saw, for the judge.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { LoopClock } from '../../support/time/loop-clock.ts';
import { closedBy } from './fronts.ts';
import type { ClientPlan, HostileCase } from './hostile-case.ts';
import { Http1Peer } from './http1-peer.ts';
import { http1Answer } from './http1-wire.ts';
import { type AnswerOf, Peer } from './peer.ts';
import { answer, connectAnswer, grpcWebAnswer, grpcWebTextAnswer } from './wire.ts';

/** What a script may still take when its client is closed. */
const CLOSED_WITHIN_MS = 12_000;

export class HostileServer {
  /** What scripts found wrong with the client. */
  readonly complaints: string[] = [];
  /** Which connection, counted from 0, answered last in the ordinary way; -1 when none has. */
  lastAnswering = -1;
  connections = 0;
  /** Time of the case in which this process had no turn of its event loop: what the client waited for in it is not its fault. */
  lostMs = 0;
  readonly #case: HostileCase;
  readonly #server: Server;
  #clock: LoopClock | undefined;
  readonly #sockets: Socket[] = [];
  readonly #scripts: Promise<void>[] = [];

  constructor(hostileCase: HostileCase) {
    this.#case = hostileCase;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      // What goes wrong on it is the client's doing, and what comes of that is looked at.
      socket.on('error', () => {});
      this.#sockets.push(socket);
      this.#scripts.push(this.#run(socket, this.connections++));
    });
  }

  /** The port to connect to. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#clock = new LoopClock();
    const { port } = this.#server.address() as AddressInfo;
    if (this.#case.server === 'not listening') this.#server.close();
    return port;
  }

  /** Ends all connections, and waits for the scripts: the client is closed, so they have not long to wait. */
  async close(): Promise<void> {
    this.#server.close();
    this.lostMs = this.#clock?.lostMs ?? 0;
    this.#clock?.[Symbol.dispose]();
    const timer = setTimeout(() => {
      this.complaints.push('the client left the connection open when it was closed');
      this.#destroy();
    }, CLOSED_WITHIN_MS);
    await Promise.all(this.#scripts);
    clearTimeout(timer);
    this.#destroy();
  }

  #destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #run(wire: Socket, index: number): Promise<void> {
    const { server, http1, client, front, isEveryConnection } = this.#case;
    const isHostile = index === 0 || isEveryConnection === true;
    let peer: Peer | Http1Peer | undefined;
    try {
      const stand = isHostile ? (front?.hostile ?? front?.right) : front?.right;
      const stream = stand === undefined ? wire : await stand(wire);
      if (stream === undefined) {
        await closedBy(wire);
        return;
      }
      const onAnswer = (): void => {
        this.lastAnswering = index;
      };
      if (client?.httpVersion === '1.1') {
        peer = new Http1Peer(stream, onAnswer, wire, http1Answer(client));
        stream.resume();
        if (isHostile) await http1?.(peer);
        return;
      }
      peer = new Peer(stream, onAnswer, wire, answerIn(client));
      stream.resume();
      if (typeof server === 'function' && isHostile) await server(peer);
      else await peer.greet();
    } catch (error) {
      // A probe that never becomes a connection is no matter; a script that was let down is.
      if (isHostile) this.complaints.push(error instanceof Error ? error.message : String(error));
    } finally {
      // Serving lasts as long as the connection, and is nothing to wait for.
      void peer?.serve().finally(() => peer?.socket.end());
    }
  }
}

/** The ordinary answer in the protocol that the client speaks. */
function answerIn({ protocol, grpcWebText }: ClientPlan = {}): AnswerOf {
  switch (protocol) {
    case 'grpc-web':
      return grpcWebText ? grpcWebTextAnswer : grpcWebAnswer;
    case 'connect':
      return connectAnswer;
    default:
      return answer;
  }
}
