// A process with a heap as small as in a small container, and what it printed, line by line, until it ended or died.

import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { repositoryRoot } from '../bench/native.ts';

const HEAP_MB = 256;
/** An end: done, or refused in so many words. */
const ENDS = /: .{1,1000} \(\d+ ms, \d+ MB\)$/;

/** Runs a script of this folder; every line that it prints says how one hostile thing ended. */
export async function expectSurvival(script: string, args: readonly string[]): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP_MB}`, `.build/spec/suites/heap/${script}`, ...args],
    { cwd: repositoryRoot(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  const lines = out.split('\n').filter((line) => line !== '');
  expect(status, `${lines.at(-1)}${/FATAL.*/.exec(err)?.[0] ?? err}`).to.equal(0);
  for (const line of lines) expect(line).to.match(ENDS);
  return lines;
}
