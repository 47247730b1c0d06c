// What networks do, and what calls come to over them: `npm run network [-- --seed n --rounds n]`. Splits, delays, cuts and
// half-open connections by a proxy, over plaintext and TLS; losses and a dead link by the kernel in a network namespace,
// where that is permitted. Each line is one case with what its calls came to.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import { chance } from '../../support/chance.ts';
import { networkServer } from './handlers.ts';
import { type Mutation, startMutatingProxy } from './mutating-proxy.ts';
import { LINK_CASES, runLinkCase } from './namespace.ts';
import { recovers, runWorkload, type WorkloadResult } from './workload.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '6' },
    namespace: { type: 'boolean', default: false },
  },
});
const SEED = Number(values.seed);
const ROUNDS = Number(values.rounds);
const CERTIFICATES = join('spec', 'channel', 'socket', 'tls', 'certificates');
const CALLS_EACH = 3;
const RECOVERY_MS = 10_000;
/** Where all calls are to succeed, however slow the machine is. */
const PATIENT_MS = 20_000;

interface ProxyCase {
  readonly name: string;
  readonly up?: Mutation;
  readonly down?: Mutation;
  /** All of its calls succeed. */
  readonly isHarmless?: boolean;
}

const FEW = { maxOctets: 3000 };
const MANY = { maxOctets: 200_000 };

const PROXY_CASES: readonly ProxyCase[] = [
  { name: 'nothing', isHarmless: true },
  { name: 'split both ways', up: { maxPieceOctets: 2000 }, down: { maxPieceOctets: 2000 }, isHarmless: true },
  { name: 'split into few octets', up: { maxPieceOctets: 7 }, down: { maxPieceOctets: 7 } },
  { name: 'delayed a little', up: { maxDelayMs: 4 }, down: { maxDelayMs: 4 } },
  { name: 'delayed beyond the deadline', down: { maxDelayMs: 600 } },
  { name: 'closed by the server, early', down: { after: { ...FEW, what: 'close' } } },
  { name: 'closed by the server, late', down: { after: { ...MANY, what: 'close' } } },
  { name: 'closed on the way up', up: { after: { ...MANY, what: 'close' } } },
  { name: 'reset, early', down: { after: { ...FEW, what: 'reset' } } },
  { name: 'reset, late', down: { maxPieceOctets: 1000, after: { ...MANY, what: 'reset' } } },
  { name: 'half open: nothing comes', down: { after: { ...MANY, what: 'stop' } } },
  { name: 'half open: nothing goes', up: { after: { ...MANY, what: 'stop' } } },
  { name: 'half open from the first octet', down: { after: { maxOctets: 1, what: 'stop' } } },
  { name: 'paused', up: { after: { ...MANY, what: 'pause' } }, down: { after: { ...MANY, what: 'pause' } } },
];

const tally = { passed: 0, failed: 0 };

function report(name: string, results: readonly WorkloadResult[], more: readonly string[]): void {
  const broken = [...results.flatMap((result) => result.broken), ...more];
  const statuses: Record<string, number> = {};
  for (const result of results) {
    for (const [status, count] of Object.entries(result.statuses)) {
      statuses[status] = (statuses[status] ?? 0) + count;
    }
  }
  const calls = results.reduce((sum, result) => sum + result.calls, 0);
  const ok = results.reduce((sum, result) => sum + result.ok, 0);
  const latestMs = Math.max(...results.map((result) => result.latestMs));
  const others = Object.entries(statuses).map(([status, count]) => `, ${count} ${status}`);
  tally[broken.length === 0 ? 'passed' : 'failed']++;
  console.log(
    `${broken.length === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(44)} ${calls} calls: ${ok} OK${others.join('')}; ` +
      `latest ${latestMs < 0 ? 'within its deadline' : `${Math.round(latestMs)} ms after its deadline`}`,
  );
  for (const one of broken.slice(0, 5)) console.log(`       ${one}`);
}

async function runProxyCase(
  test: ProxyCase,
  port: number,
  tls: ClientOptions,
  isTls: boolean,
): Promise<void> {
  const results: WorkloadResult[] = [];
  const more: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const proxy = await startMutatingProxy(port, chance(SEED * 1000 + round));
    proxy.set(test);
    const client = new Client('127.0.0.1', proxy.port, { ...tls, connectTimeoutMs: 2000 });
    await client.load('spec/suites/network/network.proto');
    const timeoutMs = test.isHarmless === true ? PATIENT_MS : undefined;
    const result = await runWorkload(client, CALLS_EACH, timeoutMs);
    results.push(result);
    if (test.isHarmless === true) {
      // Those that are cancelled or left are not meant to succeed.
      const failed = Object.entries(result.statuses).filter(([status]) => status !== 'CANCELLED');
      if (failed.length > 0) more.push(`round ${round}: ${JSON.stringify(result.statuses)}`);
    }
    // Well again: what was half open is gone, as when the peer restarts.
    proxy.set(undefined);
    proxy.cut();
    if (!(await recovers(client, RECOVERY_MS))) more.push(`round ${round}: no call succeeds afterwards`);
    await client.close({ graceMs: 0 });
    await proxy.close();
  }
  report(`${test.name}${isTls ? ' (TLS)' : ''}`, results, more);
}

async function runProxyCases(): Promise<void> {
  const server = networkServer();
  const pem = (name: string): Buffer => readFileSync(join(CERTIFICATES, name));
  const plain = await server.listen();
  const secured = await server.listen({ tls: { cert: pem('server.pem'), key: pem('server.key') } });
  for (const test of PROXY_CASES) {
    await runProxyCase(test, plain.port, {}, false);
    await runProxyCase(test, secured.port, { tls: { ca: pem('root.pem') } }, true);
  }
  await server.close();
}

async function runLinkCases(): Promise<void> {
  for (const test of LINK_CASES) {
    const { results, more, skipped } = await runLinkCase(test, CALLS_EACH, RECOVERY_MS);
    if (skipped !== undefined) console.log(`skip ${test.name}: ${skipped}`);
    else report(`${test.name} (kernel)`, results, more);
  }
}

if (values.namespace) await runLinkCases();
else {
  console.log(`seed ${SEED}, ${ROUNDS} rounds`);
  await runProxyCases();
  const permitted = spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
  if (permitted.status === 0) {
    const again = [fileURLToPath(import.meta.url), '--namespace', '--seed', String(SEED)];
    const inside = spawnSync('unshare', ['-rn', process.execPath, ...again], { encoding: 'utf8' });
    process.stdout.write(inside.stdout.replace(/^\d+ passed.*\n/m, ''));
    process.stderr.write(inside.stderr);
    const counts = /^(\d+) passed, (\d+) failed/m.exec(inside.stdout);
    tally.passed += Number(counts?.[1] ?? 0);
    tally.failed += counts === null ? 1 : Number(counts[2]);
  } else {
    const why = permitted.error?.message ?? permitted.stderr.trim();
    console.log(`skip losses and a dead link: no network namespace may be made here (${why})`);
  }
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
