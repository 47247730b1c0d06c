// How often servers did what was asked once.

import type { AttemptRecord } from '../exchange.ts';
import type { CallPlan } from '../plan.ts';
import { FIRST_CLOSING_CALL } from '../world.ts';
import type { Oracle } from './oracle.ts';

const UNAVAILABLE = 14;

/** At most once unless a policy allows more, and never more often than it allows. */
export const atMostOnce: Oracle = {
  name: 'at most once',
  promise:
    'docs/resilience.md: what nobody can know to have run is not repeated unless it may run more than once',
  *find({ calls, probes, attempts }) {
    for (const { plan } of [...calls, ...probes]) {
      const processed = attempts.filter(({ call, outcome }) => call === plan.id && outcome !== 'refused');
      const most = plan.retry?.maxAttempts ?? plan.hedging?.maxAttempts ?? 1;
      if (processed.length > most)
        yield `call ${plan.id} was processed ${processed.length} times, and may be ${most} times: ${shown(processed)}`;
      // An attempt may have been lost before it reached its server, and be seen there last.
      if (plan.hedging !== undefined || plan.retry?.idempotent === true) continue;
      for (const before of processed.slice(0, -1)) {
        if (plan.retry !== undefined && wasAnsweredUnavailable(before)) continue;
        yield `call ${plan.id} was made again after an attempt that may have run: ${shown(processed)}`;
        break;
      }
    }
  },
};

function wasAnsweredUnavailable({ outcome, code }: AttemptRecord): boolean {
  return outcome === 'status' && code === UNAVAILABLE;
}

function shown(attempts: readonly AttemptRecord[]): string {
  return attempts
    .map(
      ({ address, atMs, outcome, code }) =>
        `${outcome}${code === undefined ? '' : ` ${code}`} by ${address} at ${Math.round(atMs)} ms`,
    )
    .join(', ');
}

/** A request stream that has come further than this is not sent again (docs/resilience.md). */
const STREAM_REPLAY_OCTETS = 64 * 1024;

/** Whether what was sent of it can be sent again. */
export function isKept({ shape, requestOctets, requests }: CallPlan): boolean {
  return shape === 'unary' || shape === 'server' || requestOctets * requests < STREAM_REPLAY_OCTETS;
}

/** Where servers only do what is graceful, every call succeeds. */
export const noneLost: Oracle = {
  name: 'none lost',
  promise: 'docs/connections.md "Servers that restart": a server that drains loses no call',
  *find({ plan, calls, attempts }) {
    if (plan.kind !== 'polite') return;
    for (const { plan: planned, code, details } of calls) {
      if (code === 0 || planned.id >= FIRST_CLOSING_CALL || !isKept(planned)) continue;
      const seen = attempts.filter(({ call }) => call === planned.id);
      yield `call ${planned.id} was lost: ${code} ${details} (${seen.length === 0 ? 'never sent' : shown(seen)})`;
    }
  },
};
