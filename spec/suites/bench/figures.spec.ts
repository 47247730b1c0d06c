import { expect } from 'chai';
import { type Figures, median, medianFigures, percentile, spread } from './figures.ts';

describe('figures', () => {
  const percentiles = [
    { values: [7], share: 0.5, is: 7 },
    { values: [1, 2, 3, 4], share: 0.5, is: 2 },
    { values: [1, 2, 3, 4], share: 0.99, is: 4 },
    { values: Array.from({ length: 100 }, (_, i) => i + 1), share: 0.99, is: 99 },
  ];
  for (const { values, share, is } of percentiles)
    it(`takes ${is} as percentile ${share} of ${values.length} values`, () => {
      expect(percentile(values, share)).to.equal(is);
    });

  const medians = [
    { values: [3], is: 3 },
    { values: [9, 1, 5], is: 5 },
    { values: [4, 1, 2, 100], is: 3 },
  ];
  for (const { values, is } of medians)
    it(`takes ${is} as the median of ${values.join(', ')}`, () => {
      expect(median(values)).to.equal(is);
    });

  it('takes the median of each figure by itself and leaves out what no sample has', () => {
    const samples: Figures[] = [
      { cost: 3, rate: 10 },
      { cost: 1, rate: 30 },
      { cost: 2, rate: 20, p50: 5 },
    ];
    expect(medianFigures(samples)).to.deep.equal({ cost: 2, rate: 20, p50: 5 });
  });

  it('says how far the rounds lie apart', () => {
    expect(spread([{ cost: 9 }, { cost: 10 }, { cost: 12 }])).to.be.closeTo(0.3, 1e-9);
  });

  it('refuses to make a figure of nothing', () => {
    expect(() => median([])).to.throw(RangeError);
    expect(() => percentile([], 0.5)).to.throw(RangeError);
  });
});
