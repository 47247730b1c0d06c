import { expect } from 'chai';
import { FrameWriter } from '../../lib/http2/frame-writer.ts';

describe('the memory of a connection that writes', () => {
  it('is small until much is written, and then grows to blocks of 64 KiB', () => {
    const writer = new FrameWriter(() => {});
    const sizes = [writer.block.length];
    const written: number[] = [];
    const taken: number[] = [];
    const take = (): void => {
      for (let next = writer.takeSegment(); next !== undefined; next = writer.takeSegment())
        taken.push(...next);
    };
    for (let i = 0; i < 300; i++) {
      const bytes = new Uint8Array(1000).fill(i & 255);
      writer.data(1, bytes, 0, bytes.length, false);
      written.push(i & 255);
      if (writer.block.length !== sizes.at(-1)) sizes.push(writer.block.length);
      if (i % 7 === 0) take();
    }
    take();
    expect(sizes).to.deep.equal([2048, 4096, 8192, 16_384, 32_768, 65_536]);
    const FRAME = 9 + 1000;
    expect(taken.length).to.equal(300 * FRAME);
    expect(written.map((_, i) => taken[i * FRAME + 9])).to.deep.equal(written);
    expect(written.map((_, i) => taken[(i + 1) * FRAME - 1])).to.deep.equal(written);
  });

  it('has room at once for what is larger than a block', () => {
    const writer = new FrameWriter(() => {});
    const at = writer.reserve(100_000);
    expect(writer.block.length - at).to.be.at.least(100_000);
  });
});
