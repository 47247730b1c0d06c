// Loaded into `stubless bench` beside its own code (node --import): writes down between which times each call began and ended,
// by the library's events. A second record of the same calls, which knows nothing of histograms, plans and parts.

import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { CallEvent } from '../../../../lib/index.ts';

const folder = process.env['CALIBRATED_RECORD'];
const now = (): number => performance.timeOrigin + performance.now();

if (folder !== undefined) {
  const file = join(folder, `${process.pid}-${threadId}.txt`);
  const begun = new Map<number, string>();
  let ended: string[] = [];
  let lastMs = now();
  const look = (): number => {
    lastMs = now();
    return lastMs;
  };
  // The load looks at its clock before the event of the call's begin, and after any event before that.
  subscribe('stubless:call.start', (message) => {
    const notBeforeMs = lastMs;
    begun.set((message as CallEvent).call.id, `${notBeforeMs} ${look()}`);
  });
  // It looks after the event of the end, and before the turn of the event loop is over: the replies of many calls may have
  // come at once, and each has its promise.
  const endTurn = (): void => {
    const notAfterMs = look();
    appendFileSync(file, ended.map((line) => `${line} ${notAfterMs}\n`).join(''));
    ended = [];
  };
  process.on('exit', () => {
    if (ended.length > 0) endTurn();
  });
  subscribe('stubless:call.end', (message) => {
    const { id, code } = (message as CallEvent).call;
    // A thread that is ended has no last words, so that its last calls may be missing.
    if (ended.length === 0) setImmediate(endTurn);
    ended.push(`${code} ${begun.get(id)} ${look()}`);
  });
}
