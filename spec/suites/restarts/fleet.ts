// The servers of the suite: grpc-go in processes of their own, each on a port that it keeps, stopped and started again.
// It must not know the client.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const FOLDER = join(process.cwd(), '.cache', 'restarts');
const BINARY = join(FOLDER, 'server');

/** From when to when a server was not there, on the clock of performance.now(). */
export interface Outage {
  readonly address: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Builds the server, which the suite of proxies has beside its own; its modules come from Go's module proxy or are in Go's cache. */
export function buildServer(): void {
  mkdirSync(FOLDER, { recursive: true });
  const { status, error } = spawnSync('go', ['build', '-trimpath', '-mod=readonly', '-o', BINARY, '.'], {
    cwd: join(process.cwd(), 'spec', 'suites', 'proxies', 'go'),
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the server could not be built (it needs Go)', { cause: error });
}

export class Fleet {
  readonly outages: Outage[] = [];
  readonly #logs: string[] = [];
  readonly #children: ChildProcess[] = [];
  readonly #ports: number[] = [];

  /** `127.0.0.1:1,127.0.0.1:2` */
  get addresses(): string {
    return this.#ports.map((port) => `127.0.0.1:${port}`).join(',');
  }

  get size(): number {
    return this.#ports.length;
  }

  async start(size: number): Promise<void> {
    for (let index = 0; index < size; index++) {
      const log = join(FOLDER, `calls-${index}.log`);
      rmSync(log, { force: true });
      this.#logs.push(log);
      this.#ports[index] = await this.#spawn(index, 0);
    }
  }

  /** Stops a server, waits until it is gone, and starts it again where it was. */
  async restart(index: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#children[index];
    const exited = once(child, 'exit');
    const fromMs = performance.now();
    child.kill(signal);
    await exited;
    await this.#spawn(index, this.#ports[index]);
    this.outages.push({ address: `127.0.0.1:${this.#ports[index]}`, fromMs, toMs: performance.now() });
  }

  async stop(): Promise<void> {
    const running = this.#children.filter((child) => child.exitCode === null && child.signalCode === null);
    const exits = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(exits);
  }

  /** How often each call was run, by its id. */
  runs(): ReadonlyMap<string, number> {
    const runs = new Map<string, number>();
    for (const log of this.#logs) {
      for (const id of readFileSync(log, 'utf8').split('\n')) {
        if (id !== '') runs.set(id, (runs.get(id) ?? 0) + 1);
      }
    }
    return runs;
  }

  /** Resolves with its port when it listens. */
  async #spawn(index: number, port: number): Promise<number> {
    const child = spawn(BINARY, ['logged', String(port), this.#logs[index]], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children[index] = child;
    const lines = createInterface({ input: child.stdout });
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(`server ${index} ended with ${code} before it listened`);
    });
    const [line] = await Promise.race([once(lines, 'line'), failed]);
    failed.catch(() => {});
    return Number(line);
  }
}
