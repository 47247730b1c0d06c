// What a test has the server do wrong: faults that hit the next calls of a method, and who is hit. fault-injection.ts
// carries them out. What goes wrong with the network and not with a call is network.ts.

import { StatusCode, type StatusCodeName, type StatusCodeValue } from '../values/status.ts';

/** What goes wrong with a call. Over HTTP/1.1 `refuse` and `reset` close the connection: it has no RST_STREAM. */
export type Fault =
  /** The handler starts later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The handler does not run; the call ends with this status. */
  | { readonly kind: 'status'; readonly code: StatusCodeName | StatusCodeValue; readonly details?: string }
  /** RST_STREAM(REFUSED_STREAM): the call was certainly not processed, and may be sent again. */
  | { readonly kind: 'refuse' }
  /** RST_STREAM with an HTTP/2 error code (default INTERNAL_ERROR, 2) after so many replies (default 0). */
  | { readonly kind: 'reset'; readonly code?: number; readonly after?: number }
  /** The connection is gone, without a word, after so many replies of this call (default 0). */
  | { readonly kind: 'disconnect'; readonly after?: number }
  /** GOAWAY: the connection takes no new calls, and this one is answered. */
  | { readonly kind: 'goAway' }
  /** A reply is cut off in its middle, and the call ends as if all were well: after so many whole replies (default 0). */
  | { readonly kind: 'truncate'; readonly after?: number }
  /** Nothing ever comes back. */
  | { readonly kind: 'silence' };

/** A record, so that a kind without an entry does not compile. */
const KINDS: Readonly<Record<Fault['kind'], true>> = {
  delay: true,
  status: true,
  refuse: true,
  reset: true,
  disconnect: true,
  goAway: true,
  truncate: true,
  silence: true,
};

/** A fault that was injected. */
export interface InjectedFault {
  /** How many calls it has hit. */
  readonly hits: number;
  /** Takes it back. */
  remove(): void;
}

interface Entry {
  readonly path: string | undefined;
  readonly fault: Fault;
  left: number;
  hits: number;
}

export class Faults {
  #entries: Entry[] = [];

  /** `path` undefined: every method. TypeError or RangeError for a malformed fault. */
  add(path: string | undefined, fault: Fault, times: number): InjectedFault {
    check(fault, times);
    const entry: Entry = { path, fault, left: times, hits: 0 };
    this.#entries.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#entries = this.#entries.filter((one) => one !== entry);
      },
    };
  }

  /** The fault that hits a call now: the oldest that is left; with `isAny` those of every method too. */
  take(path: string, isAny: boolean): Fault | undefined {
    const entry = this.#entries.find((one) => (one.path === undefined ? isAny : one.path === path));
    if (entry === undefined) return undefined;
    entry.hits++;
    if (--entry.left <= 0) this.#entries = this.#entries.filter((one) => one !== entry);
    return entry.fault;
  }

  clear(): void {
    this.#entries = [];
  }
}

function check(fault: Fault, times: number): void {
  const kind: unknown = fault?.kind;
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) {
    throw new TypeError(
      `a fault is { kind: … } with one of ${Object.keys(KINDS).join(', ')}, not ${JSON.stringify(fault)}`,
    );
  }
  if (times !== Infinity && !(Number.isInteger(times) && times > 0)) {
    throw new RangeError(`times must be a whole number above 0, or Infinity, not ${String(times)}`);
  }
  if (fault.kind === 'delay' && !(typeof fault.ms === 'number' && fault.ms >= 0)) {
    throw new RangeError(`the ms of a delay must be a number from 0, not ${String(fault.ms)}`);
  }
  if (fault.kind === 'status' && codeOf(fault.code) === undefined) {
    throw new TypeError(
      `the code of a status fault is one from 0 to 16, or its name, not ${String(fault.code)}`,
    );
  }
  const after: unknown = 'after' in fault ? fault.after : undefined;
  if (after !== undefined && !(Number.isInteger(after) && (after as number) >= 0)) {
    throw new RangeError(`after must be a whole number of replies, not ${String(after)}`);
  }
}

/** A status code by number or name. */
export function codeOf(code: StatusCodeName | StatusCodeValue): StatusCodeValue | undefined {
  const value: unknown = typeof code === 'string' ? StatusCode[code] : code;
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 16
    ? (value as StatusCodeValue)
    : undefined;
}
