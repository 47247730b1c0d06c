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

/** How long one that must end by itself is waited for: no measure of anything, but it is not to be left behind. */
const HUNG_MS = 50_000;
const LIFE = new URL('./time/life.js', import.meta.url).href;

/**
 * Runs the text of an ES module, which fails if it has lived for longer than `mostMs` by its own event loop: what keeps a
 * process alive is told of, and a busy machine is not. The spec has a minute.
 */
export function runShortLived(source: string, mostMs: number): Promise<ProgramEnd> {
  const first = `import { endWithin } from ${JSON.stringify(LIFE)}; endWithin(${mostMs});\n`;
  return runModule(first + source, [], HUNG_MS);
}
