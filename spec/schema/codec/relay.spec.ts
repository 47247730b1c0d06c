import { expect } from 'chai';
import fc from 'fast-check';
import { writeJson } from '../../../lib/schema/codec/json/json-writer.ts';
import type { MessageCodec } from '../../../lib/schema/codec/method.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { fromText } from '../../../lib/schema/text/from-text.ts';
import { toText } from '../../../lib/schema/text/text-format.ts';
import { parseJson } from '../../../lib/values/text/json-text.ts';
import { decoded, encoded, hex, KINDS, OLD, registryOf, unhex } from '../schemas.ts';

interface Row {
  readonly name: string;
  readonly type: string;
  readonly bytes: string;
  readonly json: string;
  readonly text: string;
  /** As what the JSON is read back to the same bytes; by default as both. */
  readonly readAs?: 'fields' | 'nothing';
}

const WELL_KNOWN = 'kinds.WellKnown';

/** A field of up to 127 octets with its length, in hexadecimal. */
function field(number: number, content: string): string {
  const octets = content.replaceAll(' ', '');
  return hex(Buffer.from([number * 8 + 2, octets.length / 2])) + octets;
}
const ofText = (text: string): string => hex(Buffer.from(text));
const anyOf = (typeUrl: string, value: string): string =>
  field(4, field(1, ofText(typeUrl)) + (value === '' ? '' : field(2, value)));

/** What servers send, though no form but the wire's has it, or each form has it in its own way. */
const ROWS: readonly Row[] = [
  {
    name: 'a Timestamp with negative nanos',
    type: WELL_KNOWN,
    bytes: field(1, '0801 10fbffffffffffffffff01'),
    json: '{"time":{"seconds":"1","nanos":-5}}',
    text: 'time {\n  seconds: 1\n  nanos: -5\n}\n',
  },
  {
    name: 'a Timestamp with too many nanos',
    type: WELL_KNOWN,
    bytes: field(1, '1080 94ebdc03'),
    json: '{"time":{"nanos":1000000000}}',
    text: 'time {\n  nanos: 1000000000\n}\n',
  },
  {
    name: 'a Timestamp before the year 1',
    type: WELL_KNOWN,
    bytes: field(1, '08ffebaba498feffffff01'),
    json: '{"time":{"seconds":"-62200809985"}}',
    text: 'time {\n  seconds: -62200809985\n}\n',
  },
  {
    name: 'the last second that there is',
    type: WELL_KNOWN,
    bytes: field(1, '08ffffffffffffffff7f'),
    json: '{"time":{"seconds":"9223372036854775807"}}',
    text: 'time {\n  seconds: 9223372036854775807\n}\n',
  },
  {
    name: 'a Duration of two signs',
    type: WELL_KNOWN,
    bytes: field(2, '0801 10feffffffffffffffff01'),
    json: '{"span":{"seconds":"1","nanos":-2}}',
    text: 'span {\n  seconds: 1\n  nanos: -2\n}\n',
  },
  {
    name: 'a Duration that is too long',
    type: WELL_KNOWN,
    bytes: field(2, '08ffffffffffffff7f'),
    json: '{"span":{"seconds":"72057594037927935"}}',
    text: 'span {\n  seconds: 72057594037927935\n}\n',
  },
  {
    name: 'a mask without a form in JSON',
    type: WELL_KNOWN,
    bytes: field(3, field(1, ofText('foo__b'))),
    json: '{"mask":{"paths":["foo__b"]}}',
    text: 'mask {\n  paths: "foo__b"\n}\n',
  },
  {
    name: 'an Any whose type has no host',
    type: WELL_KNOWN,
    bytes: anyOf('kinds.Tree', field(1, ofText('x'))),
    json: '{"any":{"@type":"kinds.Tree","label":"x"}}',
    text: 'any {\n  [kinds.Tree] {\n    label: "x"\n  }\n}\n',
  },
  {
    name: 'an Any of a well-known type that has no host',
    type: WELL_KNOWN,
    bytes: anyOf('google.protobuf.Duration', '0801'),
    json: '{"any":{"@type":"google.protobuf.Duration","value":"1s"}}',
    text: 'any {\n  [google.protobuf.Duration] {\n    seconds: 1\n  }\n}\n',
  },
  {
    name: 'an Any whose type has no host and is not loaded',
    type: WELL_KNOWN,
    bytes: anyOf('un.Known', '0a0178d009'),
    json: '{"any":{"@type":"un.Known","value":"CgF40Ak="}}',
    readAs: 'fields',
    text: 'any {\n  type_url: "un.Known"\n  value: "\\n\\001x\\320\\t"\n}\n',
  },
  {
    name: 'an Any of a slash alone',
    type: WELL_KNOWN,
    bytes: anyOf('/', ''),
    json: '{"any":{"typeUrl":"/"}}',
    text: 'any {\n  type_url: "/"\n}\n',
  },
  {
    name: 'an Any whose bytes are none of its well-known type',
    type: WELL_KNOWN,
    bytes: anyOf('x/google.protobuf.Duration', 'ff'),
    json: '{"any":{"@type":"x/google.protobuf.Duration","value":"/w=="}}',
    readAs: 'nothing',
    text: 'any {\n  type_url: "x/google.protobuf.Duration"\n  value: "\\377"\n}\n',
  },
  {
    name: 'an Any whose bytes are none of its wrapper',
    type: WELL_KNOWN,
    bytes: anyOf('x/google.protobuf.BytesValue', 'ff'),
    json: '{"any":{"@type":"x/google.protobuf.BytesValue","value":"/w=="}}',
    readAs: 'nothing',
    text: 'any {\n  type_url: "x/google.protobuf.BytesValue"\n  value: "\\377"\n}\n',
  },
  {
    name: 'minus zero',
    type: 'kinds.Scalars',
    bytes: '090000000000000080 1500000080',
    json: '{"aDouble":"-0","aFloat":"-0"}',
    text: 'a_double: -0\na_float: -0\n',
  },
  {
    name: 'minus zero in wrappers',
    type: WELL_KNOWN,
    bytes: field(8, '090000000000000080') + field(9, '0d00000080'),
    json: '{"doubleValue":"-0","floatValue":"-0"}',
    text: 'double_value {\n  value: -0\n}\nfloat_value {\n  value: -0\n}\n',
  },
  {
    name: 'floats that are denormal, and those of nine digits',
    type: 'kinds.Lists',
    bytes: field(2, '01000000 03000000 ffff7f00 00008000 cdcccc3d 0100803f'),
    json: '{"floats":[1e-45,4e-45,1.1754942e-38,1.1754944e-38,0.1,1.0000001]}',
    text: 'floats: 1e-45\nfloats: 4e-45\nfloats: 1.1754942e-38\nfloats: 1.1754944e-38\nfloats: 0.1\nfloats: 1.0000001\n',
  },
];

/** The value without the classes of its messages. */
const plain = (registry: Registry, message: object): unknown => registry.toObject(message);

describe('what was received', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD]);
  });
  const written = (codec: MessageCodec, fields: unknown): string => hex(encoded(codec, fields as object));

  for (const { name, type, bytes, json, text, readAs } of ROWS) {
    describe(`with ${name}`, () => {
      const wire = bytes.replaceAll(' ', '');

      it('is sent as it came', () => {
        const codec = registry.message(type);
        const message = decoded(codec, unhex(bytes));
        expect(written(codec, message)).to.equal(wire);
      });

      it('is printed as JSON, and read back as fields and as ProtoJSON', () => {
        const codec = registry.message(type);
        const message = decoded(codec, unhex(bytes));
        expect(JSON.stringify(message)).to.equal(json);
        expect(written(codec, plain(registry, message))).to.equal(wire);
        if (readAs !== 'nothing') expect(written(codec, JSON.parse(json))).to.equal(wire);
        if (readAs !== undefined) return;
        expect(written(codec, registry.fromJson(type, parseJson(json)))).to.equal(wire);
      });

      it('is printed as text, and read back', () => {
        const codec = registry.message(type);
        expect(toText(registry, type, decoded(codec, unhex(bytes)))).to.equal(text);
        expect(written(codec, fromText(registry, type, text))).to.equal(wire);
      });
    });
  }

  it('with negative zero is written as the number -0', () => {
    const fields = { aDouble: -0, aFloat: -0, anInt32: -0, aString: '\u2028"' };
    const text = '{"aDouble":-0,"aFloat":-0,"aString":"\u2028\\""}';
    expect(registry.toJsonText(fields, 'kinds.Scalars')).to.equal(text);
    expect(registry.fromJson('kinds.Scalars', parseJson(text))).to.include({ aDouble: -0, aFloat: -0 });
    expect(registry.toJsonText({ values: [-0, { a: [-0, {}, []], b: null }] }, WELL_KNOWN)).to.equal(
      '{"values":[-0,{"a":[-0,{},[]],"b":null}]}',
    );
    expect(registry.toJsonText({ namedValues: { '': -0 } }, WELL_KNOWN, { indent: 2 })).to.equal(
      '{\n  "namedValues": {\n    "": -0\n  }\n}',
    );
  });

  it('is written as JSON.stringify writes it, whatever the indentation', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 10 }), (value, indent) => {
        const positive = JSON.parse(JSON.stringify(value));
        expect(writeJson(positive, indent)).to.equal(JSON.stringify(positive, undefined, indent));
        expect(JSON.stringify(parseJson(writeJson(value, indent)))).to.equal(JSON.stringify(value));
      }),
    );
  });
});
