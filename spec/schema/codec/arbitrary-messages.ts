// Fields of the messages of KINDS (../schemas.ts), as fast-check makes them up.

import fc from 'fast-check';
import { anyText } from '../../support/any-text.ts';

const int32 = fc.integer();
const uint32 = fc.nat(0xffffffff);
const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
// JSON text made by JavaScript has no negative zero; wire.spec.ts has it.
const float = fc.float().map((value) => (value === 0 ? 0 : value));
const double = fc.double().map((value) => (value === 0 ? 0 : value));
const text = anyText();
const bytes = fc.uint8Array({ maxLength: 200 });
const color = fc.constantFrom('COLOR_UNSPECIFIED', 'RED', 'GREEN', 'DARK', 99, -5);
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 12 });

const scalars = fc.record(
  {
    aDouble: double,
    aFloat: float,
    anInt32: int32,
    anInt64: int64,
    aUint32: uint32,
    aUint64: uint64,
    aSint32: int32,
    aSint64: int64,
    aFixed32: uint32,
    aFixed64: uint64,
    anSfixed32: int32,
    anSfixed64: int64,
    aBool: fc.boolean(),
    aString: text,
    someBytes: bytes,
    aColor: color,
  },
  { requiredKeys: [] },
);

const lists = fc.record(
  {
    doubles: list(double),
    floats: list(float),
    int32s: list(int32),
    int64s: list(int64),
    uint32s: list(uint32),
    uint64s: list(uint64),
    sint32s: list(int32),
    sint64s: list(int64),
    fixed32s: list(uint32),
    fixed64s: list(uint64),
    sfixed32s: list(int32),
    sfixed64s: list(int64),
    bools: list(fc.boolean()),
    strings: list(text),
    byteses: list(bytes),
    colors: list(color),
    scalars: list(scalars),
    unpacked: list(int32),
  },
  { requiredKeys: [] },
);

const mapOf = <T>(key: fc.Arbitrary<unknown>, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(key.map(String), value, { maxKeys: 6, noNullPrototype: true });

const maps = fc.record(
  {
    // protobufjs refuses this one key, and protobuf-es loses it.
    strings: mapOf(
      text.filter((key) => key !== '__proto__'),
      text,
    ),
    byInt32: mapOf(int32, scalars),
    byInt64: mapOf(int64, fc.boolean()),
    byUint32: mapOf(uint32, double),
    byUint64: mapOf(uint64, bytes),
    bySint32: mapOf(int32, color),
    bySint64: mapOf(int64, float),
    byFixed32: mapOf(uint32, int64),
    byFixed64: mapOf(uint64, uint32),
    bySfixed32: mapOf(int32, text),
    bySfixed64: mapOf(int64, text),
    byBool: mapOf(fc.boolean(), text),
  },
  { requiredKeys: [] },
);

/** About ten levels deep; what stands at one counts its depth with the others, or most would be leaves by the thousand. */
const tree = fc.letrec<{ tree: object }>((tie) => {
  const depth = { depthIdentifier: fc.createDepthIdentifier(), depthSize: 'small' } as const;
  return {
    tree: fc.record(
      {
        label: text,
        left: fc.option(tie('tree'), { nil: undefined, ...depth }),
        right: fc.option(tie('tree'), { nil: undefined, ...depth }),
        children: fc.array(tie('tree'), { maxLength: 3, ...depth }),
      },
      { requiredKeys: [] },
    ),
  };
}).tree;

export const MESSAGES: readonly { type: string; fields: fc.Arbitrary<object> }[] = [
  { type: 'kinds.Scalars', fields: scalars },
  { type: 'kinds.Lists', fields: lists },
  { type: 'kinds.Maps', fields: maps },
  { type: 'kinds.Tree', fields: tree },
];

const presence = fc.oneof(
  fc.record(
    { count: int32, text, data: bytes, color, message: scalars, number: int32, yes: fc.boolean() },
    { requiredKeys: [] },
  ),
  fc.record({ name: text, no: fc.boolean() }, { requiredKeys: [] }),
  fc.record({ nested: scalars }),
  fc.constant({ nothing: null }),
);

const time = fc.record({
  seconds: fc.bigInt(-62135596800n, 253402300799n),
  nanos: fc.nat(999_999_999),
});
const span = fc.record({ seconds: fc.bigInt(0n, 315575999999n), nanos: fc.nat(999_999_999) });
/** A zero without a sign and text without lone surrogates, as everywhere here. */
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const any = fc.oneof(
  tree.map((fields) => ({ '@type': 'type.googleapis.com/kinds.Tree', ...fields })),
  span.map((value) => ({ '@type': 'x.test/google.protobuf.Duration', value })),
  json.map((value) => ({ '@type': 'x.test/google.protobuf.Value', value })),
  fc.constant({ '@type': 'x.test/google.protobuf.Empty' }),
  fc.constant({}),
);

/** Messages of the well-known types, and of fields that tell unset from default. */
export const MORE_MESSAGES: readonly { type: string; fields: fc.Arbitrary<object> }[] = [
  { type: 'kinds.Presence', fields: presence },
  {
    type: 'kinds.WellKnown',
    fields: fc.record(
      {
        time,
        span,
        mask: fc
          .array(fc.stringMatching(/^[a-z]{1,4}(?:_[a-z]{1,3}){0,2}$/), { maxLength: 3 })
          .map((paths) => ({ paths })),
        any,
        struct: fc.dictionary(text, json, { maxKeys: 4, noNullPrototype: true }),
        value: json,
        list: fc.array(json, { maxLength: 3 }),
        doubleValue: double,
        floatValue: float,
        int64Value: int64,
        uint64Value: uint64,
        int32Value: int32,
        uint32Value: uint32,
        boolValue: fc.boolean(),
        stringValue: text,
        bytesValue: bytes,
        empty: fc.constant({}),
        nullValue: fc.constantFrom(null, 'NULL_VALUE', 0),
        values: fc.array(json, { maxLength: 3 }),
        namedValues: fc.dictionary(text, json, { maxKeys: 3, noNullPrototype: true }),
        times: fc.array(time, { maxLength: 3 }),
        anys: fc.array(any, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
];
