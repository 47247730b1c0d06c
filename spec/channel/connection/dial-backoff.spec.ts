// When an address may be dialled again, by how its connections ended: the facts first, then what they add up to.

import { expect } from 'chai';
import {
  type ConnectionFacts,
  type ConnectionVerdict,
  DialBackoff,
  FORGIVEN_LOSSES,
  judgeConnection,
  LASTING_MS,
} from '../../../lib/channel/connection/dial-backoff.ts';
import { FakeClock } from '../../support/time/fake-clock.ts';

describe('The end of a connection', () => {
  const FACTS: ConnectionFacts = {
    wasReady: true,
    hasServed: false,
    runningCalls: 0,
    isUnused: false,
    lastedMs: LASTING_MS - 1,
  };
  const FAILED: ConnectionFacts = { ...FACTS, wasReady: false };
  const TURNED_AWAY: ConnectionFacts = { ...FAILED, wasTurnedAway: true, isSuccessor: true };

  const cases: readonly (readonly [name: string, facts: ConnectionFacts, verdict: ConnectionVerdict])[] = [
    ['before the SETTINGS of the server', FAILED, 'failed'],
    ['before the SETTINGS, however late', { ...FAILED, lastedMs: 10 * LASTING_MS }, 'failed'],
    ['before the SETTINGS, with no call', { ...FAILED, isUnused: true }, 'failed'],
    ['before the SETTINGS, turned away, when it is the first', { ...FAILED, wasTurnedAway: true }, 'failed'],
    [
      'before the SETTINGS, as the successor of one that was ready',
      { ...FAILED, isSuccessor: true },
      'failed',
    ],
    ['before the SETTINGS, turned away as such a successor', TURNED_AWAY, 'unserved'],
    ['before the SETTINGS, turned away late', { ...TURNED_AWAY, lastedMs: 10 * LASTING_MS }, 'unserved'],
    ['before the SETTINGS, turned away with no call', { ...TURNED_AWAY, isUnused: true }, 'unserved'],
    ['after an answer', { ...FACTS, hasServed: true }, 'served'],
    ['after an answer, with calls that go on', { ...FACTS, hasServed: true, runningCalls: 3 }, 'served'],
    ['without an answer, with calls that go on', { ...FACTS, runningCalls: 1 }, 'undecided'],
    ['without an answer to calls that are gone or wait', FACTS, 'unserved'],
    ['without an answer, when it has lasted', { ...FACTS, lastedMs: LASTING_MS }, 'served'],
    ['without a call', { ...FACTS, isUnused: true }, 'unused'],
    ['for a call that was given up', { ...FACTS, wasGivenUp: true }, 'undecided'],
    [
      'for a call that was given up after an answer',
      { ...FACTS, wasGivenUp: true, hasServed: true },
      'served',
    ],
  ];
  for (const [name, facts, verdict] of cases) {
    it(`${name} is ${verdict}`, () => {
      expect(judgeConnection(facts)).to.equal(verdict);
    });
  }
});

describe('The next dial', () => {
  /** A back-off without jitter, at a time of the clock's. */
  const begin = (): { clock: FakeClock & { random(): number }; backoff: DialBackoff } => {
    const clock = Object.assign(new FakeClock(1000), { random: () => 0.5 });
    return { clock, backoff: new DialBackoff(clock) };
  };
  const play = (backoff: DialBackoff, ...verdicts: readonly ConnectionVerdict[]): void => {
    for (const verdict of verdicts) {
      backoff.onDial();
      if (verdict !== 'failed') backoff.onReady();
      backoff.onEnd(verdict);
    }
  };
  const times = (count: number, verdict: ConnectionVerdict): ConnectionVerdict[] =>
    Array.from({ length: count }, () => verdict);

  const cases: readonly (readonly [name: string, verdicts: readonly ConnectionVerdict[], waitMs: number])[] =
    [
      ['is due at first', [], 0],
      ['waits a second after a failed one', ['failed'], 1000],
      ['waits 1.6 times as long after each further one', ['failed', 'failed', 'failed'], 2560],
      ['is due after a connection that served', ['failed', 'failed', 'served'], 0],
      ['is due after as many useless connections as are forgiven', times(FORGIVEN_LOSSES, 'unserved'), 0],
      ['waits after one more', times(FORGIVEN_LOSSES + 1, 'unserved'), 1000],
      ['waits longer after two more', times(FORGIVEN_LOSSES + 2, 'unserved'), 1600],
      [
        'is due again once one has served',
        [...times(FORGIVEN_LOSSES + 3, 'unserved'), 'served', 'unserved'],
        0,
      ],
      ['is due at once when one has served', [...times(FORGIVEN_LOSSES + 3, 'unserved'), 'served'], 0],
      ['waits on while one is undecided', [...times(FORGIVEN_LOSSES + 1, 'unserved'), 'undecided'], 1000],
      ['is due however many connections ended without a call', times(20, 'unused'), 0],
      ['is due however many connections are still undecided', times(20, 'undecided'), 0],
      ['counts failures anew after one that was ready', ['failed', 'failed', 'unserved', 'failed'], 1000],
    ];
  for (const [name, verdicts, waitMs] of cases) {
    it(name, () => {
      const { clock, backoff } = begin();
      play(backoff, ...verdicts);
      expect(backoff.isDue).to.equal(waitMs === 0);
      expect(backoff.nextDialMs).to.be.closeTo(waitMs === 0 ? 0 : 1000 + waitMs, 1e-6);
      clock.advanceTo(1000 + waitMs - 1);
      expect(backoff.isDue).to.equal(waitMs === 0);
      clock.advanceTo(1001 + waitMs);
      expect(backoff.isDue).to.equal(true);
    });
  }

  it('that no call wants waits longer with each connection that ended without one, until one serves', () => {
    const { backoff } = begin();
    play(backoff, 'unused');
    expect(backoff.redialMs).to.be.closeTo(2000, 1e-6);
    play(backoff, 'unused', 'unused');
    expect(backoff.redialMs).to.be.closeTo(1000 + 2560, 1e-6);
    play(backoff, 'served');
    expect(backoff.redialMs).to.equal(0);
    play(backoff, 'unused', 'failed', 'failed');
    expect(backoff.redialMs).to.be.closeTo(1000 + 1600, 1e-6);
  });

  it('is due just when its delay is over', () => {
    const { clock, backoff } = begin();
    play(backoff, 'failed');
    clock.advanceTo(backoff.nextDialMs);
    expect(backoff.isDue).to.equal(true);
  });

  for (const [losses, isFailing] of [
    [FORGIVEN_LOSSES, false],
    [FORGIVEN_LOSSES + 1, true],
  ] as const) {
    it(`${isFailing ? 'still counts' : 'no longer counts'} as failed when ready after ${losses} useless ones`, () => {
      const { backoff } = begin();
      play(backoff, ...times(losses, 'unserved'), 'failed');
      expect(backoff.isFailing).to.equal(true);
      backoff.onDial();
      backoff.onReady();
      expect(backoff.isFailing).to.equal(isFailing);
    });
  }

  it('counts the delay from the start of the attempt', () => {
    const { clock, backoff } = begin();
    backoff.onDial();
    clock.advanceTo(6000);
    backoff.onEnd('failed');
    expect(backoff.isFailing).to.equal(true);
    expect(backoff.isDue).to.equal(true);
  });

  it('counts it from the end of a connection whose worth is known late', () => {
    const { clock, backoff } = begin();
    play(backoff, ...times(FORGIVEN_LOSSES, 'unserved'));
    clock.advanceTo(9000);
    backoff.onEnd('unserved', true);
    expect(backoff.nextDialMs).to.be.closeTo(10_000, 1e-6);
  });

  for (const verdict of ['served', 'unserved'] as const) {
    it(`still waits after a failed attempt when an older connection turns out to be ${verdict}`, () => {
      const { backoff } = begin();
      play(backoff, 'failed');
      backoff.onEnd(verdict, true);
      expect(backoff.isDue).to.equal(false);
    });
  }

  it('knows whether an attempt has failed since a connection was dialled', () => {
    const { clock, backoff } = begin();
    expect(backoff.hasFailedSince(0)).to.equal(false);
    clock.advanceTo(5000);
    play(backoff, 'failed');
    expect(backoff.hasFailedSince(4999)).to.equal(true);
    expect(backoff.hasFailedSince(5000)).to.equal(false);
    play(backoff, 'served');
    expect(backoff.hasFailedSince(4999)).to.equal(false);
  });
});
