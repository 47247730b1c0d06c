// Ranges of numbers, as descriptors reserve them or leave them to extensions: sorted once, since a hostile schema may
// have as many ranges as fields.

interface NumberRange {
  readonly start: number;
  readonly end: number;
}

export class RangeSet {
  /** Disjoint, in order; both ends are in. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** `isEndIn`: the end of a range belongs to it (an enum's) or not (a message's). */
  constructor(ranges: readonly NumberRange[] | undefined, isEndIn: boolean) {
    const sorted = [...(ranges ?? [])].sort((a, b) => a.start - b.start);
    for (const { start, end } of sorted) {
      const last = isEndIn ? end : end - 1;
      if (!(start <= last)) continue;
      const before = this.#ends.length - 1;
      if (before >= 0 && start <= this.#ends[before]) {
        this.#ends[before] = Math.max(this.#ends[before], last);
      } else {
        this.#starts.push(start);
        this.#ends.push(last);
      }
    }
  }

  has(number: number): boolean {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (number < this.#starts[middle]) high = middle - 1;
      else if (number > this.#ends[middle]) low = middle + 1;
      else return true;
    }
    return false;
  }
}
