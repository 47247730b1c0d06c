// Finds connections that died silently, behind a NAT or load balancer that forgot them, or with output that nobody
// takes: when calls are open or wait on a connection from which nothing came for a minute, or one starts there, a PING
// verifies it. Costs a call a comparison. Rare enough for servers that count PINGs (gRFC A8), see `#mayAsk`.

import type { PatienceClock } from '../timing/patience.ts';
import { LivenessPing, type LivenessPingHost } from './liveness-ping.ts';

/** A connection from which nothing came for this long is verified when somebody wants it. */
export const SILENCE_MS = 60_000;
/** How long the answer to the PING may take before the connection counts as lost. */
export const VERIFY_TIMEOUT_MS = 5_000;
/**
 * While it stays silent but for answers to PINGs, the next one comes after this: servers permit one in five minutes, and
 * the way of one may be longer than that of the next.
 */
export const VERIFY_AGAIN_MS = 310_000;
/** A silent connection that nobody wants is looked at again after this. */
const LOOK_AGAIN_MS = 15_000;
/**
 * So many PINGs may come earlier for the sake of calls that start, until the server answers a call. Servers permit two of
 * these (grpc-go's maxPingStrikes, the C core's max_ping_strikes); one is left for those that measure bandwidth.
 */
const MAX_EARLY = 1;

/** What a watch needs of its connection. */
export interface SilenceHost extends LivenessPingHost {
  /** Calls are open, or something keeps them from being opened. */
  readonly isWanted: boolean;
  /** Calls that the server ever answered: it forgets PINGs when it sends a response. */
  readonly answers: number;
  /** When the last PING was sent, whoever wanted it; -Infinity before the first. */
  readonly lastPingMs: number;
}

export class SilenceWatch {
  readonly #clock: PatienceClock;
  readonly #host: SilenceHost;
  readonly #ping: LivenessPing;
  #timer: unknown;
  /** Nothing had come for SILENCE_MS when it was looked last, and no PING is out. */
  #isSilent = false;
  #isClosed = false;
  /** PINGs that came early since the server last answered a call, and how many it had answered by the last one. */
  #early = 0;
  #answers = 0;

  /** @param onDead nothing at all came within VERIFY_TIMEOUT_MS of a PING */
  constructor(clock: PatienceClock, host: SilenceHost, onDead: () => void) {
    this.#clock = clock;
    this.#host = host;
    this.#ping = new LivenessPing(clock, host, {
      onAnswered: () => this.#schedule(this.#silentMs),
      onDead: () => {
        this.close();
        onDead();
      },
    });
    this.#schedule(this.#silentMs);
  }

  /** A call starts. */
  onCall(): void {
    if (!this.#isSilent) return;
    this.#isSilent = false;
    // Its head goes first: to a server that knows of no call a PING is one too many.
    this.#clock.afterPoll(() => this.#look(true));
  }

  close(): void {
    this.#isClosed = true;
    this.#ping.stop();
    this.#clearTimer();
  }

  /** When it will have been silent for long enough. */
  get #silentMs(): number {
    return this.#host.lastReadMs + SILENCE_MS;
  }

  #schedule(atMs: number): void {
    this.#clearTimer();
    this.#timer = this.#clock.setTimer(this.#onTimer, Math.max(0, atMs - this.#clock.now()));
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#clock.afterPoll(() => this.#look(false));
  };

  /** @param isForCall a call that starts wants to know, which may have an answer */
  #look(isForCall: boolean): void {
    if (this.#isClosed || this.#ping.isOpen) return;
    const nowMs = this.#clock.now();
    this.#isSilent = nowMs >= this.#silentMs;
    if (!this.#isSilent) this.#schedule(this.#silentMs);
    else if (!this.#host.isWanted) this.#schedule(nowMs + LOOK_AGAIN_MS);
    else if (this.#mayAsk(nowMs, isForCall)) this.#ask();
    else this.#schedule(this.#host.lastPingMs + VERIFY_AGAIN_MS);
  }

  #mayAsk(nowMs: number, isForCall: boolean): boolean {
    const { answers, lastPingMs } = this.#host;
    if (answers !== this.#answers) this.#early = 0;
    else if (nowMs - lastPingMs < VERIFY_AGAIN_MS && (!isForCall || ++this.#early > MAX_EARLY)) return false;
    this.#answers = answers;
    return true;
  }

  #ask(): void {
    this.#isSilent = false;
    this.#clearTimer();
    this.#ping.ask(VERIFY_TIMEOUT_MS);
  }
}
