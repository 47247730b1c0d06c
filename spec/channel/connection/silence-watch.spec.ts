// When a silent connection is verified, on a clock of the spec's; and that no server in use counts its PINGs as too many.

import { expect } from 'chai';
import {
  SILENCE_MS,
  SilenceWatch,
  VERIFY_AGAIN_MS,
  VERIFY_TIMEOUT_MS,
} from '../../../lib/channel/connection/silence-watch.ts';
import { WatchedPeer } from '../../support/peers/watched-peer.ts';

/** @param isWanted calls are open, or wait */
function watched(isWanted: boolean): { peer: WatchedPeer; watch: SilenceWatch; call: () => void } {
  const peer = new WatchedPeer();
  peer.isWanted = isWanted;
  const watch = new SilenceWatch(peer.clock, peer, peer.onDead);
  const call = (): void => {
    watch.onCall();
    peer.isWanted = true;
    peer.clock.turn();
  };
  return { peer, watch, call };
}

describe('A connection that is silent', () => {
  it('is verified when a call starts after a minute, and not before', () => {
    const { peer, call } = watched(false);
    peer.until(SILENCE_MS - 1);
    call();
    peer.isWanted = false;
    expect(peer.seen()).to.deep.equal([]);
    peer.until(SILENCE_MS + 1);
    expect(peer.seen(), 'without a call nobody wants to know').to.deep.equal([]);
    call();
    expect(peer.seen()).to.deep.equal([`ping ${SILENCE_MS + 1}`]);
  });

  it('is verified when calls have been open or waiting for a minute', () => {
    const { peer } = watched(true);
    peer.until(SILENCE_MS - 1);
    expect(peer.seen()).to.deep.equal([]);
    peer.until(SILENCE_MS);
    expect(peer.seen()).to.deep.equal([`ping ${SILENCE_MS}`]);
  });

  it('is verified soon when calls begin to wait for it without its knowing', () => {
    const { peer } = watched(false);
    peer.until(10 * SILENCE_MS);
    peer.isWanted = true;
    peer.until(10 * SILENCE_MS + 15_000);
    expect(peer.seen()).to.have.length(1);
  });

  it('costs a call that starts nothing while it is not silent', () => {
    const { peer, call } = watched(true);
    let looks = 0;
    peer.clock.onPoll = () => looks++;
    call();
    peer.until(SILENCE_MS - 1);
    call();
    expect(looks).to.equal(0);
  });

  it('is verified once, however many calls start', () => {
    const { peer, call } = watched(false);
    peer.until(SILENCE_MS);
    call();
    call();
    expect(peer.seen()).to.deep.equal([`ping ${SILENCE_MS}`]);
  });

  it('is dead when nothing comes in time', () => {
    const { peer } = watched(true);
    peer.until(SILENCE_MS + VERIFY_TIMEOUT_MS - 1);
    expect(peer.seen()).to.deep.equal([`ping ${SILENCE_MS}`]);
    peer.until(SILENCE_MS + VERIFY_TIMEOUT_MS);
    expect(peer.seen()).to.deep.equal([`dead ${SILENCE_MS + VERIFY_TIMEOUT_MS}`]);
    expect(peer.clock.timers.size).to.equal(0);
  });

  it('is dead when its output is stuck, too', () => {
    const { peer } = watched(true);
    peer.isStuck = true;
    peer.unsentOctets = peer.sentOctets = 300_000;
    peer.until(9 * SILENCE_MS);
    expect(peer.seen()).to.deep.equal([`ping ${SILENCE_MS}`, `dead ${SILENCE_MS + VERIFY_TIMEOUT_MS}`]);
  });

  it('lives when anything comes, and is silent again only after another minute', () => {
    const { peer, call } = watched(false);
    peer.until(SILENCE_MS);
    call();
    peer.until(SILENCE_MS + 1000);
    peer.read();
    peer.answers++;
    peer.until(2 * SILENCE_MS + 999);
    call();
    expect(peer.seen()).to.deep.equal([`ping ${SILENCE_MS}`]);
    peer.until(2 * SILENCE_MS + 1000);
    expect(peer.seen()).to.deep.equal([`ping ${2 * SILENCE_MS + 1000}`]);
  });

  it('is measured on the clock: a process that stood still for an hour asks at once', () => {
    const { peer } = watched(true);
    peer.clock.standStill(3_600_000);
    expect(peer.seen()).to.deep.equal(['ping 3600000']);
  });

  it('is none when what came while this process stood still is read', () => {
    const { peer } = watched(true);
    peer.clock.onPoll = () => peer.read();
    peer.clock.standStill(3_600_000);
    expect(peer.seen()).to.deep.equal([]);
  });

  it('leaves no timer when it is closed', () => {
    for (const ms of [0, SILENCE_MS, SILENCE_MS + 1]) {
      const { peer, watch } = watched(true);
      peer.until(ms);
      watch.close();
      expect(peer.clock.timers.size).to.equal(0);
    }
  });

  it('asks nothing when it is closed while a look is put off', () => {
    const { peer, watch } = watched(true);
    peer.clock.onPoll = () => watch.close();
    peer.until(SILENCE_MS);
    expect([peer.seen(), peer.clock.timers.size]).to.deep.equal([[], 0]);
  });
});

/**
 * How grpc-go counts (internal/transport/http2_server.go, handlePing; the C core and grpc-java likewise): a PING sooner
 * than five minutes after the last is a strike, unless a response was sent since; more than two, and the connection ends.
 */
class Enforcement {
  static readonly MIN_TIME_MS = 300_000;
  static readonly MAX_STRIKES = 2;
  strikes = 0;
  #lastPingMs = -Infinity;
  #isReset = true;

  onAnswer(): void {
    this.#isReset = true;
  }

  onPing(nowMs: number): void {
    if (this.#isReset) {
      this.#isReset = false;
      this.strikes = 0;
    } else if (nowMs - this.#lastPingMs < Enforcement.MIN_TIME_MS) this.strikes++;
    this.#lastPingMs = nowMs;
    if (this.strikes > Enforcement.MAX_STRIKES) throw new Error(`too_many_pings at ${nowMs} ms`);
  }
}

describe('A connection that stays silent', () => {
  /** Until `ms`, with a server that counts PINGs and answers each. */
  function play(ms: number, step: (peer: WatchedPeer, server: Enforcement, call: () => void) => void) {
    const { peer, call } = watched(true);
    const server = new Enforcement();
    peer.answersAfterMs = 50;
    let pings = 0;
    const look = (): void => {
      for (const event of peer.seen()) {
        const [what, atMs] = event.split(' ');
        expect(what).to.equal('ping');
        server.onPing(Number(atMs));
        pings++;
      }
    };
    for (let nowMs = 0; nowMs < ms; nowMs += 1000) {
      peer.until(nowMs);
      look();
      step(peer, server, call);
      look();
    }
    return { pings, strikes: server.strikes };
  }
  const HOUR_MS = 3_600_000;

  it('is asked after a minute and then every five, while a stream is quiet', () => {
    const { pings, strikes } = play(HOUR_MS, () => {});
    expect([pings, strikes]).to.deep.equal([1 + Math.floor((HOUR_MS - SILENCE_MS) / VERIFY_AGAIN_MS), 0]);
  });

  it('is asked at each call that starts after a minute, where calls are answered', () => {
    const { pings, strikes } = play(HOUR_MS, (peer, server, call) => {
      if (peer.nowMs % 70_000 !== 0) return;
      peer.isWanted = false;
      call();
      peer.read();
      peer.answers++;
      server.onAnswer();
      peer.isWanted = false;
    });
    expect(pings).to.be.within(50, 52);
    expect(strikes).to.be.within(0, 0);
  });

  for (const everyMs of [1000, 61_000, 125_000, 290_000]) {
    it(`is asked within what servers permit where calls start every ${everyMs / 1000} s and none is answered`, () => {
      const { pings, strikes } = play(4 * HOUR_MS, (peer, _, call) => {
        if (peer.nowMs % everyMs === 0) call();
      });
      expect(pings).to.be.within(4 * 11, 4 * 13);
      expect(strikes).to.be.at.most(Enforcement.MAX_STRIKES - 1);
    });
  }

  it('is verified for a call that starts soon after a PING was answered', () => {
    const { peer, call } = watched(true);
    peer.until(SILENCE_MS);
    peer.read();
    peer.until(2 * SILENCE_MS + 1);
    expect(peer.seen()).to.deep.equal([`ping ${SILENCE_MS}`]);
    call();
    peer.until(9 * SILENCE_MS);
    const askedMs = 2 * SILENCE_MS + 1;
    expect(peer.seen()).to.deep.equal([`ping ${askedMs}`, `dead ${askedMs + VERIFY_TIMEOUT_MS}`]);
  });
});
