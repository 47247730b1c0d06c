// The tokens that calls of a client spend when they fail and earn when they succeed: while few are left nothing is
// retried or hedged, so that a server in trouble is not sent more work. Source: gRFC A6, "Throttling Retry Attempts
// and Hedged RPCs".

import type { RetryThrottling } from '../service-config/retry-policy.ts';

/** Counted in thousandths: as many decimal places as a ratio may have, and sums stay exact. */
const UNITS = 1000;

export class RetryThrottle {
  readonly #max: number;
  readonly #earned: number;
  #count: number;

  constructor({ maxTokens, tokenRatio }: RetryThrottling) {
    this.#max = maxTokens * UNITS;
    this.#earned = Math.round(tokenRatio * UNITS);
    this.#count = this.#max;
  }

  get tokens(): number {
    return this.#count / UNITS;
  }

  /** Whether another attempt may be made: more than half of the tokens are left. */
  get isOpen(): boolean {
    return this.#count > this.#max / 2;
  }

  onSuccess(): void {
    this.#count = Math.min(this.#max, this.#count + this.#earned);
  }

  onFailure(): void {
    this.#count = Math.max(0, this.#count - UNITS);
  }
}
