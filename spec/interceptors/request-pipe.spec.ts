// What is written to an intercepted call: each write and each read is woken, however many wait at once.

import { expect } from 'chai';
import { RequestPipe, requestMessages } from '../../lib/interceptors/request-pipe.ts';

describe('Request pipe', () => {
  it('gives readers that wait side by side what is written, in the order they came', async () => {
    const pipe = new RequestPipe('/s/m');
    const reads = [pipe.next(), pipe.next(), pipe.next()];
    await pipe.write('a');
    await pipe.write('b');
    void pipe.write('c');
    pipe.end();
    expect(await Promise.all(reads)).to.deep.equal(['a', 'b', 'c'].map((value) => ({ value, done: false })));
  });

  it('wakes who wrote at once, when readers that wait side by side have taken it', async () => {
    const pipe = new RequestPipe('/s/m');
    const reads = [pipe.next(), pipe.next()];
    const writes = [pipe.write('a'), pipe.write('b')];
    const read = await Promise.all(reads);
    expect(read).to.deep.equal(['a', 'b'].map((value) => ({ value, done: false })));
    expect(await writes[0]).to.equal(undefined);
    pipe.leave();
    expect(await writes[1]).to.equal(undefined);
  });

  it('ends all readers that wait, at the end and when they are left', async () => {
    for (const end of ['end', 'leave'] as const) {
      const pipe = new RequestPipe('/s/m');
      const reads = [pipe.next(), pipe.next()];
      pipe[end]();
      expect((await Promise.all(reads)).map(({ done }) => done)).to.deep.equal([true, true]);
    }
  });

  it('wakes writers when its reader leaves in the middle', async () => {
    const pipe = new RequestPipe('/s/m');
    const messages = requestMessages(() => pipe, '/s/m')[Symbol.asyncIterator]();
    const first = pipe.write('a');
    const second = pipe.write('b');
    await messages.next();
    await messages.return?.();
    await Promise.all([first, second]);
    expect(pipe.isLeft).to.equal(true);
  });
});
