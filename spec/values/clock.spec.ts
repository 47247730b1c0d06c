import { expect } from 'chai';
import { KEEP_ALIVE_TIMERS, MAX_TIMER_MS, REAL_CLOCK, timerMs } from '../../lib/values/clock.ts';

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

  it('keeps the process alive only where nothing else does for a call that waits', () => {
    for (const [timers, isKept] of [
      [REAL_CLOCK, false],
      [KEEP_ALIVE_TIMERS, true],
    ] as const) {
      const timer = timers.setTimer(() => {}, Infinity) as NodeJS.Timeout;
      expect(timer.hasRef()).to.equal(isKept);
      timers.clearTimer(timer);
    }
  });
});
