// What the recorder wrote, as latencies: of a closed loop from when each call began; of an open one from when it was planned.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Load } from './tools.ts';

/** Of calls that succeeded, in milliseconds, ascending: each call's is between the two. */
export interface RecordedLatencies {
  readonly least: readonly number[];
  readonly most: readonly number[];
}

interface RecordedCall {
  readonly isOk: boolean;
  readonly begin: readonly [notBeforeMs: number, notAfterMs: number];
  readonly end: readonly [notBeforeMs: number, notAfterMs: number];
}

/** From all threads and processes that wrote into the folder. */
export function recordedLatencies(folder: string, { rate }: Load): RecordedLatencies {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const parts = files.map((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n').map(callOf));
  const least: number[] = [];
  const most: number[] = [];
  for (const calls of parts) {
    calls.sort((one, other) => one.begin[1] - other.begin[1]);
    // Each of several parts makes every n-th call of the plan; the call that was least late tells when the plan began.
    const everyMs = rate === undefined ? 0 : (1000 / rate) * parts.length;
    const planMs = Math.min(...calls.map(({ begin }, index) => begin[1] - index * everyMs));
    for (const [index, { isOk, begin, end }] of calls.entries()) {
      if (!isOk) continue;
      const [notBeforeMs, notAfterMs] =
        rate === undefined ? begin : [planMs + index * everyMs, planMs + index * everyMs];
      least.push(end[0] - notAfterMs);
      most.push(end[1] - notBeforeMs);
    }
  }
  const ascending = (one: number, other: number): number => one - other;
  return { least: least.sort(ascending), most: most.sort(ascending) };
}

function callOf(line: string): RecordedCall {
  const [code, beginMs, begunMs, endMs, endedMs] = line.split(' ').map(Number);
  return { isOk: code === 0, begin: [beginMs, begunMs], end: [endMs, endedMs] };
}
