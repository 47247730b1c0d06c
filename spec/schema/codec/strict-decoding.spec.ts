import { expect } from 'chai';
import fc from 'fast-check';
import { DecodeError } from '../../../lib/schema/codec/wire/decode-error.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';
import { decoded, EDITION, encoded, KINDS, OLD, registryOf, thrownBy, unhex } from '../schemas.ts';

interface Refusal {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  readonly bytes: string;
  readonly message: string;
}

const nested = (levels: number): string => {
  let bytes = Buffer.alloc(0);
  for (let i = 0; i < levels; i++) {
    const length: number[] = [];
    for (let rest = bytes.length; ; rest >>>= 7) {
      if (rest < 128) {
        length.push(rest);
        break;
      }
      length.push((rest & 127) | 128);
    }
    bytes = Buffer.concat([Buffer.from([0x12, ...length]), bytes]);
  }
  return bytes.toString('hex');
};

const REFUSALS: readonly Refusal[] = [
  {
    name: 'a tag without its value',
    bytes: '18',
    message: 'not a valid kinds.Scalars, octet 1: the message is truncated',
  },
  {
    name: 'a tag that is cut',
    bytes: '98',
    message: 'not a valid kinds.Scalars, octet 1: the message is truncated',
  },
  {
    name: 'a varint that is cut',
    bytes: '18 ff',
    message: 'not a valid kinds.Scalars, octet 2: the message is truncated',
  },
  {
    name: 'a 64-bit varint that is cut',
    bytes: '20 ffff',
    message: 'not a valid kinds.Scalars, octet 3: the message is truncated',
  },
  {
    name: 'a malformed member of a oneof that another one replaces',
    type: 'kinds.Presence',
    bytes: '42 01 18 30 01',
    message: 'not a valid kinds.Presence at nested, octet 4: the message is truncated',
  },
  {
    name: 'a double that is cut',
    bytes: '09 00000000',
    message: 'not a valid kinds.Scalars, octet 1: the message is truncated',
  },
  {
    name: 'a fixed32 that is cut',
    bytes: '4d 0000',
    message: 'not a valid kinds.Scalars, octet 1: the message is truncated',
  },
  {
    name: 'text that is cut',
    bytes: '72 05 6161',
    message: 'not a valid kinds.Scalars, octet 2: the message is truncated',
  },
  {
    name: 'bytes that are cut',
    bytes: '7a ffffffff0f 00',
    message: 'not a valid kinds.Scalars, octet 6: the message is truncated',
  },
  {
    name: 'a nested message that is cut',
    type: 'kinds.Tree',
    bytes: '12 05 0a 01 78',
    message: 'not a valid kinds.Tree, octet 2: the message is truncated',
  },
  {
    name: 'a field that goes past its nested message',
    type: 'kinds.Tree',
    bytes: '12 03 0a 05 6161616161',
    message: 'not a valid kinds.Tree at left, octet 4: the message is truncated',
  },
  {
    name: 'a packed list whose last element is cut',
    type: 'kinds.Lists',
    bytes: '1a 02 01 ff',
    message: 'not a valid kinds.Lists, octet 4: the message is truncated',
  },
  {
    name: 'a packed list of doubles with a part of one',
    type: 'kinds.Lists',
    bytes: '0a 09 000000000000000000',
    message: 'not a valid kinds.Lists, octet 2: the message is truncated',
  },
  {
    name: 'a map entry that is cut',
    type: 'kinds.Maps',
    bytes: '0a 04 0a 03 61',
    message: 'not a valid kinds.Maps, octet 2: the message is truncated',
  },
  {
    name: 'a key that goes past its map entry',
    type: 'kinds.Maps',
    bytes: '0a 02 0a 03 616161',
    message: 'not a valid kinds.Maps at strings, octet 4: the message is truncated',
  },
  {
    name: 'an unknown field that is cut',
    bytes: 'a206 05 00',
    message: 'not a valid kinds.Scalars, octet 3: the message is truncated',
  },
  {
    name: 'an unknown group that does not end',
    bytes: 'a306 08 01',
    message: 'not a valid kinds.Scalars, octet 4: the message is truncated',
  },
  {
    name: 'a varint of eleven octets',
    bytes: '18 ffffffffffffffffffff01',
    message: 'not a valid kinds.Scalars, octet 11: a varint is longer than 10 octets',
  },
  {
    name: 'a 64-bit varint of eleven octets',
    bytes: '20 ffffffffffffffffffff01',
    message: 'not a valid kinds.Scalars, octet 11: a varint is longer than 10 octets',
  },
  {
    name: 'an unknown varint of eleven octets',
    bytes: 'a006 ffffffffffffffffffff01',
    message: 'not a valid kinds.Scalars, octet 12: a varint is longer than 10 octets',
  },
  {
    name: 'a tag of six octets',
    bytes: '988080808000 01',
    message: 'not a valid kinds.Scalars, octet 5: a field number is larger than 2^29 - 1',
  },
  {
    name: 'a field number above 2^29 - 1',
    bytes: 'f8ffffff1f 01',
    message: 'not a valid kinds.Scalars, octet 5: a field number is larger than 2^29 - 1',
  },
  {
    name: 'field number 0',
    bytes: '00 01',
    message: 'not a valid kinds.Scalars, octet 1: found field number 0',
  },
  {
    name: 'field number 0 with a length',
    bytes: '02 01 00',
    message: 'not a valid kinds.Scalars, octet 1: found field number 0',
  },
  {
    name: 'wire type 6',
    bytes: 'a606 00',
    message: 'not a valid kinds.Scalars, octet 2: wire type 6 does not exist',
  },
  {
    name: 'wire type 7',
    bytes: 'a706 00',
    message: 'not a valid kinds.Scalars, octet 2: wire type 7 does not exist',
  },
  {
    name: 'wire type 6 on a field that is known',
    bytes: '1e 00',
    message: 'not a valid kinds.Scalars, octet 1: wire type 6 does not exist',
  },
  {
    name: 'the end of a group that did not begin',
    bytes: 'a406',
    message: 'not a valid kinds.Scalars, octet 2: found the end of group 100, which never began',
  },
  {
    name: 'the end of another group',
    type: 'old.Order',
    bytes: '08 01 33 3c',
    message: 'not a valid old.Order at detail, octet 4: found the end of group 7, which never began',
  },
  {
    name: 'a group that does not end',
    type: 'old.Order',
    bytes: '08 01 33 0a 01 78',
    message: 'not a valid old.Order at detail, octet 6: the end of group 6 is missing',
  },
  {
    name: 'a group that ends outside its message',
    type: 'old.Order',
    bytes: '08 01 5a 03 08 02 33 34',
    message: 'not a valid old.Order at next.detail, octet 7: the end of group 6 is missing',
  },
  {
    name: 'an unknown group with the end of another',
    bytes: 'a306 ac06',
    message: 'not a valid kinds.Scalars, octet 4: found the end of group 101 inside another group',
  },
  {
    name: 'text that is not UTF-8',
    bytes: '72 01 ff',
    message: 'not a valid kinds.Scalars at aString, octet 2: the text is not valid UTF-8',
  },
  {
    name: 'text with an encoded surrogate',
    bytes: '72 03 eda080',
    message: 'not a valid kinds.Scalars at aString, octet 2: the text is not valid UTF-8',
  },
  {
    name: 'text with an over-long form',
    bytes: '72 02 c080',
    message: 'not a valid kinds.Scalars at aString, octet 2: the text is not valid UTF-8',
  },
  {
    name: 'long text that is not UTF-8',
    bytes: `72 15 ${'61'.repeat(20)}c3`,
    message: 'not a valid kinds.Scalars at aString, octet 2: the text is not valid UTF-8',
  },
  {
    name: 'a map key that is not UTF-8',
    type: 'kinds.Maps',
    bytes: '0a 03 0a 01 ff',
    message: 'not a valid kinds.Maps at strings.strings, octet 4: the text is not valid UTF-8',
  },
  {
    name: 'messages nested too deeply',
    type: 'kinds.Tree',
    bytes: nested(101),
    message:
      'not a valid kinds.Tree at left.left.left.left.left.left.left.left…, octet 239: messages nest more than 100 levels deep',
  },
  {
    name: 'unknown groups nested too deeply',
    bytes: 'a306'.repeat(101),
    message: 'not a valid kinds.Scalars, octet 202: messages nest more than 100 levels deep',
  },
  {
    name: 'a missing required field',
    type: 'old.Order',
    bytes: '',
    message: `not a valid old.Order, octet 0: the required field 'id' of old.Order is missing`,
  },
  {
    name: 'a missing required field, nested',
    type: 'old.Order',
    bytes: '08 01 3b 3c',
    message: `not a valid old.Order, octet 4: the required field 'sku' of old.Order.Line is missing`,
  },
  {
    name: 'a missing required field, where another came as something else',
    type: 'old.Order',
    bytes: '0a 00',
    message: `not a valid old.Order, octet 2: the required field 'id' of old.Order is missing; field 1 'id' came as length-delimited, not as a varint; is the schema a different version from the sender's?`,
  },
  {
    name: 'a field of another wire type that is cut',
    bytes: '1a 05 00',
    message: 'not a valid kinds.Scalars, octet 2: the message is truncated',
  },
  {
    name: 'a group in place of a field, with the end of another',
    type: 'kinds.Tree',
    bytes: '13 1c',
    message: 'not a valid kinds.Tree, octet 2: found the end of group 3 inside another group',
  },
  {
    name: 'a Struct that is cut',
    type: 'kinds.WellKnown',
    bytes: '2a 05 0a 03 0a 05',
    message: 'not a valid kinds.WellKnown, octet 2: the message is truncated',
  },
];

const SAMPLE = {
  aDouble: 1.5,
  aFloat: 2.5,
  anInt32: -3,
  anInt64: -4n,
  aUint32: 300,
  aSint64: -(2n ** 40n),
  aFixed32: 7,
  aFixed64: 8n,
  aBool: true,
  aString: 'text, and é€😀 long enough for native code',
  someBytes: Buffer.from('bytes'),
  aColor: 'GREEN',
};

describe('strict decoding', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD, EDITION]);
  });

  describe('refuses', () => {
    for (const { name, type = 'kinds.Scalars', bytes, message } of REFUSALS) {
      it(`${name}`, () => {
        const error = thrownBy(() => decoded(registry.message(type), unhex(bytes)));
        expect(error.message).to.equal(message);
        expect(error).to.be.instanceOf(DecodeError);
      });
    }
  });

  it('takes messages 100 levels deep, as the official implementations do', () => {
    expect(decoded(registry.message('kinds.Tree'), unhex(nested(100)))).to.be.an('object');
  });

  const samples: readonly { type: string; fields: object }[] = [
    { type: 'kinds.Scalars', fields: SAMPLE },
    {
      type: 'kinds.Lists',
      fields: {
        scalars: [SAMPLE, {}],
        doubles: [1, 2],
        int64s: [1n, 300n],
        strings: ['a', 'b'],
        colors: ['RED'],
      },
    },
    { type: 'kinds.Maps', fields: { strings: { a: 'b' }, byInt32: { 1: SAMPLE }, bySint64: { '-5': 1.5 } } },
    { type: 'kinds.Tree', fields: { left: { right: { label: 'x' } }, named: { a: { children: [{}, {}] } } } },
    {
      type: 'kinds.WellKnown',
      fields: {
        time: new Date(1e12),
        span: '1.5s',
        mask: 'a,b',
        struct: { a: [1, { b: null }] },
        stringValue: 'x',
        any: { '@type': 'type.googleapis.com/kinds.Tree', label: 'x' },
      },
    },
    {
      type: 'old.Order',
      fields: {
        id: 5,
        detail: { text: 'x', inner: {} },
        line: [{ sku: 'a' }],
        '[old.labels]': ['x'],
        gradeByName: { a: 'GOOD' },
      },
    },
    { type: 'old.Set', fields: { '[old.Member.member]': { text: 'x' } } },
    { type: 'edition.Features', fields: { required: 'x', delimited: { required: 'y' }, packed: [1, 2, 3] } },
  ];

  for (const { type, fields } of samples) {
    it(`finds ${type} cut at any octet either a shorter message or no message`, () => {
      const codec = registry.message(type);
      const bytes = encoded(codec, fields);
      for (let end = 0; end < bytes.length; end++) {
        for (const whole of [bytes, bytes.subarray(0, end)]) {
          try {
            // What is left must then be whole fields: it is written as it was read.
            codec.decode(whole, 0, end);
          } catch (error) {
            expect(error).to.be.instanceOf(DecodeError);
          }
        }
      }
    });
  }

  it('gives a message or a DecodeError for any octets, and nothing else', () => {
    const types = samples.map((sample) => sample.type);
    const property = fc.property(
      fc.constantFrom(...types),
      fc.uint8Array({ maxLength: 80 }),
      (type, bytes) => {
        const codec = registry.message(type);
        try {
          const message = codec.decode(bytes, 0, bytes.length);
          JSON.stringify(message);
        } catch (error) {
          expect(error).to.be.instanceOf(DecodeError);
        }
      },
    );
    fc.assert(property, { numRuns: atLeast(3000) });
  });

  it('gives a message or a DecodeError for messages with octets changed', () => {
    const bases = samples.map(({ type, fields }) => ({ type, fields }));
    const property = fc.property(
      fc.constantFrom(...bases),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      ({ type, fields }, changes) => {
        const codec = registry.message(type);
        const bytes = Uint8Array.from(encoded(codec, fields));
        for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
        try {
          const message = codec.decode(bytes, 0, bytes.length);
          JSON.stringify(message);
          // What was read can be written, and is then read as the same.
          const again = encoded(codec, message);
          expect(encoded(codec, codec.decode(again, 0, again.length))).to.deep.equal(again);
        } catch (error) {
          if (error instanceof RangeError && /google\.protobuf\.(?:Timestamp|Duration)/.test(error.message))
            return;
          expect(error).to.be.instanceOf(DecodeError);
        }
      },
    );
    fc.assert(property, { numRuns: atLeast(3000) });
  });

  it('reads the next message as ever after one that was refused', () => {
    const codec = registry.message('kinds.Tree');
    expect(() => codec.decode(unhex('12 05 12 03 0a'), 0, 5)).to.throw(DecodeError);
    const message = decoded(codec, unhex('12 03 0a 01 78'));
    expect(registry.toJson(message)).to.deep.equal({ left: { label: 'x' } });
  });

  it('keeps an Any as bytes when they are none of its type', () => {
    const bytes = encoded(registry.message('kinds.WellKnown'), {
      any: { typeUrl: 'type.googleapis.com/kinds.Tree', value: unhex('0a 05') },
    });
    const message = decoded(registry.message('kinds.WellKnown'), bytes);
    expect(registry.toObject(message['any'])).to.deep.equal({
      '@type': 'type.googleapis.com/kinds.Tree',
      value: Buffer.from([0x0a, 0x05]),
    });
    expect(encoded(registry.message('kinds.WellKnown'), message)).to.deep.equal(bytes);
  });
});
