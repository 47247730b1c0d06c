// A part of a load that runs, in this thread or in another one: what it is told, what it tells, and how it runs. All that
// passes is data.

import { messageOf } from '../../../values/realm.ts';
import type { MeasurementsDocument } from '../result/measurements.ts';
import type { LoadGenerator } from './generator.ts';
import type { ClockOffset } from './server-clock.ts';

/** `atMs` is a time by `now()`. */
export type PartOrder = { readonly kind: 'begin'; readonly atMs: number } | { readonly kind: 'stop' };

export type PartNews =
  /** It is ready for a phase, and waits to be told when it begins. */
  | { readonly kind: 'waits'; readonly phase: 'warm-up' | 'measured' }
  /** What came since the last news. */
  | { readonly kind: 'measured'; readonly isWarmingUp: boolean; readonly state: PartState }
  | { readonly kind: 'ended'; readonly isInterrupted: boolean; readonly state: PartState }
  /** It could not begin. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface PartState {
  readonly measured: MeasurementsDocument;
  /** Milliseconds since the phase began; at the end, until its last call ended. */
  readonly elapsedMs: number;
  readonly connections: number;
  readonly server: ClockOffset | null;
}

/** A part, for who began it. */
export interface RunningPart {
  tell(order: PartOrder): void;
  /** Ends it, whatever it does. */
  kill(): void;
}

/** Begins a part; `onLost` is told when it dies. */
export type StartPart = (onNews: (news: PartNews) => void, onLost: (reason: string) => void) => RunningPart;

/** The load of a part, and what is known of it besides. */
export interface PartLoad {
  readonly load: LoadGenerator;
  connections(): number;
  server(): ClockOffset | null;
}

/** How often a part tells what it has measured. */
const TOLD_MS = 500;

/** Milliseconds since 1970 by a clock that all threads of a process share, and that is never set. */
export const now = (): number => performance.timeOrigin + performance.now();

/** Runs a part to its end. Gives what takes its orders. */
export function runPart(part: PartLoad, onNews: (news: PartNews) => void): (order: PartOrder) => void {
  const { load } = part;
  let begin: (startMs: number) => void = () => {};
  const state = (elapsedMs: number): PartState => ({
    measured: load.measurements.takeDocument(),
    elapsedMs,
    connections: part.connections(),
    server: part.server(),
  });
  const timer = setInterval(() => {
    if (load.hasBegun) {
      onNews({ kind: 'measured', isWarmingUp: load.isWarmingUp, state: state(load.elapsedMs) });
    }
  }, TOLD_MS);
  const run = load.run(async (phase) => {
    const told = new Promise<number>((resolve) => {
      begin = resolve;
    });
    // In the same thread the answer may come at once.
    onNews({ kind: 'waits', phase });
    const atMs = await told;
    const leftMs = atMs - now();
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
    return atMs - performance.timeOrigin;
  });
  run.then(
    ({ elapsedMs, isInterrupted }) => {
      clearInterval(timer);
      onNews({ kind: 'ended', isInterrupted, state: state(elapsedMs) });
    },
    (error: unknown) => {
      clearInterval(timer);
      onNews({ kind: 'failed', reason: messageOf(error) });
    },
  );
  return (order) => {
    if (order.kind === 'begin') {
      begin(order.atMs);
      return;
    }
    load.interrupt();
    begin(now());
  };
}
