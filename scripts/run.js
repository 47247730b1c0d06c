// Runs the programs that a build consists of.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The compiler of what is built: the native one. Declarations are bundled by the one in JavaScript. */
export const COMPILER = 'node_modules/typescript-7/bin/tsc';

/** Runs a script of Node to its end; what is wrong it prints itself. */
export async function run(script, ...args) {
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${[script, ...args].join(' ')} failed`);
}
