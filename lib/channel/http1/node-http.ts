// node:http, fetched when the first connection of HTTP/1.1 is made: no other program needs it.

import type { Agent } from 'node:http';
import type { Socket } from 'node:net';

export function nodeHttp(): typeof import('node:http') {
  return process.getBuiltinModule('node:http');
}

/** What ClientRequest asks of its agent, whatever class that has. */
interface RequestTaker {
  addRequest(request: { onSocket(socket: Socket): void }): void;
}

/**
 * An agent that gives every request the same socket, which must be free. Node's own would keep the socket in its pool and
 * look for it there by name, which costs as much as the rest of a request; whether it is free is known here anyway.
 */
export function agentOf(socket: Socket): Agent {
  const { Agent } = nodeHttp();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const taker: RequestTaker = { addRequest: (request) => request.onSocket(socket) };
  return Object.assign(agent, taker);
}
