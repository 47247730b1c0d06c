// The error of a call that failed, and who is told of one that nobody looked at.

import { reportUnobserved } from './diagnostics.ts';
import { SchemaError } from './errors.ts';
import type { ErrorDetails } from './rpc-error.ts';
import { RpcError } from './rpc-error.ts';
import type { Status } from './status.ts';

export interface CallFailure {
  readonly status: Status;
  readonly method: string;
  readonly peer: string | undefined;
  readonly cause: unknown;
  /** Where the call was made, if that was written down. */
  readonly site: Error | undefined;
  readonly decodeDetails: (status: Uint8Array) => ErrorDetails;
}

/** The error; with the stack of the call behind its own. */
export function callError({ site, ...failure }: CallFailure): RpcError {
  const error = new RpcError(failure);
  if (site?.stack !== undefined)
    error.stack = `${error.stack}\n${site.stack.split('\n').slice(1).join('\n')}`;
  return error;
}

/** The call as far as this is about it. */
interface FailedCall {
  readonly method: string;
  readonly isObserved: boolean;
  takeError(): unknown;
}

/** Tells of a call that failed, unless somebody looks at it in the turn in which it did. */
export function reportLater(call: FailedCall): void {
  setImmediate(() => {
    if (call.isObserved) return;
    const error = call.takeError();
    if (!(error instanceof Error)) return;
    const isMistake =
      error instanceof TypeError || error instanceof RangeError || error instanceof SchemaError;
    reportUnobserved(call.method, error, isMistake);
  });
}
