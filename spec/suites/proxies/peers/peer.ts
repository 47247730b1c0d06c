// What a row of the suite runs against, and where the programs are.

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from '../processes.ts';

export type PeerName = 'nginx' | 'haproxy' | 'envoy' | 'caddy' | 'go' | 'python' | 'java' | 'tonic';

/** Servers and proxies that run for one client. */
export interface Peer {
  /** Where the client connects to. */
  readonly port: number;
  close(): Promise<void>;
}

const CACHE = join(process.cwd(), '.cache', 'proxies');

export function installed(name: PeerName, ...path: readonly string[]): string {
  return join(CACHE, name, ...path);
}

/** A new folder for a peer's files; .cache/proxies/run is emptied when a run begins. */
export function newFolder(name: PeerName): string {
  return mkdtempSync(join(runFolder(), `${name}-`));
}

export function runFolder(): string {
  return join(CACHE, 'run');
}

/** How a server is started on a port, 0 for any; it prints `listening PORT`, and ends gracefully at SIGTERM. */
export type ServerCommand = (port: number) => readonly string[];

/** A gRPC server in a process that is stopped and started again on its port. */
export class Server implements Peer {
  readonly port: number;
  readonly #command: ServerCommand;
  #program: Program;
  /** Those that end by themselves. */
  readonly #leaving: Program[] = [];

  private constructor(command: ServerCommand, program: Program, port: number) {
    this.#command = command;
    this.#program = program;
    this.port = port;
  }

  static async start(command: ServerCommand): Promise<Server> {
    const program = new Program(command(0));
    return new Server(command, program, Number(await program.line('listening')));
  }

  /** Stops it, and starts it again when it is gone and the time has passed. */
  async restart(signal: 'SIGTERM' | 'SIGKILL', downMs = 0): Promise<void> {
    this.#program.signal(signal);
    await this.#program.exited();
    await sleep(downMs);
    await this.#startAgain();
  }

  /** Starts the next one on the same port, and then tells this one to end. */
  async replace(): Promise<void> {
    const before = this.#program;
    this.#leaving.push(before);
    await this.#startAgain();
    before.signal('SIGTERM');
  }

  async #startAgain(): Promise<void> {
    this.#program = new Program(this.#command(this.port));
    await this.#program.line('listening');
  }

  async close(): Promise<void> {
    await Promise.all([this.#program, ...this.#leaving].map((program) => program.kill()));
  }
}
