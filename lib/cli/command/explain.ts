// What is printed for an error, and the exit status. It knows the library's errors, so it is imported only for one.
// Texts are left as they were made: they name options by cli/command/command-line-words.ts already, and all
// else in them is the user's or the server's own.

import { type ErrorDetail, RpcError, StatusCode } from '../../index.ts';
import { escapeText, jsonText } from './escape.ts';
import { EXIT, LocalError, UsageError } from './failure.ts';
import type { Io } from './io.ts';

export interface Failure {
  /** Without control characters; the first line says it all. */
  readonly lines: readonly string[];
  readonly status: number;
}

/** Prints an error to standard error, after a word in red. Returns the exit status. */
export function tellFailure(error: unknown, { err }: Pick<Io, 'err'>, before: string = 'stubless:'): number {
  const { lines, status } = explain(error);
  lines.forEach((line, index) => {
    void err.line(index === 0 ? `${err.colours.red(before)} ${line}` : line);
  });
  return status;
}

/** What to print for an error, and the exit status. */
export function explain(error: unknown): Failure {
  if (RpcError.is(error)) return explainRpc(error);
  if (error instanceof UsageError) return { lines: [escapeText(error.message)], status: EXIT.usage };
  if (!(error instanceof Error)) return { lines: [escapeText(String(error))], status: EXIT.failed };
  const text = error.message === '' ? error.name : error.message;
  if (isBug(error)) {
    return { lines: (error.stack ?? text).split('\n').map(escapeText), status: EXIT.failed };
  }
  return { lines: [escapeText(onOneLine(text))], status: statusOf(error) };
}

/** A mistake of our own must be told apart from one of the user's. */
function isBug(error: Error): boolean {
  if (error instanceof LocalError) return false;
  if (error instanceof ReferenceError) return true;
  return error.name === 'TypeError' && /is not a function|of undefined|of null/.test(error.message);
}

/**
 * A schema that a server could not give has the status with which it failed. That the server has no reflection is not a
 * failure of the call: what is missing is a schema file.
 */
function statusOf({ cause }: Error): number {
  const isServers = RpcError.is(cause) && cause.code !== StatusCode.UNIMPLEMENTED;
  return isServers ? EXIT.rpc + cause.code : EXIT.failed;
}

/** Places that were looked at stand on lines of their own in the library's errors; here all is one line. */
function onOneLine(text: string): string {
  const [first, ...rest] = text.split(/\n\s*/);
  return rest.length === 0 ? first : `${first} ${rest.filter((line) => line !== '').join(', ')}`;
}

function explainRpc(error: RpcError): Failure {
  const lines = [error.message];
  for (const detail of error.errorDetails) lines.push(`  ${detailText(detail)}`);
  if (error.errorDetailsProblem !== undefined) lines.push(`  (error details: ${error.errorDetailsProblem})`);
  return { lines: lines.map(escapeText), status: EXIT.rpc + error.code };
}

function detailText(detail: ErrorDetail): string {
  const { '@type': type, ...fields } = JSON.parse(JSON.stringify(detail)) as ErrorDetail;
  return `${type.slice(type.lastIndexOf('/') + 1)} ${jsonText(fields)}`;
}
