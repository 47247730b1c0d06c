// Runs a JavaScript file as a user would: in a process of its own, from the repository's root.

import { execFile } from 'node:child_process';

export interface ProgramEnd {
  /** Exit status, or the name of what killed it. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export function runProgram(
  file: string,
  args: readonly string[] = [],
  timeoutMs = 20_000,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { timeout: timeoutMs }, (error, stdout, stderr) => {
      const status = error === null ? 0 : (error.code ?? error.signal ?? 'unknown');
      resolve({ status, stdout, stderr });
    });
  });
}
