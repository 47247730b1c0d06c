// Processes of the suite: each in a group of its own, so that its children end with it, and none outlives this one.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 10;
const KEPT_CHARACTERS = 4_096;

const groups = new Set<number>();

function endAll(): void {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
}
process.on('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

export class Program {
  readonly child: ChildProcess;
  readonly #name: string;
  readonly #onLine: Array<(line: string) => void> = [];
  #said = '';

  constructor(command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#name = command.slice(0, 2).join(' ');
    this.child = spawn(command[0], command.slice(1), {
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { pid, stdin, stdout, stderr } = this.child;
    if (pid === undefined || stdin === null || stdout === null || stderr === null)
      throw new Error(`${this.#name} could not be started`);
    groups.add(pid);
    // One that is gone already cannot be told to go.
    stdin.on('error', () => {});
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-KEPT_CHARACTERS);
    });
    createInterface({ input: stdout }).on('line', (line) => {
      for (const listener of this.#onLine) listener(line);
    });
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The last of what it wrote to stderr. */
  get said(): string {
    return this.#said;
  }

  onLine(listener: (line: string) => void): void {
    this.#onLine.push(listener);
  }

  /** What stands behind a word that a line begins with; rejects when the process ends before. */
  line(word: string, timeoutMs = START_TIMEOUT_MS): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${this.#name} ${why}: ${this.#said}`));
      const timer = setTimeout(() => fail(`said no "${word}" within ${timeoutMs} ms`), timeoutMs);
      this.onLine((line) => {
        if (!line.startsWith(`${word} `)) return;
        clearTimeout(timer);
        resolve(line.slice(word.length + 1));
      });
      this.child.once('close', (code, signal) => {
        clearTimeout(timer);
        fail(`ended with ${signal ?? code} before it said "${word}"`);
      });
    });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async exited(): Promise<void> {
    if (this.isRunning) await once(this.child, 'exit');
  }

  /** Ends it and its children at once. */
  async kill(): Promise<void> {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The whole group is gone already.
    }
    await this.exited();
    groups.delete(pid);
  }
}

/** Resolves when somebody listens there. */
export async function listening(port: number, program: Program): Promise<void> {
  const start = performance.now();
  while (!(await isOpen(port))) {
    if (!program.isRunning || performance.now() - start > START_TIMEOUT_MS)
      throw new Error(`nobody listens on ${port}: ${program.said}`);
    await sleep(POLL_MS);
  }
}

/** A socket that the system gave this very port has reached itself, which TCP allows. */
function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket
      .once('error', () => resolve(false))
      .once('connect', () => {
        resolve(socket.localPort !== port);
        socket.destroy();
      });
  });
}
