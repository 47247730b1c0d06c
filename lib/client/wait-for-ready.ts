// Waiting for a connection, for as long as the caller wants to wait.

import type { Channel } from '../channel/channel.ts';
import { timerMs } from '../values/clock.ts';
import { abortSignal, checkNames, positive } from '../values/options/option-checks.ts';
import { ownSignal } from '../values/realm.ts';

/**
 * Options of `waitForReady`.
 * @inline
 */
export interface ReadyOptions {
  /** Milliseconds; default none. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves when the addresses of a channel have come, and a service config with them; when they cannot be had, unless
 * `isPatient`; and when the call that waits has ended. Asks for them.
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
    // Asks for them; and rejects when the client closes, which ends the wait too.
    channel.whenReady(waiting.signal).then(done, done);
    void ended.then(done);
  });
}

/** As `Client.waitForReady` says. */
export async function whenReady(channel: Channel, options: ReadyOptions | undefined): Promise<void> {
  if (options !== undefined) checkNames(options, ['timeoutMs', 'signal'], 'waitForReady option');
  const timeoutMs = positive('timeoutMs', options?.timeoutMs, Infinity);
  const signal = abortSignal(options?.signal);
  const timer = new AbortController();
  const timeout =
    timeoutMs === Infinity
      ? undefined
      : setTimeout(() => {
          const { lastFailure } = channel;
          const why = lastFailure === '' ? '' : `; the last attempt: ${lastFailure}`;
          timer.abort(new DOMException(`no connection within ${timeoutMs} ms${why}`, 'TimeoutError'));
        }, timerMs(timeoutMs));
  try {
    await channel.whenReady(
      signal === undefined ? timer.signal : AbortSignal.any([ownSignal(signal), timer.signal]),
    );
  } finally {
    clearTimeout(timeout);
  }
}
