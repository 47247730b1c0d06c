// Ranges of field and enum numbers: sorted once, so that a number is looked up in logarithmic time.

export interface NumberRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The ranges of a message or an enum that something else must keep out of. */
export class NumberRanges<R extends NumberRange> {
  readonly #sorted: readonly R[];

  constructor(ranges: readonly R[]) {
    this.#sorted = ranges.length < 2 ? ranges : [...ranges].sort((a, b) => a.start - b.start);
  }

  get isEmpty(): boolean {
    return this.#sorted.length === 0;
  }

  /** The range that holds the number; of overlapping ones, any. */
  find(number: number): R | undefined {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle].start <= number) low = middle + 1;
      else high = middle;
    }
    const range = this.#sorted[low - 1];
    return range !== undefined && number < range.end ? range : undefined;
  }

  /** Two ranges that share a number, the later one second. */
  overlap(): readonly [R, R] | undefined {
    for (let i = 1; i < this.#sorted.length; i++) {
      if (this.#sorted[i].start < this.#sorted[i - 1].end) return [this.#sorted[i - 1], this.#sorted[i]];
    }
    return undefined;
  }
}
