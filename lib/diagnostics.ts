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
