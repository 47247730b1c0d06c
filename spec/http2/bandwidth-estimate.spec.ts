import { expect } from 'chai';
import { BandwidthEstimate } from '../../lib/http2/bandwidth-estimate.ts';

const INITIAL = 1000;
const MAX = 8000;

/** Measurements one after the other, `[octets, round trip in ms]` each; the window behind each. */
function windows(...measurements: readonly (readonly [octets: number, roundTripMs: number])[]): number[] {
  const estimate = new BandwidthEstimate(INITIAL, MAX);
  let nowMs = 5000;
  let octets = 77;
  return measurements.map(([arrived, roundTripMs]) => {
    nowMs += 1000;
    estimate.begin(octets, nowMs);
    octets += arrived;
    nowMs += roundTripMs;
    estimate.end(octets, nowMs);
    return estimate.windowOctets;
  });
}

describe('The estimate of bandwidth times delay', () => {
  it('doubles a window that is used up, to its limit.', () => {
    expect(windows([500, 100], [1000, 100], [2000, 100], [4000, 100])).to.deep.equal([
      2000, 4000, 8000, 8000,
    ]);
  });

  it('is no more than the limit where that is not reached by doubling.', () => {
    const estimate = new BandwidthEstimate(INITIAL, 1500);
    estimate.begin(0, 0);
    expect(estimate.end(1000, 1)).to.equal(true);
    expect(estimate.windowOctets).to.equal(1500);
    expect(estimate.isDue(1e9)).to.equal(false);
  });

  it('leaves a window as it is of which little arrives in a round trip.', () => {
    expect(windows([333, 100], [100, 1], [0, 100])).to.deep.equal([1000, 1000, 1000]);
    expect(windows([334, 100])).to.deep.equal([2000]);
  });

  it('risks one doubling without a higher rate, and no second.', () => {
    // The rate stays at 10: the more is under way, the longer it takes.
    expect(windows([1000, 100], [2000, 200], [4000, 400], [8000, 800])).to.deep.equal([
      2000, 4000, 4000, 4000,
    ]);
  });

  it('goes on when the rate has grown since.', () => {
    expect(windows([1000, 100], [1000, 100], [1500, 100], [3000, 100])).to.deep.equal([
      2000, 4000, 8000, 8000,
    ]);
    expect(windows([1000, 100], [1000, 100], [1400, 120], [5000, 100])).to.deep.equal([
      2000, 4000, 4000, 8000,
    ]);
  });

  it('is not misled by a single round trip that took no time, or very long.', () => {
    expect(windows([1000, 0], [1000, 100])).to.deep.equal([2000, 4000]);
    expect(windows([1000, 100], [1000, 100_000], [1500, 100])).to.deep.equal([2000, 4000, 8000]);
  });

  it('leaves a window as it is that holds eight times what arrives in the shortest round trip, even at a higher rate.', () => {
    expect(windows([334, 1], [668, 2], [2000, 4])).to.deep.equal([2000, 4000, 4000]);
    expect(windows([334, 1], [668, 2], [2004, 4])).to.deep.equal([2000, 4000, 8000]);
  });

  it('is due when it is of use: not while one is under way, nor soon after one without consequences.', () => {
    const estimate = new BandwidthEstimate(INITIAL, MAX);
    expect(estimate.isDue(0)).to.equal(true);
    estimate.begin(0, 0);
    expect([estimate.isMeasuring, estimate.isDue(1e9)]).to.deep.equal([true, false]);
    estimate.end(1000, 10);
    expect([estimate.isMeasuring, estimate.isDue(10)]).to.deep.equal([false, true]);
    estimate.begin(1000, 10);
    estimate.end(1001, 20);
    expect([119, 120].map((nowMs) => estimate.isDue(nowMs))).to.deep.equal([false, true]);
  });
});
