import { expect } from 'chai';
import fc from 'fast-check';
import { type RunningCall, RunningCalls } from '../../lib/call/running-calls.ts';

describe('RunningCalls', () => {
  it('holds those that were added and not removed', () => {
    const property = fc.property(fc.array(fc.nat(9), { maxLength: 80 }), (toggles) => {
      const list = new RunningCalls<RunningCall>();
      const calls = Array.from({ length: 10 }, (): RunningCall => ({ runningIndex: -1, method: '/s/m' }));
      const running = new Set<RunningCall>();
      for (const index of toggles) {
        const call = calls[index];
        if (running.delete(call)) list.remove(call);
        else {
          list.add(call);
          running.add(call);
        }
        expect(list.size).to.equal(running.size);
        expect(list.toArray()).to.have.members([...running]);
      }
      for (const call of running) list.remove(call);
    });
    fc.assert(property);
  });

  it('does nothing when one is removed that is not in it', () => {
    const list = new RunningCalls<RunningCall>();
    const call = { runningIndex: -1, method: '/s/m' };
    list.remove(call);
    list.add(call);
    list.remove(call);
    list.remove(call);
    expect(list.size).to.equal(0);
  });

  it('gives a list of its own, which may be walked while calls end', () => {
    const list = new RunningCalls<RunningCall>();
    for (let i = 0; i < 5; i++) list.add({ runningIndex: -1, method: '/s/m' });
    for (const call of list.toArray()) list.remove(call);
    expect(list.size).to.equal(0);
  });
});
