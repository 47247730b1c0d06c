// Latencies counted in buckets whose width grows with the value: any number of them in a fixed size, with a known
// error. Histograms add up exactly: what several counted is, bucket by bucket, what one would have counted. It knows nothing
// of calls.

/** Buckets a power of two: values are kept to 1 part in 128, so within 0.8 %. */
const STEPS = 128;
const STEP_BITS = 7;
/** The longest latency that is told apart, in nanoseconds: about 4.6 hours. */
const POWERS = 44;

/** What is counted in one bucket. */
export interface HistogramBucket {
  /** The least latency that falls into it, in milliseconds. */
  readonly fromMs: number;
  /** The least latency above it, in milliseconds. */
  readonly toMs: number;
  readonly count: number;
}

/** A histogram as data, to be written, sent and added to another one. */
export interface HistogramDocument {
  readonly count: number;
  readonly sumMs: number;
  /** Of the squares, in square milliseconds: what the standard deviation is made of. */
  readonly sumOfSquares: number;
  /** 0 while nothing is counted, as the greatest. */
  readonly leastMs: number;
  readonly greatestMs: number;
  /**
   * The buckets that hold something, two numbers each: how many buckets it lies behind the one before (the first: behind
   * the start), and its count. Bucket b < 128 begins at b ns; others at 2^p·(1 + s/128) ns, p = 7 + ⌊(b - 128) / 128⌋ and
   * s = (b - 128) mod 128.
   */
  readonly buckets: readonly number[];
}

/** How many buckets there are. */
export const BUCKETS: number = (POWERS - STEP_BITS + 2) * STEPS;

/** Of a histogram that has counted nothing yet: many never do. */
const NO_COUNTS = new Float64Array(0);

/**
 * The distribution of latencies. Values are within 0.8 % of what was recorded; least, greatest and mean are exact.
 */
export class LatencyHistogram {
  // 32 bits are not enough: hours of several machines make more than 4 billion calls.
  #counts = NO_COUNTS;
  #count = 0;
  #sumMs = 0;
  #sumOfSquares = 0;
  #leastMs = Infinity;
  #greatestMs = 0;

  /** Counts one latency; what is below 0, by a clock that went back, counts as 0. */
  record(ms: number): void {
    const latencyMs = ms > 0 ? ms : 0;
    if (this.#counts === NO_COUNTS) this.#counts = new Float64Array(BUCKETS);
    this.#counts[bucketOf(latencyMs)]++;
    this.#count++;
    this.#sumMs += latencyMs;
    this.#sumOfSquares += latencyMs * latencyMs;
    if (latencyMs < this.#leastMs) this.#leastMs = latencyMs;
    if (latencyMs > this.#greatestMs) this.#greatestMs = latencyMs;
  }

  /** Counts all that another one counted. */
  add(other: LatencyHistogram): void {
    if (other.#count === 0) return;
    if (this.#counts === NO_COUNTS) this.#counts = new Float64Array(BUCKETS);
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      this.#counts[bucket] += other.#counts[bucket];
    }
    this.#count += other.#count;
    this.#sumMs += other.#sumMs;
    this.#sumOfSquares += other.#sumOfSquares;
    this.#leastMs = Math.min(this.#leastMs, other.#leastMs);
    this.#greatestMs = Math.max(this.#greatestMs, other.#greatestMs);
  }

  /** Counts all that a histogram counted which was written down. */
  addDocument({ count, sumMs, sumOfSquares, leastMs, greatestMs, buckets }: HistogramDocument): void {
    if (count === 0) return;
    if (this.#counts === NO_COUNTS) this.#counts = new Float64Array(BUCKETS);
    let bucket = 0;
    for (let at = 0; at < buckets.length; at += 2) {
      bucket += buckets[at];
      this.#counts[bucket] += buckets[at + 1];
    }
    this.#count += count;
    this.#sumMs += sumMs;
    this.#sumOfSquares += sumOfSquares;
    this.#leastMs = Math.min(this.#leastMs, leastMs);
    this.#greatestMs = Math.max(this.#greatestMs, greatestMs);
  }

  toDocument(): HistogramDocument {
    const buckets: number[] = [];
    let last = 0;
    // Most buckets of most histograms are empty.
    if (this.#count > 0) {
      for (let bucket = 0; bucket < this.#counts.length; bucket++) {
        if (this.#counts[bucket] === 0) continue;
        buckets.push(bucket - last, this.#counts[bucket]);
        last = bucket;
      }
    }
    return {
      count: this.#count,
      sumMs: this.#sumMs,
      sumOfSquares: this.#sumOfSquares,
      leastMs: this.#count === 0 ? 0 : this.#leastMs,
      greatestMs: this.#greatestMs,
      buckets,
    };
  }

  /** Forgets all that it counted. */
  clear(): void {
    if (this.#count === 0) return;
    this.#counts.fill(0);
    this.#count = 0;
    this.#sumMs = 0;
    this.#sumOfSquares = 0;
    this.#leastMs = Infinity;
    this.#greatestMs = 0;
  }

  get count(): number {
    return this.#count;
  }

  /** NaN while nothing is counted, as the others. */
  get leastMs(): number {
    return this.#count === 0 ? Number.NaN : this.#leastMs;
  }

  get greatestMs(): number {
    return this.#count === 0 ? Number.NaN : this.#greatestMs;
  }

  get meanMs(): number {
    return this.#sumMs / this.#count;
  }

  /** Of the latencies counted, not of a sample of more. */
  get standardDeviationMs(): number {
    const { meanMs } = this;
    return Math.sqrt(Math.max(0, this.#sumOfSquares / this.#count - meanMs * meanMs));
  }

  /** The latency that `percent` of all do not exceed: the nearest rank. */
  percentileMs(percent: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket];
      if (seen >= rank) {
        const middle = (startOf(bucket) + startOf(bucket + 1)) / 2;
        return Math.min(this.#greatestMs, Math.max(this.#leastMs, middle));
      }
    }
    return this.#greatestMs;
  }

  /** The buckets that hold something, from the least. */
  buckets(): HistogramBucket[] {
    const found: HistogramBucket[] = [];
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      const count = this.#counts[bucket];
      if (count > 0) found.push({ fromMs: startOf(bucket), toMs: startOf(bucket + 1), count });
    }
    return found;
  }
}

const NS_A_MS = 1e6;

function bucketOf(ms: number): number {
  const ns = Math.min(Math.floor(ms * NS_A_MS), 2 ** POWERS - 1);
  if (ns < STEPS) return ns;
  const power = Math.floor(Math.log2(ns));
  // log2 of a number just below a power of two rounds up.
  const exact = 2 ** power > ns ? power - 1 : power;
  const step = Math.floor((ns / 2 ** exact - 1) * STEPS);
  return STEPS + (exact - STEP_BITS) * STEPS + step;
}

/** The least latency of a bucket, in milliseconds. */
function startOf(bucket: number): number {
  if (bucket < STEPS) return bucket / NS_A_MS;
  const power = STEP_BITS + Math.floor((bucket - STEPS) / STEPS);
  const step = (bucket - STEPS) % STEPS;
  return (2 ** power * (1 + step / STEPS)) / NS_A_MS;
}
