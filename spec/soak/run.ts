// What only a long run shows: `npm run soak [calls]`. A million calls leave no growth; a slow reader of 2 GB grows
// the process by less than 64 MB; close() leaves nothing open. Takes some minutes.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from '../../lib/index.ts';

const MIB = 1024 * 1024;
const CALLS = Number(process.argv[2] ?? 1_000_000);
const IN_FLIGHT = 64;
const MAX_HEAP_GROWTH_MIB = 4;
const FLOOD_CHUNK_OCTETS = 64 * 1024;
const FLOOD_CHUNKS = (2048 * MIB) / FLOOD_CHUNK_OCTETS;
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

async function startServer(): Promise<{ process: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['.build/spec/soak/server.js'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { process: child, port: Number(String(line)) };
}

/** Calls that answer, calls that are cancelled and calls that run out of time, `IN_FLIGHT` at once. */
async function manyCalls(client: Client, calls: number): Promise<void> {
  let started = 0;
  const data = new Uint8Array(32);
  const worker = async (): Promise<void> => {
    while (started < calls) {
      started += 1;
      if (started % 100 === 0) {
        const call = client.request('soak.Soak/Echo', { data });
        call.cancel();
        await call.status;
      } else if (started % 100 === 50) {
        await client.request('soak.Soak/Echo', { data }, { timeoutMs: 1 }).status;
      } else {
        await client.request('soak.Soak/Echo', { data });
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function unaryGrowth(client: Client): Promise<void> {
  await manyCalls(client, CALLS / 10);
  const before = await heapMiB();
  const start = performance.now();
  await manyCalls(client, CALLS);
  const seconds = (performance.now() - start) / 1000;
  const growth = (await heapMiB()) - before;
  report(
    growth < MAX_HEAP_GROWTH_MIB,
    `${CALLS} unary calls, some cancelled or out of time: the heap grew by ${growth.toFixed(2)} MiB ` +
      `(limit ${MAX_HEAP_GROWTH_MIB}), ${Math.round(CALLS / seconds)} calls/s`,
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

const server = await startServer();
try {
  const client = new Client('127.0.0.1', server.port);
  await client.load('spec/soak/soak.proto');
  await unaryGrowth(client);
  await slowReader(client);
  await client.close();
  // The socket ends with the peer's answer to its FIN.
  const open = (): string[] => process.getActiveResourcesInfo().filter((name) => OURS.test(name));
  for (let waitedMs = 0; waitedMs < MAX_CLOSING_MS && open().length > 0; waitedMs += 10) await delay(10);
  const left = open();
  report(left.length === 0, `after close(): ${left.length === 0 ? 'nothing is left open' : left.join()}`);
} finally {
  server.process.stdin?.end();
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (failed > 0) process.exitCode = 1;
