// What the library tells through node:diagnostics_channel, and its only warnings. It never logs.

import diagnosticsChannel from 'node:diagnostics_channel';

/** `stubless:call.unobserved`: a call failed and nobody had asked for any of its results. */
export interface UnobservedCall {
  readonly method: string;
  readonly error: Error;
}

/**
 * `stubless:connection.added`: the server's MAX_CONCURRENT_STREAMS kept a call waiting, and another connection to the
 * same address is being made for it.
 */
export interface AddedConnection {
  readonly target: string;
  readonly address: string;
  /** How many there are with it. */
  readonly connections: number;
  /** How many the option of that name allows. */
  readonly maxConnections: number;
}

const unobserved = diagnosticsChannel.channel('stubless:call.unobserved');

/** Tells of a failed call that nobody looked at; for a mistake in the program also by a warning. */
export function reportUnobserved(method: string, error: Error, isMistake: boolean): void {
  if (unobserved.hasSubscribers) unobserved.publish({ method, error } satisfies UnobservedCall);
  if (isMistake) {
    process.emitWarning(
      `a call of ${method} failed and nobody looked at its result: ${error.stack ?? error.message}`,
      {
        type: 'StublessWarning',
        code: 'STUBLESS_UNOBSERVED_CALL',
      },
    );
  }
}

const added = diagnosticsChannel.channel('stubless:connection.added');

/** Tells that one connection was not enough. */
export function reportAddedConnection(connection: AddedConnection): void {
  if (added.hasSubscribers) added.publish(connection);
}
