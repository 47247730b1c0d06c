// Runs a load from its begin to its summary: shows how it goes, writes down what was measured every few seconds, and stops it
// when the user has had enough.

import { messageOf } from '../../../values/realm.ts';
import { shortenedList } from '../../../values/text/shortened-text.ts';
import type { Io } from '../../command/io.ts';
import { notice } from '../../command/notice.ts';
import type { StartPart } from '../load/load-part.ts';
import { WholeLoad } from '../load/whole-load.ts';
import type { Reports } from '../report/load-reports.ts';
import { showProgress } from '../report/progress.ts';
import type { ResultWriter } from '../report/result-writer.ts';
import type { MachineDocument } from '../result/result-document.ts';
import { type LoadDescription, type MeasuredLoad, summarize } from '../result/summary.ts';
import type { StartPoint } from '../start/gate-words.ts';
import type { PreparedLoad } from './prepared-load.ts';

/** When a load begins: at a time, when the shards that it is one of have met, or else at once. */
export interface LoadBegin {
  readonly startAtMs?: number | undefined;
  readonly point?: StartPoint | undefined;
}

/** More shards than these are only counted. */
const MAX_NAMED_SHARDS = 20;
/** How often what was measured is written down. */
const CHECKPOINT_MS = 10_000;

export async function measureLoad(
  { plan, setup }: PreparedLoad,
  parts: readonly StartPart[],
  begin: LoadBegin,
  machine: MachineDocument,
  io: Io,
  result: ResultWriter | undefined,
  reports?: Pick<Reports, 'follow'>,
): Promise<MeasuredLoad> {
  let endCheckpoints = (): void => {};
  const beginCheckpoints = (): void => {
    if (result !== undefined) endCheckpoints = checkpoints(load, result, io);
  };
  const meetAt = (point: StartPoint) => async (): Promise<number> => {
    const { atMs, clockOffsetMs, missing } = await point.ready();
    if (missing.length > 0) notice(io, withoutText(missing));
    result?.begins(atMs, clockOffsetMs);
    beginCheckpoints();
    return atMs - clockOffsetMs;
  };
  const load = new WholeLoad(parts, {
    warmUpMs: setup.plan.warmUpMs,
    startAtMs: begin.startAtMs,
    meet: begin.point === undefined ? undefined : meetAt(begin.point),
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
  const hide = showProgress(load, io);
  const stop = (): void => load.interrupt();
  io.signal.addEventListener('abort', stop);
  if (io.signal.aborted) stop();
  // What is written before the shards have met is not known to be of their load.
  if (begin.point === undefined) beginCheckpoints();
  try {
    const run = await load.run();
    endCheckpoints();
    await result?.write(run.isInterrupted ? 'interrupted' : 'finished', load);
    const summary = summarize(setup.plan, run, detailsOf({ plan, setup }, load, machine));
    return { summary, measurements: run.measurements };
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
  const shards = missing.length === 1 ? 'shard' : 'shards';
  return `the load begins without ${shards} ${shortenedList(missing, MAX_NAMED_SHARDS)}: not at the start gate in time, or gone again`;
}

/** Writes a line at once, so that it is known that there was a run, and further ones in time. */
function checkpoints(load: WholeLoad, result: ResultWriter, io: Io): () => void {
  let lastProblem = '';
  const write = (): void => {
    result.write('running', load).catch((error: unknown) => {
      // The next line may fare better; the last one must.
      const problem = messageOf(error);
      if (problem !== lastProblem) notice(io, problem);
      lastProblem = problem;
    });
  };
  write();
  const timer = setInterval(write, CHECKPOINT_MS);
  return () => clearInterval(timer);
}
