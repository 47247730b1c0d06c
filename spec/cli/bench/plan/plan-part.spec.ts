// Parts of a plan: all together they are the plan.

import { expect } from 'chai';
import fc from 'fast-check';
import type { LoadPlan } from '../../../../lib/cli/bench/plan/load-plan.ts';
import {
  mostParts,
  type PlanPart,
  partOfPart,
  planOfPart,
  shareOf,
  WHOLE,
} from '../../../../lib/cli/bench/plan/plan-part.ts';

const CLOSED: LoadPlan = { kind: 'closed', concurrency: 7, calls: 100, durationMs: Infinity, warmUpMs: 0 };
const OPEN: LoadPlan = {
  kind: 'open',
  stages: [{ fromRate: 10, toRate: 20, durationMs: 1000 }],
  calls: Infinity,
  durationMs: 5000,
  maxInFlight: 10,
  warmUpMs: 100,
};

const partsOf = (of: number): PlanPart[] => Array.from({ length: of }, (_, index) => ({ index, of }));
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** The numbers of the calls that a part makes of so many. */
const numbersOf = (total: number, part: PlanPart): number[] =>
  Array.from({ length: shareOf(total, part) }, (_, turn) => part.index + part.of * turn);

describe('parts of a plan', () => {
  it('have together as many callers, calls and calls in flight as the plan, none more than one apart', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 300 }), (total, of) => {
        const shares = partsOf(of).map((part) => shareOf(total, part));
        expect(sum(shares)).to.equal(total);
        expect(Math.max(...shares) - Math.min(...shares)).to.be.at.most(1);
      }),
    );
  });

  it('have each call once, whatever number of threads each shard has', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
        (total, threads) => {
          const made = threads.flatMap((count, index) =>
            partsOf(count).flatMap((thread) =>
              numbersOf(total, partOfPart({ index, of: threads.length }, thread)),
            ),
          );
          expect(made.sort((one, other) => one - other)).to.deep.equal(
            Array.from({ length: total }, (_, call) => call),
          );
        },
      ),
    );
  });

  it('keep what cannot be divided', () => {
    expect(planOfPart(CLOSED, { index: 0, of: 4 })).to.deep.equal({ ...CLOSED, concurrency: 2, calls: 25 });
    expect(planOfPart(CLOSED, { index: 3, of: 4 })).to.deep.equal({ ...CLOSED, concurrency: 1, calls: 25 });
    expect(planOfPart(OPEN, { index: 1, of: 3 })).to.deep.equal({ ...OPEN, maxInFlight: 3 });
    expect(planOfPart(OPEN, WHOLE)).to.deep.equal(OPEN);
  });

  it('are at most as many as have something to do', () => {
    expect(mostParts(CLOSED)).to.deep.equal({ parts: 7, why: '-c 7' });
    expect(mostParts({ ...CLOSED, calls: 3 })).to.deep.equal({ parts: 3, why: '-n 3' });
    expect(mostParts(OPEN)).to.deep.equal({ parts: 10, why: '--max-in-flight 10' });
  });
});
