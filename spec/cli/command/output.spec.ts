// What a command prints, to a reader who is slower than it.

import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { Output } from '../../../lib/cli/command/io.ts';

describe('The output of a command', () => {
  it('waits for a slow reader once, however many lines wait', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const output = new Output(stream as unknown as NodeJS.WriteStream, {}, () => {});
    const waits = Array.from({ length: 50 }, (_, index) => output.line(String(index)));
    expect(new Set(waits).size).to.equal(1);
    expect(waits[0]).to.be.a('promise');
    stream.resume();
    await waits[0];
    expect(stream.listenerCount('close')).to.equal(0);
    const next = output.line('next');
    expect(next).to.not.equal(waits[0]);
    await next;
  });
});
