// Begins every row at once, closes what is to be closed, and tells at its end, which must come by itself in time: what was not
// settled, what kept it alive, and for how long.

import { writeSync } from 'node:fs';
import { LoopClock } from '../../support/time/loop-clock.ts';
import { type Places, ROWS } from './rows.ts';

export interface Report {
  /** From the closing to the end. */
  readonly elapsedMs: number;
  /** Rows that could not be begun, with why. */
  readonly failed: readonly string[];
  /** Rows of which something was promised and never came. */
  readonly unsettled: readonly string[];
  /** What kept the process alive when it should have ended. */
  readonly resources: readonly string[];
}

const GRACE_MS = 200;
/** Within grace + 1 s nothing is left. */
const LIMIT_MS = GRACE_MS + 1000;

const [places, ...names] = process.argv.slice(2);
const wanted = names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.includes(name));
const failed: string[] = [];
const unsettled = new Set<string>();
let resources: readonly string[] = [];
let clock: LoopClock | undefined;

process.on('exit', () => {
  const report: Report = {
    elapsedMs: Math.round(clock?.now() ?? 0),
    failed,
    unsettled: [...unsettled],
    resources,
  };
  writeSync(1, JSON.stringify(report));
});

const begun = await Promise.all(
  wanted.map(async ({ name, begin, isLeft }) => {
    try {
      return { name, isLeft, ...(await begin(JSON.parse(places) as Places)) };
    } catch (error) {
      failed.push(`${name}: ${error}`);
      return undefined;
    }
  }),
);
const closed = new LoopClock();
clock = closed;
for (const one of begun) {
  if (one === undefined) continue;
  const { name, client, promised, isLeft } = one;
  unsettled.add(name);
  const closing = isLeft ? undefined : client.close({ graceMs: GRACE_MS });
  void Promise.allSettled([...promised, closing]).then(() => unsettled.delete(name));
}
setInterval(() => {
  if (closed.now() < LIMIT_MS) return;
  resources = process.getActiveResourcesInfo();
  process.exit();
}, 10).unref();
