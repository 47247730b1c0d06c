// What a PING is answered with, and what becomes of a connection on which it cannot be written, or only late.

import { expect } from 'chai';
import { LivenessPing, MIN_DRAINING_PATIENCE_MS } from '../../../lib/channel/connection/liveness-ping.ts';
import { MAX_RESTARTS } from '../../../lib/channel/timing/patience.ts';
import { WatchedPeer } from '../../support/peers/watched-peer.ts';

const LIMIT_MS = 8000;

function asking(): { peer: WatchedPeer; question: LivenessPing } {
  const peer = new WatchedPeer();
  peer.lastReadMs = -1;
  const question = new LivenessPing(peer.clock, peer, {
    onAnswered: () => void peer.events.push(`alive ${peer.nowMs}`),
    onDead: peer.onDead,
  });
  return { peer, question };
}

describe('LivenessPing', () => {
  it('is answered by anything that comes', () => {
    const { peer, question } = asking();
    question.ask(LIMIT_MS);
    peer.until(LIMIT_MS - 1);
    peer.read();
    peer.until(LIMIT_MS);
    expect(peer.seen()).to.deep.equal(['ping 0', `alive ${LIMIT_MS}`]);
    expect(question.isOpen).to.equal(false);
  });

  it('is answered by what is read only when its time is over', () => {
    const { peer, question } = asking();
    question.ask(LIMIT_MS);
    peer.clock.onPoll = () => peer.read();
    peer.until(LIMIT_MS);
    expect(peer.seen()).to.deep.equal(['ping 0', `alive ${LIMIT_MS}`]);
  });

  it('is not answered when nothing comes', () => {
    const { peer, question } = asking();
    question.ask(LIMIT_MS);
    peer.until(9 * LIMIT_MS);
    expect(peer.seen()).to.deep.equal(['ping 0', `dead ${LIMIT_MS}`]);
    expect(peer.clock.timers.size).to.equal(0);
  });

  it('is not answered when it cannot even be written', () => {
    const { peer, question } = asking();
    peer.isStuck = true;
    peer.unsentOctets = peer.sentOctets = 1 << 20;
    question.ask(LIMIT_MS);
    peer.until(9 * LIMIT_MS);
    expect(peer.seen()).to.deep.equal(['ping 0', `dead ${LIMIT_MS}`]);
  });

  it('waits for longer while what waits before it still leaves, and from when it has left', () => {
    const { peer, question } = asking();
    peer.isStuck = true;
    peer.unsentOctets = peer.sentOctets = 3000;
    question.ask(LIMIT_MS);
    peer.clock.turn();
    for (let i = 1; i <= 4; i++) {
      peer.unsentOctets = Math.max(0, peer.unsentOctets - 1000);
      peer.until(i * LIMIT_MS);
    }
    expect(peer.seen(), 'the PING left in the fourth').to.deep.equal(['ping 0']);
    // What was written behind it, and leaves, says nothing of the other end: the system takes it.
    peer.sentOctets += 1000;
    peer.until(9 * LIMIT_MS);
    expect(peer.seen()).to.deep.equal([`dead ${5 * LIMIT_MS}`]);
  });

  it('takes it for written when it has left some turns later, as TLS does it', () => {
    const { peer, question } = asking();
    peer.isStuck = true;
    question.ask(LIMIT_MS);
    peer.unsentOctets = 0;
    peer.until(9 * LIMIT_MS);
    expect(peer.seen()).to.deep.equal(['ping 0', `dead ${LIMIT_MS}`]);
  });

  it('is not answered when what waits before it leaves no more', () => {
    const { peer, question } = asking();
    peer.isStuck = true;
    peer.unsentOctets = peer.sentOctets = 3000;
    question.ask(LIMIT_MS);
    peer.clock.turn();
    peer.unsentOctets -= 1000;
    peer.until(9 * LIMIT_MS);
    expect(peer.seen()).to.deep.equal(['ping 0', `dead ${2 * LIMIT_MS}`]);
  });

  it('is asked again after a standstill of this process, some times', () => {
    const { peer, question } = asking();
    question.ask(LIMIT_MS);
    for (let i = 0; i <= MAX_RESTARTS; i++) peer.clock.standStill(LIMIT_MS);
    expect(peer.seen().map((event) => event.split(' ')[0])).to.deep.equal([
      'ping',
      ...new Array<string>(MAX_RESTARTS).fill('ping'),
      'dead',
    ]);
  });

  const patience: readonly (readonly [limitMs: number, untilMs: number])[] = [
    [LIMIT_MS, 2 * LIMIT_MS],
    [MIN_DRAINING_PATIENCE_MS / 2 + 1, MIN_DRAINING_PATIENCE_MS + 2],
    [MIN_DRAINING_PATIENCE_MS / 2 - 1, MIN_DRAINING_PATIENCE_MS],
    [1, MIN_DRAINING_PATIENCE_MS],
  ];
  for (const [limitMs, untilMs] of patience) {
    it(`has ${untilMs} ms instead of ${limitMs} on a connection that drains`, () => {
      const { peer, question } = asking();
      peer.isDraining = true;
      question.ask(limitMs);
      peer.until(untilMs - 1);
      expect(peer.seen()).to.deep.equal(['ping 0']);
      peer.until(untilMs);
      expect(peer.seen()).to.deep.equal([`dead ${untilMs}`]);
    });
  }

  it('tells nothing when it is stopped', () => {
    const { peer, question } = asking();
    question.ask(LIMIT_MS);
    question.stop();
    peer.until(9 * LIMIT_MS);
    expect(peer.seen()).to.deep.equal(['ping 0']);
    expect(peer.clock.timers.size).to.equal(0);
  });
});
