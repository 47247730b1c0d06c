// Runs a load from its begin to its summary: shows how it goes, writes down what was measured every few seconds, and stops it
// when the user has had enough.

import { messageOf } from '../../../values/realm.ts';
import type { Io } from '../../command/io.ts';
import { notice } from '../../command/notice.ts';
import type { StartPart } from '../load/load-part.ts';
import { WholeLoad } from '../load/whole-load.ts';
import type { Reports } from '../report/load-reports.ts';
import { showProgress } from '../report/progress.ts';
import type { ResultWriter } from '../report/result-writer.ts';
import type { MachineDocument } from '../result/result-document.ts';
import { type LoadDescription, type MeasuredLoad, summarize } from '../result/summary.ts';
import { type StartPoint, shardsText } from '../start/gate-words.ts';
import { toldWait } from '../start/told-wait.ts';
import type { PreparedLoad } from './prepared-load.ts';

/** When a load begins: at a time, when the shards that it is one of have met, or else at once. */
export interface LoadBegin {
  readonly startAtMs?: number | undefined;
  readonly point?: StartPoint | undefined;
}

/** A load that has ended; its report can be given though its result could not be written. */
export interface EndedLoad extends MeasuredLoad {
  readonly unwritten: { readonly error: unknown } | undefined;
}

/** How often what was measured is written down. */
const CHECKPOINT_MS = 10_000;
/** A shorter wait for --start-at is not told of. */
const TOLD_WAIT_MS = 1000;

export async function measureLoad(
  { plan, setup }: PreparedLoad,
  parts: readonly StartPart[],
  begin: LoadBegin,
  machine: MachineDocument,
  io: Io,
  result: ResultWriter | undefined,
  reports?: Pick<Reports, 'follow'>,
): Promise<EndedLoad> {
  let endCheckpoints = (): void => {};
  let isWaiting = false;
  const meetAt = async (point: StartPoint): Promise<number> => {
    isWaiting = true;
    const { atMs, clockOffsetMs, missing } = await toldWait(point, io);
    isWaiting = false;
    if (missing.length > 0) notice(io, withoutText(missing));
    result?.begins(atMs, clockOffsetMs);
    return atMs - clockOffsetMs;
  };
  // What is written before the shards have met is not known to be of their load. A result that cannot be written is better
  // known before the load than behind it.
  const meet = async (): Promise<number | undefined> => {
    const { startAtMs, point } = begin;
    const atMs = point === undefined ? startAtMs : await meetAt(point);
    await result?.write('running', load);
    if (result !== undefined) endCheckpoints = checkpoints(load, result, io);
    return atMs;
  };
  const load = new WholeLoad(parts, {
    warmUpMs: setup.plan.warmUpMs,
    startAtMs: begin.startAtMs,
    meet,
    onWait(waitMs) {
      if (begin.point !== undefined || waitMs < TOLD_WAIT_MS || io.err.isTerminal) return;
      const at = new Date(Date.now() + waitMs).toISOString();
      notice(io, `waits ${(waitMs / 1000).toFixed(1)} s for --start-at, and begins at ${at}`);
    },
    onLate(lateMs) {
      notice(
        io,
        `the time to start had passed ${(lateMs / 1000).toFixed(1)} s before all was ready: this load begins late`,
      );
    },
    onMeasured(measured) {
      result?.add(measured);
    },
  });
  reports?.follow(plan, load);
  const hide = showProgress(load, io, () => (isWaiting ? begin.point?.waitsFor : undefined));
  const stop = (): void => load.interrupt();
  io.signal.addEventListener('abort', stop);
  if (io.signal.aborted) stop();
  try {
    const run = await load.run();
    endCheckpoints();
    const written = result?.write(run.isInterrupted ? 'interrupted' : 'finished', load);
    const unwritten = await written?.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const summary = summarize(setup.plan, run, detailsOf({ plan, setup }, load, machine));
    return { summary, measurements: run.measurements, unwritten };
  } finally {
    endCheckpoints();
    io.signal.removeEventListener('abort', stop);
    hide();
  }
}

function detailsOf(
  { plan, setup }: Pick<PreparedLoad, 'plan' | 'setup'>,
  load: WholeLoad,
  machine: MachineDocument,
): LoadDescription {
  const { index, of } = setup.part;
  const { lost, count } = load.threads;
  return {
    target: plan.target,
    method: plan.method,
    startedAt: new Date(load.clock.startedAtMs ?? Date.now()),
    connections: load.connections,
    streamsReplies: plan.cardinality.endsWith('stream'),
    machine,
    shard: of === 1 ? undefined : { index: index + 1, of },
    notes: lost.map(({ thread, reason }) => `lost thread ${thread} of ${count}: ${reason}`),
  };
}

function withoutText(missing: readonly number[]): string {
  return `the load begins without ${shardsText(missing)}: not at the start gate in time, or gone again`;
}

/** Writes a line from time to time. */
function checkpoints(load: WholeLoad, result: ResultWriter, io: Io): () => void {
  let lastProblem = '';
  const write = (): void => {
    result.write('running', load).catch((error: unknown) => {
      // The next line may fare better; the last one must.
      const problem = messageOf(error);
      if (problem !== lastProblem)
        notice(io, `${problem}; the next line will hold what this one should have`);
      lastProblem = problem;
    });
  };
  const timer = setInterval(write, CHECKPOINT_MS);
  return () => clearInterval(timer);
}
