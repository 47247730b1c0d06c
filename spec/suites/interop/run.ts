// The command behind `npm run interop`: installs the servers, runs every case against every one of them,
// prints a line each and the sum at the end. What cannot be run counts as failed, never as skipped.
//
// usage: node .build/spec/suites/interop/run.js [server or case …]      e.g. `run.js go python large_unary`

import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Client, type ClientOptions } from '../../../lib/index.ts';
import { ANSWERING_CASES } from './answering-cases.ts';
import { COMPRESSED_CASES } from './compressed-cases.ts';
import { CREDENTIAL_CASES, connectTo, startCredentialServer } from './credential-cases.ts';
import { FAILING_CASES } from './failing-cases.ts';
import { HTTP2_CASES } from './http2-cases.ts';
import { type Http2Server, startHttp2Server } from './http2-server.ts';
import { expectStatus, type InteropCase, UNARY_CALL } from './interop-case.ts';
import { FRONT_PROGRAMS } from './interop-front.ts';
import {
  INTEROP_PROTOS,
  INTEROP_SERVERS,
  type InteropServer,
  type InteropServerName,
  startInteropServer,
  WEB_SERVERS,
  type WebServerName,
} from './interop-server.ts';
import { REFLECTION_CASES } from './reflection-cases.ts';
import { SOAK_CASES } from './soak-cases.ts';
import { WEB_CASES } from './web-cases.ts';
import { WRONG_PROTOCOLS } from './wrong-protocols.ts';

const CASES: readonly InteropCase[] = [
  ...ANSWERING_CASES,
  ...FAILING_CASES,
  ...COMPRESSED_CASES,
  ...REFLECTION_CASES,
  ...SOAK_CASES,
  ...WEB_CASES,
];
/** Once more over TLS: the others would show nothing new there. */
const TLS_CASES: readonly InteropCase[] = [...ANSWERING_CASES, ...FAILING_CASES, ...COMPRESSED_CASES];
/** The cases without a call in which both sides stream: connect-go and Vanguard answer those with 505 over HTTP/1.1. */
const ONE_SIDED_CASES: readonly string[] = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'concurrent_large_unary',
  'special_status_message',
  'unimplemented_method',
  'unimplemented_service',
  'cancel_after_begin',
  'status_details',
  'deadline_of_a_stream',
  'cancel_a_stream',
  'more_than_4_mib',
  'gzip_both_ways',
];
/** One question a call, where the server takes that. */
const HALF_DUPLEX_REFLECTION: readonly string[] = [
  'reflection_full_name',
  'reflection_short_name',
  'reflection_everything',
  'reflection_unknown_name',
  'reflection_beside_files',
];

function isForHttp1(server: WebServerName, test: string): boolean {
  return (
    ONE_SIDED_CASES.includes(test) ||
    (['grpcweb', 'envoy'].includes(server) && HALF_DUPLEX_REFLECTION.includes(test))
  );
}

/** Servers without reflection: grpc's in C++ is built without it. */
const WITHOUT_REFLECTION: readonly InteropServerName[] = ['cpp'];
/** Large messages keep its one thread busy for longer than these wait. */
const SLOW_ON_CONNECT_NODE: readonly string[] = ['concurrent_large_unary', 'channel_soak', 'rpc_soak'];
/** With OK tonic sends no trailing metadata. */
const WITHOUT_TRAILING_METADATA: readonly InteropServerName[] = ['tonic'];
const CERTIFICATES = join('spec', 'channel', 'socket', 'tls', 'certificates');
const CASE_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** A server hears of a connection's end within this. */
const SERVER_NOTICES_MS = 100;

const tally = { passed: 0, failed: 0 };

function report(server: string, test: { readonly name: string }, elapsedMs: number, failure?: string): void {
  const outcome = failure === undefined ? 'ok  ' : 'FAIL';
  tally[failure === undefined ? 'passed' : 'failed']++;
  console.log(`${outcome} ${server.padEnd(10)} ${test.name.padEnd(28)} ${Math.round(elapsedMs)} ms`);
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

/** Runs one case with the clients that it makes, closes them, and reports. */
async function runOne(
  name: string,
  test: { readonly name: string; readonly timeoutMs?: number },
  body: (own: (client: Client) => Client) => Promise<void>,
  said: () => string,
): Promise<void> {
  const clients: Client[] = [];
  const own = (client: Client): Client => {
    clients.push(client);
    return client;
  };
  const started = performance.now();
  let failure: string | undefined;
  try {
    await within(test.timeoutMs ?? CASE_TIMEOUT_MS, 'the case', body(own));
    await within(CLOSE_TIMEOUT_MS, 'close()', Promise.all(clients.map((client) => client.close())));
  } catch (error) {
    failure = `${error instanceof Error ? error.stack : String(error)}\n${said()}`.trimEnd();
    for (const client of clients) void client.close({ graceMs: 0 }); // what matters has been reported
  }
  report(name, test, performance.now() - started, failure);
}

function runCase(
  name: string,
  test: InteropCase,
  server: InteropServer,
  options: ClientOptions,
): Promise<void> {
  const body = (own: (client: Client) => Client): Promise<void> => {
    const connectBare = (others?: ClientOptions): Client =>
      own(new Client('127.0.0.1', server.port, { ...options, ...others }));
    const connect = (others?: ClientOptions): Promise<Client> =>
      connectBare(others).load('grpc/testing/test.proto', { includeDirs: [INTEROP_PROTOS] });
    return test.run({ connect, connectBare, server: server.name });
  };
  return runOne(name, test, body, () => server.stderr());
}

function isFor(name: InteropServerName, test: InteropCase): boolean {
  if (WITHOUT_REFLECTION.includes(name) && REFLECTION_CASES.includes(test)) return false;
  if (name === 'connect-node' && SLOW_ON_CONNECT_NODE.includes(test.name)) return false;
  if (WITHOUT_TRAILING_METADATA.includes(name) && test.name === 'custom_metadata') return false;
  return test.servers === undefined || test.servers.includes(name);
}

async function runServer(
  name: InteropServerName,
  all: readonly InteropCase[],
  files: readonly [string, string] | readonly [] = [],
  protocol?: 'grpc-web' | 'connect',
  httpVersion?: '1.1',
): Promise<void> {
  const shown = `${name}${protocol === undefined ? '' : `/${protocol}`}${httpVersion === undefined ? '' : '/1.1'}${files.length === 0 ? '' : '+tls'}`;
  const tls = files.length === 0 ? undefined : { ca: readFileSync(join(CERTIFICATES, 'root.pem')) };
  const cases = all.filter((test) => isFor(name, test));
  if (cases.length === 0) return;
  let server: InteropServer;
  try {
    server = await startInteropServer(name, files);
  } catch (error) {
    for (const test of cases) report(shown, test, 0, (error as Error).message);
    return;
  }
  try {
    for (const test of cases) await runCase(shown, test, server, { tls, protocol, httpVersion });
  } finally {
    await server.close();
  }
}

/** The server whose HTTP/2 misbehaves: each case on a port of its own, and nothing that the server found wrong. */
async function runHttp2(isWanted: (name: string) => boolean): Promise<void> {
  const cases = HTTP2_CASES.filter(({ name }) => isWanted(name));
  if (cases.length === 0) return;
  let server: Http2Server;
  try {
    server = await startHttp2Server();
  } catch (error) {
    for (const test of cases) report('http2', test, 0, (error as Error).message);
    return;
  }
  for (const test of cases) {
    const body = async (own: (client: Client) => Client): Promise<void> => {
      const client = own(new Client('127.0.0.1', server.ports.get(test.name) ?? 1));
      await client.load('grpc/testing/test.proto', { includeDirs: [INTEROP_PROTOS] });
      await test.run(client);
      // What the server has against the connection may come with its end.
      await client.close();
      await new Promise((resolve) => setTimeout(resolve, SERVER_NOTICES_MS));
      const violations = server.violations();
      if (violations.length > 0) throw new Error(violations.join('\n'));
    };
    await runOne('http2', test, body, () => '');
  }
  await server.close();
}

/** Calls in a protocol that what answers does not speak: the error, word for word. */
async function runWrongProtocols(
  files: readonly [string, string],
  isWanted: (name: string) => boolean,
): Promise<void> {
  // tonic is compiled for minutes: its rows run where it is named.
  const rows = WRONG_PROTOCOLS.filter(({ server }) => server !== 'tonic' || namedServers.includes('tonic'));
  for (const name of new Set(rows.map(({ server }) => server))) {
    const own = rows.filter(({ server }) => server === name);
    const [server, ...tls] = name === 'connect+tls' ? (['connect', ...files] as const) : ([name] as const);
    const calls = own.flatMap((row) => row.httpVersions.map((httpVersion) => ({ row, httpVersion })));
    const wanted = calls
      .map(({ row, httpVersion }) => ({
        row,
        httpVersion,
        name: `wrong_protocol_${row.protocol}_${httpVersion}`,
      }))
      .filter((one) => isWanted(one.name));
    if (wanted.length === 0) continue;
    let started: InteropServer;
    try {
      started = await startInteropServer(server, tls as readonly [string, string] | []);
    } catch (error) {
      for (const one of wanted) report(name, one, 0, (error as Error).message);
      continue;
    }
    for (const { row, httpVersion, name: test } of wanted) {
      const body = async (own: (client: Client) => Client): Promise<void> => {
        const { protocol } = row;
        const options = httpVersion === '1.1' ? { protocol, httpVersion } : { protocol };
        const client = own(new Client('127.0.0.1', started.port, options));
        await client.load('grpc/testing/test.proto', { includeDirs: [INTEROP_PROTOS] });
        const { details } = await expectStatus(client.unaryUnary(UNARY_CALL, { responseSize: 2 }), row.code);
        expect(details.replaceAll(String(started.port), 'PORT').replaceAll(/, \\"/g, ',\\"')).to.equal(
          row.details,
        );
      };
      await runOne(name, { name: test }, body, () => started.stderr());
    }
    await started.close();
  }
}

async function runCredentials(isWanted: (name: string) => boolean): Promise<void> {
  for (const test of CREDENTIAL_CASES.filter(({ name }) => isWanted(name))) {
    const { server, target } = await startCredentialServer();
    const connect =
      (own: (client: Client) => Client) =>
      async (options?: ClientOptions): Promise<Client> =>
        own(await connectTo(target, options));
    await runOne(
      'own+tls',
      test,
      (own) => test.run(connect(own), server),
      () => '',
    );
    await server.close();
  }
}

const OTHER_SERVERS = ['http2', 'own', 'wrong'] as const;
const WEB_SERVER_NAMES = Object.keys(WEB_SERVERS) as WebServerName[];
const ALL_SERVERS: readonly string[] = [...INTEROP_SERVERS, 'cpp', ...WEB_SERVER_NAMES, ...OTHER_SERVERS];
const ALL_CASES: ReadonlySet<string> = new Set(
  [...CASES, ...HTTP2_CASES, ...CREDENTIAL_CASES].map(({ name }) => name),
);

/** Why tonic's server cannot be built here; undefined if it can. */
function missingForTonic(): string | undefined {
  const manifest = join('spec', 'suites', 'interop', 'servers', 'tonic', 'Cargo.toml');
  const { error, status, stderr } = spawnSync('cargo', ['fetch', '--locked', '--manifest-path', manifest], {
    encoding: 'utf8',
  });
  if (error !== undefined) return 'there is no cargo';
  return status === 0 ? undefined : `cargo cannot fetch crates: ${stderr.trim()}`;
}

const parameters = process.argv.slice(2);
const unknown = parameters.filter((one) => !ALL_SERVERS.includes(one) && !ALL_CASES.has(one));
if (unknown.length > 0) throw new Error(`no server and no case is called ${unknown.join(' or ')}`);

/** Those that are compiled for minutes run only where they are named. */
const SLOW_SERVERS: readonly string[] = ['cpp', 'tonic'];

/** The parameters name servers, cases or both; a kind that none of them names is run whole (of servers all but the slow). */
const namedServers = parameters.filter((one) => ALL_SERVERS.includes(one));
const namedCases = parameters.filter((one) => ALL_CASES.has(one));
const isCaseWanted = (name: string): boolean => namedCases.length === 0 || namedCases.includes(name);
const isServerWanted = (name: string): boolean =>
  namedServers.length === 0 ? !SLOW_SERVERS.includes(name) : namedServers.includes(name);

const toInstall = ['go', 'python', 'java', 'http2', 'cpp', 'tonic'].filter(isServerWanted);
if (WEB_SERVER_NAMES.some((name) => name !== 'tonic' && isServerWanted(name)) || isServerWanted('wrong')) {
  toInstall.push('web');
}
const fronts = FRONT_PROGRAMS.filter(
  (program) => isServerWanted('wrong') || (program === 'envoy' && isServerWanted('envoy')),
);
if (namedServers.includes('tonic') && namedServers.length === 1) {
  // Rust is not everywhere, nor can crates.io be reached from everywhere.
  const missing = missingForTonic();
  if (missing !== undefined) {
    console.log(`skipped: ${missing}`);
    process.exit(0);
  }
}
if (toInstall.length > 0) {
  // Its failures need no handling: a server that is not installed fails each of its cases below.
  spawnSync(join('spec', 'suites', 'interop', 'install.sh'), toInstall, { stdio: 'inherit' });
}
if (fronts.length > 0) {
  spawnSync(join('spec', 'suites', 'proxies', 'install.sh'), fronts, { stdio: 'inherit' });
}
const folder = mkdtempSync(join(tmpdir(), 'stubless-interop-'));
// Java takes its keys only as PKCS #8.
const key = join(folder, 'server.key');
const pem = createPrivateKey(readFileSync(join(CERTIFICATES, 'server.key')));
writeFileSync(key, pem.export({ type: 'pkcs8', format: 'pem' }));
try {
  for (const name of [...INTEROP_SERVERS, 'cpp'] as const) {
    if (!isServerWanted(name)) continue;
    await runServer(
      name,
      CASES.filter((test) => isCaseWanted(test.name)),
    );
    const files = [key, join(CERTIFICATES, 'server.pem')] as const;
    await runServer(
      name,
      TLS_CASES.filter((test) => isCaseWanted(test.name)),
      files,
    );
  }
  for (const name of WEB_SERVER_NAMES.filter(isServerWanted)) {
    for (const protocol of WEB_SERVERS[name]) {
      await runServer(
        name,
        CASES.filter((test) => isCaseWanted(test.name)),
        [],
        protocol,
      );
      await runServer(
        name,
        CASES.filter((test) => isCaseWanted(test.name) && isForHttp1(name, test.name)),
        [],
        protocol,
        '1.1',
      );
    }
  }
  if (isServerWanted('http2')) await runHttp2(isCaseWanted);
  if (isServerWanted('wrong')) {
    await runWrongProtocols([key, join(CERTIFICATES, 'server.pem')], isCaseWanted);
  }
  if (isServerWanted('own')) await runCredentials(isCaseWanted);
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
