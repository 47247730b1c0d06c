import { expect } from 'chai';
import { RetryThrottle } from '../../../lib/rpc/retry/retry-throttle.ts';

/** `f` a failure, `s` a success. */
const cases: readonly (readonly [
  maxTokens: number,
  tokenRatio: number,
  calls: string,
  tokens: number,
  isOpen: boolean,
])[] = [
  [10, 0.1, '', 10, true],
  [10, 0.1, 'ssss', 10, true],
  [10, 0.1, 'ffff', 6, true],
  [10, 0.1, 'fffff', 5, false],
  [10, 0.1, 'fffffs', 5.1, true],
  [10, 0.1, 'ffffffffffff', 0, false],
  [10, 0.1, 'ffffffffffffs', 0.1, false],
  [1, 0.5, 'f', 0, false],
  [1, 0.5, 'fs', 0.5, false],
  [1, 0.5, 'fss', 1, true],
  [3, 0.001, `ff${'s'.repeat(500)}`, 1.5, false],
  [3, 0.001, `ff${'s'.repeat(501)}`, 1.501, true],
];

describe('Retry throttle (gRFC A6)', () => {
  for (const [maxTokens, tokenRatio, calls, tokens, isOpen] of cases) {
    const name = calls.length > 20 ? `${calls.length} calls` : `"${calls}"`;
    it(`of ${maxTokens} tokens, ${tokenRatio} for a success, is ${isOpen ? 'open' : 'closed'} after ${name}`, () => {
      const throttle = new RetryThrottle({ maxTokens, tokenRatio });
      for (const call of calls) {
        if (call === 'f') throttle.onFailure();
        else throttle.onSuccess();
      }
      expect(throttle.tokens).to.equal(tokens);
      expect(throttle.isOpen).to.equal(isOpen);
    });
  }
});
