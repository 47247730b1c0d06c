// A histogram that is kept rather than counted into: its buckets in a few bytes each, where a LatencyHistogram has room for all
// that there could be. A long run has hundreds of them, and a merge those of every shard.

import { type HistogramDocument, LatencyHistogram } from './latency-histogram.ts';

const NOTHING = new Uint8Array(0);
const EMPTY: Omit<HistogramDocument, 'buckets'> = {
  count: 0,
  sumMs: 0,
  sumOfSquares: 0,
  leastMs: 0,
  greatestMs: 0,
};

export class PackedHistogram {
  #totals = EMPTY;
  #buckets: Uint8Array = NOTHING;

  /** Counts all that a histogram counted. */
  add(document: HistogramDocument): void {
    if (document.count === 0) return;
    if (this.#totals.count === 0) this.#keep(document);
    else {
      const all = this.toHistogram();
      all.addDocument(document);
      this.#keep(all.toDocument());
    }
  }

  toDocument(): HistogramDocument {
    return { ...this.#totals, buckets: unpacked(this.#buckets) };
  }

  toHistogram(): LatencyHistogram {
    const histogram = new LatencyHistogram();
    histogram.addDocument(this.toDocument());
    return histogram;
  }

  #keep({ buckets, ...totals }: HistogramDocument): void {
    this.#totals = totals;
    this.#buckets = packed(buckets);
  }
}

/** Whole numbers of up to 53 bits as varints, seven bits a byte, the lowest first. */
function packed(numbers: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

function unpacked(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let number = 0;
  let factor = 1;
  for (const byte of bytes) {
    number += (byte % 128) * factor;
    factor *= 128;
    if (byte >= 128) continue;
    numbers.push(number);
    number = 0;
    factor = 1;
  }
  return numbers;
}
