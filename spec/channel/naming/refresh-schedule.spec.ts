// When addresses are asked for, by a clock of the spec's own.

import { expect } from 'chai';
import { RefreshSchedule } from '../../../lib/channel/naming/refresh-schedule.ts';
import { FakeClock } from '../../support/time/fake-clock.ts';

describe('Resolution', () => {
  const START_MS = 1_000_000;

  const begin = (refreshMs = Infinity, timeoutMs = 20_000) => {
    const clock = Object.assign(new FakeClock(START_MS), { random: () => 0.5 });
    const told = { asked: 0, timeouts: 0 };
    const limits = { minIntervalMs: 30_000, refreshIntervalMs: () => refreshMs, timeoutMs };
    const host = { ask: () => told.asked++, onTimeout: () => told.timeouts++ };
    return { clock, told, resolution: new RefreshSchedule(limits, clock, host) };
  };

  it('is due at first, and is not while an answer is outstanding', () => {
    const { told, resolution } = begin();
    expect(resolution.isDue).to.equal(true);
    resolution.ask();
    resolution.ask();
    expect(resolution).to.include({ isDue: false, isPending: true, hasAnswer: false });
    expect(told.asked).to.equal(1);
  });

  it('is due again when the answer is as old as the minimum interval, and not before', () => {
    const { clock, resolution } = begin();
    resolution.ask();
    resolution.answered();
    clock.advanceTo(START_MS + 29_999);
    expect(resolution.isDue).to.equal(false);
    clock.advanceTo(START_MS + 30_000);
    expect(resolution).to.include({ isDue: true, hasAnswer: true });
  });

  it('is due after failures when the back-off is over, whether there was an answer before or not', () => {
    for (const hasAnswer of [false, true]) {
      const { clock, resolution } = begin();
      let now = START_MS;
      if (hasAnswer) {
        resolution.ask();
        resolution.answered();
        now += 40_000;
        clock.advanceTo(now);
      }
      for (const delayMs of [1000, 1600, 2560]) {
        resolution.ask();
        resolution.failed();
        expect(resolution.nextMs).to.be.closeTo(now + delayMs, 1e-6);
        clock.advanceTo(now + delayMs - 1);
        expect(resolution.isDue).to.equal(false);
        now += delayMs + 1;
        clock.advanceTo(now);
        expect(resolution.isDue).to.equal(true);
      }
      resolution.ask();
      resolution.answered();
      expect(resolution.nextMs).to.equal(0);
    }
  });

  it('tells when there is no answer in time, and is then open to another question', () => {
    const { clock, told, resolution } = begin();
    resolution.ask();
    clock.advanceTo(START_MS + 19_999);
    expect(told.timeouts).to.equal(0);
    clock.advanceTo(START_MS + 20_000);
    expect(told.timeouts).to.equal(1);
    expect(resolution.isPending).to.equal(false);
    expect(clock.timers.size).to.equal(0);
  });

  it('takes an answer that came while this process stood still, though its time was over', () => {
    const { clock, told, resolution } = begin();
    resolution.ask();
    clock.onPoll = () => resolution.answered();
    clock.standStill(90_000);
    expect(told.timeouts).to.equal(0);
    expect(resolution).to.include({ isPending: false, hasAnswer: true });
  });

  it('asks again by itself where that is wanted, after answers and after failures', () => {
    const { clock, told, resolution } = begin(60_000);
    resolution.ask();
    resolution.answered();
    clock.advanceTo(START_MS + 60_000);
    expect(told.asked).to.equal(2);
    resolution.failed();
    clock.advanceTo(START_MS + 61_000);
    expect(told.asked).to.equal(3);
    resolution.failed();
    clock.advanceTo(START_MS + 62_600);
    expect(told.asked).to.equal(4);
    resolution.answered();
    resolution.rest();
    clock.advanceTo(START_MS + 200_000);
    expect(told.asked).to.equal(4);
  });

  it('asks for what was never known only when it is told to', () => {
    const { clock, told, resolution } = begin(60_000);
    resolution.ask();
    resolution.failed();
    clock.advanceTo(START_MS + 200_000);
    expect(told.asked).to.equal(1);
  });

  it('asks soon no sooner than the minimum interval and the back-off allow', () => {
    const { clock, told, resolution } = begin();
    resolution.ask();
    resolution.answered();
    resolution.askSoon();
    clock.advanceTo(START_MS + 29_999);
    expect(told.asked).to.equal(1);
    clock.advanceTo(START_MS + 30_000);
    expect(told.asked).to.equal(2);
    resolution.failed();
    resolution.askSoon();
    clock.advanceTo(START_MS + 59_999);
    expect(told.asked).to.equal(2);
    clock.advanceTo(START_MS + 60_000);
    expect(told.asked).to.equal(3);
  });

  it('may take for ever where there is no limit, and is not due meanwhile', () => {
    const { clock, told, resolution } = begin(Infinity, Infinity);
    resolution.ask();
    expect(clock.timers.size).to.equal(0);
    clock.advanceTo(START_MS + 3_600_000);
    expect(resolution).to.include({ isDue: false, isPending: true });
    expect(told.timeouts).to.equal(0);
  });

  it('is due a minimum interval after an answer that nobody asked for', () => {
    const { clock, resolution } = begin();
    resolution.answered();
    expect(resolution).to.include({ isDue: false, hasAnswer: true });
    clock.advanceTo(START_MS + 30_000);
    expect(resolution.isDue).to.equal(true);
  });

  it('is due just when the back-off is over', () => {
    const { clock, resolution } = begin();
    resolution.ask();
    resolution.failed();
    clock.advanceTo(resolution.nextMs);
    expect(resolution.isDue).to.equal(true);
  });

  it('tells how long the last answer took, and nothing of one that came by itself', () => {
    const { clock, resolution } = begin();
    expect(resolution.spentMs).to.equal(0);
    for (const end of ['answered', 'failed'] as const) {
      resolution.ask();
      clock.advanceTo(clock.now() + 700);
      resolution[end]();
      expect(resolution.spentMs).to.equal(700);
    }
    resolution.answered();
    expect(resolution.spentMs).to.equal(0);
  });

  it('leaves no timer when it is closed', () => {
    const { clock, told, resolution } = begin(60_000);
    resolution.ask();
    resolution.answered();
    resolution.close();
    resolution.ask();
    resolution.askSoon();
    expect(clock.timers.size).to.equal(0);
    expect(told.asked).to.equal(1);
  });
});
