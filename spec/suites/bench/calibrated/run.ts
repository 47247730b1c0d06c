// Load generators against a server whose delays are known: 20 ms, of each hundredth call 200 ms, and each thousandth fails.
// What each reports stands beside the server's own record of what the delays really were. Ours must
//   - count what the server counted;
//   - not be below the server's record by more than its histogram's error: a client waits for at least as long;
//   - lie between what a second record in the client says of the same calls at least and at most (recorder.ts).
// No clock on the wall is in it: on a busy machine calls take longer, and both records and the report say so.
//
//   npm run bench:calibrated

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCalibrated, installGhz } from '../native.ts';
import { startServer } from '../processes.ts';
import { type RecordedLatencies, recordedLatencies } from './recorded.ts';
import { type Load, PERCENTS, quantilesOf, type Reported, TOOLS } from './tools.ts';

const SERVER_CORE = 1;
/** What a histogram's bucket may take or add. */
const ERROR = 0.008;
/** When an open loop's plan began is known from the call that was least late, which was late all the same. */
const PLAN_MS = 1;
/** Above this percentile a single call decides, and a machine that stands still between the two clocks' looks. */
const MOST_PERCENT = 99.5;

const MOST_MISSING = 20;

interface Scenario {
  readonly name: string;
  readonly load: Load;
  readonly serverWords: readonly string[];
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'closed loop, 20 callers', load: { calls: 2000, callers: 20 }, serverWords: [] },
  { name: 'open loop, 400 calls/s', load: { calls: 2000, rate: 400 }, serverWords: [] },
  {
    name: 'open loop, 400 calls/s, and the server stands still for a second',
    load: { calls: 2000, rate: 400 },
    serverWords: ['-stall-at', '1500ms', '-stall-for', '1s'],
  },
];

/** What is wrong with a report; empty for nothing. */
function mistakes(reported: Reported, server: Reported, client: RecordedLatencies): string[] {
  const found: string[] = [];
  for (const name of ['ok', 'failed'] as const) {
    if (reported[name] !== server[name])
      found.push(`${name}: ${reported[name]}, the server counted ${server[name]}`);
  }
  // The last calls of a thread that was ended, which may have ended together, are not written down.
  const missing = reported.ok - client.least.length;
  if (missing < 0 || missing > MOST_MISSING) {
    found.push(`ok: ${reported.ok}, the recorder counted ${client.least.length}`);
  }
  // Where calls are missing the ranks are moved.
  const [least, most] = [quantilesOf(client.least, -missing), quantilesOf(client.most, missing)];
  for (const percent of PERCENTS.filter((one) => one <= MOST_PERCENT)) {
    const is = reported.quantiles[percent];
    const leastMs = Math.max(server.quantiles[percent], least[percent] - PLAN_MS) * (1 - ERROR);
    const mostMs = (most[percent] + PLAN_MS) * (1 + ERROR);
    if (!(is >= leastMs && is <= mostMs)) {
      found.push(
        `p${percent}: ${is.toFixed(2)} ms is not between ${leastMs.toFixed(2)} and ${mostMs.toFixed(2)} ms`,
      );
    }
  }
  return found;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

installGhz();
let passed = 0;
const failures: string[] = [];
for (const { name, load, serverWords } of SCENARIOS) {
  say(`\n${name}, ${load.calls} calls; in brackets what the server recorded of the same calls, in ms\n`);
  const columns = PERCENTS.map((percent) => `p${percent}`);
  say(`| | ${columns.join(' | ')} | failed | CPU, s |\n|---|${'---:|'.repeat(columns.length + 2)}`);
  for (const tool of TOOLS) {
    const server = await startServer([compileCalibrated(), 'server', ...serverWords], SERVER_CORE);
    const folder = mkdtempSync(join(tmpdir(), 'stubless-calibrated-'));
    const reported = await tool.measure(server.port, load, folder);
    const record: Reported = JSON.parse(await server.stop());
    const client = tool.isOurs ? recordedLatencies(folder, load) : undefined;
    rmSync(folder, { recursive: true });
    const cells = PERCENTS.map(
      (percent) => `${reported.quantiles[percent]?.toFixed(1)} (${record.quantiles[percent]?.toFixed(1)})`,
    );
    say(
      `| ${tool.name} | ${cells.join(' | ')} | ${reported.failed} (${record.failed}) | ${(reported.cpuMs / 1000).toFixed(2)} |`,
    );
    if (client === undefined) continue;
    const found = mistakes(reported, record, client);
    // Planned in the second of the stall were a fifth of all calls: half of them waited for half a second or longer.
    const stalled = serverWords.length > 0 && !(reported.quantiles['95'] > 500);
    if (stalled) found.push('the stall does not show at p95');
    if (found.length === 0) passed++;
    failures.push(...found.map((mistake) => `FAIL ${name}, ${tool.name}: ${mistake}`));
  }
}
for (const failure of failures) say(failure);
say(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;
