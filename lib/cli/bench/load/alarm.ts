// Wakes the event loop at a time, to some hundredths of a millisecond. Timers of Node have whole milliseconds, and a loop
// that turns until the time has come takes a whole core. So a thread sleeps until then, as exactly as the system lets it,
// and sends a message.

import { Worker } from 'node:worker_threads';

export interface Alarm {
  /** Calls back at `atMs` of performance.now(), or shortly before. One time is kept: a later call replaces it. */
  set(atMs: number): void;
  close(): void;
}

/** Makes an alarm that calls `onTime`. Resolves when it can be set. */
export type MakeAlarm = (onTime: () => void) => Promise<Alarm>;

/** What the alarm has with its thread: a number that changes with each new time, and the time, by the clock that
 * threads share in every runtime: in Bun, `process.hrtime` counts from the begin of each. */
interface Shared {
  readonly changes: Int32Array;
  readonly atMs: Float64Array;
}

/** The time that ends the thread. */
const CLOSED_MS = -1;

/**
 * The thread's program. In a string, because the command may be one file with no others beside it. It wakes up when the
 * time has come or another was set, whichever is first; a time that is replaced as it comes may be told as well.
 */
const SLEEPER = `
const { parentPort, workerData: { changes, atMs } } = require('node:worker_threads');
parentPort.postMessage('ready');
let done = -1;
for (;;) {
  const change = Atomics.load(changes, 0);
  const at = atMs[0];
  if (at === ${CLOSED_MS}) break;
  const waitMs = change === done ? Infinity : at - (performance.timeOrigin + performance.now());
  if (waitMs > 0 && Atomics.wait(changes, 0, change, waitMs) !== 'timed-out') continue;
  done = change;
  parentPort.postMessage('time');
}`;

/** Errors: rejects where threads cannot be had. */
export async function threadAlarm(onTime: () => void): Promise<Alarm> {
  const shared: Shared = {
    changes: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    atMs: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
  };
  shared.atMs[0] = Infinity;
  const thread = new Worker(SLEEPER, { eval: true, workerData: shared, execArgv: [] });
  await new Promise<void>((resolve, reject) => {
    thread.once('message', () => resolve());
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the thread of an alarm ended')));
  });
  thread.on('message', onTime);
  const wake = (atMs: number): void => {
    shared.atMs[0] = atMs;
    Atomics.add(shared.changes, 0, 1);
    Atomics.notify(shared.changes, 0);
  };
  return {
    set(atMs) {
      wake(performance.timeOrigin + atMs);
    },
    close() {
      wake(CLOSED_MS);
      thread.unref();
    },
  };
}

/** A timer may be so much late. */
const TIMER_LATE_MS = 2;

/** Where there are no threads: timers, and near the time turn by turn of the event loop. */
export async function timerAlarm(onTime: () => void): Promise<Alarm> {
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const clear = (): void => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
  return {
    set(atMs) {
      clear();
      const waitMs = atMs - performance.now();
      if (waitMs > TIMER_LATE_MS) timer = setTimeout(onTime, waitMs - TIMER_LATE_MS);
      else turn = setImmediate(onTime);
    },
    close: clear,
  };
}

/** The exact one, or the other where that cannot be had. */
export const makeAlarm: MakeAlarm = (onTime) => threadAlarm(onTime).catch(() => timerAlarm(onTime));
