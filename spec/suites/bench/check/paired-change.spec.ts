import { expect } from 'chai';
import fc from 'fast-check';
import { changeOf, isOpen, type Pair, verdictOf } from './paired-change.ts';

/** Pairs whose truth is `ratio`, with a spread of `noise` on each side that is not the same at all times. */
function pairsOf(ratio: number, noise: number, count: number, seed: number): Pair[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  // The sum of three is near enough to a normal distribution.
  const normal = () => (random() + random() + random() - 1.5) * 2;
  return Array.from({ length: count }, () => {
    const weather = 1 + random();
    return {
      before: 2.5 * weather * Math.exp(normal() * noise),
      after: 2.5 * weather * ratio * Math.exp(normal() * noise),
    };
  });
}

const seeds = Array.from({ length: 500 }, (_, i) => (i + 1) * 7919);
const shareOf = (ratio: number, noise: number, count: number, verdict: string): number =>
  seeds.filter((seed) => verdictOf(changeOf(pairsOf(ratio, noise, count, seed))) === verdict).length /
  seeds.length;

describe('the change that pairs show', () => {
  it('is their mean ratio', () => {
    const { ratio, low, high } = changeOf([
      { before: 1, after: 2 },
      { before: 10, after: 20 },
      { before: 3, after: 6 },
    ]);
    expect([ratio, low, high].map((factor) => Number(factor.toFixed(9)))).to.deep.equal([2, 2, 2]);
  });

  it('is not seen where there is none, whatever the noise', () => {
    for (const noise of [0.002, 0.02, 0.1, 0.3])
      expect(shareOf(1, noise, 6, 'slower'), `${noise}`).to.be.at.most(0.01);
  });

  it('is seen when it is larger than noise', () => {
    expect(shareOf(1.05, 0.01, 6, 'slower')).to.be.at.least(0.8);
    expect(shareOf(1.05, 0.02, 24, 'slower')).to.be.at.least(0.9);
    expect(shareOf(0.95, 0.02, 24, 'faster')).to.be.at.least(0.9);
  });

  it('is not called slower below the tolerance, however sure it is', () => {
    expect(shareOf(1.02, 0.001, 24, 'slower')).to.equal(0);
  });

  it('is unclear where noise would hide it', () => {
    expect(shareOf(1.05, 0.3, 6, 'unclear')).to.be.at.least(0.95);
    expect(shareOf(1.05, 0.01, 6, 'unclear')).to.equal(0);
  });

  it('stays open while noise is larger than the tolerance', () => {
    expect(isOpen(changeOf(pairsOf(1, 0.2, 6, 1)))).to.equal(true);
    expect(isOpen(changeOf(pairsOf(1, 0.001, 6, 1)))).to.equal(false);
  });

  it('lies within its interval, and turned around is its inverse', () => {
    const cost = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    const pairs = fc.array(fc.record({ before: cost, after: cost }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(pairs, (given) => {
        const { ratio, low, high } = changeOf(given);
        expect(low).to.be.at.most(ratio);
        expect(high).to.be.at.least(ratio);
        const back = changeOf(given.map(({ before, after }) => ({ before: after, after: before })));
        expect(back.ratio * ratio).to.be.closeTo(1, 1e-6);
      }),
    );
  });

  it('needs three pairs', () => {
    expect(() => changeOf(pairsOf(1, 0.1, 2, 1))).to.throw(RangeError, '2 pairs; 3 are the least');
  });
});
