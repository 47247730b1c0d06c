// Child processes pinned to a core: the server, and the workers that each measure one client. Every child
// is known here and killed when this process ends, however it ends.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const children = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;

/** Whether processes can be pinned on this machine. */
export function canPin(): boolean {
  return hasTaskset;
}

/** Node 20 reads and parses what NODE_EXTRA_CA_CERTS names before any script: as much as the start of a whole client. */
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;

function start(command: readonly string[], core: number): ChildProcess {
  const [program, ...rest] = canPin() ? ['taskset', '-c', `${core}`, ...command] : command;
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'], env });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

export interface Finished {
  readonly output: string;
  /** From the start of the process to its end. */
  readonly wallMs: number;
}

/** Runs a command to its end. Rejects with what it wrote to standard error when it fails or takes too long. */
export async function run(command: readonly string[], core: number, timeoutMs: number): Promise<Finished> {
  const startedAt = performance.now();
  const child = start(command, core);
  let output = '';
  let errors = '';
  let exitedAt = startedAt;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.once('exit', () => {
    exitedAt = performance.now();
  });
  const timer = setTimeout(() => {
    errors += `took longer than ${timeoutMs} ms`;
    child.kill('SIGKILL');
  }, timeoutMs);
  try {
    const [code, signal] = await once(child, 'close');
    if (code !== 0) throw new Error(errors.trim() || `ended with ${code ?? signal}`);
    return { output, wallMs: exitedAt - startedAt };
  } finally {
    clearTimeout(timer);
  }
}

export interface Server {
  /** What it printed when it was ready. */
  readonly ready: string;
  readonly port: number;
  /** Gives what it has printed since, up to its end. */
  stop(): Promise<string>;
}

/** Starts a server that prints its port, last on its first line. */
export async function startServer(command: readonly string[], core: number): Promise<Server> {
  const child = start(command, core);
  child.stderr?.pipe(process.stderr);
  const [line]: Buffer[] = await Promise.race([
    once(child.stdout ?? child, 'data'),
    once(child, 'close').then(() => {
      throw new Error(`${command[0]} ended before it was ready`);
    }),
  ]);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ready = line.toString().trim();
  return {
    ready,
    port: Number(/(\d+)\s*$/.exec(ready)?.[1]),
    async stop(): Promise<string> {
      const closed = once(child, 'close');
      child.kill();
      await closed;
      return output;
    },
  };
}
