// Keepalive (gRFC A8): PINGs on a connection from which nothing came for a while, and its end when nothing comes after
// one. What a channel learns of its server, that PINGs are too many, outlives the connection. It knows no sockets.

import { reportTooManyPings } from '../diagnostics.ts';
import type { Clock } from './clock.ts';

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
export interface KeepaliveHost {
  /** Calls that are open. */
  readonly openStreams: number;
  ping(): void;
  /** Nothing at all came within `timeoutMs` of a PING. */
  onDead(): void;
}

type KeepaliveClock = Pick<Clock, 'now' | 'setTimer' | 'clearTimer'>;

export class Keepalive {
  readonly #policy: KeepalivePolicy;
  readonly #clock: KeepaliveClock;
  readonly #host: KeepaliveHost;
  #lastReadMs: number;
  /** When the PING was sent that nothing came after. */
  #pingedMs: number | undefined;
  #timer: unknown;
  #isStopped = false;

  constructor(policy: KeepalivePolicy, clock: KeepaliveClock, host: KeepaliveHost) {
    this.#policy = policy;
    this.#clock = clock;
    this.#host = host;
    this.#lastReadMs = clock.now();
    this.#schedule();
  }

  /** Octets came: the connection lives. The timer that runs finds out. */
  onRead(nowMs: number): void {
    this.#lastReadMs = nowMs;
  }

  /** A call starts: on a connection that rested it is watched again. */
  onCall(): void {
    if (this.#timer === undefined && !this.#isStopped) this.#schedule();
  }

  /**
   * No PINGs any more, and no end for want of an answer: the connection is closed, or drains. One that drains ends with
   * its calls, and servers that shut down do not all answer.
   */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    const dueMs =
      this.#pingedMs === undefined
        ? this.#lastReadMs + this.#policy.intervalMs
        : this.#pingedMs + this.#policy.timeoutMs;
    this.#timer = this.#clock.setTimer(this.#onTimer, Math.max(0, dueMs - this.#clock.now()));
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const nowMs = this.#clock.now();
    if (this.#pingedMs !== undefined && this.#lastReadMs >= this.#pingedMs) this.#pingedMs = undefined;
    if (this.#pingedMs !== undefined) {
      if (nowMs - this.#pingedMs >= this.#policy.timeoutMs) {
        this.stop();
        this.#host.onDead();
        return;
      }
    } else if (nowMs - this.#lastReadMs >= this.#policy.intervalMs) {
      // It rests until the next call.
      if (!this.#policy.withoutCalls && this.#host.openStreams === 0) return;
      this.#pingedMs = nowMs;
      this.#host.ping();
    }
    // What was called may have ended it.
    if (!this.#isStopped) this.#schedule();
  };
}
