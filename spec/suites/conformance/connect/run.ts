// Conformance of the client: runs Connect's suite (github.com/connectrpc/conformance) against testee.ts with everything it
// has: three protocols, two codecs, two versions of HTTP, six compressions; and the suite's clients against the test server
// (served.ts). There is no list of failures that are known. Ends with `N passed, N failed`.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { repositoryRoot } from '../../bench/native.ts';

// 1.0.7 cannot be built from the module proxy.
const MODULE = 'connectrpc.com/conformance';
const VERSION = 'v1.0.6';
const BIN = resolve('.cache/bin');
const RUNNER = `${BIN}/connectconformance`;
const LIMIT_MS = 5 * 60_000;
const MAX_REPORT_OCTETS = 64 * 1024 * 1024;
const SUMMARY = /^(\d+) passed, (\d+) failed/m;
const RUNS: readonly (readonly [config: string, cases: number, mode?: 'server'])[] = [
  ['everything.yaml', 13_094],
  ['served.yaml', 3820, 'server'],
];

/** The folder of the suite's .proto files, once its runner is installed; undefined where there is no Go. */
function install(): string | undefined {
  const download = spawnSync('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`], {
    encoding: 'utf8',
  });
  if (download.error !== undefined) return undefined;
  if (download.status !== 0) throw new Error(`go mod download: ${download.stdout}${download.stderr}`);
  const { Dir: directory } = JSON.parse(download.stdout) as { Dir: string };
  if (!existsSync(RUNNER)) {
    console.log(`installing connectconformance ${VERSION} into ${BIN}`);
    const { status } = spawnSync('go', ['install', `${MODULE}/cmd/connectconformance@${VERSION}`], {
      env: { ...process.env, GOFLAGS: '-mod=mod', GOBIN: BIN },
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`go install ended with ${status}`);
  }
  return join(directory, 'proto');
}

/** One run: how many cases passed and failed. One that did not come to all of them has failed. */
function run(
  config: string,
  cases: number,
  mode: 'client' | 'server',
  protos: string,
): readonly [passed: number, failed: number] {
  const path = join(repositoryRoot(), 'spec', 'suites', 'conformance', 'connect', config);
  const program = [
    process.execPath,
    join(import.meta.dirname, mode === 'client' ? 'testee.js' : 'served.js'),
    protos,
  ];
  const { stdout, stderr, status, signal } = spawnSync(
    RUNNER,
    ['--mode', mode, '--conf', path, '--', ...program],
    {
      encoding: 'utf8',
      timeout: LIMIT_MS,
      maxBuffer: MAX_REPORT_OCTETS,
    },
  );
  const report = `${stdout}\n${stderr}`;
  const [, passed, failed] = SUMMARY.exec(report) ?? ['', '0', '0'];
  console.log(`${config}: ${passed} of ${cases} cases passed, ${failed} did not`);
  const isWhole = status === 0 && Number(passed) === cases && failed === '0';
  if (!isWhole) console.log(`${report}\nthe runner ended with ${signal ?? status}`);
  return [Number(passed), Math.max(Number(failed), isWhole ? 0 : 1)];
}

function main(): void {
  const protos = install();
  if (protos === undefined) {
    console.log("skipped: Connect's conformance suite is built with Go, which is not installed");
    return;
  }
  const total = { passed: 0, failed: 0 };
  for (const [config, cases, mode = 'client'] of RUNS) {
    const [passed, failed] = run(config, cases, mode, protos);
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0) process.exitCode = 1;
}

main();
