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
  subscribe('stubless:call.end', (message) => {
    const { id, code } = (message as CallEvent).call;
    const endMs = now();
    // At once: a thread that is ended has no last words.
    appendFileSync(file, `${begun.get(id)} ${endMs} ${code}\n`);
  });
}
