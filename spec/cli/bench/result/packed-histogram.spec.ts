// Histograms in a few bytes: what goes in comes out, added up as it would be in the large form.

import { expect } from 'chai';
import fc from 'fast-check';
import { LatencyHistogram } from '../../../../lib/cli/bench/result/latency-histogram.ts';
import { PackedHistogram } from '../../../../lib/cli/bench/result/packed-histogram.ts';

const latencies = fc.array(
  fc.oneof(fc.double({ min: 0, max: 1e8, noNaN: true }), fc.constantFrom(0, 1e-6, 5, 5, 1e9)),
  { maxLength: 60 },
);

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('a packed histogram', () => {
  it('adds up what was counted, as one that is not packed', () => {
    fc.assert(
      fc.property(fc.array(latencies, { maxLength: 5 }), (groups) => {
        const packed = new PackedHistogram();
        const whole = new LatencyHistogram();
        for (const values of groups) {
          packed.add(histogramOf(values).toDocument());
          whole.add(histogramOf(values));
        }
        expect(packed.toDocument()).to.deep.equal(whole.toDocument());
        expect(packed.toHistogram().percentileMs(99)).to.deep.equal(whole.percentileMs(99));
      }),
    );
  });

  it('keeps counts of up to 53 bits', () => {
    for (const count of [1, 127, 128, 16_383, 16_384, 2 ** 32, 2 ** 53 - 1]) {
      const one = { count, sumMs: 5, sumOfSquares: 25, leastMs: 5, greatestMs: 5, buckets: [128, count] };
      const packed = new PackedHistogram();
      packed.add(one);
      expect(packed.toDocument()).to.deep.equal(one);
    }
  });
});
