// How long is waited for another side: on a clock that may stand still, and on the real one, whose timers go off before
// what has arrived is read.

import { expect } from 'chai';
import {
  MAX_RESTARTS,
  PATIENCE_CLOCK,
  Patience,
  STANDSTILL_MS,
} from '../../../lib/channel/timing/patience.ts';
import { FakeClock } from '../../support/time/fake-clock.ts';

const LIMIT_MS = 8000;

function waiting() {
  const clock = new FakeClock();
  const events: string[] = [];
  const host = {
    isMet: false,
    onMet: () => void events.push(`met ${clock.now()}`),
    onStandstill: () => void events.push(`again ${clock.now()}`),
    onOver: () => void events.push(`over ${clock.now()}`),
  };
  const patience = new Patience(clock, host);
  patience.start(LIMIT_MS);
  return { clock, events, host, patience };
}

describe('Patience', () => {
  it('is over when its time is, once', () => {
    const { clock, events, patience } = waiting();
    clock.advanceTo(LIMIT_MS - 1);
    expect(events).to.deep.equal([]);
    expect(patience.isRunning).to.equal(true);
    clock.advanceTo(9 * LIMIT_MS);
    expect(events).to.deep.equal([`over ${LIMIT_MS}`]);
    expect(patience.isRunning).to.equal(false);
    expect(clock.timers.size).to.equal(0);
  });

  it('looks at what has come before it is over', () => {
    const { clock, events, host } = waiting();
    clock.onPoll = () => {
      host.isMet = true;
    };
    clock.advanceTo(9 * LIMIT_MS);
    expect(events).to.deep.equal([`met ${LIMIT_MS}`]);
    expect(clock.timers.size).to.equal(0);
  });

  it('tells nothing when it is stopped, though a look was put off', () => {
    const { clock, events, patience } = waiting();
    clock.onPoll = () => patience.stop();
    clock.advanceTo(9 * LIMIT_MS);
    expect(events).to.deep.equal([]);
    expect(clock.timers.size).to.equal(0);
  });

  it('begins anew when it is started again, and forgets a look that was put off', () => {
    const { clock, events, patience } = waiting();
    clock.onPoll = () => {
      clock.onPoll = () => {};
      patience.start(LIMIT_MS);
    };
    clock.advanceTo(2 * LIMIT_MS - 1);
    expect(events).to.deep.equal([]);
    clock.advanceTo(2 * LIMIT_MS);
    expect(events).to.deep.equal([`over ${2 * LIMIT_MS}`]);
  });

  const standstills: readonly (readonly [name: string, atMs: number, forMs: number])[] = [
    ['at its start', 0, LIMIT_MS / 4 + STANDSTILL_MS],
    ['in its middle', LIMIT_MS / 2, LIMIT_MS / 3],
    ['at its end', LIMIT_MS - 1, 1 + STANDSTILL_MS],
    ['for long', LIMIT_MS / 2, 3_600_000],
  ];
  for (const [name, atMs, forMs] of standstills) {
    it(`begins anew when this process stood still ${name}`, () => {
      const { clock, events } = waiting();
      clock.advanceTo(atMs);
      clock.standStill(forMs);
      const began = atMs + forMs;
      expect(events).to.deep.equal([`again ${began}`]);
      clock.advanceTo(began + LIMIT_MS - 1);
      expect(events.slice(1)).to.deep.equal([]);
      clock.advanceTo(began + LIMIT_MS);
      expect(events.slice(1)).to.deep.equal([`over ${began + LIMIT_MS}`]);
    });
  }

  it('is content with what came while this process stood still', () => {
    const { clock, events, host } = waiting();
    clock.onPoll = () => {
      host.isMet = true;
    };
    clock.standStill(3_600_000);
    expect(events).to.deep.equal(['met 3600000']);
    expect(clock.timers.size).to.equal(0);
  });

  it('takes timers that are a little late for what they are', () => {
    const { clock, events } = waiting();
    clock.advanceTo(LIMIT_MS - 1);
    clock.standStill(STANDSTILL_MS);
    expect(events).to.deep.equal([`over ${LIMIT_MS - 1 + STANDSTILL_MS}`]);
  });

  it('is over in the end when this process stands still all the time', () => {
    const { clock, events } = waiting();
    for (let i = 0; i <= MAX_RESTARTS; i++) clock.standStill(LIMIT_MS);
    expect(events.map((event) => event.split(' ')[0])).to.deep.equal([
      ...new Array<string>(MAX_RESTARTS).fill('again'),
      'over',
    ]);
  });

  it('takes its whole time once it begins anew no more, also when a step of it is late', () => {
    const { clock, events } = waiting();
    const lateMs = LIMIT_MS / 4 + STANDSTILL_MS;
    for (let i = 0; i <= MAX_RESTARTS; i++) clock.standStill(lateMs);
    const began = MAX_RESTARTS * lateMs;
    expect(events).to.have.lengthOf(MAX_RESTARTS);
    clock.advanceTo(began + LIMIT_MS - 1);
    expect(events).to.have.lengthOf(MAX_RESTARTS);
    clock.advanceTo(began + LIMIT_MS);
    expect(events.slice(MAX_RESTARTS)).to.deep.equal([`over ${began + LIMIT_MS}`]);
  });

  it('of a short limit a whole step counts for a standstill', () => {
    for (const [lateMs, expected] of [
      [100, ['again 200']],
      [99, []],
    ] as const) {
      const { clock, events, patience } = waiting();
      patience.start(400);
      clock.standStill(100 + lateMs);
      expect(events).to.deep.equal(expected);
    }
  });

  it('keeps a limit that is shorter than any standstill', () => {
    const { clock, events, patience } = waiting();
    patience.start(1);
    clock.advanceTo(1);
    expect(events).to.deep.equal(['over 1']);
  });

  it('sees on the real clock what other timers and immediates did in the meantime', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        PATIENCE_CLOCK.afterPoll(() => {
          order.push('look');
          resolve();
        });
        setImmediate(() => {
          order.push('turn 1');
          setImmediate(() => {
            order.push('turn 2');
            setImmediate(() => order.push('turn 3'));
          });
        });
      }, 0);
    });
    expect(order).to.deep.equal(['turn 1', 'turn 2', 'turn 3', 'look']);
  });
});
