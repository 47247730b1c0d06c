import { expect } from 'chai';
import { expectSurvival } from './small-heap.ts';

describe('A heap of 256 MB', () => {
  it('bears the worst replies that 4 MiB can hold', async function () {
    this.timeout(120_000);
    expect(await expectSurvival('decode-replies.js', ['quick'])).to.have.length.above(4);
  });

  it('bears the worst schemas that a server can send', async function () {
    this.timeout(120_000);
    expect(await expectSurvival('load-schemas.js', ['quick'])).to.have.length.above(4);
  });
});
