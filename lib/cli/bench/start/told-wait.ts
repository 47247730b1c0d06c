// What a shard says while it waits for the others: where standard error is no terminal, whose line shows it anyway, and the
// wait is long enough for somebody to wonder.

import type { Io } from '../../command/io.ts';
import { notice } from '../../command/notice.ts';
import { type CommonStart, type StartPoint, timeText } from './gate-words.ts';

/** How long it is silent before each time that it tells, the last again and again: after 1 s, 10 s, and each minute. */
const SILENT_MS = [1000, 9000, 50_000, 60_000] as const;

/** Waits until it is known when to begin, and says for what, how long, and that it is over. */
export async function toldWait(point: StartPoint, io: Io): Promise<CommonStart> {
  if (io.err.isTerminal) return point.ready();
  const startMs = performance.now();
  let times = 0;
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    timer = setTimeout(tell, SILENT_MS[Math.min(times, SILENT_MS.length - 1)]);
  };
  const tell = (): void => {
    times++;
    notice(io, `waits for ${point.waitsFor}`);
    arm();
  };
  arm();
  try {
    const start = await point.ready();
    if (times > 0) {
      const waitedMs = performance.now() - startMs;
      notice(
        io,
        `the shards have met after ${(waitedMs / 1000).toFixed(1)} s, and begin at ${timeText(start.atMs - start.clockOffsetMs)}`,
      );
    }
    return start;
  } finally {
    clearTimeout(timer);
  }
}
