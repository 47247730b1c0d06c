// How large a stream's receive window should be, so that the window is not what limits the stream. Measured while a
// stream is busy, by how much of it arrives between a PING and its answer: the bandwidth-delay product. Knows no frames
// and no clock.
//
// Credit returns half a window at a time, so a stream that its window limits has half of it under way at any moment. If
// much less than that arrives in a round trip, the window is large enough. A window that is used up is doubled; but if
// the larger one brought no more in the same time, something else is the limit, and data would only wait in the network.
// Nor is a window doubled that holds many times what arrives in the shortest round trip there was: on a short link the
// answer waits behind all that the window let through, so that any window seems to be used up.

/** A window counts as used up when this part of it arrives in a round trip. Half of it would, if nothing came late. */
const USED_UP_PART = 1 / 3;
/** The rate must grow by this factor, or the doubling did not help. */
const FRUITFUL_FACTOR = 1.25;
/** Doublings in a row that may fail to help. One is risked, since one measurement may be early and the next late. */
const MAX_FRUITLESS = 1;
/** A window that is this many times what arrives in the shortest round trip, at the best rate, is large enough. */
const AMPLE_FACTOR = 8;
/** The resolution of the clock: what seems to take no time took less than this. */
const LEAST_ROUND_TRIP_MS = 0.01;
/** The pause after a measurement that changed nothing. */
const REST_MS = 100;

export class BandwidthEstimate {
  /** What a window should be. */
  windowOctets: number;
  readonly #maxOctets: number;
  #isMeasuring = false;
  #startOctets = 0;
  #startMs = 0;
  #restUntilMs = -Infinity;
  /** Octets per millisecond when the window was last doubled. */
  #rate = 0;
  #fruitless = 0;
  #shortestMs = Infinity;

  constructor(initialOctets: number, maxOctets: number) {
    this.windowOctets = initialOctets;
    this.#maxOctets = maxOctets;
  }

  get isMeasuring(): boolean {
    return this.#isMeasuring;
  }

  /** Whether it is time to measure again. */
  isDue(nowMs: number): boolean {
    return !this.#isMeasuring && this.windowOctets < this.#maxOctets && nowMs >= this.#restUntilMs;
  }

  /** A PING is sent; `octets` of the stream have arrived so far. */
  begin(octets: number, nowMs: number): void {
    this.#isMeasuring = true;
    this.#startOctets = octets;
    this.#startMs = nowMs;
  }

  /** The answer came; `octets` of the stream have arrived by now. Returns whether the window should grow. */
  end(octets: number, nowMs: number): boolean {
    this.#isMeasuring = false;
    const arrived = octets - this.#startOctets;
    const roundTripMs = Math.max(nowMs - this.#startMs, LEAST_ROUND_TRIP_MS);
    // One that seems to have taken no time says nothing of the link.
    if (nowMs - this.#startMs >= LEAST_ROUND_TRIP_MS)
      this.#shortestMs = Math.min(this.#shortestMs, roundTripMs);
    const rate = arrived / roundTripMs;
    const isFruitful = rate >= this.#rate * FRUITFUL_FACTOR;
    const isUsedUp = arrived >= this.windowOctets * USED_UP_PART;
    const isAmple = this.windowOctets >= Math.max(rate, this.#rate) * this.#shortestMs * AMPLE_FACTOR;
    if (!isUsedUp || isAmple || (!isFruitful && this.#fruitless >= MAX_FRUITLESS)) {
      this.#restUntilMs = nowMs + REST_MS;
      return false;
    }
    this.#rate = rate;
    this.#fruitless = isFruitful ? 0 : this.#fruitless + 1;
    this.windowOctets = Math.min(2 * this.windowOctets, this.#maxOctets);
    return true;
  }
}
