// What only a long run shows: `npm run soak [calls]`. Five million calls, and a stream for each fifty of them, with deadlines,
// cancels, resets and reconnects mixed in, leave no growth; a slow reader of 2 GB grows the process by less than
// 64 MiB; close() leaves nothing open.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from '../../../lib/index.ts';
import { type ChurnTally, churn, newTally } from './churn.ts';

const MIB = 1024 * 1024;
const CALLS = Number(process.argv[2] ?? 5_000_000);
const STREAMS = Math.ceil(CALLS / 50);
const IN_FLIGHT = 64;
const MAX_HEAP_GROWTH_MIB = 4;
const MAX_RSS_GROWTH_MIB = 48;
const REPORTS = 5;
const FLOOD_CHUNK_OCTETS = 64 * 1024;
const FLOOD_CHUNKS = (2048 * MIB) / FLOOD_CHUNK_OCTETS;
/** What V8 leaves uncollected of messages that were read, and what waits to be read. */
const MAX_FLOOD_GROWTH_MIB = 64;
const MAX_CLOSING_MS = 250;
/** What a client may hold open. */
const OURS = /^(?:TCPSocketWrap|TCPConnectWrap|GetAddrInfoReqWrap|Timeout|Immediate)$/;

// Without a collection on demand, the heap's size says nothing.
if (globalThis.gc === undefined) {
  const again = spawn(process.execPath, ['--expose-gc', ...process.argv.slice(1)], { stdio: 'inherit' });
  const [status] = await once(again, 'exit');
  process.exit(Number(status ?? 1));
}

let passed = 0;
let failed = 0;
function report(holds: boolean, text: string): void {
  if (holds) passed += 1;
  else failed += 1;
  process.stdout.write(`${holds ? 'ok    ' : 'FAILED'} ${text}\n`);
}

async function heapMiB(): Promise<number> {
  for (let i = 0; i < 5; i += 1) {
    globalThis.gc?.();
    await nextTurn();
  }
  return process.memoryUsage().heapUsed / MIB;
}

async function startServer(script: string): Promise<{ process: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [`.build/spec/suites/soak/${script}.js`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { process: child, port: Number(String(line)) };
}

/** What it cost to keep: the heap behind a collection, and the process. */
async function memory(): Promise<{ heap: number; rss: number }> {
  return { heap: await heapMiB(), rss: process.memoryUsage.rss() / MIB };
}

async function growth(client: Client): Promise<void> {
  await churn(client, { calls: CALLS / 10, streams: STREAMS / 10, inFlight: IN_FLIGHT }, newTally());
  const before = await memory();
  const tally: ChurnTally = newTally();
  const start = performance.now();
  for (let i = 1; i <= REPORTS; i += 1) {
    const part = { calls: CALLS / REPORTS, streams: STREAMS / REPORTS, inFlight: IN_FLIGHT };
    await churn(client, part, tally);
    const { heap, rss } = await memory();
    const seconds = Math.round((performance.now() - start) / 1000);
    process.stdout.write(
      `       ${tally.calls} calls, ${tally.streams} streams, ${seconds} s: heap ${heap.toFixed(1)} MiB, process ${rss.toFixed(0)} MiB\n`,
    );
  }
  const after = await memory();
  const heap = after.heap - before.heap;
  const rss = after.rss - before.rss;
  const statuses = Object.entries(tally.statuses).map(([name, count]) => `${count} ${name}`);
  report(
    heap < MAX_HEAP_GROWTH_MIB && rss < MAX_RSS_GROWTH_MIB,
    `${tally.calls} calls and ${tally.streams} streams: the heap grew by ${heap.toFixed(2)} MiB (limit ${MAX_HEAP_GROWTH_MIB}), ` +
      `the process by ${rss.toFixed(1)} MiB (limit ${MAX_RSS_GROWTH_MIB})`,
  );
  report(tally.wrong.length === 0, `they ended with ${statuses.join(', ')}; ${tally.wrong.length} wrongly`);
  for (const one of tally.wrong.slice(0, 5)) process.stdout.write(`       ${one}\n`);
  const { openStreams, queuedCalls, connections } = client.channel;
  report(
    openStreams === 0 && queuedCalls === 0 && connections <= 1,
    `left at the end: ${openStreams} streams, ${queuedCalls} queued calls, ${connections} connection`,
  );
}

async function slowReader(client: Client): Promise<void> {
  await heapMiB();
  const before = process.memoryUsage.rss();
  let peak = before;
  let octets = 0;
  for await (const chunk of client.request('soak.Soak/Flood', {
    chunks: FLOOD_CHUNKS,
    octets: FLOOD_CHUNK_OCTETS,
  })) {
    octets += (chunk.data as Uint8Array).length;
    // Slower than the server sends: several turns of the event loop for each message.
    for (let i = 0; i < 4; i += 1) await nextTurn();
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  const growth = (peak - before) / MIB;
  report(
    octets === FLOOD_CHUNKS * FLOOD_CHUNK_OCTETS && growth < MAX_FLOOD_GROWTH_MIB,
    `a slow reader of ${octets / MIB} MiB: the process grew by ${growth.toFixed(1)} MiB (limit ${MAX_FLOOD_GROWTH_MIB})`,
  );
}

const churning = await startServer('churn-server');
const flooding = await startServer('server');
try {
  for (const [port, run] of [
    [churning.port, growth],
    [flooding.port, slowReader],
  ] as const) {
    const client = new Client('127.0.0.1', port);
    await client.load('spec/suites/soak/soak.proto');
    await run(client);
    await client.close();
  }
  // The socket ends with the peer's answer to its FIN.
  const open = (): string[] => process.getActiveResourcesInfo().filter((name) => OURS.test(name));
  for (let waitedMs = 0; waitedMs < MAX_CLOSING_MS && open().length > 0; waitedMs += 10) await delay(10);
  const left = open();
  report(left.length === 0, `after close(): ${left.length === 0 ? 'nothing is left open' : left.join()}`);
} finally {
  churning.process.stdin?.end();
  flooding.process.stdin?.end();
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (failed > 0) process.exitCode = 1;
