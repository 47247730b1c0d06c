// For programs that must come to their end by themselves: they measure their own lives. Whoever waits for one cannot tell
// a process that something keeps alive from one that a busy machine has not let begin.

import { writeSync } from 'node:fs';
import { LoopClock } from './time/loop-clock.ts';

/** The exit status of a program that has lived for too long. */
const TOO_LONG_STATUS = 99;

/** Called at the beginning of a program: one that lives for longer says so at its end, and fails. */
export function endWithin(mostMs: number): void {
  const clock = new LoopClock();
  process.on('exit', () => {
    const livedMs = Math.round(clock.now());
    if (livedMs <= mostMs) return;
    writeSync(2, `it lived for ${livedMs} ms by its event loop, and had ${mostMs}\n`);
    process.exitCode = TOO_LONG_STATUS;
  });
}
