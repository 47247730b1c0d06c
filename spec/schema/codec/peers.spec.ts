import {
  create,
  createFileRegistry,
  fromBinary,
  fromJson,
  type Message,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect } from 'chai';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { encodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';
import { needEval } from '../../support/eval.ts';
import { decoded, encoded, KINDS, registryOf } from '../schemas.ts';

const RUNS = atLeast(200);

const int32 = fc.integer();
const uint32 = fc.nat(0xffffffff);
const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
// JSON text made by JavaScript has no negative zero; wire.spec.ts has it.
const float = fc.float().map((value) => (value === 0 ? 0 : value));
const double = fc.double().map((value) => (value === 0 ? 0 : value));
const text = fc.string({ unit: 'binary' }).filter((value) => !/\p{Surrogate}/u.test(value));
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

const tree = fc.letrec<{ tree: object }>((tie) => ({
  tree: fc.record(
    {
      label: text,
      left: fc.option(tie('tree'), { nil: undefined, depthSize: 'small' }),
      right: fc.option(tie('tree'), { nil: undefined, depthSize: 'small' }),
      children: fc.array(tie('tree'), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  ),
})).tree;

const MESSAGES: readonly { type: string; fields: fc.Arbitrary<object> }[] = [
  { type: 'kinds.Scalars', fields: scalars },
  { type: 'kinds.Lists', fields: lists },
  { type: 'kinds.Maps', fields: maps },
  { type: 'kinds.Tree', fields: tree },
];

/** As `deep.equal`, which looks at each octet by itself: it is asked only for the words of a difference. */
function expectOctets(actual: Uint8Array, wanted: Uint8Array): void {
  if (Buffer.compare(actual, wanted) !== 0) expect(actual).to.deep.equal(wanted);
}

describe('the codec beside others', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS]);
  });

  describe('protobuf-es', () => {
    let types: ReturnType<typeof createFileRegistry>;
    before(() => {
      types = createFileRegistry(fromBinary(FileDescriptorSetSchema, encodeDescriptorSet(registry.files)));
    });

    for (const { type, fields } of MESSAGES) {
      it(`reads ${type} as it was given, and is read as what it wrote`, () => {
        const schema = types.getMessage(type);
        if (schema === undefined) throw new Error(`no ${type}`);
        const codec = registry.message(type);
        fc.assert(
          fc.property(fields, (value) => {
            const ours = encoded(codec, value);
            const theirs: Message = fromBinary(schema, ours);
            const json = JSON.parse(JSON.stringify(decoded(codec, ours)));
            const fromOurs = toBinary(schema, fromJson(schema, json, { registry: types }));
            expectOctets(encoded(codec, decoded(codec, fromOurs)), ours);
            expectOctets(encoded(codec, toJson(schema, theirs, { registry: types })), ours);
            const back = toBinary(schema, theirs);
            expectOctets(encoded(codec, decoded(codec, back)), ours);
          }),
          { numRuns: RUNS },
        );
      });
    }

    it('makes the same of an empty message of each type', () => {
      for (const type of [
        'kinds.Scalars',
        'kinds.Lists',
        'kinds.Maps',
        'kinds.Presence',
        'kinds.WellKnown',
      ]) {
        const schema = types.getMessage(type);
        if (schema === undefined) throw new Error(`no ${type}`);
        expect(toBinary(schema, create(schema))).to.have.length(0);
        expect(registry.toJson(decoded(registry.message(type), new Uint8Array(0)))).to.deep.equal({});
      }
    });
  });

  describe('protobufjs', () => {
    let root: protobuf.Root;
    before(function () {
      needEval(this);
      // Its bundled well-known types lack some of those that the schema imports; the messages here need none.
      const source = KINDS.replace(/import "[^"]*";/g, '').replace(/message WellKnown \{[^}]*\}/, '');
      root = protobuf.parse(source.replace(/google\.protobuf\.NullValue nothing = 9;/, '')).root;
    });

    for (const { type, fields } of MESSAGES) {
      it(`reads ${type} as it was given, and is read as what it wrote`, () => {
        const peer = root.lookupType(type);
        const codec = registry.message(type);
        const shape = { longs: String, enums: String, bytes: String, json: true };
        fc.assert(
          fc.property(fields, (value) => {
            const ours = encoded(codec, value);
            const theirs = peer.decode(ours);
            const back = peer.encode(theirs).finish();
            expectOctets(encoded(codec, decoded(codec, back)), ours);
            const plain = peer.toObject(theirs, shape);
            expectOctets(encoded(codec, plain), ours);
          }),
          { numRuns: RUNS },
        );
      });
    }
  });

  describe('itself', () => {
    for (const { type, fields } of MESSAGES) {
      it(`reads ${type} through ProtoJSON as the same octets`, () => {
        const codec = registry.message(type);
        fc.assert(
          fc.property(fields, (value) => {
            const ours = encoded(codec, value);
            const message = decoded(codec, ours);
            expectOctets(encoded(codec, message), ours);
            const json: unknown = JSON.parse(JSON.stringify(message));
            expect(registry.toJson(registry.fromJson(type, json))).to.deep.equal(json);
            expect(registry.toJson(decoded(codec, encoded(codec, json)))).to.deep.equal(json);
          }),
          { numRuns: RUNS },
        );
      });
    }
  });
});
