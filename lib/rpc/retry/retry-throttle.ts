// Tokens that a client's calls spend when they fail and earn when they succeed. While few are left, nothing is retried
// or hedged, so that a struggling server does not get even more work. Source: gRFC A6, "Throttling Retry Attempts and
// Hedged RPCs".

import type { RetryThrottling } from '../service-config/retry-policy.ts';

/** Tokens are counted in thousandths, the precision that a ratio may have, so that sums stay exact. */
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
