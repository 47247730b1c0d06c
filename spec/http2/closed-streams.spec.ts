import { expect } from 'chai';
import { ClosedStreams, ENDED_BY_PEER, RESET_BY_PEER } from '../../lib/http2/closed-streams.ts';

const REMEMBERED = 512;
const FORGOTTEN = 0;

describe('ClosedStreams', () => {
  // On both sides of each size that its memory grows through, and after it has come round.
  for (const count of [1, 15, 16, 17, 32, 33, 511, REMEMBERED, REMEMBERED + 1, 2 * REMEMBERED + 100]) {
    it(`Remembers how the last ${REMEMBERED} of ${count} streams ended, and no more.`, () => {
      const closed = new ClosedStreams();
      for (let i = 0; i < count; i++) {
        if (i % 3 === 0) closed.rememberReset(2 * i + 1);
        else closed.rememberEnd(2 * i + 1);
      }
      for (let i = 0; i < count; i++) {
        const state = i < count - REMEMBERED ? FORGOTTEN : i % 3 === 0 ? RESET_BY_PEER : ENDED_BY_PEER;
        expect(closed.recall(2 * i + 1), `stream ${2 * i + 1}`).to.equal(state);
      }
      expect(closed.recall(2 * count + 1)).to.equal(FORGOTTEN);
    });
  }

  it('Takes one that was ended and then reset as reset.', () => {
    const closed = new ClosedStreams();
    closed.rememberEnd(1);
    closed.rememberReset(1);
    expect(closed.recall(1)).to.equal(RESET_BY_PEER);
  });
});
