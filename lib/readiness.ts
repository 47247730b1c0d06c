// Waiting for a connection, for as long as the caller wants to wait.

import type { Channel } from './channel/channel.ts';

/** Options of `waitForReady`. */
export interface ReadyOptions {
  /** Milliseconds; default none. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** As `Client.waitForReady` says. */
export async function whenReady(channel: Channel, options: ReadyOptions | undefined): Promise<void> {
  const { timeoutMs = Infinity, signal } = options ?? {};
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0)) {
    throw new RangeError(`timeoutMs must be a number of milliseconds above 0, not ${String(timeoutMs)}`);
  }
  const timer = new AbortController();
  const timeout =
    timeoutMs === Infinity
      ? undefined
      : setTimeout(
          () => {
            const { lastFailure } = channel;
            const why = lastFailure === '' ? '' : `; the last attempt: ${lastFailure}`;
            timer.abort(new DOMException(`no connection within ${timeoutMs} ms${why}`, 'TimeoutError'));
          },
          Math.min(timeoutMs, 0x7fffffff),
        );
  try {
    await channel.whenReady(signal === undefined ? timer.signal : AbortSignal.any([signal, timer.signal]));
  } finally {
    clearTimeout(timeout);
  }
}
