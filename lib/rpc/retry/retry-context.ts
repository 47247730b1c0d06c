// What the calls of a client share for being made more than once: how much is kept for it, and whether there is reason
// to hold back. Makes the exchanges that do it.

import type { Timers } from '../../values/clock.ts';
import type { CallExchange, ExchangeListener } from '../call-exchange.ts';
import type { ReplayBudget } from '../replay-buffer.ts';
import type { ResendClock } from '../resends.ts';
import type { HedgingPolicy, RetryPolicy, RetryThrottling } from '../service-config/retry-policy.ts';
import { type AttemptPlan, HedgingPlan, RetryPlan } from './attempt-plan.ts';
import { RetryThrottle } from './retry-throttle.ts';
import { RetryingExchange } from './retrying-exchange.ts';

export class RetryContext {
  /** Where a service config asks for one. */
  throttle: RetryThrottle | undefined;
  readonly budget: ReplayBudget;
  /** For calls that servers refuse. */
  readonly resendClock: ResendClock;
  readonly #timers: Timers;
  readonly #random: () => number;

  /** @param random gives from 0 to 1, the latter excluded */
  constructor(
    budget: ReplayBudget,
    throttling: RetryThrottling | undefined,
    timers: Timers,
    random: () => number,
  ) {
    this.budget = budget;
    this.#timers = timers;
    this.#random = random;
    this.resendClock = { timers, random };
    this.setThrottling(throttling);
  }

  /** What a new service config says of throttling; with other numbers all tokens are there again. */
  setThrottling(throttling: RetryThrottling | undefined): void {
    this.throttle = throttling === undefined ? undefined : new RetryThrottle(throttling);
  }

  /** @param isIdempotent whether the method says of itself that it may run more than once */
  exchange(
    listener: ExchangeListener,
    policy: RetryPolicy | HedgingPolicy,
    isIdempotent: boolean,
    makeExchange: (listener: ExchangeListener, isFirst: boolean) => CallExchange,
  ): CallExchange {
    const plan: AttemptPlan =
      policy.kind === 'retry'
        ? new RetryPlan(policy, isIdempotent, this.throttle, this.#random)
        : new HedgingPlan(policy, this.throttle);
    return new RetryingExchange(listener, makeExchange, plan, this.#timers, this.budget);
  }
}
