// Runs the core part of the specs on every runtime that we promise: `npm run runtimes [name…]`. Core is what
// users' programs run; the rest looks at the repository, or starts `node` itself. Each runtime's specs run in one
// process; as many of them at once as there are cores.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { installRuntimes, type Runtime } from './install.ts';

function fileOf(name: string): string {
  return `.build/spec/${name}.spec.js`;
}

const MOCHA = 'node_modules/mocha/bin/mocha.js';
const CORE = [
  '.build/spec/{http2,rpc,channel,schema,values}/**/*.spec.js',
  '.build/spec/{call/credentials,interceptors,observe/telemetry,testing}/**/*.spec.js',
  '.build/spec/observe/*-events.spec.js',
  // mocha takes braces for a pattern only where there is an asterisk, too.
  ...['call/deadline', 'call/expiry-text', 'call/running-calls', 'call/waits-of-calls'].map(fileOf),
  ...['catalog/schema-view', 'client/health', 'client/health-watch', 'client/options'].map(fileOf),
  '.build/spec/*.spec.js',
];
const NOT_CORE = [
  'architecture',
  'channel/connection/connection-info',
  'channel/socket/tls/*',
  'examples',
  'readme',
  'schema/codec/proto-loader',
  'schema/{print,reflection,sources,text}/*',
  'schema/registry/{codec-service,error-details}',
  'spec-sources',
  'unless-made',
].map(fileOf);

/** Specs of how time grows: measured once, by `npm test`. Here five runtimes in a row would disturb them. */
const TIMED = 'not with its square';

/** Specs that a runtime's own node:http2 or node:tls, our peer in them, cannot play its part in. */
const IMPOSSIBLE: Readonly<Record<string, readonly string[] | undefined>> = {
  bun: [
    // It has no such list of what is loaded.
    'never loads node:http',
    // A stream that its HTTP/2 server refuses gets DATA all the same in Bun 1.4.
    'are obtained anew for each attempt',
    // Its stacks do not lead through an await to the caller.
    'says what to ask instead where there is no such service',
    // A TLS socket that runs over another takes all that is written, whether it leaves or not, in Bun 1.4.
    'over TLS through an HTTPS proxy is given up when the server takes nothing any more',
    // Its node:vm knows no timeout, and its engine has other words for what is no regular expression.
    'stop an expression after MAX_MATCH_MS|are refused: a regular expression that is none',
  ],
  deno: [
    // A session's `settings()` sends nothing in Deno 2.9.
    'as MAX_CONCURRENT_STREAMS allows, and more when it is raised',
    // Its TLS server knows no pre-shared keys, with which it would need no certificate.
    'is told: node:tls, which wants a handshake',
    // While node:test's timers are mocked in Deno 2.9 nothing keeps its loop alive: it ends in the middle of the first.
    'While timers are faked',
    // Its TLS sockets take all that is written, whether it leaves or not.
    '(TLS|HTTPS).* is given up when the server takes nothing any more',
    // The process ends in an assertion of nghttp2 (find_stream_on_goaway_func) in its HTTP/2 server, a while after them.
    '^Limits of time',
    // The same in its HTTP/2 client, which connect-node uses.
    '^A test server with connect-node',
    // Its node:http takes a socket for one only where it is the system's.
    'over HTTP/1.1 in memory',
    // It stands still in them since their time is turned by hand.
    '^Reading a pipe',
    // What a socket's other end does in this process comes through the system, later than what is done in the same turn.
    'loses no call that begins in the same moment|408 that nothing asked for',
    'used again over TLS, where calls lost none',
    // They start this runtime with -e, which in Deno takes no modules.
    '^HTTP/1.1: a process|does not keep a process from ending|nobody has written to an anonymous pipe',
    'below the working directory, without a project|are not found above the home directory',
  ],
};

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const LIMIT_MS = 600_000;

/** One runtime's run. A run that ends without counts, or fails with none failing, is one failure. */
async function runSpecs(runtime: Runtime): Promise<Counts> {
  const ignored = NOT_CORE.flatMap((path) => ['--ignore', path]);
  const left = [TIMED, ...(IMPOSSIBLE[runtime.name] ?? [])];
  const chosen = ['--grep', left.join('|'), '--invert'];
  const args = [...runtime.args, MOCHA, ...chosen, '--reporter', 'dot', '--exit', ...ignored, ...CORE];
  const child = spawn(runtime.path, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
  const [[status, signal], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  const count = (word: string): number => Number(new RegExp(`^ *(\\d+) ${word}`, 'm').exec(stdout)?.[1] ?? 0);
  const passed = count('passing');
  const failed = count('failing');
  const isIncomplete = status !== 0 && failed === 0;
  const end = isIncomplete ? `${runtime.name}: ended with ${signal ?? `status ${status}`}\n` : '';
  process.stdout.write(`\n== ${runtime.name}\n${stderr}${stdout}${end}`);
  return { passed, failed: isIncomplete ? 1 : failed };
}

// mocha only warns of them.
const absent = CORE.filter((path) => !path.includes('*') && !existsSync(path));
if (absent.length > 0) throw new Error(`no such specs: ${absent.join(', ')}`);

const wanted = process.argv.slice(2);
const runtimes = installRuntimes().filter((r) => wanted.length === 0 || wanted.includes(r.name));
const left = [...runtimes];
const counts = new Map<Runtime, Counts>();
async function next(): Promise<void> {
  for (let runtime = left.shift(); runtime !== undefined; runtime = left.shift())
    counts.set(runtime, await runSpecs(runtime));
}
await Promise.all(Array.from({ length: availableParallelism() }, next));

const total = { passed: 0, failed: 0 };
process.stdout.write('\n');
for (const runtime of runtimes) {
  const { passed, failed } = counts.get(runtime) ?? { passed: 0, failed: 1 };
  total.passed += passed;
  total.failed += failed;
  process.stdout.write(`  ${runtime.name.padEnd(14)} ${passed} passed, ${failed} failed\n`);
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
