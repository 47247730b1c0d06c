// Ranges of numbers, as descriptors reserve them or leave them to extensions: sorted once, since a hostile schema may
// have as many ranges as fields.

import type { DescriptorProto } from './descriptor-types.ts';

export interface NumberRange {
  readonly start: number;
  /** Exclusive, except in enums. */
  readonly end: number;
}

/** Whether numbers come in order, each once, as in nearly every message: then nobody needs a table of them. */
export function areAscending(fields: readonly { readonly number: number }[] = []): boolean {
  for (let i = 1; i < fields.length; i++) if (!(fields[i - 1].number < fields[i].number)) return false;
  return true;
}

export class RangeSet {
  /** Disjoint, in order; both ends are included. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** `isEndIn`: whether the end of a range belongs to it (in an enum) or not (in a message). */
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

const extensionRanges: WeakMap<DescriptorProto, RangeSet> = new WeakMap();

/** The numbers that a message leaves to extensions; cached, since each extension asks. */
export function extensionRangesOf(proto: DescriptorProto): RangeSet {
  let ranges = extensionRanges.get(proto);
  if (ranges === undefined) {
    ranges = new RangeSet(proto.extensionRange, false);
    extensionRanges.set(proto, ranges);
  }
  return ranges;
}

/**
 * The ranges of a message or an enum as they were declared, for errors that name the one that something conflicts with.
 * Their ends are exclusive.
 */
export class NumberRanges<R extends NumberRange> {
  readonly #sorted: readonly R[];

  constructor(ranges: readonly R[]) {
    this.#sorted = ranges.length < 2 ? ranges : [...ranges].sort((a, b) => a.start - b.start);
  }

  get isEmpty(): boolean {
    return this.#sorted.length === 0;
  }

  /** The range that contains the number; any one of them if they overlap. */
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
