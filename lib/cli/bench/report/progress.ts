// A progress line for a load, on a terminal.

import type { Io } from '../../command/io.ts';
import type { LoadGenerator } from '../load/generator.ts';
import { count, milliseconds } from './terminal-report.ts';

const EVERY_MS = 500;
/** To the line's begin, and clear it. */
const CLEAR = '\r\u001b[K';

/** Shows the line until the returned function is called. Does nothing unless standard error is a terminal. */
export function showProgress(load: LoadGenerator, io: Io): () => void {
  if (!io.err.isTerminal) return () => {};
  let lastEnded = 0;
  let lastMs = performance.now();
  const show = (): void => {
    const { measurements } = load;
    const nowMs = performance.now();
    const ended = measurements.latency.count + measurements.failedLatency.count;
    // The warm-up's are counted apart, so there may be fewer than before.
    const rate = (Math.max(0, ended - lastEnded) / (nowMs - lastMs)) * 1000;
    lastEnded = ended;
    lastMs = nowMs;
    const failed = measurements.failedLatency.count;
    const parts = [
      `${(load.elapsedMs / 1000).toFixed(1)} s${load.isWarmingUp ? ' (warm-up)' : ''}`,
      `${count(ended)} calls`,
      `${count(rate)}/s`,
      `${count(measurements.inFlight)} in flight`,
      `50 % ${milliseconds(finite(measurements.latency.percentileMs(50)))}`,
      `99 % ${milliseconds(finite(measurements.latency.percentileMs(99)))}`,
      ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ];
    void io.err.write(`${CLEAR}${parts.join('  ').slice(0, Math.max(20, io.err.columns - 1))}`);
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
