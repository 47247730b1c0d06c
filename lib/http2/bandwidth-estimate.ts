// How large a stream's receive window should be, so that it is not what limits the stream: measured while one is busy,
// from what arrives of it between a PING and its answer, the bandwidth-delay product. Knows no frames and no clock.
//
// Credit returns by halves of a window, so a stream that the window limits has half of it under way at any time. A
// window of which much less arrives in a round trip is large enough. One that is used up is doubled; but where a larger
// one brought no more in the same time, something else is the limit, and data would only wait in the network.

/** Of a window that is used up at least so much arrives in a round trip; half, but for what is late. */
const USED_UP_PART = 1 / 3;
/** The rate must grow by this factor, or the doubling was of no use. */
const FRUITFUL_FACTOR = 1.25;
/** Doublings of no use in a row. One is risked, since an answer may be measured early once and late the next time. */
const MAX_FRUITLESS = 1;
/** The clock's own steps: what takes no time took less than this. */
const LEAST_ROUND_TRIP_MS = 0.01;
/** Between a measurement without consequences and the next. */
const REST_MS = 100;

export class BandwidthEstimate {
  /** What a window should be. */
  windowOctets: number;
  readonly #maxOctets: number;
  #isMeasuring = false;
  #startOctets = 0;
  #startMs = 0;
  #restUntilMs = -Infinity;
  /** What arrived in a millisecond when the window was last doubled. */
  #rate = 0;
  #fruitless = 0;

  constructor(initialOctets: number, maxOctets: number) {
    this.windowOctets = initialOctets;
    this.#maxOctets = maxOctets;
  }

  get isMeasuring(): boolean {
    return this.#isMeasuring;
  }

  /** Whether a measurement is of use now. */
  isDue(nowMs: number): boolean {
    return !this.#isMeasuring && this.windowOctets < this.#maxOctets && nowMs >= this.#restUntilMs;
  }

  /** A PING is sent; `octets` of the stream have arrived so far. */
  begin(octets: number, nowMs: number): void {
    this.#isMeasuring = true;
    this.#startOctets = octets;
    this.#startMs = nowMs;
  }

  /** Its answer came, and so many octets of the stream have. Whether the window should be larger than it was. */
  end(octets: number, nowMs: number): boolean {
    this.#isMeasuring = false;
    const arrived = octets - this.#startOctets;
    const rate = arrived / Math.max(nowMs - this.#startMs, LEAST_ROUND_TRIP_MS);
    const isFruitful = rate >= this.#rate * FRUITFUL_FACTOR;
    const isUsedUp = arrived >= this.windowOctets * USED_UP_PART;
    if (!isUsedUp || (!isFruitful && this.#fruitless >= MAX_FRUITLESS)) {
      this.#restUntilMs = nowMs + REST_MS;
      return false;
    }
    this.#rate = rate;
    this.#fruitless = isFruitful ? 0 : this.#fruitless + 1;
    this.windowOctets = Math.min(2 * this.windowOctets, this.#maxOctets);
    return true;
  }
}
