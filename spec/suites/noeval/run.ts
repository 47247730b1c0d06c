// The specs of lib under --disallow-code-generation-from-strings: nothing of ours makes code out of text, a schema
// least of all. A few files at a time have a process of their own (the workers of `mocha --parallel` need eval), and the
// programs and commands that it starts run under the flag as well; the peers that need eval run without it
// (spec/support/peers/peer-process.ts). Specs whose very input another library makes by eval are skipped
// (spec/support/eval.ts) and listed, as are those that lack something of the machine. `N passed, N failed, N skipped`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { FLAG } from '../../support/eval.ts';

const SPECS = resolve('.build/spec');
const MOCHA = resolve('node_modules/mocha/bin/mocha.js');
/** What is no spec of lib: whole programs and packages, which run other programs. */
const NOT_OF_LIB = /^suites\/(?:bench|hostile|interop|package|soak|types|runtimes|noeval)\//;
/** Of one process: what it loads takes as long as what a file of specs does. */
const FILES = 8;
const LIMIT_MS = 600_000;

/** A spec as mocha's reporter `json` writes it. */
interface Spec {
  readonly file: string;
  readonly fullTitle: string;
  readonly err: { readonly stack?: string; readonly message?: string };
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** Titles, by the file. */
  readonly skipped: ReadonlyMap<string, readonly string[]>;
  /** Of what failed. */
  readonly report: string;
}

async function run(files: readonly string[], output: string): Promise<Outcome> {
  const reporter = ['--reporter', 'json', '--reporter-option', `output=${output}`];
  const paths = files.map((file) => join(SPECS, file));
  const child = spawn(process.execPath, [FLAG, MOCHA, ...reporter, ...paths], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      said += chunk;
    });
  }
  const [status] = await once(child, 'close');
  return outcomeOf(files, status, output, said);
}

function outcomeOf(files: readonly string[], status: unknown, output: string, said: string): Outcome {
  const skipped = new Map<string, string[]>();
  let text: string;
  try {
    text = readFileSync(output, 'utf8');
  } catch {
    // It came to no end.
    return { passed: 0, failed: 1, skipped, report: `FAIL ${files.join(' ')}\n${said}` };
  }
  const { stats, pending, failures } = JSON.parse(text) as {
    readonly stats: { readonly passes: number };
    readonly pending: readonly Spec[];
    readonly failures: readonly Spec[];
  };
  for (const { file, fullTitle } of pending) {
    const name = relative(SPECS, file);
    skipped.set(name, [...(skipped.get(name) ?? []), fullTitle]);
  }
  const failed = Math.max(failures.length, status === 0 ? 0 : 1);
  const entries = failures.map(
    ({ file, fullTitle, err }) =>
      `FAIL ${relative(SPECS, file)}: ${fullTitle}\n${err.stack ?? err.message ?? ''}`,
  );
  if (failed > failures.length) entries.push(`FAIL ${files.join(' ')}: exit status ${status}\n${said}`);
  return { passed: stats.passes, failed, skipped, report: entries.join('\n') };
}

async function main(): Promise<void> {
  const files = readdirSync(SPECS, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.spec.js') && !NOT_OF_LIB.test(file))
    .sort();
  const folder = mkdtempSync(join(tmpdir(), 'stubless-noeval-'));
  const outcomes: Outcome[] = [];
  let begun = 0;
  const next = async (): Promise<void> => {
    while (files.length > 0)
      outcomes.push(await run(files.splice(0, FILES), join(folder, `${++begun}.json`)));
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, next));
  rmSync(folder, { recursive: true, force: true });
  let [passed, failed, skipped] = [0, 0, 0];
  for (const outcome of outcomes) {
    passed += outcome.passed;
    failed += outcome.failed;
    for (const [file, titles] of outcome.skipped) {
      skipped += titles.length;
      console.log(`${titles.length} skipped in ${file}: ${Array.from(new Set(titles)).join('; ')}`);
    }
    if (outcome.report !== '') console.log(outcome.report);
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

await main();
