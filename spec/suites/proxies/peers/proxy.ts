// A proxy before a server on grpc-go: what all proxies have in common.

import { Program } from '../processes.ts';
import { type Peer, Server } from './peer.ts';
import { goServer } from './servers.ts';

/** The programs of a proxy, beside the server behind it. */
export class ProxyPeer implements Peer {
  readonly port: number;
  readonly #backend: Server;
  readonly #programs: Program[] = [];

  constructor(port: number, backend: Server) {
    this.port = port;
    this.#backend = backend;
  }

  /** The one that was started last. */
  get program(): Program {
    return this.#programs[this.#programs.length - 1];
  }

  run(command: readonly string[], environment?: Readonly<Record<string, string>>): Program {
    const program = new Program(command, environment);
    this.#programs.push(program);
    return program;
  }

  async close(): Promise<void> {
    await Promise.all([this.#backend.close(), ...this.#programs.map((program) => program.kill())]);
  }
}

/** The server behind a proxy: of it, only the proxy shall end anything. */
export function startBackend(workMs?: number): Promise<Server> {
  return Server.start(goServer(workMs === undefined ? {} : { workMs }));
}
