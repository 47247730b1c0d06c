// Runs a program as a user would: `node …` in a process of its own, from the repository's root.

import { execFile } from 'node:child_process';
import { INHERITED } from './eval.ts';

export interface ProgramEnd {
  /** Exit status, or the name of the signal that killed it. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `node` with these arguments; kills it after `timeoutMs`. */
export function runNode(
  args: readonly string[],
  timeoutMs = 20_000,
  environment: Readonly<Record<string, string>> = {},
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...INHERITED, ...args],
      { timeout: timeoutMs, killSignal: 'SIGKILL', env: { ...process.env, ...environment } },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : (error.code ?? error.signal ?? 'unknown');
        resolve({ status, stdout, stderr });
      },
    );
  });
}

/** Runs the text of an ES module, in which `stubless` is this package as it was built. */
export function runModule(
  source: string,
  args: readonly string[] = [],
  timeoutMs?: number,
  environment?: Readonly<Record<string, string>>,
): Promise<ProgramEnd> {
  return runNode(['--input-type=module', '--eval', source, '--', ...args], timeoutMs, environment);
}
