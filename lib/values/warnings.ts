// The library's warnings, with the diagnostics channels that carry the same news. It never logs.

import diagnosticsChannel from 'node:diagnostics_channel';
import { escapeLines, escapeText } from './text/escaped-text.ts';

/** `stubless:call.unobserved`: a call failed, and nothing had awaited it or looked at any of its results. */
export interface UnobservedCall {
  /** `/helloworld.Greeter/SayHello`, or the name that the caller used if no method was found. */
  readonly method: string;
  /** What the call failed with. */
  readonly error: Error;
}

/**
 * `stubless:connection.added`: the server's MAX_CONCURRENT_STREAMS kept a call waiting, and another connection to the
 * same address is being made for it.
 */
export interface AddedConnection {
  /** The target of the channel. */
  readonly target: string;
  /** The address of the server, such as `127.0.0.1:50051`. */
  readonly address: string;
  /** How many connections there are, including the new one. */
  readonly connections: number;
  /** The `maxConnections` option. */
  readonly maxConnections: number;
}

const unobserved = diagnosticsChannel.channel('stubless:call.unobserved');

/** Whether anybody subscribes to `stubless:call.unobserved`. */
export function areUnobservedWatched(): boolean {
  return unobserved.hasSubscribers;
}

/** The most warnings about calls that failed with a status, so that an outage does not fill logs. */
const MAX_FAILURE_WARNINGS = 100;
let failureWarnings = 0;

/** Reports a failed call that nobody looked at; if it failed because of a mistake in the program, also by a warning. */
export function reportUnobserved(method: string, error: Error, isMistake: boolean): void {
  if (unobserved.hasSubscribers) unobserved.publish({ method, error } satisfies UnobservedCall);
  if (isMistake) warnUnobserved(method, escapeLines(error.stack ?? error.message));
}

/** Warns of a call that failed with a status and that nobody looked at, unless somebody subscribes to the channel. */
export function warnUnawaited(method: string, error: Error): void {
  if (unobserved.hasSubscribers || failureWarnings === MAX_FAILURE_WARNINGS) return;
  failureWarnings++;
  const isLast = failureWarnings === MAX_FAILURE_WARNINGS;
  warnUnobserved(
    method,
    `${escapeText(String(error))}${isLast ? ` (the last of ${MAX_FAILURE_WARNINGS} such warnings; the diagnostics channel stubless:call.unobserved reports all of them)` : ''}`,
  );
}

function warnUnobserved(method: string, failure: string): void {
  process.emitWarning(
    // Warnings are printed unescaped, and the error may contain a server's text.
    escapeLines(
      `a call of ${method} failed, and nothing awaited it (write await client.request(…), or handle the error with call.catch(…)): ${failure}`,
    ),
    { type: 'StublessWarning', code: 'STUBLESS_UNOBSERVED_CALL' },
  );
}

/** Warns of a call that was mistaken for its reply, which was noticed too late for an error; `stack` says where. */
export function reportMissingAwait(text: string, stack: string): void {
  process.emitWarning(`${text}\n${stack}`, { type: 'StublessWarning', code: 'STUBLESS_MISSING_AWAIT' });
}

/** Warns of a client that nobody can close any more. */
export function reportUnclosed(target: string, connections: number, site: string | undefined): void {
  const many = connections === 1 ? 'a connection' : `${connections} connections`;
  const hint =
    site === undefined
      ? 'captureStacks: true says where it was made'
      : `it was made\n${site.split('\n').slice(1).join('\n')}`;
  process.emitWarning(
    `a client of ${target} was dropped with ${many} open; call client.close(), or make it with 'await using'; ${hint}`,
    { type: 'StublessWarning', code: 'STUBLESS_UNCLOSED_CLIENT' },
  );
}

/** `stubless:schema.mismatch`: a field came with a wire type other than the schema's, and so counts as unknown. */
export interface WireTypeMismatched {
  /** The full name of the message type. */
  readonly type: string;
  /** The field's name in decoded messages. */
  readonly field: string;
  /** The field's number. */
  readonly number: number;
  /** The schema's wire type: 0 varint, 1 64-bit, 2 length-delimited, 3 group, 5 32-bit. */
  readonly expectedWireType: number;
  /** The wire type that came. */
  readonly wireType: number;
  /** The warning's text. */
  readonly text: string;
}

const mismatched = diagnosticsChannel.channel('stubless:schema.mismatch');

/** Reports a field that was left out of a message, also by a warning, since nothing else shows it. */
export function reportWireTypeMismatch(mismatch: WireTypeMismatched): void {
  if (mismatched.hasSubscribers) mismatched.publish(mismatch);
  process.emitWarning(`${mismatch.type}: ${mismatch.text}`, {
    type: 'StublessWarning',
    code: 'STUBLESS_WIRE_TYPE',
  });
}

const added = diagnosticsChannel.channel('stubless:connection.added');

/** Reports that one connection was not enough. */
export function reportAddedConnection(connection: AddedConnection): void {
  if (added.hasSubscribers) added.publish(connection);
}

/**
 * `stubless:keepalive.too-many-pings`: a server ended a connection because of keepalive PINGs, whose interval is
 * therefore doubled.
 */
export interface TooManyPings {
  readonly server: string;
  /** The `keepalive.intervalMs` option. */
  readonly intervalMs: number;
  /** The interval from now on, in milliseconds. */
  readonly nextIntervalMs: number;
}

const tooManyPings = diagnosticsChannel.channel('stubless:keepalive.too-many-pings');

/** Reports that keepalive PINGs come more often than the server allows, also by a warning, since connections break. */
export function reportTooManyPings(pings: TooManyPings): void {
  if (tooManyPings.hasSubscribers) tooManyPings.publish(pings);
  const { server, intervalMs, nextIntervalMs } = pings;
  process.emitWarning(
    `${server} ended the connection because of too many keepalive PINGs (GOAWAY ENHANCE_YOUR_CALM "too_many_pings"); they are sent every ${nextIntervalMs} ms now, not every ${intervalMs} ms. Set keepalive.intervalMs to what the server permits: 300000 ms unless it is configured otherwise, and never without calls`,
    { type: 'StublessWarning', code: 'STUBLESS_TOO_MANY_PINGS' },
  );
}
