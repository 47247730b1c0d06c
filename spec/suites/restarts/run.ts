// npm run restarts [-- --seconds 60]: eight servers behind round_robin, restarted in turn under load, gracefully and
// then with SIGKILL; no call may be lost, or fail, or run twice for which that could be known.

import { parseArgs } from 'node:util';
import { Client } from '../../../lib/index.ts';
import { buildServer, Fleet } from './fleet.ts';
import { Load, PROTO } from './load.ts';
import { findingText, judge } from './verdict.ts';

const SERVERS = 8;
const CALLS_PER_SECOND = 1000;
const STREAMS = 100;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new RangeError(`--seconds must be a number above 0, not ${values.seconds}`);

let passed = 0;
let failed = 0;

async function run(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const fleet = new Fleet();
  try {
    await fleet.start(SERVERS);
    await using client = new Client(`ipv4:${fleet.addresses}`, {
      loadBalancing: 'round_robin',
      reflection: 'never',
      retry: true,
    });
    await client.load(PROTO);
    const intervalMs = (seconds * 1000) / SERVERS;
    const load = new Load(client, {
      callsPerSecond: CALLS_PER_SECOND,
      streams: STREAMS,
      streamMs: intervalMs * 0.6,
    });
    const startMs = performance.now();
    load.start();
    for (let index = 0; index < SERVERS; index++) {
      const dueMs = startMs + (index + 0.5) * intervalMs;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
      await fleet.restart(index, signal);
    }
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, startMs + seconds * 1000 - performance.now())),
    );
    await load.stop();
    const { fates } = load;
    const lost = fates.filter(({ error }) => error !== undefined);
    const again = fates.filter(({ attempts }) => attempts > 1);
    console.log(
      `\n${signal}: ${fleet.outages.length} restarts in ${Math.round((performance.now() - startMs) / 1000)} s, ${fates.length} calls and streams, ${lost.length} failed, ${again.length} with more than one attempt`,
    );
    for (const finding of judge({ signal, fates, outages: fleet.outages, runs: fleet.runs() })) {
      console.log(findingText(finding));
      if (finding.wrong.length === 0 && finding.asked > 0) passed++;
      else failed++;
    }
  } finally {
    await fleet.stop();
  }
}

buildServer();
await run('SIGTERM');
await run('SIGKILL');
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
