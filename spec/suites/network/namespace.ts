// Faults of the kernel's own network, in a namespace that has nothing but its loopback: packets lost and late, and a
// link that goes down, after which both ends believe in a connection that carries nothing.

import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../../../lib/index.ts';
import { networkServer } from './handlers.ts';
import { recovers, runWorkload, type WorkloadResult } from './workload.ts';

export interface LinkCase {
  readonly name: string;
  /** Queueing disciplines of tc, the first that this kernel has. */
  readonly qdiscs?: readonly (readonly string[])[];
  /** Packets are lost, or the case shows nothing. */
  readonly isLossy?: boolean;
  /** The link goes down while calls run. */
  readonly isCut?: boolean;
}

export const LINK_CASES: readonly LinkCase[] = [
  {
    name: 'packets lost and late',
    isLossy: true,
    qdiscs: [
      ['netem', 'delay', '10ms', '5ms', 'loss', '3%'],
      // Drops what does not fit into its queue.
      ['tbf', 'rate', '200mbit', 'burst', '10kb', 'limit', '20kb'],
    ],
  },
  {
    name: 'a narrow link',
    qdiscs: [
      ['netem', 'rate', '60mbit'],
      ['tbf', 'rate', '60mbit', 'burst', '10kb', 'limit', '4mb'],
    ],
  },
  { name: 'a dead link', isCut: true },
];

/** How long calls run before the link goes down. */
const BEFORE_CUT_MS = 30;
const DEAD_MS = 600;

export interface LinkResult {
  readonly results: readonly WorkloadResult[];
  readonly more: readonly string[];
  readonly skipped?: string;
}

function link(state: 'up' | 'down'): void {
  execFileSync('ip', ['link', 'set', 'lo', state]);
}

export async function runLinkCase(
  test: LinkCase,
  callsEach: number,
  recoveryMs: number,
): Promise<LinkResult> {
  link('up');
  // As on a real network: packets of the loopback's 64 KiB would never fit into a small queue.
  execFileSync('ip', ['link', 'set', 'lo', 'mtu', '1500']);
  const server = networkServer();
  const { port } = await server.listen();
  const client = new Client('127.0.0.1', port, { connectTimeoutMs: 2000 });
  await client.load('spec/suites/network/network.proto');
  await client.waitForReady();
  const more: string[] = [];
  const results: WorkloadResult[] = [];
  try {
    if (test.qdiscs !== undefined) {
      const refusals = test.qdiscs.map((qdisc) => () => tc('add', ...qdisc));
      const reasons: string[] = [];
      for (const add of refusals) {
        const reason = add();
        if (reason === undefined) break;
        reasons.push(reason);
      }
      if (reasons.length === refusals.length) return { results, more, skipped: reasons.join('; ') };
    }
    const running = runWorkload(client, callsEach);
    if (test.isCut === true) {
      await delay(BEFORE_CUT_MS);
      link('down');
      results.push(await running);
      results.push(await runWorkload(client, callsEach));
      await delay(DEAD_MS);
      link('up');
    } else {
      results.push(await running);
      results.push(await runWorkload(client, callsEach));
      if (test.isLossy === true && dropped() === 0) more.push('no packet was lost');
      tc('del');
    }
    if (!(await recovers(client, recoveryMs))) more.push('no call succeeds afterwards');
  } finally {
    await client.close({ graceMs: 0 });
    await server.close();
  }
  return { results, more };
}

/** How many packets the loopback's queueing discipline has dropped. */
function dropped(): number {
  const text = execFileSync('tc', ['-s', 'qdisc', 'show', 'dev', 'lo'], { encoding: 'utf8' });
  return Number(/dropped (\d+)/.exec(text)?.[1] ?? 0);
}

/** Why it could not be done, if it could not. */
function tc(verb: 'add' | 'del', ...qdisc: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync('tc', ['qdisc', verb, 'dev', 'lo', 'root', ...qdisc], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
