// What is known of a load when it has ended: its measurements, and what they took.

import type { Measurements } from './measurements.ts';

export interface LoadRun {
  readonly measurements: Measurements;
  /** Milliseconds from the measured part's begin to the end of its last call. */
  readonly elapsedMs: number;
  /** CPU time of this process in the measured part, in milliseconds. */
  readonly cpuMs: number;
  /** It was stopped before its plan's end. */
  readonly isInterrupted: boolean;
  /** Calls that had not ended when it was stopped. */
  readonly unfinished: number;
}
