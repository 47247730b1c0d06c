// Counts what a message would become before it is decoded: a few octets each can be objects of a hundred, so that a
// server's files are bounded by what they hold, not by their bytes alone. Reads the wire format; checks nothing.

/** The fields that are messages, or lists of which each item counts, by number, with what is inside them. */
export interface Shape {
  readonly [field: number]: Shape;
}

const MAX_DEPTH = 100;

/** How many values of the shape's fields a message holds, all levels together; what is no message counts as far as it goes. */
export function countElements(bytes: Uint8Array, shape: Shape): number {
  return countIn(bytes, { at: 0 }, bytes.length, shape, 0);
}

function countIn(
  bytes: Uint8Array,
  cursor: { at: number },
  end: number,
  shape: Shape,
  depth: number,
): number {
  let count = 0;
  while (cursor.at < end) {
    const tag = varint(bytes, cursor, end);
    const length = lengthOf(bytes, cursor, end, tag % 8);
    if (length === undefined || cursor.at + length > end) break;
    const inside = tag % 8 === DELIMITED ? shape[Math.floor(tag / 8)] : undefined;
    if (inside === undefined) {
      cursor.at += length;
      continue;
    }
    count++;
    const until = cursor.at + length;
    if (inside !== LEAF && depth < MAX_DEPTH) count += countIn(bytes, cursor, until, inside, depth + 1);
    cursor.at = until;
  }
  return count;
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** How many octets follow that belong to a field of this wire type; undefined for none that can be. */
function lengthOf(
  bytes: Uint8Array,
  cursor: { at: number },
  end: number,
  wireType: number,
): number | undefined {
  switch (wireType) {
    case VARINT:
      varint(bytes, cursor, end);
      return 0;
    case FIXED64:
      return 8;
    case DELIMITED:
      return varint(bytes, cursor, end);
    case FIXED32:
      return 4;
    default:
      // Groups: no descriptor has any.
      return undefined;
  }
}

function varint(bytes: Uint8Array, cursor: { at: number }, end: number): number {
  let value = 0;
  let scale = 1;
  while (cursor.at < end) {
    const octet = bytes[cursor.at++];
    value += (octet & 0x7f) * scale;
    if (octet < 0x80) break;
    scale *= 0x80;
  }
  return value;
}

const LEAF: Shape = {};
const OPTIONS: Shape = { 999: { 2: LEAF } };
const FIELD: Shape = { 8: OPTIONS };
const ENUM: Shape = { 2: { 3: OPTIONS }, 3: OPTIONS, 4: LEAF, 5: LEAF };
const RANGE: Shape = { 3: { 2: LEAF, 999: { 2: LEAF } } };
const MESSAGE: Record<number, Shape> = {
  2: FIELD,
  4: ENUM,
  5: RANGE,
  6: FIELD,
  7: OPTIONS,
  8: { 2: OPTIONS },
  9: LEAF,
  10: LEAF,
};
MESSAGE[3] = MESSAGE;

/** FileDescriptorProto. */
export const FILE_SHAPE: Shape = {
  3: LEAF,
  4: MESSAGE,
  5: ENUM,
  6: { 2: { 4: OPTIONS }, 3: OPTIONS },
  7: FIELD,
  8: OPTIONS,
  9: { 1: { 6: LEAF } },
  15: LEAF,
};

/** ServerReflectionResponse: the files and the services of an answer. */
export const ANSWER_SHAPE: Shape = { 4: { 1: LEAF }, 6: { 1: LEAF } };
