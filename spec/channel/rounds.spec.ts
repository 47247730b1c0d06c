// Rounds that follow changes: one after the other, never one inside of another.

import { expect } from 'chai';
import { Rounds } from '../../lib/channel/rounds.ts';

describe('Rounds', () => {
  /** Notes when a round begins and ends, and does meanwhile what the spec wants of it. */
  function noted(steps: readonly ((rounds: Rounds) => void)[]): { rounds: Rounds; log: string[] } {
    const log: string[] = [];
    const left = [...steps];
    const rounds: Rounds = new Rounds(() => {
      log.push('begin');
      left.shift()?.(rounds);
      log.push('end');
    });
    return { rounds, log };
  }

  it('run at once, once for a change', () => {
    const { rounds, log } = noted([]);
    rounds.run();
    expect(log).to.deep.equal(['begin', 'end']);
    expect(rounds.isRunning).to.equal(false);
    expect(rounds.isDue).to.equal(false);
  });

  const changes: readonly (readonly [name: string, change: (rounds: Rounds) => void])[] = [
    ['run', (rounds) => rounds.run()],
    ['another', (rounds) => rounds.another()],
    [
      'hold and run',
      (rounds) => {
        rounds.hold(() => rounds.run());
        rounds.run();
      },
    ],
  ];
  for (const [name, change] of changes) {
    it(`follow the one in which something changes, told by ${name}`, () => {
      const { rounds, log } = noted([change]);
      rounds.run();
      expect(log).to.deep.equal(['begin', 'end', 'begin', 'end']);
    });
  }

  it('wait until changes that belong together are made', () => {
    const { rounds, log } = noted([]);
    rounds.hold(() => {
      expect(rounds.isRunning).to.equal(true);
      rounds.run();
      rounds.run();
    });
    expect(log).to.deep.equal([]);
    expect(rounds.isDue).to.equal(true);
    rounds.run();
    expect(log).to.deep.equal(['begin', 'end']);
  });

  it('run later, too, when one throws', () => {
    const { rounds, log } = noted([
      () => {
        throw new Error('a mistake');
      },
    ]);
    expect(() => rounds.run()).to.throw('a mistake');
    rounds.run();
    expect(log).to.deep.equal(['begin', 'begin', 'end']);
  });

  it('run later, too, when a change throws', () => {
    const { rounds, log } = noted([]);
    const change = (): void => {
      throw new Error('a mistake');
    };
    expect(() => rounds.hold(change)).to.throw('a mistake');
    rounds.run();
    expect(log).to.deep.equal(['begin', 'end']);
  });
});
