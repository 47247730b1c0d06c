// How strong the specs are: `npm run mutation [-- --files a,b --specs c,d --seed n --count n --static]`. Stryker changes one place
// of lib/channel or lib/rpc at a time; a change that no spec notices has survived, and is printed.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { SPECS_VARIABLE } from './runner.ts';
import { named, sampled } from './sample.ts';
import { type FileScore, type Mutant, scores, staleRows } from './score.ts';

/** In the order in which they run: a mutant's run ends with the first spec that fails, so those that ask little come first. */
const SPECS =
  'rpc,rpc/service-config,rpc/compression,rpc/retry,channel,channel/target,channel/timing,channel/naming,' +
  'channel/balancing,channel/connection,channel/socket,call/deadline.spec.ts,call/expiry-text.spec.ts';
/** And for files with such names, whose faults only these would notice. */
const MORE_SPECS: readonly (readonly [file: RegExp, specs: string])[] = [
  [/tls|secure|wrong-peer/, 'channel/socket/tls'],
  [/credentials/, 'call/credentials'],
  [/background-stream|ready-addresses|subchannel/, 'client/health.spec.ts'],
];
/** They start processes of their own, which do not run what is mutated. */
const NOT_THOSE = ['tls/tls-lifetime.spec.ts'];
const FOLDER = '.cache/mutation';
/** How much longer than before all specs of a mutant together may take: it loops, or mocha would have ended it. */
const TIMEOUT_MS = 5000;

const { values } = parseArgs({
  options: {
    files: { type: 'string' },
    specs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '12' },
    static: { type: 'boolean', default: false },
    least: { type: 'string', default: '0' },
  },
});

function specsUnder(path: string): string[] {
  const files = path.endsWith('.ts') ? [path] : readdirSync(path).map((file) => `${path}/${file}`);
  return files
    .filter((file) => file.endsWith('.spec.ts') && !NOT_THOSE.some((one) => file.endsWith(one)))
    .sort();
}

function report(score: FileScore): void {
  const { file, killed, survived, equivalent } = score;
  console.log(
    `${file.padEnd(42)} ${`${percent(score)} %`.padStart(7)}  ${killed} of ${killed + survived.length} killed${equivalent > 0 ? `, ${equivalent} equivalent` : ''}`,
  );
}

function percent({ killed, survived }: { killed: number; survived: readonly unknown[] }): string {
  const all = killed + survived.length;
  return all === 0 ? '100.0' : ((100 * killed) / all).toFixed(1);
}

const files =
  values.files === undefined
    ? sampled(Number(values.seed), Number(values.count))
    : named(values.files.split(','));
console.log(`${values.files === undefined ? `seed ${values.seed}: ` : ''}${files.join(', ')}\n`);

const more = MORE_SPECS.flatMap(([like, name]) => (files.some((file) => like.test(file)) ? [name] : []));
const specs = (values.specs ?? [SPECS, ...more].join(','))
  .split(',')
  .flatMap((name) => specsUnder(`spec/${name}`));
process.env[SPECS_VARIABLE] = specs.map((file) => `.build/${file.replace(/ts$/, 'js')}`).join(',');
// Read before the run, which may be long: line numbers are of the code that it copies.
const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8').split('\n')]));
mkdirSync(FOLDER, { recursive: true });
const startMs = performance.now();
const results: readonly Mutant[] = await new Stryker({
  mutate: files,
  testRunner: 'specs',
  plugins: ['./runner.js', './survivors.js', './texts.js'].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  ),
  ignorers: ['texts'],
  ignoreStatic: !values.static,
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: TIMEOUT_MS,
  timeoutFactor: 1,
  // Mutants break types, so the compiler only erases them.
  buildCommand: 'tsc -p tsconfig.specs.json --noCheck --incremental false --sourceMap false',
  ignorePatterns: [
    '.build',
    '.cache',
    'coverage',
    'dist',
    'spec/suites/bench',
    'spec/suites/conformance',
    'spec/suites/interop',
  ],
  tempDirName: `${FOLDER}/sandbox`,
  incrementalFile: `${FOLDER}/incremental.json`,
  reporters: ['survivors', 'progress-append-only', 'json'],
  jsonReporter: { fileName: `${FOLDER}/report.json` },
  // Their LogLevel is a const enum, which only their own compiler can read.
  logLevel: 'error' as never,
  allowConsoleColors: false,
}).runMutationTest();

const found = scores(results, texts);
console.log('');
for (const score of found) report(score);
const killed = found.reduce((sum, score) => sum + score.killed, 0);
const survived = found.flatMap((score) => score.survived);
console.log(
  `\n${percent({ killed, survived })} % of ${killed + survived.length} in ${Math.round((performance.now() - startMs) / 1000)} s`,
);
for (const { file, line, why } of staleRows(results, texts))
  console.log(`not true any more: ${file}: ${line} (${why})`);
writeFileSync(`${FOLDER}/scores.json`, `${JSON.stringify(found, null, 2)}\n`);
if (Number(percent({ killed, survived })) < Number(values.least)) process.exitCode = 1;
