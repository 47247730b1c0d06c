// The histogram against the sorted list of what it counted.

import { expect } from 'chai';
import fc from 'fast-check';
import { LatencyHistogram } from '../../../../lib/cli/bench/result/latency-histogram.ts';

/** The share by which a value may be off. */
const ERROR = 0.008;
/** Below a nanosecond nothing is told apart. */
const FLOOR_MS = 1e-6;

function histogramOf(latencies: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const ms of latencies) histogram.record(ms);
  return histogram;
}

describe('LatencyHistogram', () => {
  const latencies = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 200 });

  it('gives every percentile within 0.8 % of the nearest rank', () => {
    fc.assert(
      fc.property(latencies, fc.double({ min: 0, max: 100, noNaN: true }), (values, percent) => {
        const sorted = [...values].sort((one, other) => one - other);
        const exact = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1];
        const found = histogramOf(values).percentileMs(percent);
        expect(found).to.be.within(exact * (1 - ERROR) - FLOOR_MS, exact * (1 + ERROR) + FLOOR_MS);
      }),
    );
  });

  it('keeps least, greatest and mean as they are', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const histogram = histogramOf(values);
        expect(histogram.count).to.equal(values.length);
        expect(histogram.leastMs).to.equal(Math.min(...values));
        expect(histogram.greatestMs).to.equal(Math.max(...values));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(histogram.meanMs).to.be.closeTo(mean, mean * 1e-9 + 1e-9);
      }),
    );
  });

  it('counts everything in a bucket that holds it, once', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const buckets = histogramOf(values).buckets();
        expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).to.equal(values.length);
        for (const value of values) {
          const holders = buckets.filter(
            ({ fromMs, toMs }) => value >= fromMs - FLOOR_MS && value < toMs + FLOOR_MS,
          );
          expect(holders, String(value)).to.not.have.length(0);
        }
      }),
    );
  });

  it('of two is the one of all their values', () => {
    fc.assert(
      fc.property(latencies, latencies, (some, others) => {
        const both = histogramOf(some);
        both.add(histogramOf(others));
        expect(both.buckets()).to.deep.equal(histogramOf([...some, ...others]).buckets());
        expect(both.greatestMs).to.equal(Math.max(...some, ...others));
      }),
    );
  });

  it('knows the spread', () => {
    expect(histogramOf([2, 4, 4, 4, 5, 5, 7, 9]).standardDeviationMs).to.be.closeTo(2, 1e-9);
  });

  it('is not a number while it is empty', () => {
    const empty = new LatencyHistogram();
    expect([empty.percentileMs(50), empty.leastMs, empty.greatestMs, empty.meanMs]).to.deep.equal([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(empty.buckets()).to.deep.equal([]);
  });

  it('takes what a clock that went back would give for 0', () => {
    expect(histogramOf([-1]).greatestMs).to.equal(0);
  });
});
