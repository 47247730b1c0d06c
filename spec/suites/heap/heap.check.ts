// All hostile replies and schemas in a small heap. Run: npm run heap

import { expect } from 'chai';
import { AS_DETAIL, HOSTILE_REPLIES } from './replies.ts';
import { HOSTILE_SCHEMAS } from './schemas.ts';
import { expectSurvival } from './small-heap.ts';

/** Of which most is for making a codec of the schema. */
const MAX_DETAIL_MS = 1000;

describe('A heap of 256 MB', () => {
  it('bears every hostile reply', async function () {
    this.timeout(600_000);
    const lines = await expectSurvival('decode-replies.js', []);
    expect(lines).to.have.length(2 * HOSTILE_REPLIES.length);
    // Who handles an error waits for its details.
    for (const line of lines.filter((one) => one.includes(AS_DETAIL))) {
      expect(Number(/\((\d+) ms/.exec(line)?.[1]), line).to.be.below(MAX_DETAIL_MS);
    }
  });

  it('bears every hostile schema', async function () {
    this.timeout(600_000);
    expect(await expectSurvival('load-schemas.js', [])).to.have.length(HOSTILE_SCHEMAS.length);
  });
});
