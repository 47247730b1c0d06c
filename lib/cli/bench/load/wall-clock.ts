// Waiting for a time of the clock on the wall, which may be set meanwhile.

/** No timer is longer: the clock may be moved while it waits, and a timer ends by time that only goes on. */
const LONGEST_MS = 1000;

/** Resolves when the clock says `timeMs` (milliseconds since 1970), at once when that has passed, or on abort. */
export function waitUntil(timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const turn = (): void => {
      const leftMs = timeMs - Date.now();
      if (leftMs <= 0 || signal.aborted) done();
      else timer = setTimeout(turn, Math.min(leftMs, LONGEST_MS));
    };
    signal.addEventListener('abort', done);
    turn();
  });
}

/** How far the clock was moved since then, against time that only goes on. */
export class ClockWatch {
  readonly #startedMs = Date.now() - performance.now();

  get steppedMs(): number {
    const ms = Math.round(Date.now() - performance.now() - this.#startedMs);
    return ms === 0 ? 0 : ms;
  }
}
