// Replies of up to 4 MiB that would become as much memory as they can, each with the schema that makes it so. Both may
// come from a hostile server.

import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import { lengthDelimited, varint } from './wire.ts';

/** In the line of a reply that came as a detail of an error. */
export const AS_DETAIL = ', as a detail of an error';

/** maxReceiveMessageBytes, where nothing is said. */
const OCTETS = 4 * 1024 * 1024;

export interface HostileReply {
  readonly name: string;
  /** Without `syntax`; the reply is a t.Reply. */
  readonly schema: string;
  /** Default proto3. */
  readonly syntax?: string;
  readonly values?: ValueOptions;
  readonly keepUnknown?: boolean;
  /** One of the few that every test run decodes. */
  readonly isQuick?: boolean;
  reply(): Uint8Array;
}

/** A field with a length. */
const field = (number: number, octets: readonly number[]): number[] => [
  ...varint(number * 8 + 2),
  ...varint(octets.length),
  ...octets,
];

/** The same octets again and again. */
const again = (octets: readonly number[], total: number = OCTETS): Uint8Array =>
  Buffer.alloc(Math.floor(total / octets.length) * octets.length, Uint8Array.from(octets));

/** Other octets each time. */
const each = (make: (i: number) => readonly number[]): Uint8Array => {
  const reply = new Uint8Array(OCTETS);
  let length = 0;
  for (let i = 0; ; i++) {
    const octets = make(i);
    if (length + octets.length > OCTETS) return reply.subarray(0, length);
    reply.set(octets, length);
    length += octets.length;
  }
};

const packed = (number: number, octets: readonly number[]): Uint8Array =>
  lengthDelimited(number, again(octets, OCTETS - 16));

/** Field numbers that are not reserved for the implementation. */
const numberOf = (i: number): number => (i < 18_999 ? i + 1 : i + 1001);

const wide = (name: string, count: number, type: string): string =>
  `message ${name} { ${Array.from({ length: count }, (_, i) => `${type} f${i} = ${numberOf(i)};`).join(' ')} }`;

const text = (i: number): number[] => [...Buffer.from(i.toString(36))];

/** Messages in each other, the innermost first. */
const nested = (levels: number, number: number, inside: readonly number[]): number[] => {
  let octets = [...inside];
  for (let i = 0; i < levels; i++) octets = field(number, octets);
  return octets;
};

const unset = (count: number, type: string, octets: number): HostileReply => ({
  name: `messages of ${count} unset fields: ${type}`,
  isQuick: octets < OCTETS && type !== 'int32',
  schema: `message Reply { repeated Wide wide = 1; } ${wide('Wide', count, type)}`,
  reply: () => again([0x0a, 0], octets),
});

const ANY = 'import "google/protobuf/any.proto"; message Reply { repeated google.protobuf.Any any = 1; }';
const anyOf = (typeUrl: string, value: readonly number[]): number[] => [
  ...field(1, [...Buffer.from(typeUrl)]),
  ...field(2, value),
];
const STRUCT = 'import "google/protobuf/struct.proto"; message Reply';

export const HOSTILE_REPLIES: readonly HostileReply[] = [
  unset(20_000, 'repeated int32', 2000),
  unset(20_000, 'map<string, int32>', 2000),
  unset(20_000, 'int32', 4000),
  unset(2000, 'bytes', 100_000),
  unset(40, 'repeated string', OCTETS),
  unset(28, 'repeated string', OCTETS),
  unset(4, 'repeated string', OCTETS),
  unset(4, 'map<int32, string>', OCTETS),
  unset(1, 'int64', OCTETS),
  {
    name: 'groups of unset fields',
    syntax:
      'edition = "2023"; option features.message_encoding = DELIMITED; option features.field_presence = IMPLICIT',
    schema: `message Reply { repeated Wide wide = 1; } ${wide('Wide', 1000, 'int32')}`,
    reply: () => again([0x0b, 0x0c]),
  },
  {
    name: 'a map of messages of unset fields',
    isQuick: true,
    schema: `message Reply { map<int32, Wide> wide = 1; } ${wide('Wide', 1000, 'repeated int32')}`,
    reply: () => each((i) => field(1, [8, ...varint(i)])),
  },
  {
    name: 'messages of a hundred levels, each with unset fields',
    schema: `message Reply { Reply next = 1; repeated Reply list = 2; ${Array.from({ length: 60 }, (_, i) => `repeated int32 f${i} = ${i + 3};`).join(' ')} }`,
    reply: () => each(() => field(2, nested(40, 1, []))),
  },
  {
    name: 'Anys of messages of unset fields',
    isQuick: true,
    schema: `${ANY} ${wide('W', 1000, 'repeated int32')}`,
    reply: () => again(field(1, anyOf('/t.W', []))),
  },
  {
    name: 'Anys that hold no message of their type',
    schema: `${ANY} ${wide('W', 20, 'repeated int32')}`,
    reply: () => again(field(1, anyOf('/t.W', [0xff]))),
  },
  {
    name: 'Anys of types that are not loaded',
    schema: ANY,
    reply: () => again(field(1, anyOf('a/b', [1]))),
  },
  {
    name: 'Anys in each other',
    schema: ANY,
    reply: () => {
      let value: number[] = [];
      for (let i = 0; i < 40; i++) value = anyOf('/google.protobuf.Any', value);
      return again(field(1, value));
    },
  },
  {
    name: 'many set fields of wide messages',
    schema: `message Reply { repeated Wide wide = 1; } ${wide('Wide', 1000, 'optional int64')}`,
    reply: () =>
      again(
        field(1, Array.from({ length: 1000 }, (_, i) => [...varint(numberOf(i) * 8), 0x80, 0x10]).flat()),
      ),
  },
  {
    name: 'some set fields of wide messages',
    schema: `message Reply { repeated Wide wide = 1; } ${wide('Wide', 100, 'optional bool')}`,
    reply: () => again(field(1, Array.from({ length: 15 }, (_, i) => [(i + 1) * 8, 1]).flat())),
  },
  {
    name: 'other set fields in each message',
    schema: `message Reply { repeated Wide wide = 1; } ${wide('Wide', 15, 'optional bool')}`,
    reply: () =>
      each((i) =>
        field(
          1,
          Array.from({ length: 15 }, (_, bit) => (((i >> bit) & 1) === 1 ? [(bit + 1) * 8, 1] : [])).flat(),
        ),
      ),
  },
  {
    name: 'lists of one element',
    isQuick: true,
    schema: 'message Reply { repeated L l = 1; } message L { repeated int32 x = 1; }',
    reply: () => again([0x0a, 2, 8, 1]),
  },
  {
    name: 'maps of one entry, each with a key of its own',
    schema: 'message Reply { repeated M m = 1; } message M { map<string, int32> m = 1; }',
    reply: () => each((i) => field(1, field(1, field(1, text(i))))),
  },
  {
    name: 'maps of a few entries in any order',
    schema: 'message Reply { repeated M m = 1; } message M { map<string, int32> m = 1; }',
    reply: () =>
      each((i) =>
        field(
          1,
          [7, 11, 13, 17].flatMap((n) => field(1, field(1, text((i * n) % 1297)))),
        ),
      ),
  },
  {
    name: 'one map of many names',
    schema: 'message Reply { map<string, M> m = 1; } message M {}',
    reply: () => each((i) => field(1, field(1, text(i)))),
  },
  {
    name: 'one map of many numbers',
    schema: 'message Reply { map<int64, int64> m = 1; }',
    reply: () => each((i) => field(1, [8, ...varint(i * 37)])),
  },
  {
    name: 'one map of many numbers below 0',
    schema: 'message Reply { map<sint64, bool> m = 1; }',
    reply: () => each((i) => field(1, [8, ...varint(i * 2 + 1)])),
  },
  ...[Buffer, Array, String].map(
    (bytes): HostileReply => ({
      name: `bytes of one octet as ${bytes.name}`,
      schema: 'message Reply { repeated bytes b = 1; }',
      values: { bytes },
      reply: () => again([0x0a, 1, 65]),
    }),
  ),
  ...[BigInt, String, Number].map(
    (longs): HostileReply => ({
      name: `64-bit integers as ${longs.name}`,
      schema: 'message Reply { repeated int64 l = 1; }',
      values: { longs },
      reply: () => packed(1, [0x80, 0x10]),
    }),
  ),
  {
    name: 'small integers as text',
    schema: 'message Reply { repeated int64 l = 1; }',
    values: { longs: String },
    reply: () => packed(1, [0x7f]),
  },
  {
    name: 'texts of two characters',
    schema: 'message Reply { repeated string s = 1; }',
    reply: () => again([0x0a, 2, 65, 66]),
  },
  {
    name: 'texts of wide characters',
    schema: 'message Reply { repeated string s = 1; }',
    reply: () => again(field(1, [...Buffer.from('aaaaaaaaaaaa\u20ac')])),
  },
  {
    name: 'Timestamps',
    schema:
      'import "google/protobuf/timestamp.proto"; message Reply { repeated google.protobuf.Timestamp t = 1; }',
    reply: () => again([0x0a, 3, 8, 0x80, 0x10]),
  },
  {
    name: 'Structs in each other',
    schema: `${STRUCT} { repeated google.protobuf.Struct s = 1; }`,
    reply: () => each((i) => field(1, field(1, [...field(1, text(i)), ...field(2, field(5, []))]))),
  },
  {
    name: 'Values that are lists',
    schema: `${STRUCT} { repeated google.protobuf.Value v = 1; }`,
    reply: () => again([0x0a, 2, 0x32, 0]),
  },
  {
    name: 'a list of nulls',
    schema: `${STRUCT} { google.protobuf.ListValue v = 1; }`,
    reply: () => packed(1, [0x0a, 0]),
  },
  ...[false, true].flatMap((keepUnknown): HostileReply[] => [
    {
      name: `unknown fields${keepUnknown ? ', kept' : ''}`,
      schema: 'message Reply {}',
      keepUnknown,
      reply: () => again([0xa0, 6, 1]),
    },
    {
      name: `messages of an unknown field each${keepUnknown ? ', kept' : ''}`,
      schema: 'message Reply { repeated Reply r = 1; }',
      keepUnknown,
      reply: () => again([0x0a, 3, 0xa0, 6, 1]),
    },
    {
      name: `unknown fields between known ones${keepUnknown ? ', kept' : ''}`,
      schema: 'message Reply { int32 r = 1; }',
      keepUnknown,
      reply: () => again([0xa0, 6, 1, 8, 1]),
    },
    {
      name: `unknown groups in each other${keepUnknown ? ', kept' : ''}`,
      schema: 'message Reply {}',
      keepUnknown,
      reply: () => again([...new Array(50).fill(0x7b), ...new Array(50).fill(0x7c)]),
    },
  ]),
  {
    name: 'one message in many parts',
    schema:
      'message Reply { M m = 1; N n = 2; } message M { repeated int32 x = 1; } message N { map<string, int32> y = 1; }',
    reply: () => again([0x0a, 2, 8, 1, 0x12, 2, 0x0a, 0]),
  },
  {
    name: 'members of a oneof in turns',
    schema: `message Reply { oneof o { A a = 1; A b = 2; } } ${wide('A', 500, 'repeated int32')}`,
    reply: () => again([0x0a, 0, 0x12, 0], 20_000),
  },
  {
    name: 'messages without their required fields',
    syntax: 'syntax = "proto2"',
    schema: 'message Reply { repeated R r = 1; } message R { required int32 x = 1; }',
    reply: () => again([0x0a, 0]),
  },
  {
    name: 'items of a MessageSet',
    syntax: 'syntax = "proto2"',
    schema:
      'message Reply { repeated Set s = 1; } message Set { option message_set_wire_format = true; extensions 4 to max; } message X { extend Set { optional X x = 4; } repeated int32 r = 1; }',
    reply: () => again(field(1, [0x0b, 0x10, 4, 0x1a, 2, 8, 1, 0x0c])),
  },
];
