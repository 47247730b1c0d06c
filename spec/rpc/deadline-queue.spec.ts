import { expect } from 'chai';
import fc from 'fast-check';
import { DeadlineQueue, type DeadlineSlot, type Expiring } from '../../lib/rpc/deadline-queue.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { FakeClock } from '../support/time/fake-clock.ts';

/** By how much a deadline may be late on the queue's own account. */
const LATE_MS = 10;

class Item implements Expiring {
  deadlineNext: Expiring | undefined;
  deadlinePrevious: Expiring | undefined;
  deadlineSlot: DeadlineSlot | undefined;
  readonly name: number;
  readonly #onDeadline: (item: Item) => void;

  constructor(name: number, onDeadline: (item: Item) => void) {
    this.name = name;
    this.#onDeadline = onDeadline;
  }

  onDeadline(): void {
    this.#onDeadline(this);
  }
}

function setUp(nowMs = 1000) {
  const clock = new FakeClock(nowMs);
  const queue = new DeadlineQueue(clock);
  const expired: [name: number, atMs: number][] = [];
  const item = (name: number, then: (item: Item) => void = () => {}): Item =>
    new Item(name, (self) => {
      expired.push([self.name, clock.now()]);
      then(self);
    });
  return { clock, queue, expired, item };
}

describe('DeadlineQueue', () => {
  it('tells of a deadline once, never before it and at most a slot later', () => {
    const { clock, queue, expired, item } = setUp();
    queue.add(item(1), 1500);
    clock.advanceTo(1499);
    expect(expired).to.deep.equal([]);
    clock.advanceTo(1500 + LATE_MS);
    clock.advanceTo(5000);
    expect(expired).to.have.lengthOf(1);
    expect(expired[0][1]).to.be.within(1500, 1500 + LATE_MS);
  });

  it('tells of the earlier first, whatever the order they came in', () => {
    const { clock, queue, expired, item } = setUp();
    for (const atMs of [4000, 1100, 9000, 2000, 1500, 8000]) queue.add(item(atMs), atMs);
    clock.advanceTo(10_000);
    expect(expired.map(([name]) => name)).to.deep.equal([1100, 1500, 2000, 4000, 8000, 9000]);
  });

  it('has one timer for any number of deadlines', () => {
    const { clock, queue, item } = setUp();
    for (let i = 0; i < 1000; i++) queue.add(item(i), 2000 + ((i * 7919) % 5000));
    expect(clock.timers.size).to.equal(1);
  });

  it('has one timer where each deadline is earlier than those before', () => {
    const { clock, queue, expired, item } = setUp();
    for (let i = 0; i < 100; i++) queue.add(item(i), 9000 - 80 * i);
    expect(clock.timers.size).to.equal(1);
    clock.advanceTo(9000 + LATE_MS);
    expect(expired.map(([name]) => name)).to.deep.equal(Array.from({ length: 100 }, (_, i) => 99 - i));
    expect(clock.timers.size).to.equal(0);
  });

  for (const isTurnedByHand of [true, false, undefined]) {
    const why =
      isTurnedByHand === undefined ? '' : `, which is ${isTurnedByHand ? '' : 'not '}turned by hand`;
    it(`${isTurnedByHand ? 'believes' : 'does not believe'} a timer that is before its clock${why}`, () => {
      const { clock, queue, expired, item } = setUp();
      const { now } = clock;
      if (isTurnedByHand !== undefined) Object.assign(clock, { isTurnedByHand: () => isTurnedByHand });
      queue.add(item(1), 1500);
      queue.add(item(2), 2500);
      // Timers are faked, and the clock is not: it stands.
      clock.now = () => 1000;
      clock.advanceTo(1500 + LATE_MS);
      expect(expired.map(([name]) => name)).to.deep.equal(isTurnedByHand ? [1] : []);
      expect(clock.timers.size).to.equal(1);
      clock.now = now;
      clock.advanceTo(9000);
      expect(expired.map(([name]) => name)).to.deep.equal([1, 2]);
      expect(queue.now()).to.equal(9000);
    });
  }

  it('says nothing of what was removed, from whichever place of its slot', () => {
    for (const removed of [0, 1, 2]) {
      const { clock, queue, expired, item } = setUp();
      const items = [0, 1, 2].map((name) => item(name));
      for (const one of items) queue.add(one, 1200);
      queue.remove(items[removed]);
      queue.remove(items[removed]);
      clock.advanceTo(2000);
      expect(expired.map(([name]) => name).sort()).to.deep.equal(
        [0, 1, 2].filter((name) => name !== removed),
      );
    }
  });

  it('says nothing of what is removed from inside, when it would be next', () => {
    const { clock, queue, expired, item } = setUp();
    const items: Item[] = [];
    for (const name of [0, 1, 2]) {
      const one = item(name, () => {
        for (const other of items) if (other.name !== name) queue.remove(other);
      });
      items.push(one);
      queue.add(one, 1200);
    }
    clock.advanceTo(2000);
    expect(expired).to.have.lengthOf(1);
  });

  it('takes back what expires, from inside: sooner, later, and at once', () => {
    const { clock, queue, expired, item } = setUp();
    const delays = [500, 3, 0, -50, 1000];
    const again = item(1, (self) => {
      const delay = delays.shift();
      if (delay !== undefined) queue.add(self, clock.now() + delay);
    });
    queue.add(again, 1100);
    clock.advanceTo(10_000);
    expect(expired).to.have.lengthOf(6);
    expect(clock.timers.size).to.equal(0);
  });

  it('takes others from inside, earlier than all that wait', () => {
    const { clock, queue, expired, item } = setUp();
    queue.add(
      item(1, () => queue.add(item(2), 1200)),
      1100,
    );
    queue.add(item(3), 5000);
    clock.advanceTo(6000);
    expect(expired.map(([name]) => name)).to.deep.equal([1, 2, 3]);
    expect(expired[1][1]).to.be.within(1200, 1200 + LATE_MS);
  });

  it('keeps no timer when nothing waits, once the last time has come', () => {
    const { clock, queue, item } = setUp();
    const items = [1, 2, 3].map((name) => item(name));
    for (const one of items) queue.add(one, 1000 + 1000 * one.name);
    for (const one of items) queue.remove(one);
    clock.advanceTo(2000 + LATE_MS);
    expect(clock.timers.size).to.equal(0);
  });

  it('serves deadlines further away than a timer can be set', () => {
    const { clock, queue, expired, item } = setUp();
    const farMs = 3 * 0x7fffffff;
    queue.add(item(1), farMs);
    clock.advanceTo(farMs - 1);
    expect(expired).to.deep.equal([]);
    clock.advanceTo(farMs + LATE_MS);
    expect(expired).to.have.lengthOf(1);
  });

  it('does as a plain list would, whatever is added, removed and re-added', () => {
    const command = fc.oneof(
      fc.record({
        kind: fc.constant('add' as const),
        in: fc.integer({ min: -20, max: 300 }),
        at: fc.nat(30),
      }),
      fc.record({ kind: fc.constant('remove' as const), in: fc.nat(0), at: fc.nat(30) }),
      fc.record({ kind: fc.constant('pass' as const), in: fc.nat(100), at: fc.nat(0) }),
    );
    const property = fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const { clock, queue, expired, item } = setUp();
      const items = Array.from({ length: 31 }, (_, name) => item(name));
      const model = new Map<number, number>();
      const settle = (): void => {
        clock.advanceTo(clock.now());
        for (const [name, atMs] of expired.splice(0)) {
          const deadlineMs = model.get(name);
          expect(deadlineMs, `item ${name} expired though it does not wait`).to.not.equal(undefined);
          expect(atMs).to.be.at.least(deadlineMs as number);
          model.delete(name);
        }
        for (const [name, deadlineMs] of model) {
          expect(deadlineMs, `item ${name} is overdue`).to.be.above(clock.now() - LATE_MS);
        }
      };
      for (const { kind, in: ms, at } of commands) {
        if (kind === 'pass') clock.advanceTo(clock.now() + ms);
        else {
          queue.remove(items[at]);
          model.delete(at);
          if (kind === 'add') {
            queue.add(items[at], clock.now() + ms);
            model.set(at, clock.now() + ms);
          }
        }
        settle();
      }
      clock.advanceTo(clock.now() + 1000);
      settle();
      expect(model.size).to.equal(0);
    });
    fc.assert(property, { numRuns: atLeast(300) });
  });
});
