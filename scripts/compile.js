// Compiles lib, the specs and the demo to .build/, unless that is done. What is given besides goes to the compiler
// (`npm run compile -- --watch`), which runs in any case then.

import { pathToFileURL } from 'node:url';
import { COMPILER, run } from './run.js';
import { unlessMade } from './unless-made.js';

const SOURCES = ['lib', 'spec', 'demo'];

export function compile(...options) {
  const compiled = () => run(COMPILER, '-p', 'tsconfig.specs.json', ...options);
  if (options.length > 0) return compiled();
  const inputs = [...SOURCES, 'tsconfig.json', 'tsconfig.specs.json', 'package-lock.json'];
  return unlessMade('specs', { inputs, outputs: SOURCES.map((folder) => `.build/${folder}`) }, compiled);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await compile(...process.argv.slice(2));
  } catch (error) {
    process.exitCode = 1;
    console.error(`compile: ${error.message}`);
  }
}
