// Whether dead peers are found, and live ones left alone.

import type { DialRecord } from '../network.ts';
import type { WorldRecord } from '../world.ts';
import type { Oracle } from './oracle.ts';
import { overlaps, type Span, silentSpans, unwellSpans } from './trouble.ts';

/** A connection that was silent for so long is verified when a call starts. */
const SILENCE_MS = 60_000;
const VERIFY_MS = 5_000;
/** For packets that were on their way, and for timers. */
const SLACK_MS = 1_500;

/** A server that fell silent is given up when a call finds the silence, or by keepalive. */
export const findsDeadPeers: Oracle = {
  name: 'finds dead peers',
  promise:
    'docs/keepalive.md: a connection silent for 60 s is verified when a call starts; keepalive in its time',
  *find(world) {
    const { plan, dials } = world;
    for (const dial of dials) {
      for (const span of silentSpans(plan, dial.address)) {
        if (
          dial.readyMs === undefined ||
          span.fromMs <= dial.startMs ||
          (dial.endMs ?? Infinity) <= span.fromMs
        )
          continue;
        const dueMs = dueOf(world, dial, span);
        if (dueMs === undefined || (dial.endMs ?? Infinity) <= dueMs) continue;
        yield `${dial.address} was silent from ${Math.round(span.fromMs)} ms on, and its connection of ${Math.round(dial.startMs)} ms was to be given up by ${Math.round(dueMs)} ms; ${dial.endMs === undefined ? 'it never was' : `it was at ${Math.round(dial.endMs)} ms`}`;
      }
    }
  },
};

/** By when the connection must be over; undefined where nobody had to look. */
function dueOf({ plan, calls, standstills }: WorldRecord, dial: DialRecord, span: Span): number | undefined {
  // Where there are others it takes knowing which call went where; and a process that stood still looked later.
  if (plan.hosts.length > 1 || standstills.length > 0) return undefined;
  const { keepalive } = plan.client;
  // One that is ready only later is patient from then on.
  const quietMs = Math.max(span.fromMs, dial.readyMs ?? 0) + SLACK_MS;
  const dues: number[] = [];
  for (const { startMs, endMs = Infinity } of calls) {
    // Behind a GOAWAY only those that began before can be there.
    if (dial.drainMs !== undefined && startMs > dial.drainMs) continue;
    // Octets before the PING that still leave are a sign of life, once.
    if (startMs >= quietMs + SILENCE_MS) dues.push(startMs + 2 * patience(VERIFY_MS, dial) + SLACK_MS);
    if (keepalive === undefined || endMs <= quietMs) continue;
    // One that drains is asked half as often.
    const intervalMs = keepalive.intervalMs * (dial.drainMs === undefined ? 1 : 2);
    const lookMs = Math.max(quietMs + intervalMs, startMs);
    const dueMs = lookMs + 2 * patience(keepalive.timeoutMs, dial) + SLACK_MS;
    if (endMs > dueMs && startMs >= dial.startMs) dues.push(dueMs);
  }
  const dueMs = Math.min(...dues);
  return dueMs === Infinity || dueMs > span.toMs ? undefined : dueMs;
}

/** Servers that drain get more time: docs/keepalive.md. */
function patience(limitMs: number, { drainMs }: DialRecord): number {
  return drainMs === undefined ? limitMs : Math.max(2 * limitMs, 10_000);
}

/** A server that answers is not given up because the client's process was busy or stood still. */
export const sparesTheLiving: Oracle = {
  name: 'spares the living',
  promise:
    'docs/keepalive.md: given up when nothing came from the server; what has come is read before it is judged',
  *find({ plan, calls, probes }) {
    for (const { plan: planned, details, endMs = Infinity } of [...calls, ...probes]) {
      const given = /given up: nothing came within|was silent for|within connectTimeoutMs/.exec(details);
      if (given === null) continue;
      // What was the matter long ago may be told late.
      const sinceMs = endMs - 170_000;
      const wasUnwell = plan.hosts.some(({ address }) =>
        overlaps(unwellSpans(plan, address), sinceMs, endMs),
      );
      const wasNameless = plan.events.some(({ kind }) => kind === 'names' || kind === 'addresses');
      if (wasUnwell || wasNameless || plan.closing.trouble !== 'none') continue;
      yield `call ${planned.id} ended at ${Math.round(endMs)} ms though all servers were well: ${details}`;
    }
  },
};
