// The text of DEADLINE_EXCEEDED: which limit passed, what the call was doing, and how long each stage before took.
// Three cases have their texts elsewhere: a server that cancels at the deadline (rpc/outcome.ts), a stream that falls
// silent (wire-call.ts), and reflection (catalog/reflection-stream.ts).

import type { ChannelWait } from '../channel/channel.ts';
import type { CallExchange } from '../rpc/call-exchange.ts';
import { fieldValue } from '../rpc/field-list.ts';
import type { Outcome } from '../rpc/outcome.ts';
import { called } from '../values/options/option-words.ts';
import { StatusCode } from '../values/status.ts';
import type { CallContext } from './call-context.ts';

/** Where the limit came from. */
export type LimitSource = 'timeoutMs' | 'deadline' | 'default' | 'service config';

/** When a call reached each stage, on the clock of performance.now(); undefined if it did not, or was not measured. */
export interface CallTimes {
  readonly startMs: number;
  /** The method was known, and the service config that applies to it. */
  readonly begunMs: number | undefined;
  /** Until then the call waited for the server's addresses rather than for a schema. */
  readonly waitedForAddresses?: boolean;
  /** Interceptors passed the call on, if that was later. */
  readonly enteredMs?: number | undefined;
  /** The stream of the last attempt was opened. */
  readonly openedMs: number | undefined;
  /** The response began; measured only for streams of replies. */
  readonly headersMs: number | undefined;
  readonly nowMs: number;
}

/** A timeout of several requests, of which a call has what the schema left of it. */
export interface SharedLimit {
  readonly timeoutMs: number;
  /** What asking for the schema took. */
  readonly schemaMs: number;
}

/** What a running call is doing. */
export interface CallPlace {
  readonly exchange: CallExchange | undefined;
  readonly isAwaitingAddresses?: boolean;
  readonly isAwaitingCredentials: boolean;
  /** The caller has yet to write the single request. */
  readonly isUnwritten?: boolean;
  /** The call's protocol asks for a stream only when the request is complete. */
  readonly isSentWhole?: boolean;
  /** What a call without a stream is waiting for. */
  readonly waitsFor: ChannelWait;
  /** Why the last connection attempt failed; empty if it did not. */
  readonly lastFailure: string;
}

export const FOR_CREDENTIALS = 'while waiting for its credentials';

/** The place of a call that was made too late. */
export const BEFORE_THE_CALL = 'before the call was made';

/** The place of a call made by `client.open` whose single request nobody has written. */
export const FOR_THE_REQUEST = 'while waiting for the request to be written: write it with call.end({ … })';

export function placeOf(
  exchange: CallExchange | undefined,
  isAwaitingCredentials: boolean,
  context: Pick<CallContext, 'waitsFor' | 'lastFailure'>,
  isAwaitingAddresses = false,
  isUnwritten = false,
  isSentWhole = false,
): CallPlace {
  const lastFailure = exchange?.peer === undefined ? context.lastFailure() : '';
  return {
    exchange,
    isAwaitingAddresses,
    isAwaitingCredentials,
    isUnwritten,
    isSentWhole,
    waitsFor: context.waitsFor(),
    lastFailure,
  };
}

/** `while waiting for a connection (the last attempt: …)` */
export function placeText(call: CallPlace): string {
  const { exchange, isAwaitingAddresses, isAwaitingCredentials, lastFailure } = call;
  const lastAttempt = lastFailure === '' ? '' : ` (the last attempt: ${lastFailure})`;
  if (exchange === undefined) {
    return `while ${isAwaitingAddresses ? WAITS.addresses : 'loading the schema'}${lastAttempt}`;
  }
  const again = exchange.attempts > 1 ? `, in attempt ${exchange.attempts}` : '';
  const before = exchange.lastFailure === '' ? '' : ` (before: ${exchange.lastFailure})`;
  switch (exchange.phase) {
    case 'reading':
      return `while reading the response${again}`;
    case 'writing':
      return `while writing the request${again}: the server reads it too slowly${before}`;
    case 'waiting':
      if (call.isUnwritten) return FOR_THE_REQUEST;
      return `while waiting for the response${again}${before}`;
    case 'backoff':
      return `while waiting before attempt ${exchange.attempts + 1}${before}`;
    case 'refused':
      return `while waiting to be sent again${again}: the server refused it${before}`;
    case 'queued':
      if (call.isUnwritten && call.isSentWhole) return FOR_THE_REQUEST;
      if (isAwaitingCredentials) return `${FOR_CREDENTIALS}${again}${before}`;
      return queuedText(call.waitsFor, again, lastAttempt, before);
    default:
      return exchange.phase satisfies never;
  }
}

const WAITS = {
  addresses: 'waiting for the addresses of the server',
  connection: 'waiting for a connection',
  'free-connection': 'waiting for a free connection',
  stream: 'waiting for a stream',
  output: 'waiting for the connection',
} as const;

function queuedText(waitsFor: ChannelWait, again: string, lastAttempt: string, before: string): string {
  const what = `while ${WAITS[waitsFor]}${again}`;
  switch (waitsFor) {
    case 'addresses':
    case 'connection':
      return `${what}${lastAttempt}${before}`;
    case 'free-connection':
      return `${what}: over HTTP/1.1 each carries one call at a time${before}`;
    case 'stream':
      return `${what}: the server allows no more at once${before}`;
    case 'output':
      return `${what}: the server is not reading what was sent before${before}`;
    default:
      return waitsFor satisfies never;
  }
}

/** The limit of a call. */
export interface CallLimit {
  /** As the caller set it: milliseconds, or for a deadline milliseconds since 1970. Infinity for no limit. */
  readonly value: number;
  readonly source: LimitSource;
}

/** `the timeout of 100 ms passed after 101 ms while …`, with the time of each phase if there was more than one. */
export function expiryText(limit: CallLimit, place: string, times: CallTimes): string {
  // No stage took any time.
  if (place === BEFORE_THE_CALL) return `the ${limitText(limit)} had passed ${BEFORE_THE_CALL}`;
  const hint =
    limit.source === 'default'
      ? ` (the default of a unary call; the ${called('timeoutMs')} option changes it)`
      : '';
  return `the ${limitText(limit)} passed after ${elapsed(times)} ${place}${phasesText(times)}${hint}`;
}

/**
 * A note for a call that somebody else ended, most likely because of this limit: `after 296 ms of the timeout of 300
 * ms, while …`
 */
export function endedText(limit: CallLimit, place: string, times: CallTimes): string {
  const of =
    limit.value === Infinity
      ? '; the call has no deadline here'
      : limit.source === 'deadline'
        ? `, with the ${limitText(limit)}`
        : ` of the ${limitText(limit)}`;
  const hint = limit.source === 'default' && limit.value !== Infinity ? ', the default of a unary call' : '';
  return `after ${elapsed(times)}${of}${hint}, ${place}${phasesText(times)}`;
}

function limitText({ value, source }: CallLimit): string {
  switch (source) {
    case 'deadline':
      return `deadline of ${dateText(value)}`;
    case 'service config':
      return `service config's timeout of ${value} ms`;
    case 'default':
    case 'timeoutMs':
      return `timeout of ${value} ms`;
    default:
      return source satisfies never;
  }
}

/** A deadline may be further away than Date can represent. */
function dateText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms since 1970` : date.toISOString();
}

function elapsed({ startMs, nowMs }: CallTimes): string {
  return `${Math.round(nowMs - startMs)} ms`;
}

const TIMEOUTS_OF_PROXIES: ReadonlySet<string | undefined> = new Set(['408', '504']);

/**
 * Whether somebody else most likely ended the call because time was up: its error then tells the times as well.
 * @param isNear whether the call's deadline has been reached, or nearly
 */
export function isLikelyExpiry(
  { code, origin }: Outcome,
  exchange: CallExchange | undefined,
  isNear: boolean,
): boolean {
  if (code === StatusCode.DEADLINE_EXCEEDED) return true;
  if (!isNear) return false;
  // RST_STREAM(CANCEL), a moment before our own deadline.
  if (code === StatusCode.CANCELLED) return origin === 'server' && exchange?.trailers === undefined;
  return TIMEOUTS_OF_PROXIES.has(fieldValue(exchange?.headers ?? exchange?.trailers ?? [], ':status'));
}

function phasesText(times: CallTimes): string {
  const { startMs, begunMs, waitedForAddresses, enteredMs, openedMs, headersMs, nowMs } = times;
  const begun = begunMs ?? startMs;
  const entered = enteredMs ?? begun;
  const phases: readonly (readonly [name: string, fromMs: number, toMs: number])[] = [
    [waitedForAddresses ? 'for addresses' : 'for the schema', startMs, begun],
    ['in interceptors', begun, entered],
    ['for a stream', entered, openedMs ?? nowMs],
    ['for the response', openedMs ?? nowMs, headersMs ?? nowMs],
    ['reading it', headersMs ?? nowMs, nowMs],
  ];
  const taken = phases.flatMap(([name, fromMs, toMs]) => {
    const ms = Math.round(toMs - fromMs);
    return ms > 0 ? [`${ms} ms ${name}`] : [];
  });
  return taken.length > 1 ? `: ${taken.join(', ')}` : '';
}
