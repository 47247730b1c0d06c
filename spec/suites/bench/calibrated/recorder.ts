// Loaded into `stubless bench` beside its own code (node --import): writes down when each call began and ended, by the
// library's events. A second record of the same calls, which knows nothing of histograms, plans and parts.

import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { CallEvent } from '../../../../lib/index.ts';

const folder = process.env['CALIBRATED_RECORD'];
const now = (): number => performance.timeOrigin + performance.now();

if (folder !== undefined) {
  const file = join(folder, `${process.pid}-${threadId}.txt`);
  const begun = new Map<number, number>();
  subscribe('stubless:call.start', (message) => {
    begun.set((message as CallEvent).call.id, now());
  });
  let pending = '';
  const write = (): void => {
    if (pending !== '') appendFileSync(file, pending);
    pending = '';
  };
  process.on('exit', write);
  subscribe('stubless:call.end', (message) => {
    const { id, code } = (message as CallEvent).call;
    // What it takes to write must not lie between this look at the clock and that of the load, which comes next: so it is
    // the call before that is written. A thread that is ended has no last words, and the last call may be missing.
    write();
    pending = `${begun.get(id)} ${now()} ${code}\n`;
    setImmediate(write);
  });
}
