import { expect } from 'chai';
import { latestRecovery } from './backoff-bound.ts';

/** With attempts at 0; 800 to 1,200; 2,080 to 3,120; 4,128 to 6,192 ms. */
const CASES: readonly (readonly [outageMs: number, latestMs: number])[] = [
  [1, 1200],
  [799, 1200],
  // The second attempt may come too early now, and the third is at most 1,920 ms later.
  [801, 2721],
  [2000, 3120],
  [2079, 3120],
  [2081, 5153],
];

describe('the bound of recovery by back-off', () => {
  for (const [outageMs, latestMs] of CASES)
    it(`is ${latestMs} ms for an outage of ${outageMs} ms`, () => {
      expect(Math.round(latestRecovery(outageMs))).to.equal(latestMs);
    });
});
