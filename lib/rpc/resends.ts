// When to resend a call that the server certainly did not process, because it ended the connection with a GOAWAY whose
// last stream id is below the call's. No call is lost to a server that behaves well, and none causes a storm: it is
// resent at once at first, then after growing delays, for as long as the call has time. Made only for calls that are
// refused. Sources: RFC 9113 §6.8, §8.7, gRFC A6 ("Transparent Retries", which allow a single resend; measurements
// showed that this loses calls to servers that rotate connections under load).

import type { Timers } from '../values/clock.ts';
import { waits } from '../values/waits.ts';
import { H2_NO_ERROR, type Outcome } from './outcome.ts';
import type { StreamEnd } from './transport.ts';

/** What the calls of a client share for resending. */
export interface ResendClock {
  /** Timers that keep the process alive. */
  readonly timers: Timers;
  /** From 0 to just below 1. */
  readonly random: () => number;
}

/**
 * How many times a call is resent at once after GOAWAYs of connections on which the server accepted nothing at all.
 * Each time needs another connection, and connections have a back-off of their own. If the server accepted other
 * calls, there is no such limit: calls get through, and this one goes before new ones.
 */
const AT_ONCE_AFTER_GOAWAY = 8;

/** How the server ended the connection. */
export type RefusalKind = 'connection' | 'connection that took others' | 'connection with an error';

export function refusalOf(end: Extract<StreamEnd, { kind: 'lost' }>): RefusalKind {
  if (end.code !== H2_NO_ERROR) return 'connection with an error';
  return end.tookOthers === true ? 'connection that took others' : 'connection';
}

const FIRST_DELAY_MS = 10;
const MAX_DELAY_MS = 1000;
/**
 * How much a delay varies either way, as a fraction, so that calls that were refused together do not return together.
 */
const JITTER = 0.5;

/** How many times after GOAWAYs with an error, which this call may cause, ending one connection after the other. */
const MAX_AFTER_ERROR = 3;

/** How many times a call without a deadline is resent, about ten seconds in all. With a deadline: until then. */
export const MAX_RESENDS_WITHOUT_DEADLINE = 24;

export class Resends {
  readonly #clock: ResendClock;
  #goAways = 0;
  #errors = 0;
  #delays = 0;
  #timer: unknown;
  /** The last refusal. */
  refusal: Outcome | undefined;

  constructor(clock: ResendClock) {
    this.#clock = clock;
  }

  /** How many times the call was refused. */
  get count(): number {
    return this.#goAways + this.#errors;
  }

  /** The outcome of a call that is refused once more and not resent, with how often it was, if that is why. */
  countedIn(outcome: Outcome): Outcome {
    if (this.count < MAX_RESENDS_WITHOUT_DEADLINE) return outcome;
    return { ...outcome, details: `${outcome.details}; it was refused ${this.count + 1} times` };
  }

  /** Whether the call is waiting to be resent. */
  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** The call was refused: begins it again, now or after a delay; false if it must not be resent. */
  onLeftOut(kind: RefusalKind, hasDeadline: boolean, begin: () => void): boolean {
    if (!hasDeadline && this.count >= MAX_RESENDS_WITHOUT_DEADLINE) return false;
    if (kind === 'connection with an error' && ++this.#errors > MAX_AFTER_ERROR) return false;
    if (this.#isAtOnce(kind)) begin();
    else {
      waits?.begin(this, 'timer', 'a refused call that goes again');
      this.#timer = this.#clock.timers.setTimer(() => {
        this.#timer = undefined;
        waits?.end(this, 'timer');
        begin();
      }, this.#nextDelayMs());
    }
    return true;
  }

  #isAtOnce(kind: RefusalKind): boolean {
    switch (kind) {
      case 'connection with an error':
        return this.#errors === 1;
      case 'connection':
        return ++this.#goAways <= AT_ONCE_AFTER_GOAWAY;
      case 'connection that took others':
        return true;
      default:
        return kind satisfies never;
    }
  }

  /** Cancels a resend that is due. */
  stop(): void {
    if (this.#timer === undefined) return;
    this.#clock.timers.clearTimer(this.#timer);
    this.#timer = undefined;
    waits?.end(this, 'timer');
  }

  #nextDelayMs(): number {
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.#delays, MAX_DELAY_MS);
    this.#delays++;
    return Math.ceil(delayMs * (1 + JITTER * (2 * this.#clock.random() - 1)));
  }
}
