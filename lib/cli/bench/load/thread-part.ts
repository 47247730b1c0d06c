// A part of a load in a thread of its own.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { LocalError } from '../../command/failure.ts';
import type { PartNews, RunningPart, StartPart } from './load-part.ts';
import type { ThreadSetup } from './part-setup.ts';
import { THREAD_PROGRAM } from './thread-program.ts';

/**
 * @param program what the thread runs: a file, or a script's text
 * @param limits of the thread's memory; those of Node by default
 */
export function threadPart(
  setup: ThreadSetup,
  program: URL | string = THREAD_PROGRAM,
  limits?: ResourceLimits,
): StartPart {
  return (onNews, onLost): RunningPart => {
    const worker = new Worker(program, {
      workerData: setup,
      eval: typeof program === 'string',
      ...(limits && { resourceLimits: limits }),
    });
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
export function checkThreads(program: URL | string = THREAD_PROGRAM): void {
  if (typeof program === 'string' || program.protocol !== 'file:') return;
  const path = fileURLToPath(program);
  if (existsSync(path)) return;
  throw new LocalError(
    `--threads is not to be had here: ${path} is missing; start several processes with --shard instead`,
  );
}
