// Measures rows that move large messages, or many: what the process grows by in the first call, then the CPU time of the
// calls that follow. Inside the client's process. Knows no particular client.

import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BenchClient, SMALL_BODY_OCTETS } from './clients/client.ts';
import type { Figures } from './figures.ts';
import type { Row } from './rows.ts';

const MIB = 1024 * 1024;
/** Small calls before the first look at the memory: the connection is there, and the code of calls is loaded. */
const SMALL_CALLS = 50;
/** Messages of the streams before it. */
const FEW_MESSAGES = 64;

interface Transfer {
  /** The same in small. */
  readonly warmUp: () => Promise<void>;
  readonly once: () => Promise<void>;
}

function expectOctets(got: number | undefined, wanted: number): void {
  if (got !== wanted) throw new Error(`a reply of ${got} octets instead of ${wanted}`);
}

/** Memory that is resident before anything is measured. */
const filled = (octets: number): Uint8Array => new Uint8Array(octets).fill(1);

function huge({ huge: send }: Partial<BenchClient>, { up = 0, down = SMALL_BODY_OCTETS }: Row): Transfer {
  if (send === undefined) throw new Error('this client cannot send a message of any size');
  const body = filled(up);
  return {
    async warmUp() {
      for (let i = 0; i < SMALL_CALLS; i++) await send(new Uint8Array(1), 1);
    },
    async once() {
      expectOctets((await send(body, down)).payload?.body?.length, down);
    },
  };
}

function chunksUp({ clientStream }: BenchClient, { up = 0, messages }: Row): Transfer {
  const body = filled(up);
  const send = async (count: number): Promise<void> => {
    expectOctets((await clientStream(count, body)).payload?.body?.length, SMALL_BODY_OCTETS);
  };
  return { warmUp: () => send(FEW_MESSAGES), once: () => send(messages) };
}

function chunksDown({ serverStream }: BenchClient, { down = 0, messages, work }: Row): Transfer {
  const slow = async (): Promise<void> => {
    for (let i = 0; i < 2; i++) await nextTurn();
  };
  const read = async (count: number): Promise<void> => {
    let octets = 0;
    await serverStream(count, (reply) => {
      octets += reply.payload?.body?.length ?? 0;
      return work === 'slow-reader' ? slow() : undefined;
    });
    expectOctets(octets, count * down);
  };
  return { warmUp: () => read(FEW_MESSAGES), once: () => read(messages) };
}

function transferOf(client: BenchClient, row: Row): Transfer {
  switch (row.server) {
    case 'client-stream':
      return chunksUp(client, row);
    case 'server-chunks':
      return chunksDown(client, row);
    default:
      return huge(client, row);
  }
}

function residentMiB(field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`${field}:\\s*(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'));
  return (Number(line?.[1]) * 1024) / MIB;
}

/** How much more of the process is resident at most, while the work is done, than before. Linux only. */
async function growthMiB(work: () => Promise<void>): Promise<number> {
  const before = residentMiB('VmRSS');
  // The peak starts anew (proc(5)).
  writeFileSync('/proc/self/clear_refs', '5');
  await work();
  return residentMiB('VmHWM') - before;
}

/** What the process grew by, then CPU time and throughput. */
export async function measureTransfer(client: BenchClient, row: Row): Promise<Figures> {
  const { warmUp, once } = transferOf(client, row);
  await warmUp();
  const memoryMiB = await growthMiB(once);
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  for (let i = 0; i < row.count; i++) await once();
  const wallMs = performance.now() - wallBefore;
  const { user, system } = process.cpuUsage(cpuBefore);
  const operations = row.count * row.messages;
  const unitMicros = row.unit === 'ms' ? 1000 : 1;
  return {
    cost: (user + system) / operations / unitMicros,
    rate: (operations / wallMs) * 1000,
    memoryMiB,
  };
}
