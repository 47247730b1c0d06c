import { expect } from 'chai';
import type {
  DescriptorProto,
  FileDescriptorProto,
} from '../../../lib/schema/descriptors/descriptor-types.ts';
import { parseProto } from '../../../lib/schema/proto/syntax/parse-proto.ts';

/** Without what is computed from positions, which comments.spec.ts looks at. */
function parse(source: string): FileDescriptorProto {
  const { sourceCodeInfo: _, ...file } = parseProto(source, 'a.proto');
  return file;
}

function message(body: string, syntax = 'proto3'): DescriptorProto {
  const head = /^\d/.test(syntax) ? `edition = "${syntax}"` : `syntax = "${syntax}"`;
  const [first] = parse(`${head}; message M { ${body} }`).messageType ?? [];
  return first;
}

describe('The .proto parser', () => {
  describe('files', () => {
    const cases: { name: string; source: string; file: Omit<FileDescriptorProto, 'name'> }[] = [
      { name: 'an empty file', source: '', file: {} },
      { name: 'empty statements', source: ';;', file: {} },
      { name: 'a byte order mark', source: '\ufeffsyntax = "proto3";', file: { syntax: 'proto3' } },
      { name: 'proto2, which descriptors leave out', source: 'syntax = "proto2";', file: {} },
      {
        name: 'an edition',
        source: 'edition = "2023";',
        file: { syntax: 'editions', edition: 'EDITION_2023' },
      },
      {
        name: 'a syntax of two literals and other quotes',
        source: `syntax = 'pro' "to3";`,
        file: { syntax: 'proto3' },
      },
      { name: 'a package', source: 'package a . b /* c */ .c;', file: { package: 'a.b.c' } },
      {
        name: 'imports of all kinds',
        source: 'import "a"; import public "b"; import weak "c"; import public "d";',
        file: { dependency: ['a', 'b', 'c', 'd'], publicDependency: [1, 3], weakDependency: [2] },
      },
      {
        name: 'an option import',
        source: 'edition = "2024"; import "a"; import option "b";',
        file: { syntax: 'editions', edition: 'EDITION_2024', dependency: ['a'], optionDependency: ['b'] },
      },
      {
        name: 'visibility',
        source: 'edition = "2024"; export message A {} local enum B { C = 0; }',
        file: {
          syntax: 'editions',
          edition: 'EDITION_2024',
          messageType: [{ name: 'A', visibility: 'VISIBILITY_EXPORT' }],
          enumType: [{ name: 'B', visibility: 'VISIBILITY_LOCAL', value: [{ name: 'C', number: 0 }] }],
        },
      },
      {
        name: 'a service with every cardinality',
        source: `syntax = "proto3"; service S {
          rpc A(X) returns (Y); rpc B(stream .p.X) returns (Y) {} ; rpc C(X) returns (stream Y);
          rpc D(stream X) returns (stream Y);
        }`,
        file: {
          syntax: 'proto3',
          service: [
            {
              name: 'S',
              method: [
                { name: 'A', inputType: 'X', outputType: 'Y' },
                { name: 'B', inputType: '.p.X', outputType: 'Y', clientStreaming: true, options: {} },
                { name: 'C', inputType: 'X', outputType: 'Y', serverStreaming: true },
                { name: 'D', inputType: 'X', outputType: 'Y', clientStreaming: true, serverStreaming: true },
              ],
            },
          ],
        },
      },
      {
        name: 'an extension with a group',
        source: 'extend A.B { optional group G = 1 { } repeated int32 r = 2; }',
        file: {
          extension: [
            {
              name: 'g',
              number: 1,
              label: 'LABEL_OPTIONAL',
              type: 'TYPE_GROUP',
              typeName: 'G',
              extendee: 'A.B',
              jsonName: 'g',
            },
            {
              name: 'r',
              number: 2,
              label: 'LABEL_REPEATED',
              type: 'TYPE_INT32',
              extendee: 'A.B',
              jsonName: 'r',
            },
          ],
          messageType: [{ name: 'G' }],
        },
      },
    ];
    for (const { name, source, file } of cases) {
      it(`reads ${name}.`, () => expect(parse(source)).to.deep.equal({ name: 'a.proto', ...file }));
    }
  });

  describe('messages', () => {
    const cases: { name: string; syntax?: string; body: string; is: Omit<DescriptorProto, 'name'> }[] = [
      {
        name: 'a field with its number in hexadecimal',
        body: 'int32 foo_bar_2x = 0x1F;',
        is: {
          field: [
            {
              name: 'foo_bar_2x',
              number: 31,
              label: 'LABEL_OPTIONAL',
              type: 'TYPE_INT32',
              jsonName: 'fooBar2x',
            },
          ],
        },
      },
      {
        name: 'a json_name',
        body: 'int32 a_b = 1 [json_name = "\\x41\\u00e9"];',
        is: {
          field: [{ name: 'a_b', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_INT32', jsonName: 'Aé' }],
        },
      },
      {
        name: 'a map, whose entry is a nested type',
        body: 'map<string, A.B> foo_bar = 1;',
        is: {
          field: [
            {
              name: 'foo_bar',
              number: 1,
              label: 'LABEL_REPEATED',
              typeName: 'FooBarEntry',
              jsonName: 'fooBar',
            },
          ],
          nestedType: [
            {
              name: 'FooBarEntry',
              field: [
                { name: 'key', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING', jsonName: 'key' },
                { name: 'value', number: 2, label: 'LABEL_OPTIONAL', typeName: 'A.B', jsonName: 'value' },
              ],
              options: { mapEntry: true },
            },
          ],
        },
      },
      {
        name: 'proto3 optional, whose oneofs come after the real ones and avoid taken names',
        body: 'optional int32 a = 1; oneof o { int32 _a = 2; } optional int32 _b = 3;',
        is: {
          field: [
            {
              name: 'a',
              number: 1,
              label: 'LABEL_OPTIONAL',
              type: 'TYPE_INT32',
              proto3Optional: true,
              jsonName: 'a',
              oneofIndex: 1,
            },
            {
              name: '_a',
              number: 2,
              label: 'LABEL_OPTIONAL',
              type: 'TYPE_INT32',
              jsonName: 'A',
              oneofIndex: 0,
            },
            {
              name: '_b',
              number: 3,
              label: 'LABEL_OPTIONAL',
              type: 'TYPE_INT32',
              proto3Optional: true,
              jsonName: 'B',
              oneofIndex: 2,
            },
          ],
          oneofDecl: [{ name: 'o' }, { name: 'X_a' }, { name: 'X_b' }],
        },
      },
      {
        name: 'extension and reserved ranges',
        syntax: 'proto2',
        body: 'extensions 4, 10 to 20; extensions 30 to max; reserved 1, 2 to 3; reserved "a", "b" "c";',
        is: {
          extensionRange: [
            { start: 4, end: 5 },
            { start: 10, end: 21 },
            { start: 30, end: 536870912 },
          ],
          reservedRange: [
            { start: 1, end: 2 },
            { start: 2, end: 4 },
          ],
          reservedName: ['a', 'bc'],
        },
      },
      {
        name: 'reserved identifiers of editions',
        syntax: '2023',
        body: 'reserved a, to; reserved 5 to max;',
        is: { reservedName: ['a', 'to'], reservedRange: [{ start: 5, end: 536870912 }] },
      },
      {
        name: 'reserved names and numbers in one statement, as protobufjs ships them',
        syntax: 'proto2',
        body: 'reserved 1, "a";',
        is: { reservedName: ['a'], reservedRange: [{ start: 1, end: 2 }] },
      },
      {
        name: 'an enum with negative numbers and inclusive reserved ranges',
        body: 'enum E { A = 0; B = -0x80000000; reserved -5 to -3, 7; reserved 9 to max; }',
        is: {
          enumType: [
            {
              name: 'E',
              value: [
                { name: 'A', number: 0 },
                { name: 'B', number: -2147483648 },
              ],
              reservedRange: [
                { start: -5, end: -3 },
                { start: 7, end: 7 },
                { start: 9, end: 2147483647 },
              ],
            },
          ],
        },
      },
    ];
    for (const { name, syntax, body, is } of cases) {
      it(`reads ${name}.`, () => expect(message(body, syntax)).to.deep.equal({ name: 'M', ...is }));
    }

    it('reads words of the language as names of fields and types.', () => {
      const words = [
        'message',
        'package',
        'service',
        'rpc',
        'stream',
        'to',
        'max',
        'map',
        'group',
        'default',
      ];
      const body = words.map((word, i) => `int32 ${word} = ${i + 1};`).join(' ');
      expect(message(body).field?.map(({ name }) => name)).to.deep.equal(words);
      expect(
        message('map m = 1; map.x n = 2; stream s = 3;').field?.map(({ typeName }) => typeName),
      ).to.deep.equal(['map', 'map.x', 'stream']);
    });

    it('gives a MessageSet the numbers up to 2^31 - 2 for "max".', () => {
      const set = message('extensions 4 to max; option message_set_wire_format = true;', 'proto2');
      expect(set.extensionRange).to.deep.equal([{ start: 4, end: 2147483647 }]);
    });
  });

  describe('defaults, as text', () => {
    const cases: [type: string, source: string, text: string][] = [
      ['int32', '-0x10', '-16'],
      ['int32', '-2147483648', '-2147483648'],
      ['uint64', '18446744073709551615', '18446744073709551615'],
      ['sint64', '017', '15'],
      ['bool', 'true', 'true'],
      ['float', '1.5', '1.5'],
      ['float', '0.1', '0.1'],
      ['float', '1234.12341', '1234.12341'],
      ['float', '1e10', '1e+10'],
      ['float', '-inf', '-inf'],
      ['float', 'nan', 'nan'],
      ['float', '1e50', 'inf'],
      ['double', '1e10', '10000000000'],
      ['double', '1e15', '1e+15'],
      ['double', '.1', '0.1'],
      ['double', '1e-7', '1e-07'],
      ['double', '-0.0', '-0'],
      ['double', '3.141592653589793', '3.1415926535897931'],
      ['double', '0x10', '16'],
      ['string', '"a\\n\\"" \'b\'', 'a\n"b'],
      ['string', '"\\303\\251"', 'é'],
      ['bytes', '"a\\0\\377\\n\'"', "a\\000\\377\\n\\'"],
      ['E', 'SOME_VALUE', 'SOME_VALUE'],
    ];
    for (const [type, source, text] of cases) {
      it(`writes ${source} of ${type} as ${JSON.stringify(text)}.`, () => {
        const { field } = message(`optional ${type} f = 1 [default = ${source}];`, 'proto2');
        expect(field?.[0].defaultValue).to.equal(text);
      });
    }
  });

  it('leaves options uninterpreted, with what was written.', () => {
    const { options } = parse(`
      option a = b; option (c.d).e = 5; option f = -6; option g = 1.5; option h = "i" 'j'; option (.k) = -inf;
      option l = { m: 1 [n]: <> };
    `);
    expect(options?.['uninterpretedOption']).to.deep.equal([
      { name: [{ namePart: 'a', isExtension: false }], identifierValue: 'b' },
      {
        name: [
          { namePart: 'c.d', isExtension: true },
          { namePart: 'e', isExtension: false },
        ],
        positiveIntValue: 5n,
      },
      { name: [{ namePart: 'f', isExtension: false }], negativeIntValue: -6n },
      { name: [{ namePart: 'g', isExtension: false }], doubleValue: 1.5 },
      { name: [{ namePart: 'h', isExtension: false }], stringValue: Uint8Array.of(105, 106) },
      { name: [{ namePart: '.k', isExtension: true }], doubleValue: -Infinity },
      { name: [{ namePart: 'l', isExtension: false }], aggregateValue: ' m: 1 [n]: <> ' },
    ]);
  });
});
