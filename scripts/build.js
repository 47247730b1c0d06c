// Builds the package's contents in dist/: its code (bundle.js) beside its declarations (those of each module by the
// compiler, then bundle-declarations.js and commonjs-types.js). With --specs it compiles what the specs run from as well,
// in .build/. What does not need another's outcome runs beside it, so that two cores are at work.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';

const COMPILER = 'node_modules/typescript-7/bin/tsc';

/** Runs a script of Node to its end; what is wrong it prints itself. */
async function run(script, ...args) {
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${[script, ...args].join(' ')} failed`);
}

const withSpecs = process.argv.includes('--specs');

async function declarations() {
  // Each declaration follows from its module alone (isolatedDeclarations), and what compiles the specs checks lib, too.
  await run(COMPILER, '-p', 'tsconfig.dist.json', ...(withSpecs ? ['--noCheck'] : []));
  // Both load the compiler that is in JavaScript: once.
  await import('./bundle-declarations.js');
  await import('./commonjs-types.js');
}

rmSync('dist', { recursive: true, force: true });
const parts = [run('scripts/bundle.js'), declarations()];
if (withSpecs) parts.push(run(COMPILER, '-p', 'tsconfig.specs.json'));
for (const { reason } of await Promise.allSettled(parts)) {
  if (reason === undefined) continue;
  process.exitCode = 1;
  console.error(`build: ${reason.message}`);
}
