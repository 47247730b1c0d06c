import { expect } from 'chai';
import fc from 'fast-check';
import { decimalOf, exactInteger, isWhole } from '../../../lib/values/text/exact-decimal.ts';

const rows: readonly [text: string, integer: bigint | undefined][] = [
  ['0', 0n],
  ['-0', 0n],
  ['0.000', 0n],
  ['0e99999999999', 0n],
  ['1', 1n],
  ['-1.0', -1n],
  ['1e2', 100n],
  ['1E+2', 100n],
  ['100e-2', 1n],
  ['100.5e1', 1005n],
  ['100.5', undefined],
  ['1e-1', undefined],
  ['1e39', 10n ** 39n],
  ['1e40', undefined],
  ['1e99999999999', undefined],
  ['1e-99999999999', undefined],
  ['0.00000000000000000000000000000000000000001e41', 1n],
];

describe('exact decimals', () => {
  for (const [text, integer] of rows) {
    it(`read ${text} as ${integer ?? 'no integer of 40 digits'}`, () => {
      expect(exactInteger(text, 40)).to.equal(integer);
    });
  }

  it('tell a whole number from one with a fraction, whatever the exponent', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: -40, max: 40 }),
        (digits, exponent) => {
          const divisor = 10n ** BigInt(Math.max(0, -exponent));
          const text = `${digits}e${exponent}`;
          expect(isWhole(decimalOf(text))).to.equal(digits % divisor === 0n);
          const factor = 10n ** BigInt(Math.max(0, exponent));
          if (digits % divisor === 0n) expect(exactInteger(text, 80)).to.equal((digits * factor) / divisor);
        },
      ),
    );
  });

  it('take time in proportion to the text', () => {
    const zeros = '0'.repeat(4 << 20);
    expect(exactInteger(`0.${zeros}1`, 40)).to.equal(undefined);
    expect(exactInteger(`1${zeros}e-${4 << 20}`, 40)).to.equal(1n);
    expect(exactInteger(`1${zeros}`, 40)).to.equal(undefined);
  });
});
