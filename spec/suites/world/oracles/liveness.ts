// Whether a client finds its servers again.

import type { CallRecord } from '../workload.ts';
import type { WorldRecord } from '../world.ts';
import type { Oracle } from './oracle.ts';

const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;

/** When all is well for longer than any back-off, a call that does not wait for a connection succeeds. */
export const findsServersAgain: Oracle = {
  name: 'finds servers again',
  promise: 'docs/connections.md "How often a server is dialled": available again within back-off',
  *find({ probes, plan, dials }) {
    const [first] = probes;
    const last = probes[probes.length - 1];
    if (last.code !== 0) {
      yield `${probes.length} calls in a row failed though all was well: ${last.code} ${last.details}`;
      return;
    }
    // A connection that died without a word may take one call with it.
    const hadConnection = dials.some(
      ({ startMs, endMs }) => startMs < first.startMs && (endMs === undefined || endMs >= first.startMs),
    );
    if (first.code !== 0 && !hadConnection) {
      yield `the first call failed though all was well since ${plan.calmMs} ms: ${first.code} ${first.details}`;
    }
  },
};

/** A call that fails at once has a back-off that runs to say so: somewhere something was tried not long ago. */
export const triesBeforeItFails: Oracle = {
  name: 'tries before it fails',
  promise:
    'docs/connections.md "How often a server is dialled": calls fail at once only while a back-off runs',
  *find(world) {
    for (const call of world.calls) {
      if (call.code !== UNAVAILABLE || call.origin !== 'client') continue;
      if (!isUntried(call, world)) continue;
      yield `call ${call.plan.id} at ${ms(call.startMs)} failed at once, and nothing was tried since ${ms(lastTry(world, call.startMs))}: ${call.details}`;
    }
  },
};

/** Calls that wait for a connection are woken when there is one. */
export const wakesWaiting: Oracle = {
  name: 'wakes who waits',
  promise: 'docs/connections.md: calls with waitForReady wait for a connection, and get it',
  *find({ calls, plan, waits, attempts }) {
    const wellMs = plan.calmMs + 170_000;
    for (const call of calls) {
      const { plan: planned, startMs, code } = call;
      if (code !== DEADLINE_EXCEEDED || !planned.waitForReady) continue;
      if (startMs + planned.timeoutMs < wellMs) continue;
      if (attempts.some((attempt) => attempt.call === planned.id)) continue;
      yield `call ${planned.id} waited for a connection until its deadline, and there was one: ${call.details}`;
    }
    for (const { what, startMs, dueMs, settledMs } of waits) {
      if (what !== 'waitForReady' || dueMs < wellMs) continue;
      if (settledMs === undefined || settledMs > wellMs)
        yield `waitForReady at ${ms(startMs)} was not resolved though all was well`;
    }
  },
};

/** Longer than any world. */
const LONG_IDLE_MS = 1_800_000;

/** Policies that keep connections to all addresses make them by themselves. */
export const movesOn: Oracle = {
  name: 'state moves on',
  promise: 'docs/connections.md "Load balancing": others make connections again by themselves with back-off',
  *find({ stateBeforeProbes, plan, probes, dials }) {
    const { policy, idleConnectionMs } = plan.client;
    const wasActive = dials.some(({ startMs }) => startMs < probes[0].startMs);
    if (policy === 'pick_first' || !wasActive) return;
    const sinceMs = Math.round(probes[0].startMs - plan.calmMs);
    if (stateBeforeProbes === 'transient_failure')
      yield `the state is still transient_failure ${sinceMs} ms after all was well`;
    // Where connections are ended that nobody uses they are made again less often.
    const areKept = plan.hosts.every(({ ageMs }) => ageMs === undefined);
    if (stateBeforeProbes === 'idle' && areKept && idleConnectionMs >= LONG_IDLE_MS)
      yield `there is no connection ${sinceMs} ms after all was well`;
  },
};

/** Nothing of the call was sent, and nothing was tried while it ran or so shortly before that a back-off ran. */
function isUntried(call: CallRecord, { dials, questions, attempts, standstills }: WorldRecord): boolean {
  const { startMs, endMs = startMs, plan } = call;
  if (attempts.some((attempt) => attempt.call === plan.id)) return false;
  // It was there for a connection that was being made, or that there was.
  if (dials.some((dial) => dial.startMs <= endMs && (dial.endMs === undefined || dial.endMs >= startMs)))
    return false;
  if (questions.some((atMs) => atMs >= startMs && atMs <= endMs)) return false;
  const byAddress = new Map<string, number[]>();
  for (const dial of dials) {
    if (dial.startMs > startMs) continue;
    if (dial.hasServed) byAddress.set(dial.address, []);
    byAddress.set(dial.address, [...(byAddress.get(dial.address) ?? []), dial.startMs]);
  }
  for (const starts of byAddress.values()) {
    if (starts[starts.length - 1] + longestBackoff(starts.length) >= startMs) return false;
  }
  const asked = questions.filter((atMs) => atMs <= startMs);
  // A question is open for as long as the connect timeout, and for as long as the process stands still.
  const openMs = 20_000 + standstills.reduce((sum, { forMs }) => sum + forMs, 0);
  if (asked.length > 0 && asked[asked.length - 1] + openMs + longestBackoff(asked.length) >= startMs)
    return false;
  return true;
}

/** The back-off after so many failures in a row, at most. Source: grpc doc/connection-backoff.md. */
function longestBackoff(failures: number): number {
  return 1.2 * Math.min(1000 * 1.6 ** (failures - 1), 120_000) + 2;
}

function lastTry({ dials, questions }: WorldRecord, beforeMs: number): number {
  return Math.max(
    -1,
    ...dials.map(({ startMs }) => startMs),
    ...questions.filter((atMs) => atMs <= beforeMs),
  );
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
