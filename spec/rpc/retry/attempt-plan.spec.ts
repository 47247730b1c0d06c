// What policies make of failures: every rule of gRFC A6, without a clock or a connection.

import { expect } from 'chai';
import {
  type AttemptFailure,
  HedgingPlan,
  pushbackOf,
  RetryPlan,
  type Verdict,
} from '../../../lib/rpc/retry/attempt-plan.ts';
import { RetryThrottle } from '../../../lib/rpc/retry/retry-throttle.ts';
import type { HedgingPolicy, RetryPolicy } from '../../../lib/rpc/service-config/retry-policy.ts';

const RETRY: RetryPolicy = {
  kind: 'retry',
  maxAttempts: 5,
  initialBackoffMs: 100,
  maxBackoffMs: 1000,
  backoffMultiplier: 2,
  retryableStatusCodes: new Set([14, 8]),
  retriesLost: undefined,
};
const HEDGING: HedgingPolicy = {
  kind: 'hedging',
  maxAttempts: 3,
  hedgingDelayMs: 50,
  nonFatalStatusCodes: new Set([14]),
};

const UNAVAILABLE: AttemptFailure = { code: 14, isLost: false, pushback: undefined };
const LOST: AttemptFailure = { ...UNAVAILABLE, isLost: true };
const NOT_FOUND: AttemptFailure = { ...UNAVAILABLE, code: 5 };
const pushing = (pushback: 'never' | number): AttemptFailure => ({ ...UNAVAILABLE, pushback });

interface Case {
  readonly name: string;
  readonly policy?: Partial<RetryPolicy>;
  readonly isIdempotent?: boolean;
  readonly random?: number;
  readonly failures: readonly AttemptFailure[];
  readonly verdicts: readonly Verdict[];
}

const cases: readonly Case[] = [
  {
    name: 'waits longer each time, up to maxBackoff, and gives up after maxAttempts',
    policy: { maxBackoffMs: 350 },
    failures: new Array(5).fill(UNAVAILABLE),
    verdicts: [100, 200, 350, 350, 'no more'],
  },
  {
    name: 'spreads delays down to 0.8 of them',
    random: 0,
    failures: [UNAVAILABLE, UNAVAILABLE],
    verdicts: [80, 160],
  },
  {
    name: 'spreads delays up to 1.2 of them',
    random: 1 - Number.EPSILON,
    failures: [UNAVAILABLE, UNAVAILABLE],
    verdicts: [120, 240],
  },
  {
    name: 'begins with maxBackoff where that is less',
    policy: { maxBackoffMs: 10 },
    failures: [UNAVAILABLE],
    verdicts: [10],
  },
  {
    name: 'may shrink delays',
    policy: { backoffMultiplier: 0.5 },
    failures: [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE],
    verdicts: [100, 50, 25],
  },
  { name: 'does not retry another status', failures: [NOT_FOUND], verdicts: ['no more'] },
  {
    name: 'retries each of its statuses',
    failures: [UNAVAILABLE, { ...UNAVAILABLE, code: 8 }, NOT_FOUND],
    verdicts: [100, 200, 'no more'],
  },
  {
    name: 'makes maxAttempts attempts and no more: 2',
    policy: { maxAttempts: 2 },
    failures: [UNAVAILABLE, UNAVAILABLE],
    verdicts: [100, 'no more'],
  },
  {
    name: 'waits as long as the server says, then as at first',
    failures: [UNAVAILABLE, UNAVAILABLE, pushing(7), UNAVAILABLE],
    verdicts: [100, 200, 7, 100],
  },
  { name: 'retries at once where the server says 0', failures: [pushing(0)], verdicts: [0] },
  { name: 'stops where the server says so', failures: [pushing('never')], verdicts: ['no more'] },
  {
    name: 'does not let a server make another status retryable',
    failures: [{ ...NOT_FOUND, pushback: 5 }],
    verdicts: ['no more'],
  },
  {
    name: 'does not let a server allow more attempts',
    policy: { maxAttempts: 2 },
    failures: [UNAVAILABLE, pushing(5)],
    verdicts: [100, 'no more'],
  },
  { name: 'does not repeat what may have run', failures: [LOST], verdicts: ['no more'] },
  {
    name: 'repeats what may have run where the method is marked so',
    isIdempotent: true,
    failures: [LOST, LOST],
    verdicts: [100, 200],
  },
  {
    name: 'repeats what may have run where the policy says so',
    policy: { retriesLost: true },
    failures: [LOST],
    verdicts: [100],
  },
  {
    name: 'does not repeat what may have run where the policy says so, though the method is marked',
    policy: { retriesLost: false },
    isIdempotent: true,
    failures: [LOST],
    verdicts: ['no more'],
  },
];

describe('Retry plan (gRFC A6)', () => {
  for (const { name, policy, isIdempotent = false, random = 0.5, failures, verdicts } of cases) {
    it(name, () => {
      const plan = new RetryPlan({ ...RETRY, ...policy }, isIdempotent, undefined, () => random);
      const seen = failures.map((failure) => {
        expect(plan.onBegin(), 'nothing beside a retry').to.equal(undefined);
        const verdict = plan.onFailure(failure);
        return typeof verdict === 'number' ? Math.round(verdict * 1000) / 1000 : verdict;
      });
      expect(seen).to.deep.equal(verdicts);
    });
  }

  const throttled: readonly (readonly [name: string, failure: AttemptFailure, tokens: number])[] = [
    ['a retryable failure', UNAVAILABLE, 3],
    ['a retryable failure that is not repeated', LOST, 3],
    ['a failure with which the server says stop', { ...NOT_FOUND, pushback: 'never' }, 3],
    ['another failure', NOT_FOUND, 4],
    ['another failure with a delay', { ...NOT_FOUND, pushback: 3 }, 4],
  ];
  for (const [name, failure, tokens] of throttled) {
    it(`${tokens === 4 ? 'does not take' : 'takes'} a token for ${name}`, () => {
      const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 1 });
      const plan = new RetryPlan(RETRY, false, throttle, () => 0.5);
      plan.onBegin();
      plan.onFailure(failure);
      expect(throttle.tokens).to.equal(tokens);
    });
  }

  it('stops where half of the tokens are gone', () => {
    const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 1 });
    const plan = new RetryPlan(RETRY, false, throttle, () => 0.5);
    plan.onBegin();
    expect(plan.onFailure(UNAVAILABLE)).to.equal(100);
    plan.onBegin();
    expect(plan.onFailure(UNAVAILABLE)).to.equal('no more');
  });
});

describe('Hedging plan (gRFC A6)', () => {
  it('begins an attempt every hedgingDelay, up to maxAttempts', () => {
    const plan = new HedgingPlan(HEDGING, undefined);
    expect([plan.onBegin(), plan.onBegin(), plan.onBegin()]).to.deep.equal([50, 50, undefined]);
  });

  const verdicts: readonly (readonly [
    name: string,
    failure: AttemptFailure,
    verdict: Verdict,
    next: number | undefined,
  ])[] = [
    ['begins the next at once after a non-fatal status', UNAVAILABLE, 0, 50],
    ['begins the next at once after a loss', LOST, 0, 50],
    ['begins the next when the server says', pushing(7), 7, 50],
    ['ends all at a fatal status', NOT_FOUND, 'fatal', 50],
    ['ends all at a fatal status with a delay', { ...NOT_FOUND, pushback: 7 }, 'fatal', 50],
    ['begins none where the server says so', pushing('never'), 'no more', undefined],
  ];
  for (const [name, failure, verdict, next] of verdicts) {
    it(name, () => {
      const plan = new HedgingPlan(HEDGING, undefined);
      plan.onBegin();
      expect(plan.onFailure(failure)).to.equal(verdict);
      expect(plan.onBegin()).to.equal(next);
    });
  }

  it('begins none after a stop, though another fails with a delay', () => {
    const plan = new HedgingPlan(HEDGING, undefined);
    plan.onBegin();
    plan.onBegin();
    expect(plan.onFailure(pushing('never'))).to.equal('no more');
    expect(plan.onFailure(pushing(1))).to.equal('no more');
    expect(plan.mayBegin()).to.equal(false);
  });

  it('begins none when all have been begun', () => {
    const plan = new HedgingPlan(HEDGING, undefined);
    for (let attempt = 0; attempt < 3; attempt++) plan.onBegin();
    expect(plan.onFailure(UNAVAILABLE)).to.equal('no more');
  });

  it('begins none while the throttle is closed, and none of this call later', () => {
    const throttle = new RetryThrottle({ maxTokens: 2, tokenRatio: 1 });
    const plan = new HedgingPlan(HEDGING, throttle);
    plan.onBegin();
    expect(plan.mayBegin()).to.equal(true);
    throttle.onFailure();
    expect(plan.mayBegin()).to.equal(false);
    throttle.onSuccess();
    expect(plan.mayBegin()).to.equal(false);
  });

  const throttled: readonly (readonly [name: string, failure: AttemptFailure, tokens: number])[] = [
    ['a failure that is not fatal', UNAVAILABLE, 9],
    ['a failure that is not fatal, with a delay', pushing(3), 9],
    ['a failure with which the server says stop', pushing('never'), 9],
    ['a fatal failure with which the server says stop', { ...NOT_FOUND, pushback: 'never' }, 9],
    ['a fatal failure', NOT_FOUND, 10],
    ['a fatal failure with a delay', { ...NOT_FOUND, pushback: 3 }, 10],
  ];
  for (const [name, failure, tokens] of throttled) {
    it(`${tokens === 10 ? 'does not take' : 'takes'} a token for ${name}`, () => {
      const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 1 });
      const plan = new HedgingPlan(HEDGING, throttle);
      plan.onBegin();
      plan.onFailure(failure);
      expect(throttle.tokens).to.equal(tokens);
    });
  }

  it('begins none after the failure that closes the throttle', () => {
    const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 1 });
    const plan = new HedgingPlan(HEDGING, throttle);
    plan.onBegin();
    expect(plan.onFailure(UNAVAILABLE)).to.equal(0);
    expect(plan.onFailure(UNAVAILABLE)).to.equal('no more');
  });
});

describe('grpc-retry-pushback-ms (gRFC A6)', () => {
  const values: readonly (readonly [value: string, pushback: 'never' | number])[] = [
    ['0', 0],
    ['5', 5],
    ['2147483647', 2_147_483_647],
    ['2147483648', 'never'],
    ['-1', 'never'],
    ['-2147483648', 'never'],
    ['-0', 'never'],
    ['01', 'never'],
    ['00', 'never'],
    ['+1', 'never'],
    ['1.5', 'never'],
    ['1e3', 'never'],
    ['', 'never'],
    [' 1', 'never'],
    ['1 ', 'never'],
    ['soon', 'never'],
    ['99999999999', 'never'],
  ];
  for (const [value, pushback] of values) {
    it(`${JSON.stringify(value)} is ${pushback}`, () => {
      expect(pushbackOf(['x', '1', 'grpc-retry-pushback-ms', value])).to.equal(pushback);
    });
  }

  it('is nothing where it is not there', () => {
    expect(pushbackOf(undefined)).to.equal(undefined);
    expect(pushbackOf(['x', '1'])).to.equal(undefined);
  });

  it('means stop where there are several', () => {
    expect(pushbackOf(['grpc-retry-pushback-ms', '1', 'grpc-retry-pushback-ms', '1'])).to.equal('never');
  });
});
