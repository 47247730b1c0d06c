// The error of a failed call, and the reports of failures that nobody looked at.

import type { AsyncContext } from '../values/async-context.ts';
import { CardinalityError, SchemaError } from '../values/errors.ts';
import { isError } from '../values/realm.ts';
import type { ErrorDetails } from '../values/rpc-error.ts';
import { RpcError } from '../values/rpc-error.ts';
import { type Status, StatusCode } from '../values/status.ts';
import { reportUnobserved, warnUnawaited } from '../values/warnings.ts';

export interface CallFailure {
  readonly status: Status;
  readonly method: string;
  readonly peer: string | undefined;
  /** What the error says in addition to the status's details. */
  readonly note: string | undefined;
  readonly cause: unknown;
  /** Where the call was made, if that was captured. */
  readonly site: Error | undefined;
  readonly decodeDetails: (status: Uint8Array) => ErrorDetails;
}

/** Where a call is made; undefined unless its client captures stacks. */
export function siteOf({ captureStacks }: { readonly captureStacks: boolean }): Error | undefined {
  return captureStacks ? new Error('called') : undefined;
}

/** The error, with the stack of the call appended to its own. */
export function callError({ site, ...failure }: CallFailure): RpcError {
  const error = new RpcError(failure);
  if (site?.stack !== undefined) error.stack = `${error.stack}\n${framesOf(site.stack)}`;
  return error;
}

/**
 * A mistake in the program with the line that made it added to its stack: if it was found after a wait, its own stack
 * begins in this library. Anything else is returned as it is.
 */
export function withSite(error: unknown, site: Error | undefined): unknown {
  if (!isLocated(error)) return error;
  const { message, cause, stack } = error;
  // A program may have stacks be something else (Error.prepareStackTrace).
  if (typeof site?.stack !== 'string' || typeof stack !== 'string') return error;
  const frames = framesOf(site.stack);
  // Found at once, it leads there already.
  if (stack.includes(frames.slice(frames.lastIndexOf('\n') + 1))) return error;
  // Calls that wait for the same schema fail with the same error: each of them gets its own.
  const isShared = Object.getPrototypeOf(error) === SchemaError.prototype;
  const own: Error = isShared ? new SchemaError(message, { cause }) : error;
  // One of the program's own may be frozen.
  Reflect.set(own, 'stack', `${stack}\n${frames}`);
  return own;
}

function isLocated(error: unknown): error is Error {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof SchemaError ||
    error instanceof CardinalityError
  );
}

function framesOf(stack: string): string {
  return stack.split('\n').slice(1).join('\n');
}

/** What a report needs to know about the call. */
interface FailedCall {
  readonly method: string;
  readonly isObserved: boolean;
  /** Whether somebody wrote to it: the rejected write then tells them of the failure. */
  readonly isWritten: boolean;
  /** The caller's async context, where it was captured. */
  readonly asyncContext: AsyncContext | undefined;
  failure(): unknown;
}

/** Reports a failed call, unless somebody looks at it in the turn in which it fails. */
export function reportLater(call: FailedCall): void {
  setImmediate(() => {
    if (call.isObserved) return;
    const error = call.failure();
    if (!isError(error)) return;
    const isMistake =
      error instanceof TypeError || error instanceof RangeError || error instanceof SchemaError;
    const report = (): void => {
      reportUnobserved(call.method, error, isMistake);
      if (!isMistake && !call.isWritten && !isEndedHere(error)) warnUnawaited(call.method, error);
    };
    if (call.asyncContext === undefined) report();
    else call.asyncContext.run(report);
  });
}

/** Whether the program itself ended the call, by a signal or by closing its client. */
function isEndedHere(error: Error): boolean {
  return RpcError.is(error) && error.code === StatusCode.CANCELLED && error.origin === 'client';
}
