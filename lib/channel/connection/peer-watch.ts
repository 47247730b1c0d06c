// Whether the other end of a connection lives: keepalive where the user wants it, and what finds silent connections where
// not. Together they tell once that it does not, and in which words.

import { called } from '../../values/options/option-words.ts';
import type { PatienceClock } from '../timing/patience.ts';
import { Keepalive, type KeepalivePolicy } from './keepalive.ts';
import { SILENCE_MS, type SilenceHost, SilenceWatch, VERIFY_TIMEOUT_MS } from './silence-watch.ts';

/** What it needs of its connection. */
export interface PeerWatchHost extends SilenceHost {
  /** The connection is to be given up; `why` follows its name. */
  onDead(why: string): void;
}

export class PeerWatch {
  readonly #silence: SilenceWatch;
  readonly #keepalive: Keepalive | undefined;

  constructor(keepalive: KeepalivePolicy | undefined, clock: PatienceClock, host: PeerWatchHost) {
    this.#silence = new SilenceWatch(clock, host, () =>
      host.onDead(
        `was silent for ${SILENCE_MS / 1000} s and did not answer a PING within ${VERIFY_TIMEOUT_MS / 1000} s`,
      ),
    );
    if (keepalive === undefined) return;
    this.#keepalive = new Keepalive(keepalive, clock, host, () =>
      host.onDead(
        `was given up: nothing came within ${called('keepalive.timeoutMs', keepalive.timeoutMs)} of a PING`,
      ),
    );
  }

  /** A call starts. */
  onCall(): void {
    this.#silence.onCall();
    this.#keepalive?.onCall();
  }

  /** The connection is closed. */
  stop(): void {
    this.#silence.close();
    this.#keepalive?.stop();
  }
}
