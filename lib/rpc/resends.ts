// When a call goes again that a server certainly did nothing of, since it ended the connection: it is above the last id
// of a GOAWAY. None is lost to a server that is polite, and none becomes a storm: at once at first, then after growing
// delays, for as long as the call has time. Made for a call that is refused; the others know nothing of it. Sources:
// RFC 9113 §6.8, §8.7, gRFC A6 ("Transparent Retries": its one time was measured to lose calls to servers that rotate
// connections under load).

import type { Timers } from '../values/clock.ts';
import { waits } from '../values/waits.ts';
import type { Outcome } from './outcome.ts';

/** What the calls of a client share for it. */
export interface ResendClock {
  /** Its timers keep the process alive. */
  readonly timers: Timers;
  /** From 0 to 1, the latter excluded. */
  readonly random: () => number;
}

/**
 * So often at once after GOAWAYs of connections on which the server took nothing at all. Each needs another connection,
 * and those have a back-off of their own. Where it took others, calls go on, and this one goes before those that are new.
 */
const AT_ONCE_AFTER_GOAWAY = 8;

/** How the server ended the connection. */
export type RefusalKind = 'connection' | 'connection that took others' | 'connection with an error';

const FIRST_DELAY_MS = 10;
const MAX_DELAY_MS = 1000;
/** Share of a delay by which it varies both ways: calls that were refused together do not come back together. */
const JITTER = 0.5;

/** So often after a GOAWAY with an error: it may be about this call, which would end one connection after the other. */
const MAX_AFTER_ERROR = 3;

/** How often a call without a deadline goes again, about ten seconds in all. One with a deadline: until that. */
export const MAX_RESENDS_WITHOUT_DEADLINE = 24;

export class Resends {
  readonly #clock: ResendClock;
  #goAways = 0;
  #errors = 0;
  #delays = 0;
  #timer: unknown;
  /** What the server said last. */
  refusal: Outcome | undefined;

  constructor(clock: ResendClock) {
    this.#clock = clock;
  }

  /** How often the call was left out. */
  get count(): number {
    return this.#goAways + this.#errors;
  }

  /** The call is to go again, but not yet. */
  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** The call was left out, and begins again now or in a while; false when it must not go again. */
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

  /** It will not be sent again. */
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
