// A part of a load in a thread of its own.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LocalError } from '../../command/failure.ts';
import type { PartNews, RunningPart, StartPart } from './load-part.ts';
import type { ThreadSetup } from './part-setup.ts';

/** The file that a thread runs; it lies beside this one, in the package too. */
const THREAD = new URL('./bench-thread.js', import.meta.url);

/** @param file what the thread runs */
export function threadPart(setup: ThreadSetup, file: URL = THREAD): StartPart {
  return (onNews, onLost): RunningPart => {
    const worker = new Worker(file, { workerData: setup });
    worker.on('message', (news: PartNews) => onNews(news));
    worker.on('messageerror', (error) => onLost(error.message));
    worker.on('error', (error: unknown) => onLost(reasonOf(error)));
    worker.on('exit', (code) => onLost(`it ended with status ${code}`));
    return {
      tell: (order) => worker.postMessage(order),
      kill: () => void worker.terminate(),
    };
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory ? 'it ran out of memory' : `${error.name}: ${error.message}`;
}

/** LocalError where threads cannot be had: their file is missing. */
export function checkThreads(file: URL = THREAD): void {
  if (file.protocol !== 'file:' || existsSync(fileURLToPath(file))) return;
  throw new LocalError(
    `--threads is not to be had here: ${fileURLToPath(file)} is missing; start several processes with --shard instead`,
  );
}
