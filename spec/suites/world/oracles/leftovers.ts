// Whether everything is gone when a client was closed.

import type { Oracle } from './oracle.ts';
import { overlaps, unwellSpans } from './trouble.ts';

const DEFAULT_WINDOW = 65_535;
/** The request of a health watch, which may be on its way. */
const WATCH_OCTETS = 5;
/** For what is on its way on a narrow line. */
const LATE_MS = 30_000;

/** Grace and a second after close nothing of the library's is left: no timer, no socket, nobody who waits. */
export const nothingIsLeft: Oracle = {
  name: 'nothing is left',
  promise: 'docs/promises.md 9; docs/options.md: after close nothing of ours keeps the process alive',
  *find({ left, closedMs, closeMs, plan }) {
    if (closedMs === undefined) yield `close of ${closeMs} ms (graceMs ${plan.closing.graceMs}) did not end`;
    for (const [what, count] of Object.entries(left)) {
      if (typeof count === 'number' && count > 0) yield `${count} ${what} left after close`;
    }
    for (const wait of left.registered) yield `somebody still waits after close: ${wait}`;
  },
};

/** With no call open, windows are whole and buffers empty. */
export const quietIsEmpty: Oracle = {
  name: 'quiet is empty',
  promise: 'docs/promises.md 7: what is buffered is bounded, and given back',
  *find({ quiet }) {
    for (const { peer, openStreams, bufferedOctets, sendWindow } of quiet) {
      // A health watch goes on.
      if (openStreams > 1) yield `${openStreams} streams are open to ${peer.address}, and no call is`;
      if (bufferedOctets > 0) yield `${bufferedOctets} octets from ${peer.address} are counted as buffered`;
      if (sendWindow < DEFAULT_WINDOW - WATCH_OCTETS || sendWindow > DEFAULT_WINDOW)
        yield `the window to ${peer.address} is ${sendWindow}, and all was credited`;
    }
  },
};

/** Servers are told of calls that are over: given up, past their deadline, lost to another attempt. */
export const tellsServers: Oracle = {
  name: 'tells servers',
  promise: 'docs/promises.md 9: what ends a call early sends RST_STREAM at once',
  *find({ calls, attempts, plan, closeMs }) {
    const ends = new Map(calls.map(({ plan: planned, endMs }) => [planned.id, endMs]));
    for (const { call, address, endMs = Infinity, atMs } of attempts) {
      const overMs = Math.max(ends.get(call) ?? Infinity, atMs);
      const dueMs = overMs + LATE_MS;
      if (endMs <= dueMs || dueMs >= closeMs) continue;
      if (overlaps(unwellSpans(plan, address), overMs, dueMs)) continue;
      yield `call ${call} was over at ${Math.round(overMs)} ms, and ${address} still runs it at ${Math.round(dueMs)} ms`;
    }
  },
};
