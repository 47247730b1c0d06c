import { expect } from 'chai';
import * as fc from 'fast-check';
import { nearestNames, suggestion, symbolSuggestion } from '../../lib/values/nearest-names.ts';

/** The distance as its definition says, without a limit. */
function distance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  for (let j = 1; j <= b.length; j++) table[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i][j] = Math.min(
        table[i - 1][j] + 1,
        table[i][j - 1] + 1,
        table[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1),
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? table[i - 2][j - 2] + 1 : Infinity,
      );
    }
  }
  return table[a.length][b.length];
}

describe('nearest names', () => {
  it('are those within a third of the letters, by the distance that counts a swap once', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(word, word, (name, other) => {
        const edits = distance(name, other);
        const isNear =
          edits <= Math.max(2, Math.floor(name.length / 3)) && edits < Math.max(name.length, other.length);
        expect(nearestNames(name, [other], 1)).to.deep.equal(isNear ? [other] : []);
      }),
    );
  });

  it('are short: 128 characters are compared, 129 are not', () => {
    const name = 'n'.repeat(127);
    expect(nearestNames(name, [`${name}x`], 1)).to.deep.equal([`${name}x`]);
    expect(nearestNames(name, [`${name}xy`], 1)).to.deep.equal([]);
    expect(nearestNames(`${name}xy`, [name], 1)).to.deep.equal([]);
    expect(symbolSuggestion('Name', [`${'a.'.repeat(62)}Name`])).to.include('did you mean');
    expect(symbolSuggestion('Name', [`${'a.'.repeat(63)}Name`])).to.equal('');
  });

  it('are among the first 20,000', () => {
    const candidates = Array<string>(20_000).fill('something else');
    expect(nearestNames('name', [...candidates.slice(1), 'nmae'], 1)).to.deep.equal(['nmae']);
    expect(nearestNames('name', [...candidates, 'nmae'], 1)).to.deep.equal([]);
    expect(symbolSuggestion('name', [...candidates.slice(1), 'nmae'])).to.include('nmae');
    expect(symbolSuggestion('name', [...candidates, 'nmae'])).to.equal('');
  });

  it('are found within so much work', () => {
    // 100 × 100 cells each: a thousand of them are as much as there may be.
    const name = 'a'.repeat(100);
    const far = `${'b'.repeat(50)}${'a'.repeat(50)}`;
    const candidates = (count: number): string[] => [...Array<string>(count).fill(far), `${name.slice(1)}b`];
    expect(nearestNames(name, candidates(999), 1)).to.have.length(1);
    expect(nearestNames(name, candidates(1000), 1)).to.deep.equal([]);
  });

  it('are no more than three in an error', () => {
    const names = ['namea', 'nameb', 'namec', 'named'];
    expect(suggestion('name', names)).to.equal("; did you mean 'namea' or 'nameb' or 'namec'?");
  });
});
