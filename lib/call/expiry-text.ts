// What the error of a call says that was not done in time: which limit it was, what the call was at, and how long it
// was at each thing before: the text of DEADLINE_EXCEEDED, but for a server that cancels at the deadline (rpc/outcome.ts),
// a stream that falls silent (wire-call.ts) and reflection (catalog/reflection-stream.ts).

import type { ChannelWait } from '../channel/channel.ts';
import type { CallExchange } from '../rpc/call-exchange.ts';
import { fieldValue, type Outcome } from '../rpc/outcome.ts';
import { called } from '../values/options/option-words.ts';
import { StatusCode } from '../values/status.ts';
import type { CallContext } from './call-context.ts';

/** Whose limit it was. */
export type LimitSource = 'timeoutMs' | 'deadline' | 'default' | 'service config';

/** When a call came where, on the clock of performance.now(); undefined where it did not, or where nobody looked. */
export interface CallTimes {
  readonly startMs: number;
  /** Its method was known, and what a service config says of it. */
  readonly begunMs: number | undefined;
  /** Until then it waited for the addresses of the server, and not for a schema. */
  readonly waitedForAddresses?: boolean;
  /** Interceptors went on to it, where that was later. */
  readonly enteredMs?: number | undefined;
  /** Its stream was opened, that of the last attempt. */
  readonly openedMs: number | undefined;
  /** The response began; looked at for streams of replies only. */
  readonly headersMs: number | undefined;
  readonly nowMs: number;
}

/** What a call that has not ended is at. */
export interface CallPlace {
  readonly exchange: CallExchange | undefined;
  readonly isAwaitingAddresses?: boolean;
  readonly isAwaitingCredentials: boolean;
  /** Its single request is the caller's to write, and was not. */
  readonly isUnwritten?: boolean;
  /** Its protocol asks for no stream before that is there. */
  readonly isSentWhole?: boolean;
  /** While it has no stream. */
  readonly waitsFor: ChannelWait;
  /** Why the last connection could not be made, or an empty text. */
  readonly lastFailure: string;
}

export const FOR_CREDENTIALS = 'while waiting for its credentials';

/** What a call was at that was made too late. */
export const BEFORE_THE_CALL = 'before the call was made';

/** What a call was at that `client.open` made, and whose single request nobody wrote. */
export const FOR_THE_REQUEST = 'while waiting for the request to be written: write it with call.end({ … })';

export function placeOf(
  exchange: CallExchange | undefined,
  isAwaitingCredentials: boolean,
  host: Pick<CallContext, 'waitsFor' | 'lastFailure'>,
  isAwaitingAddresses = false,
  isUnwritten = false,
  isSentWhole = false,
): CallPlace {
  const lastFailure = exchange?.peer === undefined ? host.lastFailure() : '';
  return {
    exchange,
    isAwaitingAddresses,
    isAwaitingCredentials,
    isUnwritten,
    isSentWhole,
    waitsFor: host.waitsFor(),
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
      return `while writing the request${again}: the server takes it no faster${before}`;
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
  stream: 'waiting for a stream',
  output: 'waiting for the connection',
} as const;

function queuedText(waitsFor: ChannelWait, again: string, lastAttempt: string, before: string): string {
  const what = `while ${WAITS[waitsFor]}${again}`;
  switch (waitsFor) {
    case 'addresses':
    case 'connection':
      return `${what}${lastAttempt}${before}`;
    case 'stream':
      return `${what}: the server allows no more at a time${before}`;
    case 'output':
      return `${what}: the server does not take what was written to it before${before}`;
    default:
      return waitsFor satisfies never;
  }
}

/** The limit of a call. */
export interface CallLimit {
  /** As the caller gave it: milliseconds, and for a deadline milliseconds since 1970. Infinity where there is none. */
  readonly value: number;
  readonly source: LimitSource;
}

/** `the timeout of 100 ms passed after 101 ms while …`, with the time of each phase where there was more than one. */
export function expiryText(limit: CallLimit, place: string, times: CallTimes): string {
  // Nothing took any time.
  if (place === BEFORE_THE_CALL) return `the ${limitText(limit)} had passed ${BEFORE_THE_CALL}`;
  const hint =
    limit.source === 'default'
      ? ` (the default of a unary call; the ${called('timeoutMs')} option changes it)`
      : '';
  return `the ${limitText(limit)} passed after ${elapsed(times)} ${place}${phasesText(times)}${hint}`;
}

/**
 * The same beside the words of who ended the call otherwise, most likely for that limit: `after 296 ms of the timeout of
 * 300 ms, while …`
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

/** A date may be further away than Date has room for. */
function dateText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms since 1970` : date.toISOString();
}

function elapsed({ startMs, nowMs }: CallTimes): string {
  return `${Math.round(nowMs - startMs)} ms`;
}

const TIMEOUTS_OF_PROXIES: ReadonlySet<string | undefined> = new Set(['408', '504']);

/**
 * Whether an end that is another's word most likely came about because time was up: then the call says its times, too.
 * @param isNear whether the deadline of the call is there, or nearly
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
