// A progress line for a load, on a terminal.

import { escapeText } from '../../command/escape.ts';
import type { Io } from '../../command/io.ts';
import type { Measurements } from '../result/measurements.ts';
import { count, milliseconds } from './terminal-text.ts';

const EVERY_MS = 500;
/** To the line's begin, and clear it. */
const CLEAR = '\r\u001b[K';

/** A load that runs. */
export interface LoadInProgress {
  /** So far; during the warm-up, the warm-up's. */
  readonly measurements: Measurements;
  readonly isWarmingUp: boolean;
  readonly elapsedMs: number;
  /** Milliseconds until it begins; 0 when it has. */
  readonly beginsInMs: number;
}

/**
 * Shows the line until the returned function is called. Does nothing unless standard error is a terminal.
 * @param waitsFor what it cannot begin without; undefined when there is nothing
 */
export function showProgress(
  load: LoadInProgress,
  io: Io,
  waitsFor: () => string | undefined = () => undefined,
): () => void {
  if (!io.err.isTerminal) return () => {};
  let counted = load.measurements;
  let lastEnded = 0;
  let lastMs = performance.now();
  const show = (): void => {
    const { measurements, beginsInMs } = load;
    const line = (text: string): void => {
      void io.err.write(`${CLEAR}${escapeText(text).slice(0, Math.max(20, io.err.columns - 1))}`);
    };
    const missing = waitsFor();
    if (missing !== undefined) {
      line(`waits for ${missing}`);
      return;
    }
    if (beginsInMs > 0) {
      line(`begins in ${(beginsInMs / 1000).toFixed(0)} s`);
      return;
    }
    const nowMs = performance.now();
    const ended = measurements.latency.count + measurements.failedLatency.count;
    // The warm-up's are counted apart.
    if (counted !== measurements) lastEnded = 0;
    counted = measurements;
    const rate = ((ended - lastEnded) / (nowMs - lastMs)) * 1000;
    lastEnded = ended;
    lastMs = nowMs;
    const failed = measurements.failedLatency.count;
    const parts = [
      `${(load.elapsedMs / 1000).toFixed(1)} s${load.isWarmingUp ? ' (warm-up)' : ''}`,
      `${count(ended)} calls`,
      `${count(rate)}/s`,
      `${count(measurements.inFlight)} in flight`,
      `p50 ${milliseconds(finite(measurements.latency.percentileMs(50)))}`,
      `p99 ${milliseconds(finite(measurements.latency.percentileMs(99)))}`,
      ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ];
    line(parts.join('  '));
  };
  const timer = setInterval(show, EVERY_MS);
  return () => {
    clearInterval(timer);
    void io.err.write(CLEAR);
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
