// The next turn of the event loop, or the end of the current one, for work that has nothing to do with time. The
// functions are taken from Node.js when this file is loaded, so that the fake timers of tests (Jest, Vitest, sinon,
// node:test), which come later, hold up only what depends on time. It must not know what is being postponed.

import { MAX_TIMER_MS } from './clock.ts';

/** Not imported: an import statement reads all that the module exports, and so loads node:timers/promises, too. */
const {
  clearImmediate: clearNodeImmediate,
  clearInterval: clearNodeInterval,
  setImmediate: setNodeImmediate,
  setInterval: setNodeInterval,
} = process.getBuiltinModule('node:timers');

/** Like setImmediate: runs after the sockets have been read. */
export const nextTurn: (callback: () => void) => NodeJS.Immediate = setNodeImmediate;
export const clearTurn: (turn: NodeJS.Immediate | undefined) => void = clearNodeImmediate;

/** Like process.nextTick: runs as soon as the current code has finished. */
export const afterThis: (callback: () => void) => void = process.nextTick;

/** Like queueMicrotask: runs behind the promises that are settled already. */
export const afterPromises: (callback: () => void) => void = queueMicrotask;

/** Keeps the process alive until `letGo`. */
export function keepAlive(): NodeJS.Timeout {
  return setNodeInterval(() => {}, MAX_TIMER_MS);
}

export function letGo(kept: NodeJS.Timeout | undefined): void {
  clearNodeInterval(kept);
}

let holds = 0;
let holding: NodeJS.Timeout | undefined;

/** Keeps the process alive until `releaseProcess`; several holds are counted. Cheaper than a timer for each. */
export function holdProcess(): void {
  if (holds++ > 0) return;
  if (holding === undefined) holding = keepAlive();
  else holding.ref();
}

/** Ends one hold. */
export function releaseProcess(): void {
  if (--holds === 0) holding?.unref();
}
