// Asks the other end of a connection whether it lives: a PING, and anything at all from it within a time. One that cannot
// be written is one that is not answered; but while octets before it still leave, however slowly, somebody takes them.

import { Patience, type PatienceClock, type Waiting } from '../timing/patience.ts';

/**
 * On a connection that drains nothing but the running calls is left to lose, and servers that shut down may be slow, or
 * answer no PINGs (nghttp2 did not, before 1.30): they get twice the time, and this at least.
 */
export const MIN_DRAINING_PATIENCE_MS = 10_000;

/** What it needs of its connection. */
export interface LivenessPingHost {
  /** When octets last came, on the clock that it is given. */
  readonly lastReadMs: number;
  /** Octets that were given to the socket, ever; and those of them that it still holds. */
  readonly sentOctets: number;
  readonly unsentOctets: number;
  /** No more calls are opened. */
  readonly isDraining: boolean;
  /** Gives a PING to the socket. */
  ping(): void;
}

/** What becomes of it: one of these, once each time it asks. */
export interface LivenessPingListener {
  onAnswered(): void;
  onDead(): void;
}

export class LivenessPing implements Waiting {
  readonly #clock: PatienceClock;
  readonly #host: LivenessPingHost;
  readonly #listener: LivenessPingListener;
  readonly #patience: Patience;
  #limitMs = 0;
  #askedMs = 0;
  /** How many octets have left the socket when the PING has. */
  #pingEnd = 0;
  /** How many had, when it was looked last. */
  #left = 0;

  constructor(clock: PatienceClock, host: LivenessPingHost, listener: LivenessPingListener) {
    this.#clock = clock;
    this.#host = host;
    this.#listener = listener;
    this.#patience = new Patience(clock, this);
  }

  get isOpen(): boolean {
    return this.#patience.isRunning;
  }

  /** @param limitMs within which something must come, on a connection that does not drain */
  ask(limitMs: number): void {
    this.#limitMs = this.#host.isDraining ? Math.max(2 * limitMs, MIN_DRAINING_PATIENCE_MS) : limitMs;
    this.#askedMs = this.#clock.now();
    this.#patience.start(this.#limitMs);
    this.#ping();
  }

  stop(): void {
    this.#patience.stop();
  }

  // --- from the patience

  get isMet(): boolean {
    return this.#host.lastReadMs >= this.#askedMs;
  }

  onMet(): void {
    this.#listener.onAnswered();
  }

  onStandstill(): void {
    this.#ping();
  }

  onOver(): void {
    const before = this.#left;
    this.#left = this.#leftOctets;
    // What waited before the PING has moved, or the PING itself left only now.
    if (before < this.#pingEnd && this.#left > before) this.#patience.start(this.#limitMs);
    else this.#listener.onDead();
  }

  get #leftOctets(): number {
    return this.#host.sentOctets - this.#host.unsentOctets;
  }

  #ping(): void {
    this.#host.ping();
    this.#pingEnd = this.#host.sentOctets;
    this.#left = this.#leftOctets;
    // TLS gives its octets away some turns later: that is no progress of an output that was stuck.
    const pingEnd = this.#pingEnd;
    this.#clock.afterPoll(() => {
      if (this.#pingEnd === pingEnd) this.#left = this.#leftOctets;
    });
  }
}
