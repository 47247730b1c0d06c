// The other end of a connection as what watches it sees it, on a clock of the spec's: what is asked and what is made of
// the answers is noted with its time.

import type { KeepaliveHost } from '../../../lib/channel/connection/keepalive.ts';
import type { SilenceHost } from '../../../lib/channel/connection/silence-watch.ts';
import { FakeClock } from '../time/fake-clock.ts';

const START_MS = 1000;
const PING_OCTETS = 17;

export class WatchedPeer implements SilenceHost, KeepaliveHost {
  readonly clock = new FakeClock(START_MS);
  readonly events: string[] = [];
  lastReadMs = START_MS;
  lastPingMs = -Infinity;
  sentOctets = 0;
  unsentOctets = 0;
  isDraining = false;
  isWanted = true;
  answers = 0;
  /** What is written stays in the socket. */
  isStuck = false;
  /** A PING is answered so much later. */
  answersAfterMs: number | undefined;

  ping(): void {
    this.events.push(`ping ${this.nowMs}`);
    this.lastPingMs = this.clock.now();
    this.sentOctets += PING_OCTETS;
    if (this.isStuck) this.unsentOctets += PING_OCTETS;
    if (this.answersAfterMs !== undefined) this.clock.setTimer(() => this.read(), this.answersAfterMs);
  }

  readonly onDead = (): void => {
    this.events.push(`dead ${this.nowMs}`);
  };

  /** Since the start. */
  get nowMs(): number {
    return this.clock.now() - START_MS;
  }

  /** Octets come. */
  read(): void {
    this.lastReadMs = this.clock.now();
  }

  /** Lets time pass up to so many milliseconds from the start. */
  until(ms: number): void {
    this.clock.advanceTo(START_MS + ms);
  }

  /** What was noted since the last time. */
  seen(): string[] {
    return this.events.splice(0);
  }
}
