// The specs of lib under --disallow-code-generation-from-strings: nothing of ours makes code out of text, a schema
// least of all. Each spec file has a process of its own, and the programs and commands that it starts run under the
// flag as well; the peers that need eval run without it (spec/support/peers/peer-process.ts). Specs whose very input
// another library makes by eval are skipped (spec/support/eval.ts) and listed, as are those that lack something of the
// machine. `N passed, N failed, N skipped`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { FLAG } from '../../support/eval.ts';

const BUILD = resolve('.build');
const MOCHA = resolve('node_modules/mocha/bin/mocha.js');
/** What is no spec of lib: whole programs and packages, which run other programs. */
const NOT_OF_LIB = /^suites\/(?:bench|hostile|interop|package|soak|types|runtimes|noeval)\//;
const LIMIT_MS = 120_000;

interface Outcome {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  /** Titles. */
  readonly skipped: readonly string[];
  readonly report: string;
}

const count = (word: string, report: string): number =>
  Number(new RegExp(`^ +(\\d+) ${word}`, 'm').exec(report)?.[1] ?? 0);

async function run(file: string): Promise<Outcome> {
  const child = spawn(process.execPath, [FLAG, MOCHA, join(BUILD, 'spec', file)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  let report = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      report += chunk;
    });
  }
  const [status] = await once(child, 'close');
  const passed = count('passing', report);
  const failed = Math.max(count('failing', report), status === 0 ? 0 : 1);
  const skipped = Array.from(report.matchAll(/^ +- (.+)$/gm), ([, title]) => title);
  return { file, passed, failed, skipped, report };
}

async function main(): Promise<void> {
  const files = readdirSync(join(BUILD, 'spec'), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.spec.js') && !NOT_OF_LIB.test(file))
    .sort();
  const outcomes: Outcome[] = [];
  const next = async (): Promise<void> => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) outcomes.push(await run(file));
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, next));
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const outcome of outcomes) {
    passed += outcome.passed;
    failed += outcome.failed;
    skipped += outcome.skipped.length;
    if (outcome.skipped.length > 0) {
      const titles = Array.from(new Set(outcome.skipped)).join('; ');
      console.log(`${outcome.skipped.length} skipped in ${outcome.file}: ${titles}`);
    }
    if (outcome.failed > 0) console.log(`${outcome.file}\n${outcome.report}`);
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

await main();
