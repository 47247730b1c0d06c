// Whether what is waited for comes, in the time that was promised.

import type { Waiting } from '../workload.ts';
import type { WorldRecord } from '../world.ts';
import type { Oracle } from './oracle.ts';

/** Calls, messages, readiness and close end in time. */
export const settlesInTime: Oracle = {
  name: 'settles in time',
  promise:
    'docs/promises.md 1: each call settles within its deadline + 100 ms; docs/options.md: close within graceMs',
  *find(world) {
    for (const waiting of world.waits) {
      const dueMs = Math.min(dueOf(waiting, world), world.virtualMs);
      if (waiting.settledMs !== undefined && waiting.settledMs <= dueMs) continue;
      const { what, call, startMs, settledMs } = waiting;
      const of = call === undefined ? '' : ` of call ${call}`;
      const when = settledMs === undefined ? 'never came' : `came at ${Math.round(settledMs)} ms`;
      yield `${what}${of}, asked for at ${Math.round(startMs)} ms and due at ${Math.round(dueMs)} ms, ${when}`;
    }
  },
};

/** A process that stood still is late with everything; and everything ends with the client. */
function dueOf(waiting: Waiting, { standstills, closeMs, plan }: WorldRecord): number {
  let dueMs = Math.min(waiting.dueMs, closeMs + plan.closing.graceMs + 1000);
  for (const { atMs, forMs } of standstills) {
    if (atMs <= dueMs && atMs + forMs > waiting.startMs) dueMs = Math.max(dueMs, atMs + forMs + 100);
  }
  return dueMs;
}
