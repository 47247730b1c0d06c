// Another turn of the event loop, or the end of this one, for what has nothing to do with time. Taken from Node.js when
// this is loaded: the fake timers of tests (Jest's, Vitest's, sinon's, node:test's) come later, and hold what depends on
// time only. It must not know what is put off.

import {
  clearImmediate as clearNodeImmediate,
  clearInterval as clearNodeInterval,
  setImmediate as setNodeImmediate,
  setInterval as setNodeInterval,
} from 'node:timers';
import { MAX_TIMER_MS } from './clock.ts';

/** As setImmediate: when the sockets have been read. */
export const nextTurn: (callback: () => void) => NodeJS.Immediate = setNodeImmediate;
export const clearTurn: (turn: NodeJS.Immediate | undefined) => void = clearNodeImmediate;

/** As process.nextTick: when what runs now has ended. */
export const afterThis: (callback: () => void) => void = process.nextTick;

/** Keeps the process alive until it is let go. */
export function keepAlive(): NodeJS.Timeout {
  return setNodeInterval(() => {}, MAX_TIMER_MS);
}

export function letGo(kept: NodeJS.Timeout | undefined): void {
  clearNodeInterval(kept);
}
