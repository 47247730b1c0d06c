// Load generators against a server whose delays are known: 20 ms, of each hundredth call 200 ms, and each thousandth fails.
// What each reports stands beside the server's own record of what the delays really were. Ours must
//   - count what the server counted;
//   - not be below the server's record by more than its histogram's error: a client waits for at least as long;
//   - be what a second record in the client says of the same calls (recorder.ts), within that error and a millisecond.
// No clock on the wall is in it: on a busy machine calls take longer, and both records and the report say so.
//
//   npm run bench:calibrated

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCalibrated, installGhz } from '../native.ts';
import { canPin } from '../processes.ts';
import { recordedLatencies } from './recorded.ts';
import { type Load, PERCENTS, quantilesOf, type Reported, TOOLS } from './tools.ts';

const SERVER_CORE = 1;
/** What a histogram's bucket may take or add. */
const ERROR = 0.008;
/** Between the end of a call and that of the record's, or the report's: a turn of the event loop, with what is in it. */
const TURN_MS = 1;
/** Above this percentile a single call decides, and a machine that stands still between the two clocks' looks. */
const MOST_PERCENT = 99.5;

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

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that says it is ready in a line, and what it saw when it is told to end. */
async function program(words: readonly string[], core: number) {
  const command = [compileCalibrated(), ...words];
  const [file, ...args] = canPin() ? ['taskset', '-c', `${core}`, ...command] : command;
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  while (!output.includes('\n')) {
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'close')]);
    if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended with ${child.exitCode}`);
  }
  return {
    line: output.trim(),
    async end() {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      return JSON.parse(output.slice(output.indexOf('\n')));
    },
  };
}

/** What is wrong with a report; empty for nothing. */
function mistakes(reported: Reported, server: Reported, client: readonly number[]): string[] {
  const found: string[] = [];
  for (const name of ['ok', 'failed'] as const) {
    if (reported[name] !== server[name])
      found.push(`${name}: ${reported[name]}, the server counted ${server[name]}`);
  }
  if (client.length !== reported.ok) found.push(`ok: ${reported.ok}, the recorder counted ${client.length}`);
  const recorded = quantilesOf(client);
  for (const percent of PERCENTS.filter((one) => one <= MOST_PERCENT)) {
    const [is, was] = [reported.quantiles[percent], recorded[percent]];
    const leastMs = Math.max(server.quantiles[percent] * (1 - ERROR), was * (1 - ERROR) - TURN_MS);
    const mostMs = was * (1 + ERROR) + TURN_MS;
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
    const server = await program(['server', ...serverWords], SERVER_CORE);
    const folder = mkdtempSync(join(tmpdir(), 'stubless-calibrated-'));
    const reported = await tool.measure(Number(server.line), load, folder);
    const record: Reported = await server.end();
    const client = tool.isOurs ? recordedLatencies(folder, load) : [];
    rmSync(folder, { recursive: true });
    const cells = PERCENTS.map(
      (percent) => `${reported.quantiles[percent]?.toFixed(1)} (${record.quantiles[percent]?.toFixed(1)})`,
    );
    say(
      `| ${tool.name} | ${cells.join(' | ')} | ${reported.failed} (${record.failed}) | ${(reported.cpuMs / 1000).toFixed(2)} |`,
    );
    if (!tool.isOurs) continue;
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
