// Waiting for a connection, for as long as the caller is willing to wait.

import type { Channel } from '../channel/channel.ts';
import { LongTimer } from '../values/clock.ts';
import { abortSignal, checkNames, positive } from '../values/options/option-checks.ts';
import { ownSignal } from '../values/realm.ts';

/**
 * Options of `waitForReady`.
 * @inline
 */
export interface ReadyOptions {
  /** How many milliseconds to wait; `Infinity` for no limit. Default no limit. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait when aborted; it then rejects with the signal's reason. Default none. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks for a channel's addresses, and resolves when they have arrived, and a service config with them; when they cannot
 * be had, unless `isPatient`; and when the waiting call has ended.
 */
export function whenNamed(channel: Channel, isPatient: boolean, ended: Promise<void>): Promise<void> {
  if (!isPatient && channel.state === 'transient_failure') return Promise.resolve();
  return new Promise((resolve) => {
    const waiting = new AbortController();
    const done = (): void => {
      unlisten();
      unname();
      waiting.abort();
      resolve();
    };
    const unlisten = channel.onStateChange(({ state }) => {
      if (!isPatient && state === 'transient_failure') done();
    });
    const unname = channel.onNamed(done);
    // This asks for them. It rejects when the client closes, which ends the wait as well.
    channel.whenReady(waiting.signal).then(done, done);
    void ended.then(done);
  });
}

/** See `Client.waitForReady`. */
export async function whenReady(channel: Channel, options: ReadyOptions | undefined): Promise<void> {
  if (options !== undefined) checkNames(options, ['timeoutMs', 'signal'], 'waitForReady option');
  const timeoutMs = positive('timeoutMs', options?.timeoutMs, Infinity);
  const signal = abortSignal(options?.signal);
  const timer = new AbortController();
  const timeout =
    timeoutMs === Infinity
      ? undefined
      : new LongTimer(() => {
          const { lastFailure } = channel;
          const why = lastFailure === '' ? '' : `; the last attempt: ${lastFailure}`;
          timer.abort(new DOMException(`no connection within ${timeoutMs} ms${why}`, 'TimeoutError'));
        }, timeoutMs);
  try {
    await channel.whenReady(
      signal === undefined ? timer.signal : AbortSignal.any([ownSignal(signal), timer.signal]),
    );
  } finally {
    timeout?.clear();
  }
}
