import { expect } from 'chai';
import fc from 'fast-check';
import { decodeGrpcTimeout, encodeGrpcTimeout, timeoutFields } from '../../lib/rpc/grpc-timeout.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';

const UNIT_MS: Record<string, number> = { n: 1e-6, u: 1e-3, m: 1, S: 1e3, M: 60e3, H: 3600e3 };

/** What a server makes of it. */
function decode(text: string): number {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  return Number(digits) * UNIT_MS[unit];
}

const cases: readonly (readonly [ms: number, text: string])[] = [
  [1, '1m'],
  [1.2, '2m'],
  [10_000, '10000m'],
  [99_999_999, '99999999m'],
  [100_000_000, '100000S'],
  [100_000_001, '100001S'],
  [99_999_999_000, '99999999S'],
  [99_999_999_001, '1666667M'],
  [99_999_999 * 60_000, '99999999M'],
  [99_999_999 * 60_000 + 1, '1666667H'],
  [0.25, '250u'],
  [0.0001, '1u'],
];

describe('grpc-timeout (PROTOCOL-HTTP2.md, Timeout)', () => {
  it('is read as it was written, whatever the unit', () => {
    for (const [, text] of cases) expect(decodeGrpcTimeout(text)).to.equal(decode(text));
    expect(decodeGrpcTimeout('2M')).to.equal(120_000);
    expect(decodeGrpcTimeout('1H')).to.equal(3_600_000);
    expect(decodeGrpcTimeout('100n')).to.be.closeTo(0.0001, 1e-12);
  });

  for (const text of ['', '1', 'm', '1 m', '-1m', '1.5m', '123456789m', '1x', '1mm']) {
    it(`${JSON.stringify(text)} is malformed`, () => expect(decodeGrpcTimeout(text)).to.equal(undefined));
  }

  for (const [ms, text] of cases) {
    it(`writes ${ms} ms as ${text}`, () => {
      expect(encodeGrpcTimeout(ms)).to.equal(text);
    });
  }

  for (const ms of [0, -1, -1e9, Number.NEGATIVE_INFINITY]) {
    it(`writes ${ms} ms as a time that is not zero, which servers refuse, but all but`, () => {
      expect(decode(encodeGrpcTimeout(ms)))
        .to.be.above(0)
        .and.at.most(0.001);
    });
  }

  it('is at most eight digits and a unit, never less than the time and little more', () => {
    const property = fc.property(fc.double({ min: 1e-6, max: 3.5e14, noNaN: true }), (ms) => {
      const decoded = decode(encodeGrpcTimeout(ms));
      // A hair for the arithmetic of this check itself.
      expect(decoded).to.be.at.least(ms * (1 - 1e-12));
      // Rounded up by the unit that the next smaller one has no digits for: 1 ms, or one part in 10^8 / 60.
      expect(decoded - ms).to.be.at.most(Math.max(1, (ms / 1e8) * 1000, ms / 1e5));
    });
    fc.assert(property, { numRuns: atLeast(500) });
  });

  it('is the longest there is beyond 11,000 years', () => {
    expect(encodeGrpcTimeout(1e300)).to.equal('99999999H');
    expect(encodeGrpcTimeout(Number.MAX_VALUE)).to.equal('99999999H');
  });

  it('is one field, kept for calls that start together, and right for any number of others', () => {
    const fields = timeoutFields(1000);
    expect(fields).to.deep.equal(['grpc-timeout', '1000m']);
    expect(timeoutFields(999.5)).to.equal(fields);
    for (let ms = 1; ms <= 600; ms++) {
      const one = timeoutFields(ms);
      expect(one).to.deep.equal(['grpc-timeout', `${ms}m`]);
      expect(timeoutFields(ms)).to.equal(one);
    }
    expect(timeoutFields(1000), 'it was let go of for the others').to.not.equal(fields);
    expect(timeoutFields(1000)).to.deep.equal(fields);
  });
});
