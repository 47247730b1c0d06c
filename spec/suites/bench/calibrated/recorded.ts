// What the recorder wrote, as latencies: of a closed loop from when each call began; of an open one from when it was planned.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Load } from './tools.ts';

/** Of calls that succeeded, in milliseconds, ascending; from all threads and processes that wrote into the folder. */
export function recordedLatencies(folder: string, { rate }: Load): number[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const parts = files.map((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n').map(callOf));
  const latencies = parts.flatMap((calls) => {
    calls.sort((one, other) => one.beganMs - other.beganMs);
    // Each of several parts makes every n-th call of the plan; the call that was least late tells when the plan began.
    const everyMs = rate === undefined ? 0 : (1000 / rate) * parts.length;
    const startMs = Math.min(...calls.map(({ beganMs }, index) => beganMs - index * everyMs));
    return calls.flatMap(({ beganMs, endedMs, isOk }, index) =>
      isOk ? [endedMs - (rate === undefined ? beganMs : startMs + index * everyMs)] : [],
    );
  });
  return latencies.sort((one, other) => one - other);
}

function callOf(line: string): { beganMs: number; endedMs: number; isOk: boolean } {
  const [beganMs, endedMs, code] = line.split(' ').map(Number);
  return { beganMs, endedMs, isOk: code === 0 };
}
