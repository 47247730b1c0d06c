// The server of grpc's HTTP/2 interop cases as a child process: a port for each case, and what clients did wrong.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stop } from './interop-server.ts';

export interface Http2Server {
  /** Where it listens, by the names of cases. */
  readonly ports: ReadonlyMap<string, number>;
  /** What clients did wrong since it was asked last. */
  violations(): readonly string[];
  close(): Promise<void>;
}

const LISTENING = /^listening (\w+) 127\.0\.0\.1:(\d+)$/;

/** Starts it. Rejects with what it said when it ends before it is ready. */
export async function startHttp2Server(): Promise<Http2Server> {
  const cache = join('.cache', 'interop', 'http2');
  if (!existsSync(join(cache, '.installed')))
    throw new Error(`the http2 server is not installed in ${cache}`);
  const script = join('spec', 'suites', 'interop', 'servers', 'http2', 'server.py');
  const child = spawn(join(cache, 'venv', 'bin', 'python'), [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  let said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const ports = new Map<string, number>();
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the http2 server did not start:\n${said.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = LISTENING.exec(line);
      if (match !== null) ports.set(match[1], Number(match[2]));
      if (line === 'ready') resolve();
    });
  });
  return {
    ports,
    violations() {
      const lines = said;
      said = [];
      return lines;
    },
    close: () => stop(child),
  };
}
