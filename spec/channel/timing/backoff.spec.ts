import { expect } from 'chai';
import fc from 'fast-check';
import { DEFAULT_BACKOFF, nextDelayMs } from '../../../lib/channel/timing/backoff.ts';

describe('Back-off (grpc doc/connection-backoff.md)', () => {
  it('has the parameters of the document', () => {
    expect(DEFAULT_BACKOFF).to.deep.equal({
      baseDelayMs: 1000,
      multiplier: 1.6,
      jitter: 0.2,
      maxDelayMs: 120_000,
    });
  });

  it('grows by the multiplier from the base to the most', () => {
    const delays = [1, 2, 3, 4, 11, 12, 100, 1e6].map((failures) =>
      nextDelayMs(DEFAULT_BACKOFF, failures, 0.5),
    );
    expect(delays.map(Math.round)).to.deep.equal([
      1000, 1600, 2560, 4096, 109_951, 120_000, 120_000, 120_000,
    ]);
  });

  it('varies by the jitter both ways, and by no more', () => {
    expect(nextDelayMs(DEFAULT_BACKOFF, 1, 0)).to.be.closeTo(800, 1e-6);
    const property = fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, r) => {
        const middle = nextDelayMs(DEFAULT_BACKOFF, n, 0.5);
        expect(nextDelayMs(DEFAULT_BACKOFF, n, r)).to.be.within(middle * 0.7999, middle * 1.2001);
      },
    );
    fc.assert(property);
  });
});
