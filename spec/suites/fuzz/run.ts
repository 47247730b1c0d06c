// The property tests at nightly size: `npm run fuzz [file…]`. Runs the specs that have some, with 100,000 runs each
// unless FUZZ_RUNS says otherwise.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = '.build/spec';

function specsWithProperties(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.spec.js'))
    .map((file) => `${FOLDER}/${file}`)
    .filter((file) => readFileSync(file, 'utf8').includes('fc.assert('));
}

const files = process.argv.length > 2 ? process.argv.slice(2) : specsWithProperties();
if (files.length === 0) throw new Error(`no spec in ${FOLDER} has a property`);

const mocha = [
  'node_modules/mocha/bin/mocha.js',
  '--require',
  './.build/spec/suites/fuzz/runs.js',
  '--timeout',
  '0',
];
const { status } = spawnSync(process.execPath, [...mocha, ...files], {
  stdio: 'inherit',
  env: { FUZZ_RUNS: '100000', ...process.env },
});
process.exitCode = status ?? 1;
