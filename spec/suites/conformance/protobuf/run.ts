// Conformance of the codec: runs protobuf's own suite (github.com/protocolbuffers/protobuf, conformance) against
// testee.ts: binary, JSON and text in and out, proto2, proto3 and editions, required cases and recommended ones. There
// is no list of failures that are known. Ends with `N passed, N failed`.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { repositoryRoot } from '../../bench/native.ts';
import { installRunner } from './runner.ts';

const LIMIT_MS = 5 * 60_000;
const MAX_REPORT_OCTETS = 256 * 1024 * 1024;
const SUMMARY =
  /CONFORMANCE SUITE (?:PASSED|FAILED): (\d+) successes, (\d+) skipped, (\d+) expected failures, (\d+) unexpected failures/g;
/** Fewer than the suite had when this was written means that it did not run. */
const FEWEST_CASES = 5000;

function main(): void {
  const home = join(repositoryRoot(), 'spec', 'suites', 'conformance', 'protobuf');
  const runner = installRunner(join(home, 'shim.cc'));
  if (typeof runner === 'string') {
    console.log(`skipped: ${runner}`);
    return;
  }
  // The runner takes one path for the program that it tests, and hands it its own environment.
  const program = resolve('.cache/conformance/testee.sh');
  mkdirSync(dirname(program), { recursive: true });
  const words = [process.execPath, join(import.meta.dirname, 'testee.js'), runner.include];
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  writeFileSync(program, `#!/bin/sh\nunset LD_PRELOAD\nexec ${quoted}\n`, { mode: 0o755 });
  const options = ['--enforce_recommended', '--maximum_edition', '2024', '--output_dir', dirname(program)];
  const { stdout, stderr, status, signal } = spawnSync(runner.path, [...options, program], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: MAX_REPORT_OCTETS,
    env: { ...process.env, ...runner.environment },
  });
  const report = `${stdout}\n${stderr}`;
  for (const line of report.split('\n'))
    if (/^ERROR, |^CONFORMANCE SUITE|^FATAL/.test(line)) console.log(line);
  let passed = 0;
  let failed = 0;
  for (const [, successes, skipped, expected, unexpected] of report.matchAll(SUMMARY)) {
    passed += Number(successes);
    failed += Number(expected) + Number(unexpected);
    if (Number(skipped) > 0) console.log(`not counted: ${skipped} cases that were skipped`);
  }
  if (passed < FEWEST_CASES || (status !== 0 && failed === 0)) {
    console.log(report.slice(-4000));
    console.log(`the runner ended with ${signal ?? status}`);
    failed = Math.max(failed, 1);
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

main();
