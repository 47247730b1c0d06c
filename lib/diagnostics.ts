// What the library tells through node:diagnostics_channel, and its only warnings. It never logs.

import diagnosticsChannel from 'node:diagnostics_channel';

/** `stubless:call.unobserved`: a call failed and nobody had asked for any of its results. */
export interface UnobservedCall {
  readonly method: string;
  readonly error: Error;
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
