import { expect } from 'chai';
import {
  KEEP_ALIVE_TIMERS,
  LongTimer,
  MAX_TIMER_MS,
  REAL_CLOCK,
  type Timers,
  timerMs,
} from '../../lib/values/clock.ts';
import { TurnedTime } from '../support/time/turned-time.ts';

/** Bun does not tell which timers keep it alive. */
const LISTS_TIMERS = process.versions['bun'] === undefined;

describe('A delay as timers take it', () => {
  const cases: readonly (readonly [delayMs: number, expected: number])[] = [
    [-5, 0],
    [0, 0],
    [0.2, 1],
    [8, 8],
    [MAX_TIMER_MS, MAX_TIMER_MS],
    [MAX_TIMER_MS + 1, MAX_TIMER_MS],
    [Infinity, MAX_TIMER_MS],
  ];
  for (const [delayMs, expected] of cases) {
    it(`is ${expected} ms for ${delayMs} ms`, () => {
      expect(timerMs(delayMs)).to.equal(expected);
    });
  }

  it('keeps the process alive only where nothing else does for a call that waits', function () {
    if (!LISTS_TIMERS) this.skip();
    for (const [timers, isKept] of [
      [REAL_CLOCK, false],
      [KEEP_ALIVE_TIMERS, true],
    ] as const) {
      for (const delayMs of [MAX_TIMER_MS, MAX_TIMER_MS + 1, Infinity]) {
        const before = keptTimers();
        const timer = timers.setTimer(() => {}, delayMs);
        expect(keptTimers() - before, String(delayMs)).to.equal(isKept ? 1 : 0);
        timers.clearTimer(timer);
        expect(keptTimers()).to.equal(before);
      }
    }
  });
});

describe('A timer of any length', () => {
  const DAY_MS = 86_400_000;
  const long: readonly (readonly [string, (callback: () => void, delayMs: number) => () => void])[] = [
    ['alone', longTimer],
    ['of a clock', clockTimer(REAL_CLOCK)],
    ['of a clock that keeps the process alive', clockTimer(KEEP_ALIVE_TIMERS)],
  ];
  for (const [name, start] of long) {
    it(`goes off once, when its time has come, ${name}`, async () => {
      using time = new TurnedTime();
      for (const days of [1, 24.8, 24.9, 30, 80]) {
        let times = 0;
        start(() => times++, days * DAY_MS);
        await time.pass(days * DAY_MS - 1000);
        expect(times, `before ${days} days`).to.equal(0);
        await time.pass(2000);
        expect(times, `after ${days} days`).to.equal(1);
        await time.pass(100 * DAY_MS);
        expect(times, `long after ${days} days`).to.equal(1);
      }
    });

    it(`does not go off when it is cleared, in any of its pieces, ${name}`, async () => {
      using time = new TurnedTime();
      for (const days of [0, 20, 40]) {
        let times = 0;
        const clear = start(() => times++, 60 * DAY_MS);
        await time.pass(days * DAY_MS);
        clear();
        await time.pass(100 * DAY_MS);
        expect(times, `cleared after ${days} days`).to.equal(0);
      }
    });
  }

  it('keeps the process alive until it is told not to, in each of its pieces', async function () {
    if (!LISTS_TIMERS) this.skip();
    using time = new TurnedTime();
    for (const days of [0, 30]) {
      const kept: number[] = [];
      for (const isAlone of [false, true]) {
        const timer = new LongTimer(() => {}, 60 * DAY_MS);
        if (isAlone) timer.unref();
        await time.pass(days * DAY_MS);
        kept.push(keptTimers());
        timer.clear();
      }
      expect(kept[0] - kept[1], `after ${days} days`).to.equal(1);
    }
  });

  function longTimer(callback: () => void, delayMs: number): () => void {
    const timer = new LongTimer(callback, delayMs);
    return () => timer.clear();
  }

  function clockTimer(timers: Timers): typeof longTimer {
    return (callback, delayMs) => {
      const timer = timers.setTimer(callback, delayMs);
      return () => timers.clearTimer(timer);
    };
  }
});

/** Timers that the process does not end without. */
function keptTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
