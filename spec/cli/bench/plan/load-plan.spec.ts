// When an open loop's calls are due, and how its stages and times are written.

import { expect } from 'chai';
import fc from 'fast-check';
import {
  durationOf,
  parseStages,
  plannedCalls,
  plannedTimeMs,
  type RateStage,
} from '../../../../lib/cli/bench/plan/load-plan.ts';
import { parseDuration } from '../../../../lib/cli/command/quantity.ts';

const rate = fc.integer({ min: 0, max: 5000 });
const stages = fc.array(
  fc
    .record({ fromRate: rate, toRate: rate, durationMs: fc.integer({ min: 1, max: 60_000 }) })
    .filter(({ fromRate, toRate }) => fromRate + toRate > 0),
  { minLength: 1, maxLength: 4 },
);

describe('the plan of an open loop', () => {
  it('has a call due when so many are planned before it', () => {
    fc.assert(
      fc.property(stages, fc.nat(10_000), (plan: RateStage[], index) => {
        const dueMs = plannedTimeMs(plan, index);
        if (dueMs === Infinity) expect(plannedCalls(plan, durationOf(plan))).to.be.at.most(index + 1e-6);
        else expect(plannedCalls(plan, dueMs)).to.be.closeTo(index, 1e-4 * (index + 1));
      }),
    );
  });

  it('has its calls due one after the other', () => {
    fc.assert(
      fc.property(stages, fc.nat(10_000), (plan: RateStage[], index) => {
        expect(plannedTimeMs(plan, index)).to.be.at.most(plannedTimeMs(plan, index + 1));
      }),
    );
  });

  it('goes on for ever where its stage does', () => {
    expect(plannedTimeMs([{ fromRate: 100, toRate: 100, durationMs: Infinity }], 12_345)).to.equal(123_450);
  });
});

describe('stages', () => {
  const good: readonly [string, readonly RateStage[]][] = [
    ['100:10s', [{ fromRate: 100, toRate: 100, durationMs: 10_000 }]],
    ['100..500:1m', [{ fromRate: 100, toRate: 500, durationMs: 60_000 }]],
    [
      '0..50:1500ms, 50:2',
      [
        { fromRate: 0, toRate: 50, durationMs: 1500 },
        { fromRate: 50, toRate: 50, durationMs: 2000 },
      ],
    ],
  ];
  for (const [text, expected] of good) {
    it(`are read from '${text}'`, () => {
      expect(parseStages(text, parseDuration)).to.deep.equal(expected);
    });
  }

  const bad: readonly [string, RegExp][] = [
    ['', /'' is not a stage/],
    ['100', /'100' is not a stage; write rate:time/],
    ['-1:10s', /'-1:10s' is not a stage/],
    ['100:10s;x', /'x' is not a stage/],
    ['100:soon', /'soon' is not a time/],
    ['100:none', /'100:none' must last longer than 0, and not for ever/],
    ['0:10s', /'0:10s' makes no calls/],
  ];
  for (const [text, message] of bad) {
    it(`are refused as '${text}'`, () => {
      expect(() => parseStages(text, parseDuration)).to.throw(message);
    });
  }
});
