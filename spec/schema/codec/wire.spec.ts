import { expect } from 'chai';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { decoded, EDITION, encoded, hex, KINDS, OLD, registryOf, unhex } from '../schemas.ts';

interface Row {
  readonly name: string;
  readonly type: string;
  readonly fields: Record<string, unknown>;
  /** As protoc --encode writes it. */
  readonly bytes: string;
}

/** Values whose octets were worked out by the encoding guide, each read back to the same fields. */
const GOLDEN: readonly Row[] = [
  { name: 'an empty message', type: 'kinds.Scalars', fields: {}, bytes: '' },
  { name: 'a double', type: 'kinds.Scalars', fields: { aDouble: 1.5 }, bytes: '09 000000000000f83f' },
  { name: 'negative zero', type: 'kinds.Scalars', fields: { aDouble: -0 }, bytes: '09 0000000000000080' },
  { name: 'infinity', type: 'kinds.Scalars', fields: { aDouble: Infinity }, bytes: '09 000000000000f07f' },
  { name: 'a float', type: 'kinds.Scalars', fields: { aFloat: 0.5 }, bytes: '15 0000003f' },
  { name: 'an int32', type: 'kinds.Scalars', fields: { anInt32: 150 }, bytes: '18 9601' },
  {
    name: 'a negative int32',
    type: 'kinds.Scalars',
    fields: { anInt32: -1 },
    bytes: '18 ffffffffffffffffff01',
  },
  {
    name: 'the least int32',
    type: 'kinds.Scalars',
    fields: { anInt32: -2147483648 },
    bytes: '18 80808080f8ffffffff01',
  },
  { name: 'an int64', type: 'kinds.Scalars', fields: { anInt64: 2n ** 62n }, bytes: '20 808080808080808040' },
  {
    name: 'the least int64',
    type: 'kinds.Scalars',
    fields: { anInt64: -(2n ** 63n) },
    bytes: '20 80808080808080808001',
  },
  { name: 'a uint32', type: 'kinds.Scalars', fields: { aUint32: 4294967295 }, bytes: '28 ffffffff0f' },
  {
    name: 'a uint64',
    type: 'kinds.Scalars',
    fields: { aUint64: 2n ** 64n - 1n },
    bytes: '30 ffffffffffffffffff01',
  },
  { name: 'a sint32', type: 'kinds.Scalars', fields: { aSint32: -2 }, bytes: '38 03' },
  {
    name: 'the least sint32',
    type: 'kinds.Scalars',
    fields: { aSint32: -2147483648 },
    bytes: '38 ffffffff0f',
  },
  { name: 'a sint64', type: 'kinds.Scalars', fields: { aSint64: -(2n ** 40n) }, bytes: '40 ffffffffff3f' },
  {
    name: 'the least sint64',
    type: 'kinds.Scalars',
    fields: { aSint64: -(2n ** 63n) },
    bytes: '40 ffffffffffffffffff01',
  },
  { name: 'a fixed32', type: 'kinds.Scalars', fields: { aFixed32: 4294967294 }, bytes: '4d feffffff' },
  { name: 'a fixed64', type: 'kinds.Scalars', fields: { aFixed64: 258n }, bytes: '51 0201000000000000' },
  { name: 'an sfixed32', type: 'kinds.Scalars', fields: { anSfixed32: -2 }, bytes: '5d feffffff' },
  { name: 'an sfixed64', type: 'kinds.Scalars', fields: { anSfixed64: -2n }, bytes: '61 feffffffffffffff' },
  { name: 'a bool', type: 'kinds.Scalars', fields: { aBool: true }, bytes: '68 01' },
  { name: 'a string', type: 'kinds.Scalars', fields: { aString: 'testing' }, bytes: '72 07 74657374696e67' },
  {
    name: 'text beyond ASCII',
    type: 'kinds.Scalars',
    fields: { aString: 'é€😀' },
    bytes: '72 09 c3a9 e282ac f09f9880',
  },
  { name: 'bytes', type: 'kinds.Scalars', fields: { someBytes: Buffer.from([0, 255]) }, bytes: '7a 02 00ff' },
  { name: 'an enum', type: 'kinds.Scalars', fields: { aColor: 'GREEN' }, bytes: '8001 02' },
  {
    name: 'a negative enum',
    type: 'kinds.Scalars',
    fields: { aColor: 'DARK' },
    bytes: '8001 ffffffffffffffffff01',
  },
  { name: 'an unknown enum number', type: 'kinds.Scalars', fields: { aColor: 77 }, bytes: '8001 4d' },
  {
    name: 'a packed list',
    type: 'kinds.Lists',
    fields: { int32s: [3, 270, 86942] },
    bytes: '1a 06 03 8e02 9ea705',
  },
  {
    name: 'a packed list of enums',
    type: 'kinds.Lists',
    fields: { colors: ['RED', 'GREEN'] },
    bytes: '8201 02 01 02',
  },
  {
    name: 'a list that is not packed',
    type: 'kinds.Lists',
    fields: { unpacked: [1, 2] },
    bytes: '9001 01 9001 02',
  },
  { name: 'a list of strings', type: 'kinds.Lists', fields: { strings: ['a', ''] }, bytes: '72 01 61 72 00' },
  {
    name: 'a list of messages',
    type: 'kinds.Lists',
    fields: { scalars: [{}, { anInt32: 1 }] },
    bytes: '8a01 00 8a01 02 18 01',
  },
  { name: 'a map', type: 'kinds.Maps', fields: { strings: { a: 'b' } }, bytes: '0a 06 0a 01 61 12 01 62' },
  {
    name: 'a map entry of defaults',
    type: 'kinds.Maps',
    fields: { strings: { '': '' } },
    bytes: '0a 04 0a 00 12 00',
  },
  {
    name: 'a map with integer keys',
    type: 'kinds.Maps',
    fields: { byInt32: { '-1': {} } },
    bytes: '12 0d 08 ffffffffffffffffff01 12 00',
  },
  {
    name: 'a map with bool keys',
    type: 'kinds.Maps',
    fields: { byBool: { true: 'x' } },
    bytes: '62 05 08 01 12 01 78',
  },
  {
    name: 'set defaults with presence',
    type: 'kinds.Presence',
    fields: { count: 0, text: '' },
    bytes: '08 00 12 00',
  },
  { name: 'a set empty message', type: 'kinds.Presence', fields: { message: {} }, bytes: '2a 00' },
  { name: 'a default in a oneof', type: 'kinds.Presence', fields: { number: 0 }, bytes: '30 00' },
  {
    name: 'messages in messages',
    type: 'kinds.Tree',
    fields: { left: { right: { label: 'x' } } },
    bytes: '12 05 1a 03 0a 01 78',
  },
  {
    name: 'required and optional',
    type: 'old.Order',
    fields: { id: 0, note: 'none', size: 'SMALL' },
    bytes: '08 00 12 04 6e6f6e65 18 01',
  },
  {
    name: 'a group',
    type: 'old.Order',
    fields: { id: 1, detail: { text: 'x', inner: { text: 'y' } } },
    bytes: '08 01 33 0a 01 78 12 03 0a 01 79 34',
  },
  {
    name: 'a list of groups',
    type: 'old.Order',
    fields: { id: 1, line: [{ sku: 'a' }, { sku: 'b' }] },
    bytes: '08 01 3b 0a 01 61 3c 3b 0a 01 62 3c',
  },
  {
    name: 'an expanded list',
    type: 'old.Order',
    fields: { id: 1, numbers: [1, 2] },
    bytes: '08 01 48 01 48 02',
  },
  {
    name: 'a packed list by option',
    type: 'old.Order',
    fields: { id: 1, packedNumbers: [1, 2] },
    bytes: '08 01 52 02 01 02',
  },
  {
    name: 'extensions',
    type: 'old.Order',
    fields: { id: 1, '[old.priority]': 7, '[old.labels]': ['x'] },
    bytes: '08 01 a006 07 aa06 01 78',
  },
  {
    name: 'an extension in a scope',
    type: 'old.Order',
    fields: { id: 1, '[old.Scope.scoped]': 'LARGE' },
    bytes: '08 01 b806 02',
  },
  {
    name: 'a message as an extension',
    type: 'old.Order',
    fields: { id: 1, '[old.parent]': { id: 2 } },
    bytes: '08 01 b206 02 08 02',
  },
  {
    name: 'a message set',
    type: 'old.Set',
    fields: { '[old.Member.member]': { text: 'x' } },
    bytes: '0b 10 f9bb5e 1a 04 ca01 01 78 0c',
  },
  {
    name: 'edition features',
    type: 'edition.Features',
    fields: { explicit: '', required: '', packed: [1, 2], expanded: [1, 2] },
    bytes: '12 00 1a 00 22 02 01 02 28 01 28 02',
  },
  {
    name: 'a delimited message',
    type: 'edition.Features',
    fields: { required: '', delimited: { required: 'x' }, prefixed: { required: '' } },
    bytes: '1a 00 3b 1a 01 78 3c 42 02 1a 00',
  },
  {
    name: 'a delimited wrapper',
    type: 'edition.Features',
    fields: { required: '', wrapped: 'x' },
    bytes: '1a 00 63 0a 01 78 64',
  },
];

/** Octets that mean the same as others, or leave something out. */
const READ_ONLY: readonly Row[] = [
  {
    name: 'takes the last of a scalar given twice',
    type: 'kinds.Scalars',
    fields: { anInt32: 2 },
    bytes: '18 01 18 02',
  },
  {
    name: 'merges a message given twice',
    type: 'kinds.Tree',
    fields: { left: { label: 'y', right: { label: 'z' } } },
    bytes: '12 08 0a 01 78 1a 03 0a 01 7a 12 03 0a 01 79',
  },
  {
    name: 'appends lists when merging',
    type: 'kinds.Tree',
    fields: { left: { children: [{ label: 'a' }, { label: 'b' }] } },
    bytes: '12 05 22 03 0a 01 61 12 05 22 03 0a 01 62',
  },
  {
    name: 'merges maps when merging',
    type: 'kinds.Tree',
    fields: { left: { named: { a: {}, b: {} } } },
    bytes: '12 07 2a 05 0a 01 61 12 00 12 07 2a 05 0a 01 62 12 00',
  },
  {
    name: 'takes the last member of a oneof',
    type: 'kinds.Presence',
    fields: { name: 'x' },
    bytes: '30 01 3a 01 78',
  },
  {
    name: 'takes the last member of a oneof, whatever its number',
    type: 'kinds.Presence',
    fields: { number: 1 },
    bytes: '3a 01 78 30 01',
  },
  {
    name: 'keeps members of different oneofs',
    type: 'kinds.Presence',
    fields: { number: 1, yes: true },
    bytes: '30 01 50 01',
  },
  {
    name: 'does not merge members of a oneof across another',
    type: 'kinds.Presence',
    fields: { nested: { anInt32: 2 } },
    bytes: '42 02 30 07 30 01 42 02 18 02',
  },
  {
    name: 'merges a member of a oneof given twice in a row',
    type: 'kinds.Presence',
    fields: { nested: { aUint32: 7, anInt32: 2 } },
    bytes: '42 02 28 07 42 02 18 02',
  },
  {
    name: 'takes the last of many members of a oneof',
    type: 'kinds.Presence',
    fields: { name: 'y' },
    bytes: '30 01 3a 01 78 30 02 3a 01 79',
  },
  {
    name: 'drops a member for one that is itself replaced at once',
    type: 'kinds.Presence',
    fields: { message: {}, nested: { anInt32: 2 } },
    bytes: '42 02 28 07 2a 00 30 01 42 02 18 02',
  },
  {
    name: 'keeps a member that one of the other oneof follows',
    type: 'kinds.Presence',
    fields: { number: 1, no: true },
    bytes: '30 01 50 01 58 01',
  },
  {
    name: 'reads packed where unpacked is declared',
    type: 'kinds.Lists',
    fields: { unpacked: [1, 2] },
    bytes: '9201 02 01 02',
  },
  {
    name: 'reads unpacked where packed is declared',
    type: 'kinds.Lists',
    fields: { int32s: [1, 2] },
    bytes: '18 01 18 02',
  },
  {
    name: 'reads packed and unpacked mixed',
    type: 'kinds.Lists',
    fields: { doubles: [1, 2], int32s: [1, 2, 3, 4] },
    bytes: '18 01 1a 02 02 03 09 000000000000f03f 0a 08 0000000000000040 18 04',
  },
  { name: 'reads an empty packed list', type: 'kinds.Lists', fields: {}, bytes: '1a 00' },
  {
    name: 'reads fields in any order',
    type: 'kinds.Scalars',
    fields: { anInt32: 1, aString: 'x' },
    bytes: '72 01 78 18 01',
  },
  {
    name: 'skips unknown fields of every wire type',
    type: 'kinds.Scalars',
    fields: { anInt32: 1 },
    bytes: 'a006 01 a106 0000000000000000 a206 01 00 a306 08 01 1b 1c a406 a506 00000000 18 01',
  },
  {
    name: 'drops bits of a varint above 32',
    type: 'kinds.Scalars',
    fields: { anInt32: 1, aUint32: 1 },
    bytes: '18 81808080f01f 28 81808080f0ffffffff01',
  },
  {
    name: 'reads over-long varints',
    type: 'kinds.Scalars',
    fields: { anInt32: 1, anInt64: 1n, aBool: true },
    bytes: '18 81808080808080808000 20 81808080808080808000 68 81808080808080808000',
  },
  {
    name: 'takes any bit of a bool for true',
    type: 'kinds.Scalars',
    fields: { aBool: true },
    bytes: '68 80808080808080808001',
  },
  { name: 'reads an over-long tag', type: 'kinds.Scalars', fields: { anInt32: 1 }, bytes: '9800 01' },
  {
    name: 'takes the last of equal map keys',
    type: 'kinds.Maps',
    fields: { strings: { a: 'c' } },
    bytes: '0a 06 0a 01 61 12 01 62 0a 06 0a 01 61 12 01 63',
  },
  {
    name: 'takes defaults for what a map entry lacks',
    type: 'kinds.Maps',
    fields: { strings: { '': 'b', a: '' }, byInt32: { 0: {} } },
    bytes: '0a 03 12 01 62 0a 03 0a 01 61 12 00',
  },
  {
    name: 'reads a map entry value first',
    type: 'kinds.Maps',
    fields: { strings: { a: 'b' } },
    bytes: '0a 06 12 01 62 0a 01 61',
  },
  {
    name: 'skips unknown fields of a map entry',
    type: 'kinds.Maps',
    fields: { strings: { a: 'b' } },
    bytes: '0a 08 18 01 0a 01 61 12 01 62',
  },
  {
    name: 'leaves out unknown numbers of closed enums',
    type: 'old.Order',
    fields: { id: 1, sizes: ['LARGE'], packedSizes: ['SMALL'] },
    bytes: '08 01 18 09 20 02 20 07 2a 02 09 01',
  },
  {
    name: 'leaves out map entries with unknown numbers of closed enums',
    type: 'old.Order',
    fields: { id: 1, gradeByName: { b: 'GOOD' } },
    bytes: '08 01 42 05 0a 01 61 10 09 42 05 0a 01 62 10 02',
  },
  {
    name: 'keeps a oneof when an unknown number follows',
    type: 'old.Order',
    fields: { id: 1, size: 'SMALL' },
    bytes: '08 01 18 01 18 09',
  },
  {
    name: 'finds a required field in a later part of its message',
    type: 'old.Order',
    fields: { id: 1, next: { id: 2, note: 'x' } },
    bytes: '08 01 5a 03 12 01 78 5a 02 08 02',
  },
  {
    name: 'reads a message set with its item the other way round',
    type: 'old.Set',
    fields: { '[old.Member.member]': { text: 'x' } },
    bytes: '0b 1a 04 ca01 01 78 10 f9bb5e 0c',
  },
  {
    name: 'replaces broken text where UTF-8 is not verified',
    type: 'edition.Features',
    fields: { required: '', unverified: 'a\ufffd' },
    bytes: '1a 00 32 02 61ff',
  },
  {
    name: 'merges groups given twice',
    type: 'old.Order',
    fields: { id: 1, detail: { text: 'b', inner: { text: 'y' } } },
    bytes: '08 01 33 0a 01 61 12 03 0a 01 79 34 33 0a 01 62 34',
  },
];

describe('the wire format (protobuf.dev/programming-guides/encoding)', () => {
  let registry: Registry;
  let bare: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD, EDITION]);
    bare = await registryOf([KINDS, OLD, EDITION], { defaults: false });
  });

  describe('known octets', () => {
    for (const { name, type, fields, bytes } of GOLDEN) {
      it(`writes ${name} and reads it back`, () => {
        const codec = bare.message(type);
        expect(hex(encoded(codec, fields))).to.equal(hex(unhex(bytes)));
        expect(bare.toObject(decoded(codec, unhex(bytes)))).to.deep.equal(fields);
      });
    }
  });

  describe('octets that say it in another way', () => {
    for (const { name, type, fields, bytes } of READ_ONLY) {
      it(`${name}`, () => {
        const got = registry.toObject(decoded(registry.message(type), unhex(bytes)));
        const same = registry.toObject(
          decoded(registry.message(type), encoded(registry.message(type), fields)),
        );
        expect(got).to.deep.equal(same);
      });
    }
  });

  it('writes equal octets whatever the order of the properties', () => {
    const codec = registry.message('kinds.Scalars');
    const one = encoded(codec, { anInt32: 1, aString: 'x', aBool: true });
    const other = encoded(codec, { aString: 'x', aBool: true, anInt32: 1 });
    expect(hex(other)).to.equal(hex(one));
  });

  it('leaves the first octets free when asked to', () => {
    const { bytes, start, end } = registry.message('kinds.Scalars').encode({ anInt32: 1 }, 5);
    expect(end - start).to.equal(7);
    expect(hex(bytes.subarray(start + 5, end))).to.equal('1801');
  });

  it('keeps unknown fields where it is asked to, and writes them again', async () => {
    const keeping = await registryOf([KINDS, OLD], { defaults: false }, { keepUnknown: true });
    const cases = [
      ['kinds.Tree', '12 05 a206 02 6869', '12 05 a206 02 6869'],
      ['kinds.Scalars', 'a006 05 1801 a306 0801 a406', '1801 a006 05 a306 0801 a406'],
      // Numbers that a closed enum does not have: alone, packed, and longer than one octet.
      ['old.Order', '0801 1809 2009', '0801 1809 2009'],
      ['old.Order', '0801 2a04 01 09 8901', '0801 2a01 01 2809 288901'],
      ['old.Set', '0b 10 05 1a 01 00 0c', '0b 10 05 1a 01 00 0c'],
    ] as const;
    for (const [type, bytes, again] of cases) {
      const codec = keeping.message(type);
      expect(hex(encoded(codec, decoded(codec, unhex(bytes))))).to.equal(hex(unhex(again)));
    }
  });

  it('never writes over a message that it gave before', () => {
    const codec = registry.message('kinds.Scalars');
    const sizes = [0, 1, 100, 1020, 1024, 20_000, 65_530, 65_536, 70_000, 200_000];
    const given = Array.from({ length: 200 }, (_, i) => {
      const someBytes = Buffer.alloc(sizes[i % sizes.length], i);
      return { someBytes, ...codec.encode({ someBytes }, 5) };
    });
    for (const { someBytes, bytes, start, end } of given) {
      bytes.fill(0xee, start, start + 5);
      expect(decoded(codec, bytes.subarray(start + 5, end))['someBytes']).to.deep.equal(someBytes);
    }
  });

  it('moves a length that takes more octets than the last one did', () => {
    const codec = registry.message('kinds.Tree');
    for (const size of [1, 127, 128, 3, 16_383, 16_384, 100_000, 2_097_152, 1]) {
      const label = 'x'.repeat(size);
      const value = { left: { left: { label }, children: [{ label }, {}], named: { a: { label } } } };
      expect(registry.toJson(decoded(codec, encoded(codec, value)))).to.deep.equal(value);
    }
  });

  it('reads from the middle of a larger chunk and copies what it keeps', () => {
    const codec = registry.message('kinds.Scalars');
    const chunk = Buffer.from('ffff7a0200ffffff', 'hex');
    const message = codec.decode(chunk, 2, 6) as { someBytes: Buffer };
    chunk.fill(9);
    expect(Buffer.isBuffer(message.someBytes)).to.equal(true);
    expect(hex(message.someBytes)).to.equal('00ff');
  });

  it('encodes while it encodes, when a getter asks for it', () => {
    const codec = registry.message('kinds.Tree');
    const value = {
      label: 'outer',
      get left(): object {
        expect(hex(encoded(codec, { label: 'in' }))).to.equal('0a02696e');
        return { label: 'inner' };
      },
    };
    expect(hex(encoded(codec, value))).to.equal('0a056f75746572 12070a05696e6e6572'.replace(' ', ''));
  });

  it('is as before after a throw in the middle of a message', () => {
    const codec = registry.message('kinds.Tree');
    expect(() => codec.encode({ left: { children: [{ label: 1 }] } }, 0)).to.throw(TypeError);
    expect(() => codec.encode({ left: { lable: 1 } }, 0)).to.throw(TypeError, /^left\.lable:/);
    expect(hex(encoded(codec, { label: 'x' }))).to.equal('0a0178');
  });
});
