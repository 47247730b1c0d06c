// The property tests at nightly size: `npm run fuzz`. Runs the specs that read FUZZ_RUNS, with 100,000 unless
// the environment says otherwise.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = '.build/spec';

const specs = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.spec.js'))
  .map((file) => `${FOLDER}/${file}`)
  .filter((file) => readFileSync(file, 'utf8').includes('FUZZ_RUNS'));
if (specs.length === 0) throw new Error(`no spec in ${FOLDER} reads FUZZ_RUNS`);

const { status } = spawnSync(
  process.execPath,
  ['node_modules/mocha/bin/mocha.js', '--timeout', '0', ...specs],
  {
    stdio: 'inherit',
    env: { FUZZ_RUNS: '100000', ...process.env },
  },
);
process.exitCode = status ?? 1;
