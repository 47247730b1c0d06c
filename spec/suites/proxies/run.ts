// The command behind `npm run proxies`: real servers and proxies that rotate, drain and restart under the load of three
// clients; what proxies say in a server's place; how soon a server that was down is found again.
//
// usage: node .build/spec/suites/proxies/run.js [all | PART…] [--calls 20000] [--only TEXT] [--clients NAME,…]
// [--minutes 1]
//     [--write]           the table into docs/peers.md
//     [--options JSON]    of our client: '{ "maxConnections": 4 }'
//   parts: the peers nginx haproxy envoy caddy go java python tonic; answers; outages.   all: tonic, too

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runAnswers } from './answers.ts';
import { CLIENTS, type ClientName, ClientRun } from './client-run.ts';
import type { Orders, Outcome } from './clients/orders.ts';
import { runOutages } from './outages.ts';
import { type PeerName, runFolder } from './peers/peer.ts';
import { ROWS, type Row, TIMES, type UnderLoad } from './rows.ts';
import { type RowResult, tableOf } from './table.ts';
import { judge, lostOf, type Outcomes } from './verdict.ts';

const DEFAULT_PARTS = ['nginx', 'haproxy', 'envoy', 'caddy', 'go', 'java', 'python', 'answers', 'outages'];
/** Compiled for minutes. */
const SLOW_PARTS = ['tonic'];
/** Where --write puts the table of rows. */
const PAGE = join('docs', 'peers.md');
const RESULT = join('.cache', 'proxies', 'result.json');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    calls: { type: 'string', default: '20000' },
    only: { type: 'string', default: '' },
    clients: { type: 'string', default: CLIENTS.join(',') },
    minutes: { type: 'string', default: '1' },
    options: { type: 'string', default: '{}' },
    write: { type: 'boolean', default: false },
  },
});
const all = [...DEFAULT_PARTS, ...SLOW_PARTS];
const unknown = positionals.filter((part) => part !== 'all' && !all.includes(part));
if (unknown.length > 0) throw new Error(`nothing is called ${unknown.join(' or ')}: ${all.join(', ')}`);
const parts = positionals.includes('all') ? all : positionals.length > 0 ? positionals : DEFAULT_PARTS;
const clients = values.clients.split(',') as ClientName[];

const DEFAULT_ORDERS: Omit<Orders, 'target'> = {
  calls: Number(values.calls),
  inFlight: 200,
  octets: 0,
  timeoutMs: 30_000,
  waitForReady: false,
  options: JSON.parse(values.options),
  streams: { count: 100, atOnce: 25, messages: 10, intervalMs: 50 },
};

const tally = { passed: 0, failed: 0 };

function report(name: string, wrong: readonly string[]): void {
  tally[wrong.length === 0 ? 'passed' : 'failed']++;
  console.log(`${wrong.length === 0 ? '✓' : '✗'} ${name}`);
  for (const line of wrong) console.log(`    ${line}`);
}

function ordersOf(row: Row, port: number): Orders {
  return { ...DEFAULT_ORDERS, ...row.orders, target: `127.0.0.1:${port}` };
}

/** One client against a peer of its own. */
async function runClient(row: Row, client: ClientName): Promise<Outcome | string> {
  let underLoad: UnderLoad | undefined;
  let run: ClientRun | undefined;
  try {
    const started = await row.start();
    underLoad = started;
    const orders = ordersOf(row, started.peer.port);
    let begun = 0;
    let happened = Promise.resolve();
    run = new ClientRun(client, orders, (settled) => {
      if (started.happen === undefined || begun === TIMES) return;
      if (settled < (orders.calls * (begun + 1)) / (TIMES + 1)) return;
      begun++;
      happened = happened.then(started.happen);
      // It is awaited below.
      happened.catch(() => {});
    });
    const outcome = await run.outcome;
    await happened;
    return outcome;
  } catch (error) {
    return `${(error as Error).message}\n${run?.said ?? ''}`.trim();
  } finally {
    await run?.kill();
    await underLoad?.peer.close();
  }
}

function printed(client: ClientName, outcome: Outcome | string): string {
  if (typeof outcome === 'string') return `    ${client.padEnd(9)} ${outcome}`;
  const { calls, streams, connections, wallMs } = outcome;
  const counts = [
    `${calls.answered} answered`.padStart(14),
    `${lostOf(calls)} lost`.padStart(10),
    `${lostOf(streams)} streams lost`.padStart(16),
    `${connections} connections`.padStart(16),
    `${(wallMs / 1000).toFixed(1)} s`.padStart(7),
  ];
  const lines = [`    ${client.padEnd(9)}${counts.join('')}`];
  for (const [what, { lost }] of Object.entries({ call: calls, stream: streams })) {
    const most = Object.entries(lost).sort(([, a], [, b]) => b - a);
    for (const [text, count] of most.slice(0, 4)) lines.push(`        ${count} × ${what}: ${text}`);
  }
  return lines.join('\n');
}

async function runRow(row: Row): Promise<RowResult> {
  const outcomes = await runClients(row);
  report(`${row.peer}: ${row.event}`, judge(row, ordersOf(row, 0), outcomes, TIMES));
  for (const client of clients) console.log(printed(client, outcomes[client] ?? ''));
  return { peer: row.peer, event: row.event, graceful: row.graceful, outcomes };
}

/** All at once, each against a peer of its own: nothing is measured, and much of the time each waits. */
async function runClients(row: Row): Promise<Outcomes> {
  const outcomes: Partial<Record<ClientName, Outcome | string>> = {};
  await Promise.all(
    clients.map(async (client) => {
      outcomes[client] = await runClient(row, client);
    }),
  );
  return outcomes;
}

const isPeer = (part: string): boolean => part !== 'answers' && part !== 'outages';
const toInstall = new Set<string>(['go', ...parts.filter(isPeer)]);
if (parts.includes('answers')) for (const name of ['nginx', 'haproxy', 'envoy']) toInstall.add(name);
// Its failures need no handling: what is not installed cannot be started, and fails below.
spawnSync(join('spec', 'suites', 'proxies', 'install.sh'), [...toInstall], { stdio: 'inherit' });

rmSync(runFolder(), { recursive: true, force: true });
mkdirSync(runFolder(), { recursive: true });
const rows: RowResult[] = [];
for (const row of ROWS) {
  if (parts.includes(row.peer satisfies PeerName) && row.event.includes(values.only))
    rows.push(await runRow(row));
}
// What proxies answer is asked while outages pass, which is a minute of waiting.
const [answers, outages] = await Promise.all([
  parts.includes('answers') ? runAnswers(values.only, report) : [],
  parts.includes('outages') ? runOutages(Number(values.minutes), clients, report) : [],
]);
writeFileSync(RESULT, `${JSON.stringify({ rows, answers, outages }, undefined, 1)}\n`);
console.log(`\nas JSON in ${RESULT}`);
if (values.write) {
  const page = readFileSync(PAGE, 'utf8');
  const table = `$1\n${tableOf(rows, clients)}\n$2`;
  writeFileSync(PAGE, page.replace(/(<!-- rows -->)[\s\S]*(<!-- end -->)/, table));
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
// What is left of peers that failed to start ends with this process.
process.exit(tally.failed === 0 ? 0 : 1);
