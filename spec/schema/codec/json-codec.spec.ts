import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { missingSymbol } from '../../../lib/schema/codec/missing-symbol.ts';
import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import { DecodedSizeError, DecodeError } from '../../../lib/schema/codec/wire/decode-error.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';
import { decoded, EDITION, encoded, KINDS, OLD, registryOf, thrownBy } from '../schemas.ts';
import { MESSAGES, MORE_MESSAGES } from './arbitrary-messages.ts';
import { ACCEPTED, REFUSED } from './json-documents.ts';

const SCALARS = 'kinds.Scalars';
const WELL_KNOWN = 'kinds.WellKnown';

const octetsOf = (text: string): Uint8Array => Buffer.from(text);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const FORMS: readonly { name: string; options: ValueOptions }[] = [
  { name: 'the defaults', options: {} },
  {
    name: 'keepCase, longs: String, enums: Number',
    options: { keepCase: true, longs: String, enums: Number },
  },
  { name: 'bytes: String, no defaults, oneofs', options: { bytes: String, defaults: false, oneofs: true } },
  {
    name: 'bytes: Array, no defaults, arrays, objects',
    options: { bytes: Array, defaults: false, arrays: true, objects: true },
  },
];

/** What neither form of the wire takes. */
const BAD_FIELDS: readonly { type?: string; fields: unknown }[] = [
  { fields: 'text' },
  { fields: null },
  { fields: [1] },
  { fields: { nope: 1 } },
  { fields: { anInt32: 1.5 } },
  { fields: { anInt32: '1' } },
  { fields: { anInt32: 2 ** 31 } },
  { fields: { aUint32: -1 } },
  { fields: { aFixed32: -1 } },
  { fields: { anInt64: 2 ** 53 } },
  { fields: { anInt64: 2n ** 63n } },
  { fields: { aUint64: -1 } },
  { fields: { anSfixed64: 'x' } },
  { fields: { aDouble: '1.5' } },
  { fields: { aFloat: 1e39 } },
  { fields: { aBool: 1 } },
  { fields: { aString: 7 } },
  { fields: { aString: '\ud800' } },
  { fields: { aString: 'long enough for the other way: \ud800' } },
  { fields: { aString: '"\ud800' } },
  { fields: { someBytes: '!' } },
  { fields: { someBytes: [256] } },
  { fields: { aColor: 'BLUE' } },
  { fields: { aColor: 1.5 } },
  { fields: { anInt32: 1, an_int32: 1 } },
  { type: 'kinds.Lists', fields: { int32s: 1 } },
  { type: 'kinds.Lists', fields: { int32s: [1, null] } },
  { type: 'kinds.Lists', fields: { int32s: new Uint8Array(1) } },
  { type: 'kinds.Lists', fields: { scalars: [{}, { anInt32: 'x' }] } },
  { type: 'kinds.Maps', fields: { strings: [1] } },
  { type: 'kinds.Maps', fields: { strings: { a: 1 } } },
  { type: 'kinds.Maps', fields: { strings: new Map([[1, 'x']]) } },
  { type: 'kinds.Maps', fields: { strings: { '\ud800': 'x' } } },
  { type: 'kinds.Maps', fields: { byInt32: { x: {} } } },
  { type: 'kinds.Maps', fields: { byInt32: { 2147483648: {} } } },
  { type: 'kinds.Maps', fields: { byBool: { yes: 'x' } } },
  { type: 'kinds.Presence', fields: { number: 1, name: 'x' } },
  { type: 'kinds.Presence', fields: { message: 1 } },
  { type: 'old.Order', fields: {} },
  { type: 'old.Order', fields: { id: 1, size: 9 } },
  { type: 'old.Order', fields: { id: 1, '[old.nope]': 9 } },
  { type: WELL_KNOWN, fields: { time: 'now' } },
  { type: WELL_KNOWN, fields: { time: 5 } },
  { type: WELL_KNOWN, fields: { time: new Date(Number.NaN) } },
  { type: WELL_KNOWN, fields: { time: { seconds: 'x' } } },
  { type: WELL_KNOWN, fields: { time: { hours: 1 } } },
  { type: WELL_KNOWN, fields: { span: '1' } },
  { type: WELL_KNOWN, fields: { mask: 'a b' } },
  { type: WELL_KNOWN, fields: { mask: { paths: ['a', 1] } } },
  { type: WELL_KNOWN, fields: { any: 1 } },
  { type: WELL_KNOWN, fields: { any: { '@type': '' } } },
  { type: WELL_KNOWN, fields: { any: { '@type': 'x/kinds.Tree', nope: 1 } } },
  { type: WELL_KNOWN, fields: { any: { '@type': 'x/google.protobuf.Duration' } } },
  { type: WELL_KNOWN, fields: { any: { label: 'x' } } },
  { type: WELL_KNOWN, fields: { struct: [] } },
  { type: WELL_KNOWN, fields: { struct: { a: { b: 1n } } } },
  { type: WELL_KNOWN, fields: { struct: { '\ud800': 1 } } },
  { type: WELL_KNOWN, fields: { value: new Date(0) } },
  { type: WELL_KNOWN, fields: { list: [[undefined]] } },
  { type: WELL_KNOWN, fields: { list: {} } },
  { type: WELL_KNOWN, fields: { int32Value: 'x' } },
  { type: WELL_KNOWN, fields: { int32Value: { value: 'x' } } },
];

describe('the codec of ProtoJSON', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD, EDITION]);
  });
  const written = (type: string, fields: unknown): string =>
    textOf(encoded(registry.jsonMessage(type), fields));
  const read = (type: string, text: string): Record<string, unknown> =>
    decoded(registry.jsonMessage(type), octetsOf(text));
  const refused = (type: string, text: string): DecodeError => {
    const error = thrownBy(() => read(type, text));
    expect(error).to.be.instanceOf(DecodeError);
    return error as DecodeError;
  };

  describe('beside the wire format', () => {
    for (const { name, options } of FORMS) {
      for (const { type, fields } of [...MESSAGES, ...MORE_MESSAGES]) {
        it(`writes and reads ${type} to the same values, with ${name}`, async () => {
          const own = await registryOf([KINDS], options);
          const codec = own.message(type);
          const json = own.jsonMessage(type);
          const keepsCase = options.keepCase === true;
          fc.assert(
            fc.property(fields, (given) => {
              const value = keepsCase ? decoded(codec, encoded(codec, given)) : given;
              const message = decoded(codec, encoded(codec, value));
              const bytes = encoded(json, value);
              expect(textOf(bytes)).to.equal(own.toJsonText(message, type));
              expect(textOf(encoded(json, message))).to.equal(textOf(bytes));
              const back = decoded(json, bytes);
              expectSame(back, message);
              expect(Object.keys(back)).to.deep.equal(Object.keys(message));
              expect(Object.getPrototypeOf(back)).to.equal(Object.getPrototypeOf(message));
            }),
            { numRuns: atLeast(20) },
          );
        });
      }
    }

    it('reads documents whatever their order, white space and escapes', () => {
      for (const { type, fields } of [...MESSAGES, ...MORE_MESSAGES]) {
        const codec = registry.message(type);
        fc.assert(
          fc.property(fields, fc.infiniteStream(fc.nat()), (value, random) => {
            const message = decoded(codec, encoded(codec, value));
            const tree: unknown = JSON.parse(written(type, value));
            const next = (most: number): number => random.next().value % most;
            const text = JSON.stringify(shuffled(tree, next), undefined, ' \t'.repeat(next(3))).replace(
              /[a-z]/gi,
              (letter) =>
                next(9) === 0 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
            );
            const isSound = !/\\\\u|\\u00(?:66|74|6e|62|72|75|65)(?=alse|rue|ull)/.test(text);
            if (isSound && isJson(text)) expectSame(read(type, ` \r\n${text}\t`), message);
          }),
          { numRuns: atLeast(20) },
        );
      }
    });

    for (const { type = SCALARS, fields } of BAD_FIELDS) {
      it(`refuses the same fields: ${describeFields(fields)} of ${type}`, () => {
        const wire = thrownBy(() => encoded(registry.message(type), fields));
        const json = thrownBy(() => encoded(registry.jsonMessage(type), fields));
        expect([json.name, json.message]).to.deep.equal([wire.name, wire.message]);
        // Only the caller's lines are in its stack.
        expect(json.stack).not.to.match(/json-encode/);
      });
    }

    it('takes maps of any keys, the last of two that are one', () => {
      const byInt32 = new Map<unknown, unknown>([
        [1, { anInt32: 1 }],
        ['1', { anInt32: 2 }],
        [-0, {}],
      ]);
      expect(written('kinds.Maps', { byInt32 })).to.equal('{"byInt32":{"1":{"anInt32":2},"0":{}}}');
      expect(written('kinds.Maps', { byInt64: { '-0': true, 5: false } })).to.equal(
        '{"byInt64":{"5":false,"0":true}}',
      );
      expect(written('kinds.Maps', { byBool: new Map([[true, 'x']]) })).to.equal('{"byBool":{"true":"x"}}');
    });

    it('writes integers of every length, and those that are safe without a bigint', () => {
      const powers = Array.from({ length: 16 }, (_, i) => 10 ** i);
      const edges = [0, 2 ** 31, 2 ** 32, 2 ** 53 - 1, ...powers];
      const near = edges.flatMap((edge) => [edge - 1, edge, edge + 1]).filter(Number.isSafeInteger);
      for (const anInt64 of near.flatMap((value) => [value, -value])) {
        const json = anInt64 === 0 ? '{}' : `{"anInt64":"${anInt64}"}`;
        expect(written(SCALARS, { anInt64 })).to.equal(json);
        if (anInt64 > 0 && anInt64 < 2 ** 32)
          expect(written(SCALARS, { aUint32: anInt64 })).to.equal(`{"aUint32":${anInt64}}`);
      }
    });

    it('writes long lists of numbers as it does short ones', () => {
      const doubles = [0.1, -0, 1e21, Number.NaN, 5, 6, 7, 8, 9, 10];
      expect(written('kinds.Lists', { doubles })).to.equal('{"doubles":[0.1,-0,1e+21,"NaN",5,6,7,8,9,10]}');
      const int32s = Object.assign([-0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { toJSON: () => 'no' });
      expect(written('kinds.Lists', { int32s })).to.equal('{"int32s":[0,1,2,3,4,5,6,7,8,9]}');
      expect(written('kinds.Lists', { int32s: [...int32s] })).to.equal('{"int32s":[0,1,2,3,4,5,6,7,8,9]}');
      int32s[9] = 0.5;
      expect(thrownBy(() => written('kinds.Lists', { int32s: [...int32s] })).message).to.match(
        /^int32s\[9\]: 0\.5 is not/,
      );
      expect(written('kinds.Lists', { doubles: new Float64Array(9) })).to.equal(
        '{"doubles":[0,0,0,0,0,0,0,0,0]}',
      );
    });

    it('takes a getter that encodes another message meanwhile', () => {
      const fields = {
        get label() {
          return written(SCALARS, { anInt32: 1 });
        },
      };
      expect(written('kinds.Tree', { left: fields, right: fields })).to.equal(
        '{"left":{"label":"{\\"anInt32\\":1}"},"right":{"label":"{\\"anInt32\\":1}"}}',
      );
    });

    it('leaves the octets before a message to its caller', () => {
      const codec = registry.jsonMessage(SCALARS);
      const { bytes, start, end } = codec.encode({ anInt32: 7 }, 5);
      expect(textOf(bytes.subarray(start + 5, end))).to.equal('{"anInt32":7}');
    });

    it('never writes over a message that was finished, small or large', () => {
      const codec = registry.jsonMessage(SCALARS);
      const kept = [10, 100_000, 20, 70_000, 5].map((length, i) => {
        const aString = String(i).repeat(length);
        const { bytes, start, end } = codec.encode({ aString }, 5);
        return { aString, bytes: bytes.subarray(start + 5, end) };
      });
      for (const { aString, bytes } of kept) expect(JSON.parse(textOf(bytes))).to.deep.equal({ aString });
    });

    it('says whether an object is a message of the type, whichever codec decoded it', () => {
      const codec = registry.jsonMessage('kinds.Tree');
      expect(codec.isMessage?.(decoded(registry.message('kinds.Tree'), new Uint8Array(0)))).to.equal(true);
      expect(codec.isMessage?.(read('kinds.Tree', '{}'))).to.equal(true);
      expect(codec.isMessage?.(read(SCALARS, '{}'))).to.equal(false);
      expect(codec.isMessage?.({})).to.equal(false);
    });

    it('refuses a cycle, and values that nest too deeply', () => {
      const cycle: Record<string, unknown> = {};
      cycle['left'] = cycle;
      expect(thrownBy(() => written('kinds.Tree', cycle)).message).to.match(/contains itself/);
      let deep: unknown = {};
      for (let i = 0; i < 101; i++) deep = { left: deep };
      expect(thrownBy(() => written('kinds.Tree', deep)).message).to.match(/more than 100 levels/);
    });
  });

  describe('of what only the wire format can hold', () => {
    for (const [name, fields, pattern] of [
      ['a time after 9999', { time: { seconds: 253402300800n } }, /^time: .*no form in JSON/],
      ['a time of negative nanos', { time: { nanos: -1 } }, /^time: .*no form in JSON/],
      ['a span of two signs', { span: { seconds: 1, nanos: -1 } }, /^span: .*no form in JSON/],
      ['a path that its camel spelling does not lead back to', { mask: 'a__b' }, /^mask: .*'a__b'/],
      ['a number in a Value that JSON has not', { value: Number.NaN }, /^value: NaN in a .*no form in JSON/],
      [
        'bytes that are no message',
        { any: { '@type': 'x/kinds.Tree', value: Buffer.from([255]) } },
        /^any: .*no form/,
      ],
      ['an Any that says no type', { any: { value: Buffer.from([1]) } }, /^any: .*not loaded/],
    ] as const) {
      it(`refuses ${name}`, () => {
        encoded(registry.message(WELL_KNOWN), fields);
        expect(thrownBy(() => written(WELL_KNOWN, fields)).message).to.match(pattern);
      });
    }

    it('names the type of an Any that is not loaded, for whoever can ask for it', () => {
      for (const any of [
        { '@type': 'x.test/un.Known', value: Buffer.from([8, 1]) },
        { '@type': 'x.test/un.Known', a: 1 },
        { typeUrl: 'x.test/un.Known', value: Buffer.from([8, 1]) },
      ]) {
        const error = thrownBy(() => written(WELL_KNOWN, { any }));
        expect(error).to.be.instanceOf(TypeError);
        expect(missingSymbol(error)).to.equal('un.Known');
      }
    });

    it('decodes an Any that was given as bytes', () => {
      const label = encoded(registry.message('kinds.Tree'), { label: 'x' });
      const json = '{"any":{"@type":"x/kinds.Tree","label":"x"}}';
      expect(written(WELL_KNOWN, { any: { '@type': 'x/kinds.Tree', value: label } })).to.equal(json);
      expect(written(WELL_KNOWN, { any: { typeUrl: 'x/kinds.Tree', value: label } })).to.equal(json);
      const span = encoded(registry.message('google.protobuf.Duration'), '1.5s');
      expect(written(WELL_KNOWN, { any: { typeUrl: 'x/google.protobuf.Duration', value: span } })).to.equal(
        '{"any":{"@type":"x/google.protobuf.Duration","value":"1.500s"}}',
      );
    });

    it('leaves unknown fields out', () => {
      const codec = registry.message('kinds.Tree');
      const message = decoded(codec, Uint8Array.from([0x0a, 1, 0x78, 0xf8, 0x06, 1]));
      expect(written('kinds.Tree', message)).to.equal('{"label":"x"}');
    });
  });

  describe('takes', () => {
    for (const { name, type = SCALARS, json, canonical } of ACCEPTED) {
      it(`${name}`, () => {
        const message = read(type, json);
        expect(message).to.deep.equal(registry.fromJson(type, registry.toJson(message)));
        expect(JSON.parse(JSON.stringify(message))).to.deep.equal(JSON.parse(canonical));
        expect(JSON.parse(written(type, message))).to.deep.equal(JSON.parse(canonical));
      });
    }

    for (const { name, type = SCALARS, json, isUnknown } of REFUSED) {
      if (isUnknown) it(`${name}, and passes over it`, () => expect(read(type, json)).to.be.an('object'));
    }

    it('a wrapper and a Value as the whole message', () => {
      expect(read('google.protobuf.StringValue', ' "x" ')).to.equal('x');
      expect(read('google.protobuf.Value', 'null')).to.equal(null);
      expect(read('google.protobuf.Int64Value', '"5"')).to.equal(5n);
      expect(written('google.protobuf.BoolValue', false)).to.equal('false');
      expect(written('google.protobuf.BytesValue', {})).to.equal('""');
    });

    it('what the schema does not know, of any form, and names of enums in lists, maps and oneofs', () => {
      const unknown = '"x":{"y":[1,-2.5e3,"\\u00e9é",true,false,null,{},[]]}';
      expect(read('kinds.Tree', `{${unknown},"label":"x","[no.extension]":{}}`)).to.deep.include({
        label: 'x',
      });
      expect(read('kinds.Lists', '{"colors":["RED","BLUE",7,"DARK"]}')['colors']).to.deep.equal([
        'RED',
        7,
        'DARK',
      ]);
      expect(read('kinds.Maps', '{"bySint32":{"1":"BLUE","2":"RED"}}')['bySint32']).to.deep.equal({
        2: 'RED',
      });
      expect(read(SCALARS, '{"aColor":"BLUE"}')).to.deep.include({ aColor: 'COLOR_UNSPECIFIED' });
      expect(read('kinds.Presence', '{"color":"BLUE"}')).not.to.have.property('color');
      // A number that a closed enum does not have is as unknown.
      expect(read('old.Order', '{"id":1,"size":9,"sizes":[1,9]}')).to.deep.include({ sizes: ['SMALL'] });
      expect(read('old.Order', '{"id":1,"size":9}')).not.to.have.property('size');
    });

    it('an Any of a type that is not loaded, as plain values', () => {
      const json = '{"any":{"a":[1,{"b":null}],"@type":"x.test/un.Known","value":"x"}}';
      const message = read(WELL_KNOWN, json);
      const any = { a: [1, { b: null }], '@type': 'x.test/un.Known', value: 'x' };
      expect(registry.toObject(message)).to.deep.include({ any });
      expect(JSON.parse(JSON.stringify(message))).to.deep.equal({ any });
      expect(missingSymbol(thrownBy(() => written(WELL_KNOWN, message)))).to.equal('un.Known');
      expect(missingSymbol(thrownBy(() => encoded(registry.message(WELL_KNOWN), message)))).to.equal(
        'un.Known',
      );
    });

    it('a byte order mark', () => {
      expect(read('kinds.Tree', '\ufeff{"label":"x"}')).to.deep.include({ label: 'x' });
    });
  });

  describe('refuses', () => {
    for (const { name, type = SCALARS, json, isUnknown } of REFUSED) {
      if (!isUnknown)
        it(`${name}`, () => expect(refused(type, json).message).to.match(/^not a valid JSON form of /));
    }

    for (const [name, type, json, text] of [
      [
        'nothing',
        SCALARS,
        '',
        'not a valid JSON form of kinds.Scalars, octet 0: expected an object, found the end',
      ],
      ['an octet too many', SCALARS, '{}}', "kinds.Scalars, octet 2: expected the end, found '}'"],
      [
        'a comma too many',
        SCALARS,
        '{"anInt32":1,}',
        "octet 13: expected a property name in double quotes, found '}'",
      ],
      [
        'a comma too many in a list',
        'kinds.Lists',
        '{"int32s":[1,]}',
        "at int32s, octet 13: expected an integer, found ']'",
      ],
      ['a missing colon', SCALARS, '{"anInt32" 1}', "octet 11: expected ':', found a number"],
      ['a leading zero', SCALARS, '{"anInt32":01}', 'at anInt32, octet 11: a malformed number'],
      ['a plus', SCALARS, '{"anInt32":+1}', 'at anInt32, octet 11: a malformed number'],
      [
        'a field twice',
        SCALARS,
        '{"anInt32":1,"anInt32":1}',
        "at anInt32, octet 23: the object has the property 'anInt32' twice",
      ],
      ['a later field twice', 'kinds.Lists', '{"unpacked":[1],"unpacked":[]}', 'twice'],
      ['an extension twice', 'old.Order', '{"id":1,"[old.priority]":1,"[old.priority]":1}', 'twice'],
      [
        'a key of a map twice',
        'kinds.Maps',
        '{"byInt32":{"0":{},"-0":{}}}',
        'at byInt32, octet 24: the map has a key twice',
      ],
      [
        'a key of a Struct twice',
        WELL_KNOWN,
        '{"struct":{"a":1,"a":1}}',
        ': an object has two properties of one name',
      ],
      [
        'a field that is required',
        'old.Order',
        '{"next":{}}',
        "the required field 'id' of old.Order is missing",
      ],
      [
        'two members of a oneof',
        'kinds.Presence',
        '{"name":"x","number":1}',
        "at number, octet 22: more than one member of the oneof 'choice'",
      ],
      ['an unclosed string', SCALARS, '{"aString":"x', 'at aString, octet 11: a string is not closed'],
      [
        'a wrong escape',
        SCALARS,
        '{"aString":"\\x"}',
        'at aString, octet 12: a string has an escape that JSON does not have',
      ],
      ['a line break in a string', SCALARS, '{"aString":"\n"}', 'at aString, octet 12: a control character'],
      [
        'a lone surrogate',
        SCALARS,
        '{"aString":"\\udc00"}',
        'at aString, octet 12: a string has a lone surrogate',
      ],
      ['nonsense after an unknown name', SCALARS, '{"x":tru}', 'octet 5: expected a value'],
      [
        'an Any without a type',
        WELL_KNOWN,
        '{"any":{"label":"x"}}',
        "at any, octet 20: an Any without '@type'",
      ],
      [
        'the value of an Any twice',
        WELL_KNOWN,
        '{"any":{"@type":"x/google.protobuf.Value","value":1,"value":1}}',
        'twice',
      ],
      [
        'a message where text was',
        WELL_KNOWN,
        '{"time":{"seconds":1}}',
        'at time, octet 8: expected text (google.protobuf.Timestamp), found an object',
      ],
      [
        'a message where a wrapper was',
        WELL_KNOWN,
        '{"int32Value":{"value":1}}',
        'at int32Value.value, octet 14: expected an integer, found an object',
      ],
      [
        'an array for bytes',
        SCALARS,
        '{"someBytes":[1]}',
        'at someBytes, octet 13: expected bytes as base64 text, found an array',
      ],
    ] as const) {
      it(`${name}`, () => expect(refused(type, json).message).to.contain(text));
    }

    it('text that is not UTF-8, known or not, and shows none of it', () => {
      for (const name of ['aString', 'nope']) {
        const bytes = Buffer.from(`{"${name}":"secret\xff"}`, 'latin1');
        const error = thrownBy(() => decoded(registry.jsonMessage(SCALARS), bytes));
        expect(error).to.be.instanceOf(DecodeError);
        expect(error.message).to.match(/not valid UTF-8$/);
      }
      expect(refused(SCALARS, '{"anInt32":"secret"}').message).not.to.contain('secret');
    });

    it('every beginning of a document, though more octets stand behind', () => {
      for (const { type = SCALARS, json } of ACCEPTED) {
        const whole = octetsOf(json);
        for (let end = 0; end < whole.length; end++) {
          const error = thrownBy(() => registry.jsonMessage(type).decode(whole, 0, end));
          expect(error).to.be.instanceOf(DecodeError);
        }
      }
    });

    it('or reads what is broken anywhere, and fails with nothing but a DecodeError', () => {
      const documents = [...ACCEPTED, ...REFUSED];
      fc.assert(
        fc.property(
          fc.constantFrom(...documents),
          fc.array(
            fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:\\-0n')), fc.nat(255))),
          ),
          ({ type = SCALARS, json }, changes) => {
            const bytes = octetsOf(json);
            for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
            try {
              decoded(registry.jsonMessage(type), bytes);
            } catch (error) {
              expect(error).to.be.instanceOf(DecodeError);
            }
          },
        ),
        { numRuns: atLeast(2000) },
      );
    });
  });

  describe('of hostile documents', () => {
    const nested = (open: string, close: string, levels: number): string =>
      open.repeat(levels) + close.repeat(levels);

    it('reads 100 levels of messages, and refuses one more', () => {
      const tree = (levels: number): string => `${'{"left":'.repeat(levels)}{}${'}'.repeat(levels)}`;
      expect(read('kinds.Tree', tree(100))).to.be.an('object');
      expect(refused('kinds.Tree', tree(101)).message).to.match(/more than 100 levels deep/);
    });

    it('refuses levels of anything else, known or not', () => {
      for (const levels of [101, 200_000]) {
        expect(refused(WELL_KNOWN, `{"value":${nested('[', ']', levels)}}`).message).to.match(
          /100 levels deep/,
        );
        expect(refused(WELL_KNOWN, `{"struct":${'{"a":'.repeat(levels)}`).message).to.match(
          /100 levels deep/,
        );
      }
      expect(refused(WELL_KNOWN, `{"x":${nested('[', ']', 1002)}}`).message).to.match(/1000 levels deep/);
      expect(refused(WELL_KNOWN, `{"x":${'{"a":'.repeat(200_000)}`).message).to.match(/1000 levels deep/);
      expect(read(WELL_KNOWN, `{"x":${nested('[', ']', 1000)}}`)).to.be.an('object');
    });

    it('does not look through Any values again and again', () => {
      const any = (levels: number, padding: string): string => {
        const type = '"@type":"x/google.protobuf.Any"';
        const inner = `{"@type":"x/google.protobuf.StringValue","value":"${padding}"}`;
        return `{"any":${'{"value":'.repeat(levels)}${inner}${`,${type}}`.repeat(levels)}}`;
      };
      expect(read(WELL_KNOWN, any(3, 'x'.repeat(100_000)))).to.be.an('object');
      expect(refused(WELL_KNOWN, any(40, 'x'.repeat(100_000))).message).to.match(/'@type' stands behind/);
    });

    it('takes no more memory than maxDecodedBytes', async () => {
      const small = await registryOf([KINDS], { maxDecodedBytes: 10_000 });
      for (const [type, json] of [
        ['kinds.Tree', `{"children":[${'{},'.repeat(1000)}{}]}`],
        [WELL_KNOWN, `{"value":[${'[],'.repeat(1000)}[]]}`],
        [WELL_KNOWN, `{"struct":{${Array.from({ length: 1000 }, (_, i) => `"${i}":0`).join()}}}`],
        ['kinds.Maps', `{"strings":{${Array.from({ length: 1000 }, (_, i) => `"${i}":""`).join()}}}`],
        [WELL_KNOWN, `{"anys":[${'{},'.repeat(1000)}{}]}`],
        ['kinds.Lists', `{"byteses":[${'"AA",'.repeat(1000)}""]}`],
      ] as const) {
        const error = thrownBy(() => decoded(small.jsonMessage(type), octetsOf(json)));
        expect(error).to.be.instanceOf(DecodedSizeError);
        expect(error.message).to.match(/values\.maxDecodedBytes/);
        expect(read(type, json)).to.be.an('object');
      }
    });

    it('sets no prototype', () => {
      for (const [type, json, path] of [
        ['kinds.Maps', '{"strings":{"__proto__":"x"}}', ['strings']],
        [WELL_KNOWN, '{"struct":{"__proto__":{"x":1}}}', ['struct']],
        [WELL_KNOWN, '{"any":{"@type":"x.test/un.Known","__proto__":{"x":1}}}', ['any']],
      ] as const) {
        const inner = path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), read(type, json));
        expect(Object.hasOwn(Object(inner), '__proto__')).to.equal(true);
      }
    });
  });
});

describe('a method', () => {
  const SERVICE = `syntax = "proto3"; package s; message M { string a = 1; } service S { rpc Do (M) returns (stream M) { option idempotency_level = IDEMPOTENT; } }`;

  it('has codecs of ProtoJSON, made when they are asked for', async () => {
    const registry = await registryOf([SERVICE]);
    const method = registry.method('Do');
    expect(method.codec).to.equal(undefined);
    const { json } = method;
    expect(json).to.include({
      name: 'Do',
      service: 's.S',
      fullName: 's.S.Do',
      path: '/s.S/Do',
      cardinality: 'unary_stream',
      responseStream: true,
      idempotency: 'idempotent',
      codec: 'json',
    });
    expect(json?.json).to.equal(json);
    expect(method.json).to.equal(json);
    const { request, reply } = json ?? method;
    expect(request).to.equal(reply);
    expect(textOf(encoded(request, { a: 'x' }))).to.equal('{"a":"x"}');
    const message = decoded(reply, octetsOf('{"a":"x"}'));
    expect(method.reply.isMessage?.(message)).to.equal(true);
  });
});

/** As `deep.equal`, which takes long: it is asked only for the words of a difference. */
function expectSame(actual: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) expect(actual).to.deep.equal(wanted);
}

function shuffled(value: unknown, next: (most: number) => number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => shuffled(item, next));
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, next)] as const);
  for (let i = entries.length - 1; i > 0; i--) {
    const j = next(i + 1);
    [entries[i], entries[j]] = [entries[j], entries[i]];
  }
  return Object.fromEntries(entries);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function describeFields(fields: unknown): string {
  return JSON.stringify(fields, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
