import { expect } from 'chai';
import fc from 'fast-check';
import type { StreamHandler } from '../../lib/http2/handlers.ts';
import { Stream, type StreamOwner } from '../../lib/http2/stream.ts';
import { StreamMap } from '../../lib/http2/stream-map.ts';

const handler: StreamHandler = { onHeaders() {}, onData() {}, onTrailers() {}, onWritable() {}, onEnd() {} };
const owner: StreamOwner = {
  write: () => false,
  reset() {},
  credit() {},
  taken() {},
  hasLeft: () => true,
  respond() {},
};

function streamOf(id: number): Stream {
  return new Stream(id, handler, owner, 0, 0, 0);
}

describe('StreamMap', () => {
  it('Does what a Map does, for ids that rise by two.', () => {
    // Each number is how many streams to add, or, below zero, which of the open ones to delete.
    const steps = fc.array(fc.integer({ min: -50, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 2 ** 31 - 8001), (each, first) => {
        const map = new StreamMap();
        const model = new Map<number, Stream>();
        let next = first;
        for (const step of each) {
          for (let i = 0; i < step; i++, next += 2) {
            const stream = streamOf(next);
            map.add(stream);
            model.set(next, stream);
          }
          const open = [...model.keys()];
          if (step < 0 && open.length > 0) {
            const id = open[-step % open.length];
            map.delete(id);
            map.delete(id);
            model.delete(id);
          }
          expect(map.size).to.equal(model.size);
        }
        expect(map.values()).to.deep.equal([...model.values()]);
        for (let id = first; id < next; id += 2) expect(map.get(id)).to.equal(model.get(id));
        expect(map.get(next)).to.equal(undefined);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
    );
  });

  it('Keeps a stream that outlives thousands of others.', () => {
    const map = new StreamMap();
    const old = streamOf(1);
    map.add(old);
    for (let id = 3; id < 20_000; id += 2) {
      map.add(streamOf(id));
      map.delete(id);
    }
    expect(map.get(1)).to.equal(old);
    expect(map.values()).to.deep.equal([old]);
    map.delete(1);
    expect(map.size).to.equal(0);
  });
});
