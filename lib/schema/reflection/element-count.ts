// Counts what a message would become before it is decoded: a few octets can become an object of a hundred, so a server's
// files are limited by what they contain, not by their bytes alone. Reads the wire format; checks nothing, but goes on
// wherever the decoder does.

/** The fields of a message that count, by number. */
export interface Shape {
  readonly [field: number]: Shape;
}

const MAX_DEPTH = 100;
/**
 * How many octets count as one element in what is neither an element nor a single text or number: options, which may be
 * of any type, unknown fields, packed lists.
 */
const OTHER_OCTETS = 16;

/**
 * How many values of the shape's fields a message holds on all levels; malformed bytes count as far as they can be
 * read.
 */
export function countElements(bytes: Uint8Array, shape: Shape): number {
  return new ElementCount(bytes).count(shape);
}

class ElementCount {
  readonly #bytes: Uint8Array;
  #at = 0;
  #elements = 0;
  #otherOctets = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  count(shape: Shape): number {
    this.#message(this.#bytes.length, shape, 0);
    return this.#elements + Math.floor(this.#otherOctets / OTHER_OCTETS);
  }

  #message(end: number, shape: Shape, depth: number): void {
    while (this.#at < end) {
      const start = this.#at;
      const tag = this.#varint(end);
      const length = this.#lengthOf(tag & 7, end);
      const until = this.#at + length;
      if (until > end) {
        this.#at = end;
        return;
      }
      const inside = shape[tag >>> 3];
      if (inside === undefined) this.#otherOctets += until - start;
      // In a packed list each takes at least one octet; on its own it is one.
      else if (inside === NUMBERS) this.#elements += Math.max(length, 1);
      else if (inside !== SINGLE && (tag & 7) === DELIMITED) {
        this.#elements++;
        if (inside !== LEAF && depth < MAX_DEPTH) this.#message(until, inside, depth + 1);
      }
      this.#at = until;
    }
  }

  /**
   * How many octets follow that belong to a field of this wire type. Descriptors have no groups; the fields of one are
   * read like any others.
   */
  #lengthOf(wireType: number, end: number): number {
    switch (wireType) {
      case VARINT:
        this.#varint(end);
        return 0;
      case FIXED64:
        return 8;
      case DELIMITED:
        return this.#varint(end);
      case FIXED32:
        return 4;
      default:
        return 0;
    }
  }

  /** The low 32 bits, as the decoder takes them. */
  #varint(end: number): number {
    let value = 0;
    for (let shift = 0; this.#at < end; shift += 7) {
      const octet = this.#bytes[this.#at++];
      if (shift < 32) value |= (octet & 0x7f) << shift;
      if (octet < 0x80) break;
    }
    return value >>> 0;
  }
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** An element without elements in it. */
const LEAF: Shape = {};
/** A text or number that occurs once in a message: it takes little more than its octets. */
const SINGLE: Shape = {};
/** A list of numbers, each of which counts. */
const NUMBERS: Shape = {};

/** The shape, plus these fields of the message, which hold one text or number each. */
function withSingles(numbers: readonly number[], shape: Shape): Record<number, Shape> {
  return { ...Object.fromEntries(numbers.map((number) => [number, SINGLE])), ...shape };
}

const OPTIONS: Shape = { 999: { 2: LEAF } };
const FIELD: Shape = withSingles([1, 2, 3, 4, 5, 6, 7, 9, 10, 17], { 8: OPTIONS });
const ENUM_VALUE: Shape = withSingles([1, 2], { 3: OPTIONS });
const ENUM: Shape = withSingles([1], { 2: ENUM_VALUE, 3: OPTIONS, 4: LEAF, 5: LEAF });
const RANGE: Shape = withSingles([1, 2], { 3: { 2: LEAF, 999: { 2: LEAF } } });
const MESSAGE: Record<number, Shape> = withSingles([1], {
  2: FIELD,
  4: ENUM,
  5: RANGE,
  6: FIELD,
  7: OPTIONS,
  8: withSingles([1], { 2: OPTIONS }),
  9: LEAF,
  10: LEAF,
});
MESSAGE[3] = MESSAGE;
const METHOD: Shape = withSingles([1, 2, 3, 5, 6], { 4: OPTIONS });
const LOCATION: Shape = withSingles([3, 4], { 6: LEAF });

/** FileDescriptorProto. */
export const FILE_SHAPE: Shape = withSingles([1, 2, 12, 14], {
  3: LEAF,
  4: MESSAGE,
  5: ENUM,
  6: withSingles([1], { 2: METHOD, 3: OPTIONS }),
  7: FIELD,
  8: OPTIONS,
  9: { 1: LOCATION },
  15: LEAF,
});

/** ServerReflectionResponse: the files, extension numbers and services in an answer. Its texts are not kept. */
export const ANSWER_SHAPE: Shape = withSingles([1, 2, 7], {
  4: { 1: LEAF },
  5: withSingles([1], { 2: NUMBERS }),
  6: { 1: LEAF },
});
