// Builds the package's contents in dist/, unless they are built: its code (bundle.js) beside its declarations (those of
// each module by the compiler, then bundle-declarations.js and commonjs-types.js). With --specs it compiles what the specs
// run from as well, in .build/. What does not need another's outcome runs beside it, so that two cores are at work.

import { rmSync } from 'node:fs';
import { compile } from './compile.js';
import { COMPILER, run } from './run.js';
import { unlessMade } from './unless-made.js';

const INPUTS = [
  'lib',
  'protos',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.dist.json',
];
const withSpecs = process.argv.includes('--specs');

async function declarations() {
  // Each declaration follows from its module alone (isolatedDeclarations), and what compiles the specs checks lib, too.
  await run(COMPILER, '-p', 'tsconfig.dist.json', ...(withSpecs ? ['--noCheck'] : []));
  // Both load the compiler that is in JavaScript: once.
  await import('./bundle-declarations.js');
  await import('./commonjs-types.js');
}

/** Waits for all, even where one fails. */
async function all(parts) {
  const reasons = (await Promise.allSettled(parts)).flatMap(({ reason }) => reason ?? []);
  if (reasons.length > 0) throw new AggregateError(reasons, reasons.map(({ message }) => message).join('\n'));
}

async function makePackage() {
  rmSync('dist', { recursive: true, force: true });
  await all([run('scripts/bundle.js'), declarations()]);
}

const dist = unlessMade('dist', { inputs: INPUTS, outputs: ['dist'] }, makePackage);
try {
  await all([dist, ...(withSpecs ? [compile()] : [])]);
} catch (error) {
  process.exitCode = 1;
  console.error(error.message.replace(/^/gm, 'build: '));
}
