import { expect } from 'chai';
import { untilSettled, Waits, waits } from '../../lib/values/waits.ts';

describe('The register of waits', () => {
  it('knows what has begun and not ended, by kind', () => {
    const register = new Waits();
    const key = {};
    register.begin(key, 'room', '/s/m');
    register.begin(key, 'reply', '/s/m');
    register.begin({}, 'dial', '127.0.0.1:1');
    register.end(key, 'room');
    expect(register.pending()).to.deep.equal([
      { kind: 'reply', owner: '/s/m' },
      { kind: 'dial', owner: '127.0.0.1:1' },
    ]);
    register.end(key, 'reply');
    register.end(key, 'reply');
    expect(register.pending()).to.have.lengthOf(1);
  });

  it('counts what begins anew once', () => {
    const register = new Waits();
    const key = {};
    register.begin(key, 'dial', 'a');
    register.begin(key, 'dial', 'b');
    expect(register.pending()).to.deep.equal([{ kind: 'dial', owner: 'b' }]);
  });

  it('asks collections for what waits in them', () => {
    const register = new Waits();
    const source = {
      owners: ['a', 'b'],
      waits: () => source.owners.map((owner) => ({ kind: 'call' as const, owner })),
    };
    register.addSource(source);
    expect(register.pending().map(({ owner }) => owner)).to.deep.equal(['a', 'b']);
    source.owners.length = 0;
    expect(register.pending()).to.deep.equal([]);
  });

  for (const settles of ['resolves', 'rejects'] as const) {
    it(`counts a promise until it ${settles}`, async () => {
      const before = waits?.pending().length ?? 0;
      let settle = (): void => {};
      const promise = new Promise<void>((resolve, reject) => {
        settle = settles === 'resolves' ? resolve : () => reject(new Error('no'));
      });
      expect(untilSettled(promise, 'ready', 'spec')).to.equal(promise);
      expect(waits?.pending().length ?? 1).to.equal(waits === undefined ? 1 : before + 1);
      settle();
      await promise.catch(() => {});
      expect(waits?.pending().length ?? 0).to.equal(before);
    });
  }
});
