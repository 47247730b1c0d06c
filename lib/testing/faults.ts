// What a test makes the server do wrong: faults that hit the next calls of a method, and which calls they hit.
// fault-injection.ts carries them out. Faults of the network rather than of a call are in memory/network.ts.

import { StatusCode, type StatusCodeName, type StatusCodeValue } from '../values/status.ts';

/** What goes wrong with a call. Over HTTP/1.1 `refuse` and `reset` close the connection: it has no RST_STREAM. */
export type Fault =
  /** The handler starts later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The handler does not run; the call ends with this status. */
  | { readonly kind: 'status'; readonly code: StatusCodeName | StatusCodeValue; readonly details?: string }
  /** RST_STREAM(REFUSED_STREAM): the call was certainly not processed, so the client may send it again. */
  | { readonly kind: 'refuse' }
  /** RST_STREAM with an HTTP/2 error code (default INTERNAL_ERROR, 2) after this many replies (default 0). */
  | { readonly kind: 'reset'; readonly code?: number; readonly after?: number }
  /** The connection is dropped without a GOAWAY after this many replies of this call (default 0). */
  | { readonly kind: 'disconnect'; readonly after?: number }
  /** GOAWAY: the connection takes no new calls, but this one is answered. */
  | { readonly kind: 'goAway' }
  /** After this many whole replies (default 0), one is cut off in the middle, and the call ends as if all were well. */
  | { readonly kind: 'truncate'; readonly after?: number }
  /** Nothing ever comes back. */
  | { readonly kind: 'silence' };

/** A record, so that leaving out a kind does not compile. */
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
  /** Removes the fault: it hits no more calls. */
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

  /** `path` undefined means every method. Throws TypeError or RangeError for a malformed fault. */
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

  /** The fault that hits a call now: the oldest that is left; with `isAny`, those for every method count too. */
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
      `a fault is { kind: … }, where kind is one of ${Object.keys(KINDS).join(', ')}, not ${JSON.stringify(fault)}`,
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
      `the code of a status fault must be one from 0 to 16 or its name, not ${String(fault.code)}`,
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
