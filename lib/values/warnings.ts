// What the library tells through node:diagnostics_channel, and its only warnings. It never logs.

import diagnosticsChannel from 'node:diagnostics_channel';
import { escapeLines, escapeText } from './text/escaped-text.ts';

/** `stubless:call.unobserved`: a call failed, and nothing had awaited it or read any of its results. */
export interface UnobservedCall {
  /** `/helloworld.Greeter/SayHello`, or the name as it was asked for. */
  readonly method: string;
  /** What the call failed with. */
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

/** Whether somebody is told of failed calls that nobody looked at. */
export function areUnobservedTold(): boolean {
  return unobserved.hasSubscribers;
}

/** Of calls that failed at their servers: so that an outage does not fill logs. */
const MAX_FAILURE_WARNINGS = 100;
let failureWarnings = 0;

/** Tells of a failed call that nobody looked at; for a mistake in the program also by a warning. */
export function reportUnobserved(method: string, error: Error, isMistake: boolean): void {
  if (unobserved.hasSubscribers) unobserved.publish({ method, error } satisfies UnobservedCall);
  if (isMistake) warnUnobserved(method, escapeLines(error.stack ?? error.message));
}

/** Warns of a call that failed with a status and that nobody looked at, unless somebody is told on the channel. */
export function warnUnawaited(method: string, error: Error): void {
  if (unobserved.hasSubscribers || failureWarnings === MAX_FAILURE_WARNINGS) return;
  failureWarnings++;
  const isLast = failureWarnings === MAX_FAILURE_WARNINGS;
  warnUnobserved(
    method,
    `${escapeText(String(error))}${isLast ? ` (the last of ${MAX_FAILURE_WARNINGS} such warnings; the diagnostics channel stubless:call.unobserved tells of all)` : ''}`,
  );
}

function warnUnobserved(method: string, failure: string): void {
  process.emitWarning(
    // Warnings are printed as they are, and the error may hold a server's text.
    escapeLines(
      `a call of ${method} failed, and nothing awaited it (write await client.request(…), or handle it by call.catch(…)): ${failure}`,
    ),
    { type: 'StublessWarning', code: 'STUBLESS_UNOBSERVED_CALL' },
  );
}

/** Warns of a call that was taken for its reply, found out too late for an error: `stack` is where. */
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

/** `stubless:schema.mismatch`: a field came with another wire type than the schema gives it, and counts as unknown. */
export interface WireTypeMismatched {
  /** Full name of the message type. */
  readonly type: string;
  /** As decoded messages have it. */
  readonly field: string;
  readonly number: number;
  /** The schema's: 0 varint, 1 64-bit, 2 length-delimited, 3 group, 5 32-bit. */
  readonly expectedWireType: number;
  /** The one that came. */
  readonly wireType: number;
  /** The same in words. */
  readonly text: string;
}

const mismatched = diagnosticsChannel.channel('stubless:schema.mismatch');

/** Tells of a field that was left out of a message; by a warning too, since nothing else shows it. */
export function reportWireTypeMismatch(mismatch: WireTypeMismatched): void {
  if (mismatched.hasSubscribers) mismatched.publish(mismatch);
  process.emitWarning(`${mismatch.type}: ${mismatch.text}`, {
    type: 'StublessWarning',
    code: 'STUBLESS_WIRE_TYPE',
  });
}

const added = diagnosticsChannel.channel('stubless:connection.added');

/** Tells that one connection was not enough. */
export function reportAddedConnection(connection: AddedConnection): void {
  if (added.hasSubscribers) added.publish(connection);
}

/** `stubless:keepalive.too-many-pings`: a server ended a connection because of keepalive PINGs, which are halved. */
export interface TooManyPings {
  readonly server: string;
  /** What `keepalive.intervalMs` says. */
  readonly intervalMs: number;
  /** What it is from here on. */
  readonly nextIntervalMs: number;
}

const tooManyPings = diagnosticsChannel.channel('stubless:keepalive.too-many-pings');

/** Tells that keepalive is set against what the server allows; by a warning, since its connections break. */
export function reportTooManyPings(pings: TooManyPings): void {
  if (tooManyPings.hasSubscribers) tooManyPings.publish(pings);
  const { server, intervalMs, nextIntervalMs } = pings;
  process.emitWarning(
    `${server} ended the connection because of too many keepalive PINGs (GOAWAY ENHANCE_YOUR_CALM "too_many_pings"); they are sent every ${nextIntervalMs} ms now, not every ${intervalMs} ms. Set keepalive.intervalMs to what the server permits: 300000 ms unless it is told otherwise, and never without calls`,
    { type: 'StublessWarning', code: 'STUBLESS_TOO_MANY_PINGS' },
  );
}
