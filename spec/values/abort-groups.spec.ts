import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import { type Abortable, AbortGroups } from '../../lib/values/abort-groups.ts';

class Member implements Abortable {
  abortIndex = -1;
  readonly reasons: unknown[] = [];
  afterAbort: () => void = () => {};

  onAbort(reason: unknown): void {
    this.reasons.push(reason);
    this.afterAbort();
  }
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('AbortGroups', () => {
  it('has one listener for any number of members, and none when all are gone', () => {
    const groups = new AbortGroups();
    const { signal } = new AbortController();
    const members = Array.from({ length: 1000 }, () => new Member());
    for (const member of members) groups.add(signal, member);
    expect(listeners(signal)).to.equal(1);
    for (const member of members) groups.remove(signal, member);
    expect(listeners(signal)).to.equal(0);
  });

  it('tells each member, once, with the reason', () => {
    const groups = new AbortGroups();
    const controller = new AbortController();
    const members = [new Member(), new Member()];
    const gone = new Member();
    for (const member of [...members, gone]) groups.add(controller.signal, member);
    groups.remove(controller.signal, gone);
    controller.abort('why');
    controller.abort('again');
    expect(members.map(({ reasons }) => reasons)).to.deep.equal([['why'], ['why']]);
    expect(gone.reasons).to.deep.equal([]);
  });

  it('lets members leave while they are told, themselves and others', () => {
    const groups = new AbortGroups();
    const controller = new AbortController();
    const { signal } = controller;
    const members = Array.from({ length: 5 }, () => new Member());
    for (const member of members) {
      groups.add(signal, member);
      member.afterAbort = () => {
        for (const other of members) groups.remove(signal, other);
      };
    }
    controller.abort();
    expect(members[0].reasons).to.have.lengthOf(1);
    expect(members.every(({ reasons }) => reasons.length <= 1)).to.equal(true);
    expect(listeners(signal)).to.equal(0);
  });

  it('lets members come and go in any order', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const property = fc.property(fc.array(fc.nat(9), { maxLength: 60 }), (toggles) => {
      const groups = new AbortGroups();
      const members = Array.from({ length: 10 }, () => new Member());
      const joined = new Set<Member>();
      for (const index of toggles) {
        const member = members[index];
        if (joined.delete(member)) groups.remove(signal, member);
        else {
          groups.add(signal, member);
          joined.add(member);
        }
        expect(listeners(signal)).to.equal(joined.size > 0 ? 1 : 0);
      }
      signal.dispatchEvent(new Event('abort'));
      expect(members.filter(({ reasons }) => reasons.length === 1)).to.have.members([...joined]);
    });
    fc.assert(property);
  });

  it('keeps signals, and clients, apart', () => {
    const [one, other] = [new AbortGroups(), new AbortGroups()];
    const controllers = [new AbortController(), new AbortController()];
    const members = [new Member(), new Member(), new Member()];
    one.add(controllers[0].signal, members[0]);
    one.add(controllers[1].signal, members[1]);
    other.add(controllers[0].signal, members[2]);
    expect(listeners(controllers[0].signal)).to.equal(2);
    other.remove(controllers[0].signal, members[2]);
    controllers[0].abort();
    expect(members.map(({ reasons }) => reasons.length)).to.deep.equal([1, 0, 0]);
  });

  it('does nothing when one leaves that never joined', () => {
    const { signal } = new AbortController();
    expect(() => new AbortGroups().remove(signal, new Member())).to.not.throw();
  });
});
