// A connection on its way to be ready: how far it has come, how long that may take, and in which words it ends where it
// does not get there. It must not know what octets go over it.

import type { ByteSocket } from '../socket/byte-socket.ts';
import type { DialPhase } from '../socket/dial.ts';
import { PATIENCE_CLOCK, Patience, type PatienceClock, patienceClock } from '../timing/patience.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';
import type { ConnectionOptions, Place } from './connection-options.ts';
import { lostReason, type Progress, timeoutReason, unreadyReason } from './connection-words.ts';
import type { Failure } from './failure.ts';

/** A connection of which the socket was made before it was known what is spoken on it. */
export interface BegunConnection {
  readonly monitor: ConnectionMonitor;
  readonly establishment: Establishment;
  /** What was dialled. */
  readonly wire: ByteSocket;
}

export class Establishment {
  /** Octets can go both ways. */
  isConnected = false;
  /** The server's SETTINGS came, too. */
  isReady = false;
  /** Of all that waits for the other end. */
  readonly clock: PatienceClock;
  readonly #place: Place;
  readonly #options: ConnectionOptions;
  /** The connect timeout. */
  readonly #patience: Patience;
  /** The connect timeout is over; with what the connection ends with. */
  onTimeout: (reason: string) => void;
  /** What is waited for until `isConnected`. */
  #phase: DialPhase = 'connect';

  constructor(place: Place, options: ConnectionOptions, onTimeout: (reason: string) => void) {
    const { nextTurn } = options;
    this.clock = nextTurn === undefined ? PATIENCE_CLOCK : patienceClock(nextTurn);
    this.#place = place;
    this.#options = options;
    this.onTimeout = onTimeout;
    this.#patience = new Patience(this.clock, {
      isMet: false,
      onMet() {},
      onStandstill() {},
      onOver: () => this.onTimeout(timeoutReason(this.#progress, options.connectTimeoutMs)),
    });
  }

  /** It is being dialled: the connect timeout begins. */
  start(): void {
    const { connectTimeoutMs } = this.#options;
    if (connectTimeoutMs !== Infinity) this.#patience.start(connectTimeoutMs);
  }

  onPhase(phase: DialPhase): void {
    this.#phase = phase;
  }

  onConnect(): void {
    this.isConnected = true;
  }

  onReady(): void {
    this.#patience.stop();
    this.isReady = true;
  }

  /** The connection has ended. */
  stop(): void {
    this.#patience.stop();
  }

  /**
   * Why the connection ended.
   * @param firstOctets what came of the other end
   * @param endReason why it was ended from this side, where it was
   */
  failureOf(
    firstOctets: Uint8Array,
    endReason: string | undefined,
    error: Error | undefined,
  ): Omit<Failure, 'cause'> {
    if (this.isReady) return { reason: endReason ?? lostReason(this.#place.text, error) };
    return unreadyReason(this.#progress, firstOctets, endReason, error);
  }

  get #progress(): Progress {
    const { proxy, tls, httpVersion } = this.#options;
    return {
      text: this.#place.text,
      proxy: proxy?.text,
      isSecure: tls !== undefined,
      httpVersion,
      phase: this.#phase,
      isConnected: this.isConnected,
    };
  }
}
