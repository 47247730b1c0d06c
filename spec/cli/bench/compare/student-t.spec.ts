// Against tables: quantiles of Student's t, two-sided.

import { expect } from 'chai';
import { studentT } from '../../../../lib/cli/bench/compare/student-t.ts';

const TABLE: readonly (readonly [freedom: number, confidence: number, value: number])[] = [
  [1, 0.95, 12.7062],
  [1, 0.99, 63.6567],
  [2, 0.95, 4.30265],
  [3, 0.95, 3.18245],
  [3, 0.999, 12.924],
  [4, 0.95, 2.77645],
  [5, 0.99, 4.03214],
  [10, 0.95, 2.22814],
  [18, 0.99, 2.87844],
  [30, 0.999, 3.64596],
  [1000, 0.95, 1.96234],
];

describe("Student's t", () => {
  for (const [freedom, confidence, value] of TABLE) {
    it(`with ${freedom} degrees of freedom is beyond ${value} in ${((1 - confidence) * 100).toFixed(1)} %`, () => {
      expect(studentT(freedom, confidence)).to.be.closeTo(value, value * 2e-4);
    });
  }

  it('takes a fraction of a degree for less, never for more', () => {
    expect(studentT(1.9, 0.95)).to.be.at.least(studentT(2, 0.95));
    expect(studentT(2.5, 0.95)).to.be.at.least(studentT(3, 0.95));
    expect(studentT(7.5, 0.95)).to.be.within(studentT(8, 0.95), studentT(7, 0.95));
  });
});
