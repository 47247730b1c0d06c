// The command behind `npm run interop`: installs the servers, runs every case against every one of them,
// prints a line each and the sum at the end. What cannot be run counts as failed, never as skipped.
//
// usage: node .build/spec/interop/run.js [server or case …]      e.g. `run.js go python large_unary`

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from '../../lib/index.ts';
import { ANSWERING_CASES } from './answering-cases.ts';
import { FAILING_CASES } from './failing-cases.ts';
import type { InteropCase } from './interop-case.ts';
import {
  INTEROP_PROTOS,
  INTEROP_SERVERS,
  type InteropServer,
  type InteropServerName,
  startInteropServer,
} from './interop-server.ts';
import { REFLECTION_CASES } from './reflection-cases.ts';
import { SOAK_CASES } from './soak-cases.ts';

const CASES: readonly InteropCase[] = [
  ...ANSWERING_CASES,
  ...FAILING_CASES,
  ...REFLECTION_CASES,
  ...SOAK_CASES,
];
const CASE_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = 5_000;

const tally = { passed: 0, failed: 0 };

function report(server: InteropServerName, test: InteropCase, elapsedMs: number, failure?: string): void {
  const outcome = failure === undefined ? 'ok  ' : 'FAIL';
  tally[failure === undefined ? 'passed' : 'failed']++;
  console.log(`${outcome} ${server.padEnd(6)} ${test.name.padEnd(28)} ${Math.round(elapsedMs)} ms`);
  if (failure !== undefined) console.log(failure.replace(/^/gm, '       '));
}

/** Rejects when the promise takes too long: a hang is a failure too. */
async function within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function runCase(test: InteropCase, server: InteropServer): Promise<void> {
  const clients: Client[] = [];
  const connectBare = (): Client => {
    const client = new Client('127.0.0.1', server.port);
    clients.push(client);
    return client;
  };
  const connect = (): Promise<Client> =>
    connectBare().load('grpc/testing/test.proto', { includeDirs: [INTEROP_PROTOS] });
  const started = performance.now();
  let failure: string | undefined;
  try {
    await within(
      test.timeoutMs ?? CASE_TIMEOUT_MS,
      'the case',
      test.run({ connect, connectBare, server: server.name }),
    );
    await within(CLOSE_TIMEOUT_MS, 'close()', Promise.all(clients.map((client) => client.close())));
  } catch (error) {
    failure = `${error instanceof Error ? error.stack : String(error)}\n${server.stderr()}`.trimEnd();
    for (const client of clients) void client.close({ graceMs: 0 }); // what matters has been reported
  }
  report(server.name, test, performance.now() - started, failure);
}

async function runServer(name: InteropServerName, cases: readonly InteropCase[]): Promise<void> {
  let server: InteropServer;
  try {
    server = await startInteropServer(name);
  } catch (error) {
    for (const test of cases) report(name, test, 0, (error as Error).message);
    return;
  }
  try {
    for (const test of cases) await runCase(test, server);
  } finally {
    await server.close();
  }
}

/** The parameters name servers, cases or both; a kind that none of them names is run whole. */
function selected(parameters: readonly string[]): [readonly InteropServerName[], readonly InteropCase[]] {
  const servers = INTEROP_SERVERS.filter((name) => parameters.includes(name));
  const cases = CASES.filter(({ name }) => parameters.includes(name));
  const unknown = parameters.filter(
    (parameter) =>
      !servers.some((name) => name === parameter) && !cases.some(({ name }) => name === parameter),
  );
  if (unknown.length > 0) throw new Error(`no server and no case is called ${unknown.join(' or ')}`);
  return [servers.length > 0 ? servers : INTEROP_SERVERS, cases.length > 0 ? cases : CASES];
}

const [servers, cases] = selected(process.argv.slice(2));
const toInstall = servers.filter((name) => name !== 'node');
if (toInstall.length > 0) {
  // Its failures need no handling: a server that is not installed fails each of its cases below.
  spawnSync(join('spec', 'interop', 'install.sh'), toInstall, { stdio: 'inherit' });
}
for (const name of servers) await runServer(name, cases);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
