// Keepalive (gRFC A8): PINGs on a connection from which nothing came for a while, and its end when nothing comes after
// one. What a channel learns of its server, that PINGs are too many, outlives the connection. It knows no sockets.

import { reportTooManyPings } from '../../values/warnings.ts';
import type { PatienceClock } from '../timing/patience.ts';
import { LivenessPing, type LivenessPingHost } from './liveness-ping.ts';

/** How a channel keeps its connections alive. One object a channel: the interval is what its server allows so far. */
export class KeepalivePolicy {
  readonly timeoutMs: number;
  readonly withoutCalls: boolean;
  readonly #wantedMs: number;
  #intervalMs: number;

  constructor(intervalMs: number, timeoutMs: number, withoutCalls: boolean) {
    this.#wantedMs = intervalMs;
    this.#intervalMs = intervalMs;
    this.timeoutMs = timeoutMs;
    this.withoutCalls = withoutCalls;
  }

  /** How long nothing may have come before a PING is sent. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** A server ended a connection because of PINGs: half as many from here on (gRFC A8). Warns, the first time. */
  onTooManyPings(server: string): void {
    this.#intervalMs *= 2;
    if (this.#intervalMs > this.#wantedMs * 2) return;
    reportTooManyPings({ server, intervalMs: this.#wantedMs, nextIntervalMs: this.#intervalMs });
  }
}

/** What a keepalive needs of its connection. */
export interface KeepaliveHost extends LivenessPingHost {
  /** Calls are open, or something keeps them from being opened. */
  readonly isWanted: boolean;
}

export class Keepalive {
  readonly #policy: KeepalivePolicy;
  readonly #clock: PatienceClock;
  readonly #host: KeepaliveHost;
  readonly #ping: LivenessPing;
  #timer: unknown;
  /** Nobody wants the connection: nothing is asked until a call starts. */
  #isResting = false;
  #isStopped = false;

  /** @param onDead nothing at all came within `timeoutMs` of a PING */
  constructor(policy: KeepalivePolicy, clock: PatienceClock, host: KeepaliveHost, onDead: () => void) {
    this.#policy = policy;
    this.#clock = clock;
    this.#host = host;
    this.#ping = new LivenessPing(clock, host, {
      onAnswered: () => this.#schedule(),
      onDead: () => {
        this.stop();
        onDead();
      },
    });
    this.#schedule();
  }

  /** A call starts: on a connection that rested it is watched again. */
  onCall(): void {
    if (!this.#isResting || this.#isStopped) return;
    this.#isResting = false;
    this.#schedule();
  }

  /** The connection is closed: no more PINGs, and a missing answer no longer ends it. */
  stop(): void {
    this.#isStopped = true;
    this.#ping.stop();
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    const dueMs = this.#host.lastReadMs + this.#intervalMs;
    this.#timer = this.#clock.setTimer(this.#onTimer, Math.max(0, dueMs - this.#clock.now()));
  }

  /** A server that drains has other things to do, and does not answer all the same: it is asked half as often. */
  get #intervalMs(): number {
    const { intervalMs } = this.#policy;
    return this.#host.isDraining ? 2 * intervalMs : intervalMs;
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    // What was sent long ago may not have been read yet.
    this.#clock.afterPoll(() => this.#look());
  };

  #look(): void {
    if (this.#isStopped) return;
    if (this.#clock.now() - this.#host.lastReadMs < this.#intervalMs) this.#schedule();
    else if (!this.#policy.withoutCalls && !this.#host.isWanted) this.#isResting = true;
    else this.#ping.ask(this.#policy.timeoutMs);
  }
}
