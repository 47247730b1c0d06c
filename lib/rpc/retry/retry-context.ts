// What the calls of a client share for retries and hedging: how much may be buffered, and whether to hold back. Makes
// the exchanges of calls with a policy.

import type { Timers } from '../../values/clock.ts';
import type { CallExchange, ExchangeListener } from '../call-exchange.ts';
import type { ReplayBudget } from '../replay-buffer.ts';
import type { ResendClock } from '../resends.ts';
import type { HedgingPolicy, RetryPolicy, RetryThrottling } from '../service-config/retry-policy.ts';
import { type AttemptPlan, HedgingPlan, RetryPlan } from './attempt-plan.ts';
import { RetryThrottle } from './retry-throttle.ts';
import { RetryingExchange } from './retrying-exchange.ts';

export class RetryContext {
  /** Set if the service config has retry throttling. */
  throttle: RetryThrottle | undefined;
  readonly budget: ReplayBudget;
  /** For resending calls that servers refuse. */
  readonly resendClock: ResendClock;
  readonly #timers: Timers;
  readonly #random: () => number;

  /** @param random returns from 0 to just below 1 */
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

  /** Applies the throttling of a new service config, starting with all tokens. */
  setThrottling(throttling: RetryThrottling | undefined): void {
    this.throttle = throttling === undefined ? undefined : new RetryThrottle(throttling);
  }

  /** @param isIdempotent whether the method is declared to be safe to run more than once */
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
