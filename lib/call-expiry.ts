// What the error of a call says that was not done in time: which limit it was, what the call was at, and how long it
// was at each thing before. Pure.

import type { CallHost } from './call-host.ts';
import type { CallExchange } from './rpc/call-exchange.ts';

/** Whose limit it was. */
export type LimitSource = 'timeoutMs' | 'deadline' | 'default' | 'service config';

/** When a call came where, on the clock of performance.now(); undefined where it did not, or where nobody looked. */
export interface CallTimes {
  readonly startMs: number;
  /** Its method was known. */
  readonly begunMs: number | undefined;
  /** Its stream was opened, that of the last attempt. */
  readonly openedMs: number | undefined;
  /** The response began; looked at for streams of replies only. */
  readonly headersMs: number | undefined;
  readonly nowMs: number;
}

/** What a call that has not ended is at. */
export interface CallPlace {
  readonly exchange: CallExchange | undefined;
  readonly isAwaitingCredentials: boolean;
  readonly isConnected: boolean;
  /** Why the last connection could not be made, or an empty text. */
  readonly lastFailure: string;
}

/** What a call was at that was made too late. */
export const BEFORE_THE_CALL = 'before the call was made';

export function placeOf(
  exchange: CallExchange | undefined,
  isAwaitingCredentials: boolean,
  host: Pick<CallHost, 'isConnected' | 'lastFailure'>,
): CallPlace {
  const lastFailure = exchange?.peer === undefined ? host.lastFailure() : '';
  return { exchange, isAwaitingCredentials, isConnected: host.isConnected(), lastFailure };
}

/** `while waiting for a connection (the last attempt: …)` */
export function placeText({ exchange, isAwaitingCredentials, isConnected, lastFailure }: CallPlace): string {
  const lastAttempt = lastFailure === '' ? '' : ` (the last attempt: ${lastFailure})`;
  if (exchange === undefined) return `while loading the schema${lastAttempt}`;
  const again = exchange.attempts > 1 ? `, in attempt ${exchange.attempts}` : '';
  const before = exchange.lastFailure === '' ? '' : ` (before: ${exchange.lastFailure})`;
  switch (exchange.phase) {
    case 'reading':
      return `while reading the response${again}`;
    case 'writing':
      return `while writing the request${again}: the server takes it no faster${before}`;
    case 'waiting':
      return `while waiting for the response${again}${before}`;
    case 'backoff':
      return `while waiting before attempt ${exchange.attempts + 1}${before}`;
    case 'queued':
      if (isAwaitingCredentials) return `while waiting for its credentials${again}${before}`;
      if (!isConnected) return `while waiting for a connection${again}${lastAttempt}${before}`;
      return `while waiting for a stream${again}: the server allows no more at a time${before}`;
    default:
      return exchange.phase satisfies never;
  }
}

/** `the timeout of 100 ms passed after 101 ms while …`, with the time of each phase where there was more than one. */
export function expiryText(limitMs: number, source: LimitSource, place: string, times: CallTimes): string {
  const after = `after ${Math.round(times.nowMs - times.startMs)} ms ${place}${phasesText(times)}`;
  switch (source) {
    case 'deadline':
      return `the deadline passed ${after}`;
    case 'service config':
      return `the service config's timeout of ${limitMs} ms passed ${after}`;
    case 'default':
      return `the timeout of ${limitMs} ms passed ${after} (the default of a unary call; the timeoutMs option changes it)`;
    case 'timeoutMs':
      return `the timeout of ${limitMs} ms passed ${after}`;
    default:
      return source satisfies never;
  }
}

function phasesText({ startMs, begunMs, openedMs, headersMs, nowMs }: CallTimes): string {
  const begun = begunMs ?? startMs;
  const phases: readonly (readonly [name: string, fromMs: number, toMs: number])[] = [
    ['for the schema', startMs, begun],
    ['for a stream', begun, openedMs ?? nowMs],
    ['for the response', openedMs ?? nowMs, headersMs ?? nowMs],
    ['reading it', headersMs ?? nowMs, nowMs],
  ];
  const taken = phases.flatMap(([name, fromMs, toMs]) => {
    const ms = Math.round(toMs - fromMs);
    return ms > 0 ? [`${ms} ms ${name}`] : [];
  });
  return taken.length > 1 ? `: ${taken.join(', ')}` : '';
}
