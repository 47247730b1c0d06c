// How far a server's clock is away, by dates of whole seconds.

import { expect } from 'chai';
import fc from 'fast-check';
import { commonOffset, ServerClock } from '../../../../lib/cli/bench/load/server-clock.ts';

const NOON_MS = Date.UTC(2026, 0, 31, 12);
const dateOf = (ms: number): string => new Date(ms).toUTCString();

describe('the clock of a server', () => {
  it('is between the bounds, which many dates narrow down', () => {
    const calls = fc.array(fc.record({ gapMs: fc.nat(120), halfMs: fc.nat(10) }), {
      minLength: 1,
      maxLength: 100,
    });
    fc.assert(
      fc.property(fc.integer({ min: -1e7, max: 1e7 }), calls, (offsetMs, all) => {
        const clock = new ServerClock();
        let nowMs = NOON_MS;
        for (const { gapMs, halfMs } of all) {
          nowMs += gapMs;
          clock.saw(dateOf(nowMs + halfMs + offsetMs), nowMs, nowMs + 2 * halfMs);
          nowMs += 2 * halfMs;
        }
        const [least, greatest] = clock.offset ?? [Number.NaN, Number.NaN];
        expect(offsetMs).to.be.within(least, greatest);
        // A change of the second was seen, between two calls.
        if (nowMs - NOON_MS > 1200) expect(greatest - least).to.be.at.most(120 + 20 + 20 + 50);
      }),
    );
  });

  it('is not known without dates, and of what is none', () => {
    const clock = new ServerClock();
    clock.saw(undefined, 0, 1);
    clock.saw('yesterday', 0, 1);
    expect(clock.offset).to.equal(null);
  });

  it('is not known where dates contradict each other: several servers answer', () => {
    const clock = new ServerClock();
    clock.saw(dateOf(NOON_MS), NOON_MS, NOON_MS + 1);
    expect(clock.offset).to.deep.equal([-1, 1050]);
    clock.saw(dateOf(NOON_MS + 10_000), NOON_MS, NOON_MS + 1);
    expect(clock.offset).to.equal(null);
  });

  it('is what several know together', () => {
    expect(commonOffset([])).to.equal(null);
    expect(commonOffset([null, [0, 100], [40, 200]])).to.deep.equal([40, 100]);
    expect(
      commonOffset([
        [0, 10],
        [20, 30],
      ]),
    ).to.equal(null);
  });
});
