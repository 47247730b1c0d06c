// What is known of a load when it has ended: its measurements, and what they took.

import type { Measurements } from './measurements.ts';
import type { ThreadsDocument } from './result-document.ts';

export interface LoadRun {
  readonly measurements: Measurements;
  /** Milliseconds from the measured part's begin to the end of its last call. */
  readonly elapsedMs: number;
  /** CPU time of the processes in the measured part, in milliseconds. */
  readonly cpuMs: number;
  /** It was stopped before its plan's end. */
  readonly isInterrupted: boolean;
  /** It has no end: what it did last is not known. */
  readonly isCutOff?: boolean;
  /** Calls that had not ended when it was stopped. */
  readonly unfinished: number;
  /** One, without any word of it. */
  readonly threads?: ThreadsDocument;
}
