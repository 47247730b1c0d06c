// When the attempts of a call are made, and what follows from each failure under its policy. Pure, except for the
// throttle, which all calls of a client share; randomness is an argument. Source: gRFC A6, "Summary of Retry and
// Hedging Logic".

import type { StatusCodeValue } from '../../values/status.ts';
import type { HedgingPolicy, RetryPolicy } from '../service-config/retry-policy.ts';
import type { RetryThrottle } from './retry-throttle.ts';

/** How an attempt failed. */
export interface AttemptFailure {
  readonly code: StatusCodeValue;
  /** Whether the server may have run the call, but its result is unknown. */
  readonly isLost: boolean;
  readonly pushback: Pushback | undefined;
}

/** What a server says about further attempts: none, or not for this many milliseconds. */
export type Pushback = 'never' | number;

/** What follows a failure: another attempt after this many milliseconds, no other, or the end of all running ones. */
export type Verdict = number | 'no more' | 'fatal';

export interface AttemptPlan {
  /** An attempt begins. Returns after how many milliseconds another is due, whatever becomes of this one, if any. */
  onBegin(): number | undefined;
  onFailure(failure: AttemptFailure): Verdict;
  /** Whether an attempt that is now due may be made. */
  mayBegin(): boolean;
}

/** How much a delay varies either way, as a fraction, so that clients that failed together do not return together. */
const JITTER = 0.2;

/** Attempts one after the other. */
export class RetryPlan implements AttemptPlan {
  readonly #policy: RetryPolicy;
  readonly #throttle: RetryThrottle | undefined;
  readonly #random: () => number;
  readonly #retriesLost: boolean;
  #begun = 0;
  /** How many delays there were, since the beginning or since a server chose one. */
  #delays = 0;

  /** @param isIdempotent whether the method is declared to be safe to run more than once */
  constructor(
    policy: RetryPolicy,
    isIdempotent: boolean,
    throttle: RetryThrottle | undefined,
    random: () => number,
  ) {
    this.#policy = policy;
    this.#throttle = throttle;
    this.#random = random;
    this.#retriesLost = policy.retriesLost ?? isIdempotent;
  }

  onBegin(): undefined {
    this.#begun++;
    return undefined;
  }

  mayBegin(): boolean {
    return true;
  }

  onFailure({ code, isLost, pushback }: AttemptFailure): Verdict {
    const { maxAttempts, retryableStatusCodes } = this.#policy;
    const isRetryable = retryableStatusCodes.has(code);
    if (isRetryable || pushback === 'never') this.#throttle?.onFailure();
    if (!isRetryable || pushback === 'never' || (isLost && !this.#retriesLost)) return 'no more';
    if (this.#begun >= maxAttempts || this.#throttle?.isOpen === false) return 'no more';
    if (pushback !== undefined) {
      this.#delays = 0;
      return pushback;
    }
    return this.#nextBackoffMs();
  }

  #nextBackoffMs(): number {
    const { initialBackoffMs, maxBackoffMs, backoffMultiplier } = this.#policy;
    const backoffMs = Math.min(initialBackoffMs * backoffMultiplier ** this.#delays, maxBackoffMs);
    this.#delays++;
    return backoffMs * (1 - JITTER + 2 * JITTER * this.#random());
  }
}

/** Attempts in parallel. */
export class HedgingPlan implements AttemptPlan {
  readonly #policy: HedgingPolicy;
  readonly #throttle: RetryThrottle | undefined;
  #begun = 0;
  /** Set when no further attempt may be made. */
  #isFrozen = false;

  constructor(policy: HedgingPolicy, throttle: RetryThrottle | undefined) {
    this.#policy = policy;
    this.#throttle = throttle;
  }

  onBegin(): number | undefined {
    this.#begun++;
    return this.#hasMore ? this.#policy.hedgingDelayMs : undefined;
  }

  mayBegin(): boolean {
    if (this.#throttle?.isOpen === false) this.#isFrozen = true;
    return !this.#isFrozen;
  }

  onFailure({ code, pushback }: AttemptFailure): Verdict {
    const isNonFatal = this.#policy.nonFatalStatusCodes.has(code);
    if (isNonFatal || pushback === 'never') this.#throttle?.onFailure();
    if (pushback === 'never') this.#isFrozen = true;
    if (!isNonFatal) return 'fatal';
    if (!this.#hasMore || this.#throttle?.isOpen === false) return 'no more';
    return typeof pushback === 'number' ? pushback : 0;
  }

  get #hasMore(): boolean {
    return !this.#isFrozen && this.#begun < this.#policy.maxAttempts;
  }
}

const MAX_INT32 = 2 ** 31 - 1;

/**
 * The value of `grpc-retry-pushback-ms`, a signed 32-bit integer without unnecessary zeros. Negative numbers, several
 * values and anything else mean that no attempt may follow (gRFC A6, "Pushback").
 */
export function pushbackOf(trailers: readonly string[] | undefined): Pushback | undefined {
  let pushback: Pushback | undefined;
  if (trailers === undefined) return undefined;
  for (let i = 0; i < trailers.length; i += 2) {
    if (trailers[i] !== 'grpc-retry-pushback-ms') continue;
    const isFirst = pushback === undefined;
    const ms = /^(?:0|[1-9]\d{0,9})$/.test(trailers[i + 1]) ? Number(trailers[i + 1]) : Infinity;
    pushback = isFirst && ms <= MAX_INT32 ? ms : 'never';
  }
  return pushback;
}
