// The worst messages for a decoder: those that make the most objects out of 4 MiB of octets. With each a bare loop that only
// makes the same objects, with what it takes out of the octets left away: no decoder can be faster. Knows nothing of ours.

const OCTETS = 4 * 1024 * 1024;

export const SCHEMA = `syntax = "proto3"; package worst;
message Empty {}
message Small { int32 a = 1; string s = 2; repeated int32 r = 3; map<string, int32> m = 4; }
message Nest { Nest n = 1; int32 a = 2; repeated Nest l = 3; }
message Worst {
  repeated Empty empty = 1; map<string, Small> small_by_name = 2; map<int32, Empty> empty_by_number = 3;
  repeated int32 integers = 4; repeated string texts = 5; repeated Small smalls = 6; repeated bytes blobs = 7;
  Small merged = 8; repeated int64 longs = 9; repeated bool flags = 10; Nest nest = 11; repeated Nest nests = 12;
  map<int64, int64> longs_by_long = 13; oneof choice { Small one = 14; Small two = 15; } map<string, string> names = 16;
}`;

export type Fields = Record<string, unknown>;

export interface WorstMessage {
  readonly name: string;
  readonly octets: () => Uint8Array;
  /** The field of Worst that the objects are in. */
  readonly field: string;
  /** Makes the value of the field out of nothing; for a map, with so many entries. */
  readonly bare: (count: number) => unknown;
}

const varint = (value: number): number[] => {
  const octets: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...octets, rest];
    octets.push((rest & 127) | 128);
  }
};
/** The same octets again and again. */
const again = (...octets: number[]): Uint8Array =>
  Buffer.alloc(Math.floor(OCTETS / octets.length) * octets.length, Uint8Array.from(octets));
/** Entries of a map, each with a key of its own. */
const entries = (tag: number[], key: (i: number) => number[]): Uint8Array => {
  const parts: Uint8Array[] = [];
  for (let i = 0, size = 0; size < OCTETS - 64; i++) {
    const octets = key(i);
    parts.push(Uint8Array.from([...tag, octets.length, ...octets]));
    size += tag.length + 1 + octets.length;
  }
  return Buffer.concat(parts);
};
const textKey = (i: number): number[] => {
  const text = Buffer.from(i.toString(36));
  return [0x0a, text.length, ...text];
};
const packed = (tag: number): Uint8Array =>
  Buffer.concat([Uint8Array.from([tag, ...varint(OCTETS - 8)]), Buffer.alloc(OCTETS - 8, 1)]);

class Empty {}

/** Makes plain objects without the room for four properties that a literal has: most maps stay empty. */
// biome-ignore lint/complexity/useArrowFunction: an arrow function is not a constructor
const EmptyMap = function () {} as unknown as new () => Fields;
Object.defineProperty(EmptyMap, 'prototype', { value: Object.prototype });

class Small {
  a: number;
  s = '';
  r: number[];
  m: Fields;
  constructor(a: number, r: number[], m: Fields) {
    this.a = a;
    this.r = r;
    this.m = m;
  }
}

/** As replies have it: an unset message is no property. */
class Nest {
  declare n: Nest;
  declare a: number;
  declare l: Nest[];
  constructor(n: Nest | undefined) {
    if (n !== undefined) this.n = n;
    this.a = 0;
    this.l = [];
  }
}

/** A list of so many, made in the way that is fastest for the engine. */
function list<T>(count: number, make: (i: number) => T): T[] {
  const out: T[] = [];
  out.length = count;
  for (let i = 0; i < count; i++) out[i] = make(i);
  return out;
}

/** A map of so many under different keys. */
function map<T>(count: number, key: (i: number) => string | number, make: (i: number) => T): Fields {
  const out: Fields = {};
  for (let i = 0; i < count; i++) out[key(i)] = make(i);
  return out;
}

/** The same, one after the other, of which the last remains. */
function last<T>(count: number, make: (i: number) => T): T {
  let made = make(0);
  for (let i = 1; i < count; i++) made = make(i);
  return made;
}

const base36 = (i: number): string => i.toString(36);
const itself = (i: number): number => i;
const ZERO = 0n;
const ONE = 1n;

const emptySmall = (): Small => new Small(0, [], new EmptyMap());

/** How many there are of two octets each. */
const COUNT = OCTETS / 2;

export const WORST_MESSAGES: readonly WorstMessage[] = [
  {
    name: 'empty messages',
    field: 'empty',
    octets: () => again(0x0a, 0),
    bare: () => list(COUNT, () => new Empty()),
  },
  {
    name: 'messages with an empty list and map each',
    field: 'smalls',
    octets: () => again(0x32, 0),
    bare: () => list(COUNT, emptySmall),
  },
  {
    name: 'messages of one number',
    field: 'smalls',
    octets: () => again(0x32, 2, 0x08, 1),
    bare: () => list(COUNT / 2, () => new Small(1, [], new EmptyMap())),
  },
  {
    name: 'messages of a list of one number',
    field: 'smalls',
    octets: () => again(0x32, 2, 0x18, 1),
    bare: () => list(COUNT / 2, () => new Small(0, [1], new EmptyMap())),
  },
  {
    name: 'messages of a map of one entry',
    field: 'smalls',
    octets: () => again(0x32, 2, 0x22, 0),
    bare: () => list(COUNT / 2, () => new Small(0, [], { '': 0 })),
  },
  {
    name: 'messages in each other',
    field: 'nests',
    octets: () => again(0x62, 4, 0x0a, 2, 0x0a, 0),
    bare: () => list(Math.floor(OCTETS / 6), () => new Nest(new Nest(new Nest(undefined)))),
  },
  {
    name: 'map of messages by name',
    field: 'smallByName',
    octets: () => entries([0x12], textKey),
    bare: (count) => map(count, base36, emptySmall),
  },
  {
    name: 'map of empty messages by number',
    field: 'emptyByNumber',
    octets: () => entries([0x1a], (i) => [0x08, ...varint(i)]),
    bare: (count) => map(count, itself, () => new Empty()),
  },
  {
    name: 'map of texts',
    field: 'names',
    octets: () => entries([0x82, 0x01], textKey),
    bare: (count) => map(count, base36, () => ''),
  },
  {
    name: 'map of longs',
    field: 'longsByLong',
    octets: () => entries([0x6a], (i) => [0x08, ...varint(i)]),
    bare: (count) =>
      map(
        count,
        (i) => String(BigInt(i)),
        () => ZERO,
      ),
  },
  {
    name: 'one entry of a map',
    field: 'smallByName',
    octets: () => again(0x12, 0),
    bare: () => ({ '': last(COUNT, emptySmall) }),
  },
  {
    name: 'one message in parts',
    field: 'merged',
    octets: () => again(0x42, 2, 0x18, 1),
    bare: () =>
      new Small(
        0,
        list(COUNT / 2, () => 1),
        new EmptyMap(),
      ),
  },
  {
    name: 'members of a oneof in turns',
    field: 'two',
    octets: () => again(0x72, 0, 0x7a, 0),
    bare: () => last(COUNT, emptySmall),
  },
  { name: 'empty texts', field: 'texts', octets: () => again(0x2a, 0), bare: () => list(COUNT, () => '') },
  {
    name: 'bytes of one octet',
    field: 'blobs',
    octets: () => again(0x3a, 1, 65),
    bare: () =>
      list(Math.floor(OCTETS / 3), () => {
        const bytes = Buffer.allocUnsafe(1);
        bytes[0] = 65;
        return bytes;
      }),
  },
  {
    name: 'packed int32',
    field: 'integers',
    octets: () => packed(0x22),
    bare: () => list(OCTETS - 8, () => 1),
  },
  {
    name: 'packed int64',
    field: 'longs',
    octets: () => packed(0x4a),
    bare: () => list(OCTETS - 8, () => ONE),
  },
  {
    name: 'packed bool',
    field: 'flags',
    octets: () => packed(0x52),
    bare: () => list(OCTETS - 8, () => true),
  },
  { name: 'unknown fields', field: 'empty', octets: () => again(0xa0, 0x06, 1), bare: () => [] },
];
