// The specs of lib under --disallow-code-generation-from-strings: nothing of ours makes code out of text, a schema
// least of all. Each spec file has a process of its own. Those in which a peer needs eval (protobufjs makes its
// coders so, and with it @grpc/proto-loader) are told by the error that V8 gives for it: where it comes out of
// such a peer the file is named and not counted, where it comes out of our code it fails. `N passed, N failed`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

const FLAG = '--disallow-code-generation-from-strings';
const BUILD = resolve('.build');
const MOCHA = resolve('node_modules/mocha/bin/mocha.js');
const PEERS = /node_modules\/(?:protobufjs|@protobufjs|@grpc\/proto-loader|google-protobuf|protobufjs-cli)\//;
const REFUSED = /Code generation from strings disallowed/;
/** What is no spec of lib: whole programs and packages, which run other programs. */
const NOT_OF_LIB = /^(?:bench|hostile|interop|package|soak|types|runtimes|noeval)\//;
const LIMIT_MS = 120_000;

interface Outcome {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  /** Why it was not counted. */
  readonly skipped?: string;
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
  if (failed === 0) return { file, passed, failed, report };
  // Its stack tells whose code it was: the first place after the message that is a file.
  const stacks = report.split(REFUSED).slice(1);
  const ofPeers =
    stacks.length > 0 &&
    stacks.every((stack) => PEERS.test(/^.*file:.*$|^.*node_modules.*$/m.exec(stack)?.[0] ?? ''));
  if (!ofPeers) return { file, passed, failed, report };
  const peer = PEERS.exec(stacks[0])?.[0].replaceAll('node_modules/', '').replace(/\/$/, '') ?? 'a peer';
  return { file, passed: 0, failed: 0, skipped: `${peer} needs eval`, report };
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
  for (const outcome of outcomes) {
    passed += outcome.passed;
    failed += outcome.failed;
    if (outcome.skipped !== undefined) console.log(`not counted: ${outcome.file}: ${outcome.skipped}`);
    if (outcome.failed > 0) console.log(`${outcome.file}\n${outcome.report}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

await main();
