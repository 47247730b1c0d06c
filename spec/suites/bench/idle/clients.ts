// One process with many clients, each of a server of its own: what they take of memory before they connect, after a call
// each, and idle, and the CPU time that idle ones take. Prints JSON. Arguments: the form, and the ports.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Client } from '../../../../lib/index.ts';
import { benchDirectory, repositoryRoot } from '../native.ts';

const IDLE_MS = 5000;
const AT_ONCE = 20;
const PATH = '/grpc.testing.BenchmarkService/UnaryCall';
const PROTO = join(benchDirectory(), 'bench.proto');
const EMPTY = new Uint8Array(0);

const [form, list] = process.argv.slice(2);
const ports = list.split(',').map(Number);
const module: typeof import('../../../../lib/index.ts') = await import(
  pathToFileURL(join(repositoryRoot(), 'dist/index.js')).href
);

interface Memory {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
}

async function memory(): Promise<Memory> {
  // Finalizers and what they free take a turn of the event loop each.
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await wait(20);
  }
  const { heapUsed: heap, external, rss } = process.memoryUsage();
  return { heap, external, rss };
}

async function make(port: number): Promise<Client> {
  const client = new module.Client('127.0.0.1', port);
  if (form === 'schema') await client.load(PROTO);
  // Of the same size, and like no other.
  if (form === 'own') await client.load(`${readFileSync(PROTO, 'utf8')}\n// ${port}\n`);
  return client;
}

async function call(client: Client): Promise<void> {
  if (form === 'raw') await client.raw(PATH, { cardinality: 'unary_unary' })(EMPTY);
  else await client.request('UnaryCall', {});
}

// What the first client loads and makes is everybody's.
const first = await make(ports[0]);
await call(first);
const before = await memory();
const clients: Client[] = [];
for (const port of ports.slice(1)) clients.push(await make(port));
const made = await memory();
// A few at a time, as a program would come to call its servers.
for (let i = 0; i < clients.length; i += AT_ONCE) await Promise.all(clients.slice(i, i + AT_ONCE).map(call));
const called = await memory();
const cpu = process.cpuUsage();
await wait(IDLE_MS);
const { user, system } = process.cpuUsage(cpu);
const idle = await memory();
const each = (at: Memory): Memory => ({
  heap: (at.heap - before.heap) / clients.length,
  external: (at.external - before.external) / clients.length,
  rss: (at.rss - before.rss) / clients.length,
});
console.log(
  JSON.stringify({
    made: each(made),
    called: each(called),
    idle: each(idle),
    idleCpuMs: (user + system) / 1000,
    idleMs: IDLE_MS,
  }),
);
process.exit(0);
