import { expect } from 'chai';
import fc from 'fast-check';
import {
  type UnknownField,
  unknownFieldsOf,
  unknownNumbersOf,
} from '../../../lib/schema/codec/unknown-field-list.ts';
import { missingIn, verbatimBytes } from '../../../lib/schema/registry/any-types.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { toText } from '../../../lib/schema/text/text-format.ts';
import { decoded, encoded, hex, registryOf, unhex } from '../schemas.ts';

const OLDER = `
syntax = "proto3";
package v;
import "google/protobuf/any.proto";
message Leaf { string name = 1; }
message Tree {
  string label = 1;
  Leaf leaf = 2;
  repeated Leaf leaves = 3;
  map<string, Leaf> named = 4;
  google.protobuf.Any any = 5;
  oneof choice { Leaf chosen = 6; }
}
`;

/** What a newer server sends: name "a", and fields 2 to 7 of each wire type. */
const NEWER_LEAF = '0a0161 1005 1d0a000000 21fffffffffffffffe 2a026869 33083534 3a00';
const nested = (number: number, content: string): string => {
  const octets = content.replaceAll(' ', '');
  return hex(Buffer.from([number * 8 + 2, octets.length / 2])) + octets;
};

const PLACES: readonly { name: string; bytes: string }[] = [
  { name: 'a message', bytes: nested(2, NEWER_LEAF) },
  { name: 'the messages of a list', bytes: nested(3, NEWER_LEAF) + nested(3, NEWER_LEAF) },
  { name: 'the value of a map', bytes: nested(4, nested(1, '78') + nested(2, NEWER_LEAF)) },
  { name: 'the member of a oneof', bytes: nested(6, NEWER_LEAF) },
  { name: 'an Any', bytes: nested(5, nested(1, hex(Buffer.from('x/v.Leaf'))) + nested(2, NEWER_LEAF)) },
  { name: 'the whole message', bytes: '0a0178 f80301' },
];

const SHOWN: readonly {
  name: string;
  leaf: string;
  list: readonly UnknownField[];
  json: unknown;
  text: string;
}[] = [
  {
    name: 'a varint',
    leaf: '10ffffffffffffffffff01',
    list: [{ number: 2, wireType: 'varint', value: 2n ** 64n - 1n }],
    json: [{ number: 2, varint: '18446744073709551615' }],
    text: '2: 18446744073709551615\n',
  },
  {
    name: 'fixed sizes',
    leaf: '150a000000 110a00000000000080',
    list: [
      { number: 2, wireType: 'fixed32', value: 10n },
      { number: 2, wireType: 'fixed64', value: 2n ** 63n + 10n },
    ],
    json: [
      { number: 2, fixed32: '10' },
      { number: 2, fixed64: '9223372036854775818' },
    ],
    text: '2: 0x0000000a\n2: 0x800000000000000a\n',
  },
  {
    name: 'text',
    leaf: '12026869',
    list: [{ number: 2, wireType: 'bytes', value: Buffer.from('hi') }],
    json: [{ number: 2, bytes: 'aGk=', text: 'hi' }],
    text: '2: "hi"\n',
  },
  {
    name: 'bytes that are no text',
    leaf: '1202ff00',
    list: [{ number: 2, wireType: 'bytes', value: Buffer.from([255, 0]) }],
    json: [{ number: 2, bytes: '/wA=' }],
    text: '2: "\\377\\000"\n',
  },
  {
    name: 'nothing',
    leaf: '1200',
    list: [{ number: 2, wireType: 'bytes', value: Buffer.alloc(0) }],
    json: [{ number: 2, bytes: '', text: '' }],
    text: '2: ""\n',
  },
  {
    name: 'what may be a message',
    leaf: '12020805',
    list: [{ number: 2, wireType: 'bytes', value: Buffer.from([8, 5]) }],
    json: [{ number: 2, bytes: 'CAU=', message: [{ number: 1, varint: '5' }] }],
    text: '2 {\n  1: 5\n}\n',
  },
  {
    name: 'a group in a group',
    leaf: '13 1b 0805 1c 14',
    list: [
      {
        number: 2,
        wireType: 'group',
        value: [{ number: 3, wireType: 'group', value: [{ number: 1, wireType: 'varint', value: 5n }] }],
      },
    ],
    json: [{ number: 2, group: [{ number: 3, group: [{ number: 1, varint: '5' }] }] }],
    text: '2 {\n  3 {\n    1: 5\n  }\n}\n',
  },
];

describe('unknown fields', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([OLDER]);
  });

  for (const { name, bytes } of PLACES) {
    it(`in ${name} are sent on as they came`, () => {
      const codec = registry.message('v.Tree');
      const wire = bytes.replaceAll(' ', '');
      const message = decoded(codec, unhex(bytes));
      expect(hex(encoded(codec, message))).to.equal(wire);
      expect(JSON.stringify(message)).not.to.include('unknown');
    });
  }

  it('go with the message that they belong to, wherever it is put', () => {
    const codec = registry.message('v.Tree');
    const { leaf } = decoded(codec, unhex(nested(2, NEWER_LEAF)));
    expect(hex(encoded(codec, { label: 'y', leaves: [leaf] }))).to.equal(`0a0179${nested(3, NEWER_LEAF)}`);
    expect(hex(encoded(codec, { any: { '@type': 'x/v.Leaf', name: 'b' } }))).not.to.include('1005');
  });

  it('do not go with a message that is taken for another type, nor with copies of its fields', () => {
    const codec = registry.message('v.Leaf');
    const tree = decoded(registry.message('v.Tree'), unhex('f80301'));
    expect(encoded(codec, { ...decoded(codec, unhex('0a0178 f80301')) })).to.deep.equal(unhex('0a0178'));
    delete tree['leaves'];
    delete tree['named'];
    delete tree['label'];
    expect(encoded(codec, tree)).to.have.length(0);
  });

  it('stay with a message whose fields are changed', () => {
    const codec = registry.message('v.Tree');
    const message = decoded(codec, unhex('f80301'));
    message['label'] = 'z';
    expect(hex(encoded(codec, message))).to.equal('0a017af80301');
  });

  it('are merged when a message comes in parts', () => {
    const codec = registry.message('v.Tree');
    const message = decoded(codec, unhex('12021005 12021006 1205 0a0162 1007'));
    expect(hex(encoded(codec, message))).to.equal('12090a0162100510061007');
  });

  it('are kept where Any values are resolved', () => {
    const codec = registry.message('v.Tree');
    const any = nested(5, nested(1, hex(Buffer.from('x/un.Known'))));
    const bytes = nested(2, NEWER_LEAF) + any;
    const message = decoded(codec, unhex(bytes));
    expect(missingIn(message)).to.deep.equal({ types: ['un.Known'], extensions: [], isJson: false });
    expect(hex(verbatimBytes(message) ?? new Uint8Array(0))).to.equal(bytes);
  });

  for (const { name, leaf, list, json, text } of SHOWN) {
    it(`are shown on request: ${name}`, () => {
      const codec = registry.message('v.Leaf');
      const message = decoded(codec, unhex(leaf));
      expect(unknownFieldsOf(message)).to.deep.equal(list);
      expect(
        JSON.parse(JSON.stringify(registry.toJson(message, 'v.Leaf', { unknownFields: true }))),
      ).to.deep.equal({
        '@unknown': json,
      });
      expect(toText(registry, 'v.Leaf', message, { unknownFields: true })).to.equal(text);
      expect(registry.toJson(message, 'v.Leaf')).to.deep.equal({});
      expect(toText(registry, 'v.Leaf', message)).to.equal('');
    });
  }

  it('are shown in messages within', () => {
    const codec = registry.message('v.Tree');
    const any = nested(5, nested(1, hex(Buffer.from('x/v.Leaf'))) + nested(2, '1005'));
    const message = decoded(codec, unhex(nested(2, '1005') + any));
    expect(registry.toJson(message, 'v.Tree', { unknownFields: true })).to.deep.equal({
      leaf: { '@unknown': [{ number: 2, varint: '5' }] },
      any: { '@type': 'x/v.Leaf', '@unknown': [{ number: 2, varint: '5' }] },
    });
    expect(toText(registry, 'v.Tree', message, { unknownFields: true })).to.equal(
      'leaf {\n  2: 5\n}\nany {\n  [x/v.Leaf] {\n    2: 5\n  }\n}\n',
    );
  });

  describe('of a number that memory would not bear', () => {
    const manyFields = (): ReturnType<typeof decoded> =>
      decoded(registry.message('v.Leaf'), Buffer.alloc(600_000, Uint8Array.of(0x10, 1)));

    it('are not shown', () => {
      const many = manyFields();
      const options = { unknownFields: true };
      const refused = 'more than 250000 unknown fields to show';
      expect(() => registry.toJson(many, 'v.Leaf', options)).to.throw(RangeError, refused);
      expect(() => toText(registry, 'v.Leaf', many, options)).to.throw(RangeError, refused);
    });

    it('are not shown of several messages together either', () => {
      // Two of 150,000 fields each.
      const one = [Uint8Array.of(0x1a, 0xe0, 0xa7, 0x12), Buffer.alloc(300_000, Uint8Array.of(0x10, 1))];
      const tree = decoded(registry.message('v.Tree'), Buffer.concat([...one, ...one]));
      expect(() => registry.toJson(tree, 'v.Tree', { unknownFields: true })).to.throw(RangeError, '250000');
    });

    it('are listed and sent on all the same', () => {
      const many = manyFields();
      expect(unknownFieldsOf(many).length).to.equal(300_000);
      expect([...unknownNumbersOf(many)]).to.deep.equal([2]);
      expect(encoded(registry.message('v.Leaf'), many).length).to.equal(600_000);
    });

    it('within a value make bytes of it', () => {
      const value = Buffer.alloc(600_000, Uint8Array.of(0x10, 1));
      const message = decoded(
        registry.message('v.Leaf'),
        Buffer.concat([Uint8Array.of(0x12, 0xc0, 0xcf, 0x24), value]),
      );
      expect(registry.toJson(message, 'v.Leaf', { unknownFields: true })).to.deep.equal({
        '@unknown': [{ number: 2, bytes: value.toString('base64') }],
      });
    });
  });

  it('that nest are guessed at to a few levels', () => {
    let octets = '0801';
    for (let level = 0; level < 20; level++) octets = nested(2, octets);
    const message = decoded(registry.message('v.Leaf'), unhex(octets));
    const text = toText(registry, 'v.Leaf', message, { unknownFields: true });
    expect(text.match(/2 \{/g)).to.have.length(10);
  });

  it('of a message of a newer schema all come back to who knows it', async () => {
    const newer = await registryOf([
      `syntax = "proto3"; package v;
      message Leaf { string name = 1; repeated sint64 a = 2; map<string, Leaf> b = 3; bytes c = 4; double d = 5; Leaf e = 6; }`,
    ]);
    const leaf = fc.letrec((tie) => ({
      leaf: fc.record({
        name: fc.string({ maxLength: 4 }),
        a: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 4 }),
        b: fc.dictionary(fc.string({ maxLength: 3 }), fc.record({ name: fc.string() }), { maxKeys: 2 }),
        c: fc.uint8Array({ maxLength: 5 }),
        d: fc.double(),
        e: fc.option(tie('leaf'), { nil: undefined, maxDepth: 3 }),
      }),
    })).leaf;
    const [codec, old] = [newer.message('v.Leaf'), registry.message('v.Leaf')];
    fc.assert(
      fc.property(leaf, (fields) => {
        const wire = encoded(codec, fields as object);
        const message = decoded(old, wire);
        expect(hex(encoded(old, message))).to.equal(hex(wire));
        expect(() => registry.toJson(message, 'v.Leaf', { unknownFields: true })).not.to.throw();
        expect(() => toText(registry, 'v.Leaf', message, { unknownFields: true })).not.to.throw();
      }),
    );
  });
});
