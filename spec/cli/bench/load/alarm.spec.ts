// Alarms, each of both kinds: that they go off, not before their time, and once for the time that holds.

import { expect } from 'chai';
import { type Alarm, type MakeAlarm, threadAlarm, timerAlarm } from '../../../../lib/cli/bench/load/alarm.ts';

const FAR_MS = 1e9;

/** An alarm, and a promise of the next time that it goes off. */
async function alarmed(make: MakeAlarm): Promise<{ alarm: Alarm; next(): Promise<number> }> {
  let told: (nowMs: number) => void = () => {};
  const alarm = await make(() => told(performance.now()));
  return {
    alarm,
    next: () =>
      new Promise((resolve) => {
        told = resolve;
      }),
  };
}

const kinds: readonly [string, MakeAlarm, number][] = [
  ['of a thread', threadAlarm, 0],
  // Near the time it lets whoever asked look at every turn.
  ['of timers', timerAlarm, 4],
];
for (const [name, make, earlyMs] of kinds) {
  describe(`an alarm ${name}`, () => {
    let alarm: Alarm;
    let next: () => Promise<number>;
    beforeEach(async () => {
      ({ alarm, next } = await alarmed(make));
    });
    afterEach(() => alarm.close());

    it('goes off at its time, again and again', async () => {
      for (const waitMs of [0.3, 1.5, 7, 0]) {
        const atMs = performance.now() + waitMs;
        const rung = next();
        alarm.set(atMs);
        expect(await rung).to.be.at.least(atMs - earlyMs - 0.01);
      }
    });

    it('takes a time that has passed for now', async () => {
      const nowMs = performance.now();
      const rung = next();
      alarm.set(nowMs - 100);
      expect(await rung).to.be.at.least(nowMs);
    });

    it('forgets a time when it is given another', async () => {
      const rung = next();
      const atMs = performance.now() + 2;
      alarm.set(atMs + FAR_MS);
      alarm.set(atMs);
      expect(await rung).to.be.within(atMs - earlyMs - 0.01, atMs + FAR_MS);
    });
  });
}
