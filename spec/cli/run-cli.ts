// Runs the built command line as a user does: in a process of its own, with what it prints and its exit status.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { INHERITED } from '../support/eval.ts';

/** Specs run from the root of the repository. */
const CLI = join(process.cwd(), 'dist', 'cli.cjs');

export interface CliEnd {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The tester's own environment, but for what would decide how the command line prints. */
export function environment(
  added: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const { FORCE_COLOR: _, NO_COLOR: __, ...env } = process.env;
  return { ...env, NO_COLOR: '1', ...added };
}

/** Starts it, with standard input open. */
export function startCli(args: readonly string[], options: CliOptions = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...INHERITED, CLI, ...args], {
    cwd: options.cwd,
    env: environment(options.env),
  });
}

/** Runs it to its end. Kills it after 20 s. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  const child = startCli(args, options);
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  return endOf(child);
}

/** What it printed and how it ended. */
export function endOf(child: ChildProcessWithoutNullStreams): Promise<CliEnd> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        status: code ?? signal ?? 'unknown',
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      });
    });
  });
}
