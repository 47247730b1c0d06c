// A server that is down for two seconds, again and again, under a call every 50 ms: after each outage the client is
// available again within back-off, and stays it.

import { setTimeout as sleep } from 'node:timers/promises';
import { lateness, latestRecovery } from './backoff-bound.ts';
import { type ClientName, ClientRun } from './client-run.ts';
import type { Orders, ProbeResult } from './clients/orders.ts';
import { Server } from './peers/peer.ts';
import { goServer } from './peers/servers.ts';

const DOWN_MS = 2000;
const EVERY_MS = 50;
/** For the calls between which the client was found available, and for the server; what this is late by comes on top. */
const SLACK_MS = 250;

/** On the wall clock. */
interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Prober {
  readonly name: string;
  readonly isOurs: boolean;
  readonly run: ClientRun;
}

/** How a client came through the outages. */
interface Recovery {
  /** From the server's return to the first call that was answered, for each outage; undefined where none was. */
  readonly afterMs: readonly (number | undefined)[];
  /** By how much the client's timers were late from the beginning of the outage until then. */
  readonly lateMs: readonly number[];
  /** Calls that failed when neither an outage nor back-off explains it. */
  readonly unexplained: readonly ProbeResult[];
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function recoveryOf(probes: readonly ProbeResult[], outages: readonly Outage[]): Recovery {
  const byTime = [...probes].sort((a, b) => a.atMs - b.atMs);
  const beatsMs = byTime.map(({ atMs }) => atMs);
  const lateMs: number[] = [];
  const unexplained = new Set(byTime.filter(({ error }) => error !== ''));
  const afterMs = outages.map(({ fromMs, toMs }) => {
    const found = byTime.find(({ atMs, tookMs, error }) => atMs + tookMs >= toMs && error === '');
    const foundMs = found === undefined ? Number.POSITIVE_INFINITY : found.atMs + found.tookMs;
    for (const probe of unexplained)
      if (probe.atMs + probe.tookMs >= fromMs && probe.atMs <= foundMs) unexplained.delete(probe);
    lateMs.push(lateness(beatsMs, EVERY_MS, { fromMs, toMs: foundMs }));
    return found === undefined ? undefined : Math.round(foundMs - toMs);
  });
  return { afterMs, lateMs, unexplained: [...unexplained] };
}

function judge({ afterMs, lateMs, unexplained }: Recovery, outages: readonly Outage[]): readonly string[] {
  const wrong: string[] = [];
  for (const [index, { fromMs, toMs }] of outages.entries()) {
    const allowedMs = latestRecovery(toMs - fromMs) - (toMs - fromMs);
    const boundMs = Math.round(allowedMs + SLACK_MS + lateMs[index]);
    const took = afterMs[index];
    if (took === undefined || took > boundMs)
      wrong.push(`outage ${index + 1}: available again after ${took ?? 'any number of'} ms, not ${boundMs}`);
  }
  for (const { error } of unexplained.slice(0, 3)) wrong.push(`failed while the server was there: ${error}`);
  return wrong;
}

/** @param minutes 1: an outage every ten seconds; more: one a minute */
export async function runOutages(
  minutes: number,
  clients: readonly ClientName[],
  report: (name: string, wrong: readonly string[]) => void,
): Promise<object[]> {
  const server = await Server.start(goServer());
  const target = `127.0.0.1:${server.port}`;
  const orders: Orders = {
    ...{ target, calls: 0, inFlight: 1, octets: 0, timeoutMs: 5000, waitForReady: false },
    streams: { count: 0, atOnce: 0, messages: 0, intervalMs: 0 },
    probe: { everyMs: EVERY_MS },
  };
  const probers: Prober[] = clients.map((name) => ({
    name,
    isOurs: name === 'stubless',
    run: new ClientRun(name, orders, undefined, minutes * 60_000 + 60_000),
  }));
  for (const loadBalancing of ['round_robin', 'least_request']) {
    const run = new ClientRun(
      'stubless',
      { ...orders, options: { loadBalancing } },
      undefined,
      minutes * 60_000 + 60_000,
    );
    probers.push({ name: `stubless, ${loadBalancing}`, isOurs: true, run });
  }
  try {
    const count = minutes <= 1 ? 6 : Math.round(minutes);
    const periodMs = minutes <= 1 ? 10_000 : 60_000;
    const outages: Outage[] = [];
    for (let index = 0; index < count; index++) {
      const startMs = now();
      // Some time before the first, too, and some after the last.
      await sleep(periodMs / 2);
      const fromMs = now();
      await server.restart('SIGKILL', DOWN_MS);
      outages.push({ fromMs, toMs: now() });
      await sleep(Math.max(0, startMs + periodMs - now()));
    }
    for (const { run } of probers) run.endProbe();
    const results: object[] = [];
    for (const { name, isOurs, run } of probers) {
      const recovery = recoveryOf((await run.outcome).probes, outages);
      const wrong = judge(recovery, outages);
      const shown = recovery.afterMs.map((ms) => ms ?? '-').join(', ');
      if (isOurs) report(`outages of ${DOWN_MS} ms, ${name}: available again after ${shown} ms`, wrong);
      else console.log([`  beside it, ${name}: after ${shown} ms`, ...wrong].join('\n      '));
      results.push({ name, afterMs: recovery.afterMs, wrong });
    }
    return results;
  } finally {
    await Promise.all([server.close(), ...probers.map(({ run }) => run.kill())]);
  }
}
