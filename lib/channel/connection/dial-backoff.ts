// When an address may be dialled again: what the end of each connection to it says of the next one. Decides by facts
// alone; it dials nothing and knows no sockets. Source: grpc doc/connection-backoff.md.

import type { Clock } from '../../values/clock.ts';
import { DEFAULT_BACKOFF, nextDelayMs } from '../timing/backoff.ts';

/** What is known of a connection when it takes no more calls. */
export interface ConnectionFacts {
  /** The server's SETTINGS came. */
  readonly wasReady: boolean;
  /** Before they came the other end closed it, which it had accepted, without a word of why. */
  readonly wasTurnedAway?: boolean | undefined;
  /** It was to follow one to the same address that came about, with no failed dial between them. */
  readonly isSuccessor?: boolean | undefined;
  /** The server has answered a call on it, if only in part. */
  readonly hasServed: boolean;
  /** This side ended it together with a call, as HTTP/1.1 must where a call is cancelled. */
  readonly wasGivenUp?: boolean | undefined;
  /** Calls that go on there: the server has said that it takes no others, and has not refused these. */
  readonly runningCalls: number;
  /** No call was made on it, and none waits for one. */
  readonly isUnused: boolean;
  /** From the start of its dial on, in milliseconds. */
  readonly lastedMs: number;
}

/**
 * A connection that was there for so long did not fail, answered or not: a proxy may cut a long poll again and again
 * before its answer.
 */
export const LASTING_MS = 10_000;

/**
 * What the end of a connection is: a dial that failed, a connection that did its work, one that had none to do, one that
 * was of no use to calls, or one that may still be of use.
 */
export type ConnectionVerdict = 'failed' | 'served' | 'unused' | 'unserved' | 'undecided';

/** What follows from the facts; a connection that is undecided is judged again when it is closed. */
export function judgeConnection({
  wasReady,
  wasTurnedAway,
  isSuccessor,
  hasServed,
  wasGivenUp,
  isUnused,
  lastedMs,
  runningCalls,
}: ConnectionFacts): ConnectionVerdict {
  if (wasGivenUp === true && !hasServed) return 'undecided';
  // Where processes share a port (SO_REUSEPORT), or stand behind a balancer of TCP, one that goes away closes what it was
  // given last, and the next connection meets another.
  if (!wasReady) return wasTurnedAway === true && isSuccessor === true ? 'unserved' : 'failed';
  if (hasServed || lastedMs >= LASTING_MS) return 'served';
  if (isUnused) return 'unused';
  return runningCalls > 0 ? 'undecided' : 'unserved';
}

/**
 * So many connections in a row may end without an answer before the next dial has to wait, those that a server turned away
 * among them: one that accepts and then hangs up must not be dialled for every call.
 */
export const FORGIVEN_LOSSES = 2;

export class DialBackoff {
  readonly #clock: Clock;
  #failures = 0;
  /** Connections in a row that ended before the server had answered anything on them. */
  #unserved = 0;
  /** Connections in a row that ended without a call. */
  #unused = 0;
  #dialledMs = 0;
  #nextDialMs = 0;
  #redialMs = 0;
  /** When an attempt failed last. */
  #failedMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the last attempt counts as failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** When the next dial may be made; 0 where it need not wait. */
  get nextDialMs(): number {
    return this.isFailing ? this.#nextDialMs : 0;
  }

  /** When it makes sense to dial again though no call wants to: servers end connections that are not used. */
  get redialMs(): number {
    return Math.max(this.nextDialMs, this.#unused > 0 ? this.#redialMs : 0);
  }

  get isDue(): boolean {
    return this.#clock.now() >= this.nextDialMs;
  }

  /** Whether an attempt has failed since a time, and none was good after it. */
  hasFailedSince(ms: number): boolean {
    return this.isFailing && this.#failedMs > ms;
  }

  onDial(): void {
    this.#dialledMs = this.#clock.now();
  }

  onReady(): void {
    if (this.#unserved <= FORGIVEN_LOSSES) this.#failures = 0;
  }

  /** @param isLate the connection took no calls for a while, and others may have been dialled since */
  onEnd(verdict: ConnectionVerdict, isLate = false): void {
    switch (verdict) {
      case 'undecided':
        return;
      case 'served':
        this.#unserved = 0;
        this.#unused = 0;
        // What was dialled since may have failed for reasons of its own.
        if (!isLate) this.#failures = 0;
        return;
      case 'failed':
        this.#fail(this.#dialledMs);
        return;
      case 'unused':
        this.#unused++;
        this.#redialMs = this.#dialledMs + this.#delayMs(this.#unused);
        return;
      case 'unserved':
        this.#unserved++;
        if (this.#unserved > FORGIVEN_LOSSES) this.#fail(isLate ? this.#clock.now() : this.#dialledMs);
        // It was there: the next call may dial at once, unless what was dialled since has failed.
        else if (!isLate) this.#failures = 0;
        return;
      default:
        verdict satisfies never;
    }
  }

  /** @param sinceMs from when the delay counts: the start of the attempt */
  #fail(sinceMs: number): void {
    this.#failures++;
    this.#failedMs = this.#clock.now();
    this.#nextDialMs = sinceMs + this.#delayMs(this.#failures);
  }

  #delayMs(count: number): number {
    return nextDelayMs(DEFAULT_BACKOFF, count, this.#clock.random());
  }
}
