// Whether servers and name servers are asked no more often than was promised.

import { FORGIVEN_LOSSES, LASTING_MS } from '../../../../lib/channel/connection/dial-backoff.ts';
import type { DialRecord } from '../network.ts';
import type { Oracle } from './oracle.ts';

/** Timers go off up to a millisecond early. */
const EARLY_MS = 2;

/** After failures in a row the next dial of an address waits for its back-off. */
export const dialsWithBackoff: Oracle = {
  name: 'dials with back-off',
  promise: 'docs/connections.md "How often a server is dialled"',
  *find({ dials, plan }) {
    // An address that leaves the list and comes back begins anew.
    if (plan.events.some(({ kind }) => kind === 'addresses')) return;
    const byAddress = new Map<string, DialRecord[]>();
    for (const dial of dials) byAddress.set(dial.address, [...(byAddress.get(dial.address) ?? []), dial]);
    for (const [address, all] of byAddress) {
      let failures = 0;
      let forgiven = 0;
      for (const [i, dial] of all.entries()) {
        const next = all[i + 1];
        const lastedMs = (dial.endMs ?? Infinity) - dial.startMs;
        if (dial.hasServed || (dial.readyMs !== undefined && lastedMs >= LASTING_MS)) forgiven = 0;
        // At most so many in a row, and none before the first that came about.
        const wasBorne = all.slice(0, i).some(({ readyMs }) => readyMs !== undefined) && failures === 0;
        if (dial.wasTurnedAway && isBeside(dial, all)) continue;
        if (dial.wasTurnedAway && wasBorne && forgiven < FORGIVEN_LOSSES) {
          forgiven++;
          continue;
        }
        const { outcome } = dial;
        const wasRefused = outcome === 'refused' || outcome === 'wrong-identity' || dial.wasTurnedAway;
        const hasFailed = dial.readyMs === undefined && wasRefused;
        failures = hasFailed ? failures + 1 : 0;
        if (next === undefined || !hasFailed) continue;
        const leastMs = 0.8 * Math.min(1000 * 1.6 ** (failures - 1), 120_000);
        if (next.startMs - dial.startMs >= leastMs - EARLY_MS) continue;
        yield `${address} was dialled at ${Math.round(next.startMs)} ms, ${Math.round(next.startMs - dial.startMs)} ms after failure ${failures} in a row; the back-off is ${leastMs} ms at least`;
      }
    }
  },
};

/** Whether it was to stand beside a connection that there was already: that one is dialled anew at once when it goes. */
function isBeside({ startMs }: DialRecord, all: readonly DialRecord[]): boolean {
  return all.some((other) => {
    return other.readyMs !== undefined && other.readyMs < startMs && (other.endMs ?? Infinity) > startMs;
  });
}

/** A pass over the addresses goes on to its end when the call that it was begun for has ended. */
const PASS_MS = 30_000;

/** pick_first dials for those who wait, and for nobody else. */
export const dialsWhenWanted: Oracle = {
  name: 'dials when wanted',
  promise:
    'docs/connections.md "How often a server is dialled": with pick_first nothing is dialled that no call waits for',
  *find({ dials, waits, plan }) {
    if (plan.client.policy !== 'pick_first') return;
    for (const { startMs, address } of dials) {
      const isWanted = waits.some(
        (wait) => wait.startMs <= startMs && (wait.settledMs ?? Infinity) + PASS_MS >= startMs,
      );
      if (!isWanted) yield `${address} was dialled at ${Math.round(startMs)} ms, and nobody waited for it`;
    }
  },
};
