import { expect } from 'chai';
import fc from 'fast-check';
import { RangeSet } from '../../../lib/schema/descriptors/range-set.ts';

const ranges = fc.array(
  fc.record({ start: fc.integer({ min: -20, max: 50 }), end: fc.integer({ min: -20, max: 50 }) }),
);

describe('RangeSet', () => {
  for (const isEndIn of [true, false]) {
    it(`has the numbers that are in one of its ranges, the end ${isEndIn ? 'in' : 'out'}`, () => {
      fc.assert(
        fc.property(ranges, (given) => {
          const set = new RangeSet(given, isEndIn);
          for (let n = -25; n < 55; n++) {
            const expected = given.some(({ start, end }) => n >= start && (isEndIn ? n <= end : n < end));
            expect(set.has(n)).to.equal(expected);
          }
        }),
      );
    });
  }

  it('is as quick with very many ranges', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => ({ start: 2 * i, end: 2 * i + 1 }));
    const set = new RangeSet(many.reverse(), false);
    const started = process.cpuUsage();
    let count = 0;
    for (let n = 0; n < 400_000; n++) if (set.has(n)) count++;
    expect(count).to.equal(200_000);
    expect(process.cpuUsage(started).user).to.be.below(1_000_000);
  });
});
