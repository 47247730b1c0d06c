// Load generators against a server whose delays are known: 20 ms, of each hundredth call 200 ms, and each thousandth fails.
// What each reports stands beside the server's own record of what the delays really were. Ours must not be below it by more
// than its histogram's error, since a client waits for at least as long as the server takes; nor above it by more than that,
// the network's two milliseconds, and what the machine was late meanwhile, which probes measure. A busy machine is therefore
// no failure.
//
//   npm run bench:calibrated

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { compileCalibrated, installGhz } from '../native.ts';
import { canPin } from '../processes.ts';
import { CLIENT_CORE, type Load, PERCENTS, type Reported, TOOLS } from './tools.ts';

const SERVER_CORE = 1;
/** What a histogram's bucket may take or add. */
const ERROR = 0.008;
/** Two ways through a loopback, HTTP/2 and a client's event loop. */
const NETWORK_MS = 2;
/** So many times in a call's life a thread must wake up: the server's, the client's, on either side of the network. */
const WAKE_UPS = 4;

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

/** A program that says it is ready in a line, and what it saw when it is told to end. */
async function program(words: readonly string[], core: number) {
  const command = [compileCalibrated(), ...words];
  const [file, ...args] = canPin() ? ['taskset', '-c', `${core}`, ...command] : command;
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
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

type Quantiles = Readonly<Record<string, number>>;

/** What is wrong with a report; empty for nothing. */
function mistakes(reported: Reported, record: Reported, noise: readonly Quantiles[]): string[] {
  const found: string[] = [];
  for (const name of ['ok', 'failed'] as const) {
    if (reported[name] !== record[name])
      found.push(`${name}: ${reported[name]}, the server counted ${record[name]}`);
  }
  for (const percent of PERCENTS) {
    const [is, was] = [reported.quantiles[percent], record.quantiles[percent]];
    const lateMs = noise.reduce((sum, quantiles) => sum + quantiles[percent], 0);
    const mostMs = was * (1 + ERROR) + NETWORK_MS + WAKE_UPS * lateMs;
    const leastMs = was * (1 - ERROR);
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
    const probe = await program(['probe'], CLIENT_CORE);
    const reported = await tool.measure(Number(server.line), load);
    const record = await server.end();
    const noise = [record.noise, (await probe.end()).quantiles];
    const cells = PERCENTS.map(
      (percent) => `${reported.quantiles[percent]?.toFixed(1)} (${record.quantiles[percent]?.toFixed(1)})`,
    );
    say(
      `| ${tool.name} | ${cells.join(' | ')} | ${reported.failed} (${record.failed}) | ${(reported.cpuMs / 1000).toFixed(2)} |`,
    );
    if (!tool.isOurs) continue;
    const found = mistakes(reported, record, noise);
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
