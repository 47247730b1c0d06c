// A histogram that is kept rather than counted into: its buckets in a few bytes each, where a LatencyHistogram has room for all
// that there could be. A long run has hundreds of them, and a merge those of every shard.

import { type HistogramDocument, LatencyHistogram } from './latency-histogram.ts';

const EMPTY: Omit<HistogramDocument, 'buckets'> = {
  count: 0,
  sumMs: 0,
  sumOfSquares: 0,
  leastMs: 0,
  greatestMs: 0,
};

export class PackedHistogram {
  #totals = EMPTY;
  #buckets = '';

  /** Counts all that a histogram counted. */
  add(document: HistogramDocument): void {
    if (document.count === 0) return;
    const { count, sumMs, sumOfSquares, leastMs, greatestMs } = this.#totals;
    this.#totals = {
      count: count + document.count,
      sumMs: sumMs + document.sumMs,
      sumOfSquares: sumOfSquares + document.sumOfSquares,
      leastMs: count === 0 ? document.leastMs : Math.min(leastMs, document.leastMs),
      greatestMs: Math.max(greatestMs, document.greatestMs),
    };
    this.#buckets = packed(
      count === 0 ? document.buckets : summed(unpacked(this.#buckets), document.buckets),
    );
  }

  toDocument(): HistogramDocument {
    return { ...this.#totals, buckets: unpacked(this.#buckets) };
  }

  toHistogram(): LatencyHistogram {
    const histogram = new LatencyHistogram();
    histogram.addDocument(this.toDocument());
    return histogram;
  }
}

/** The buckets of two documents, which are in ascending order, as those of one. */
function summed(one: readonly number[], other: readonly number[]): number[] {
  const all: number[] = [];
  let last = 0;
  let [at, otherAt] = [0, 0];
  let bucket = one.length > 0 ? one[0] : Infinity;
  let otherBucket = other.length > 0 ? other[0] : Infinity;
  while (bucket < Infinity || otherBucket < Infinity) {
    const next = Math.min(bucket, otherBucket);
    let count = 0;
    if (bucket === next) {
      count += one[at + 1];
      at += 2;
      bucket = at < one.length ? bucket + one[at] : Infinity;
    }
    if (otherBucket === next) {
      count += other[otherAt + 1];
      otherAt += 2;
      otherBucket = otherAt < other.length ? otherBucket + other[otherAt] : Infinity;
    }
    all.push(next - last, count);
    last = next;
  }
  return all;
}

/**
 * Whole numbers of up to 53 bits as varints, seven bits a byte, the lowest first; in a string, a character a byte, because the
 * collector looks at many thousands of small byte arrays again and again.
 */
function packed(numbers: readonly number[]): string {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
    bytes.push(rest);
  }
  return Buffer.from(bytes).toString('latin1');
}

function unpacked(bytes: string): number[] {
  const numbers: number[] = [];
  let number = 0;
  let factor = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes.charCodeAt(at);
    number += (byte % 128) * factor;
    factor *= 128;
    if (byte >= 128) continue;
    numbers.push(number);
    number = 0;
    factor = 1;
  }
  return numbers;
}
