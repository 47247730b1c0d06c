import { expect } from 'chai';
import { borrowOctets, returnOctets } from '../../lib/values/octets.ts';

// Other specs borrow as well, but nothing of this size.
const SIZE = 5_000_011;

/** Leaves nothing spare near this size. */
function empty(): void {
  for (const size of [SIZE * 0.8, SIZE, SIZE + 1]) {
    for (let i = 0; i < 9; i++) borrowOctets(Math.floor(size));
  }
}

describe('Memory of large messages', () => {
  beforeEach(empty);

  const cases = [
    { name: 'as much', wanted: SIZE, isSame: true },
    { name: 'less', wanted: SIZE - 1000, isSame: true },
    { name: 'four fifths of it', wanted: Math.ceil(SIZE * 0.8), isSame: true },
    { name: 'less than that', wanted: Math.floor(SIZE * 0.8), isSame: false },
    { name: 'more', wanted: SIZE + 1, isSame: false },
  ];
  for (const { name, wanted, isSame } of cases) {
    it(`What came back is ${isSame ? '' : 'not '}lent to who asks for ${name}.`, () => {
      const memory = borrowOctets(SIZE);
      returnOctets(memory);
      const next = borrowOctets(wanted);
      expect(next.length).to.be.at.least(wanted);
      expect(next === memory).to.equal(isSame);
    });
  }

  it('What has not come back is lent to nobody else.', () => {
    const memory = borrowOctets(SIZE);
    expect(borrowOctets(SIZE) === memory).to.equal(false);
  });

  it('What comes back twice is lent once.', () => {
    const memory = borrowOctets(SIZE);
    returnOctets(memory);
    returnOctets(memory);
    expect(borrowOctets(SIZE) === memory).to.equal(true);
    expect(borrowOctets(SIZE) === memory).to.equal(false);
  });

  it("Memory that was not borrowed, such as the caller's own, is never lent.", () => {
    const own = new Uint8Array(SIZE);
    returnOctets(own);
    expect(borrowOctets(SIZE) === own).to.equal(false);
  });

  it('Only the last few pieces are remembered.', () => {
    const pieces = Array.from({ length: 9 }, () => borrowOctets(SIZE));
    for (const piece of pieces) returnOctets(piece);
    const again = new Set(Array.from({ length: 9 }, () => borrowOctets(SIZE)));
    expect(pieces.filter((piece) => again.has(piece))).to.deep.equal(pieces.slice(1));
  });
});
