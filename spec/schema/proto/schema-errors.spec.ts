import { expect } from 'chai';
import { loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';

const PROTO2 = 'syntax = "proto2"; ';
const PROTO3 = 'syntax = "proto3"; ';

async function refusal(source: string): Promise<string> {
  try {
    await loadProtoSource(source, 'a.proto');
  } catch (error) {
    expect(error).to.have.property('name', 'SchemaError');
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was refused');
}

/** `|` marks where the error is. */
type Case = readonly [name: string, source: string, message: string];

const SYNTAX: readonly Case[] = [
  ['a missing semicolon', `${PROTO3}message A { int32 a = 1 |}`, "found '}', expected ';'"],
  [
    'a missing brace',
    `${PROTO3}message A { |`,
    "found the end of the file, expected a field, another statement of a message or '}'",
  ],
  ['a missing number', `${PROTO3}message A { int32 a |; }`, "found ';', expected '='"],
  [
    'a string for a number',
    `${PROTO3}message A { int32 a = |"1"; }`,
    "found a string, expected a field's number",
  ],
  ['a word near a keyword', `${PROTO3}|mesage A {}`, "found 'mesage', expected 'message'"],
  ['a misspelt first statement', '|sintax = "proto3";', "found 'sintax', expected 'syntax'"],
  [
    'syntax that is not first',
    'package a; |syntax = "proto3";',
    "found 'syntax', which must be the first statement of a file",
  ],
  ['an unknown syntax', 'syntax = |"proto4";', 'unknown syntax, expected "proto2" or "proto3"'],
  ['an unknown edition', 'edition = |"1999";', 'unknown edition, expected one of 2023, 2024, 2026'],
  [
    'a label missing in proto2',
    `${PROTO2}message A { |int32 a = 1; }`,
    "found 'int32', expected 'optional', 'required' or 'repeated'",
  ],
  [
    'a label missing where no syntax is given',
    `message A { |int32 a = 1; }`,
    `found 'int32', expected 'optional', 'required' or 'repeated'; a file without 'syntax = "proto3";' at its top is proto2`,
  ],
  [
    'required in proto3',
    `${PROTO3}message A { |required int32 a = 1; }`,
    "found 'required', which proto3 does not have",
  ],
  [
    'optional in an edition',
    'edition = "2023"; message A { |optional int32 a = 1; }',
    "found 'optional', which editions do not have: singular fields have presence by default",
  ],
  [
    'a group in proto3',
    `${PROTO3}message A { repeated |group B = 1 {} }`,
    'found a group, which proto3 does not have',
  ],
  [
    'a group in lower case',
    `${PROTO2}message A { optional group |b = 1 {} }`,
    "a group's name must start with a capital letter",
  ],
  [
    'a label in a oneof',
    `${PROTO3}message A { oneof o { |repeated int32 a = 1; } }`,
    "found 'repeated', but the fields of a oneof have no label",
  ],
  [
    'a map in a oneof',
    `${PROTO3}message A { oneof o { |map<int32, int32> a = 1; } }`,
    'found a map, which cannot be a member of a oneof',
  ],
  [
    'a label before a map',
    `${PROTO3}message A { |repeated map<int32, int32> a = 1; }`,
    'found a label, which a map field cannot have',
  ],
  ['an empty oneof', `${PROTO3}message A { oneof |o {} }`, 'a oneof must have at least one field'],
  ['an open string', `${PROTO3}import |"a;\n`, 'this string is not closed before the end of its line'],
  ['an open comment', `${PROTO3}|/* a`, "this comment is never closed, expected '*/'"],
  ['a nested comment', `${PROTO3}/* a |/* b */`, 'block comments cannot be nested'],
  ['an escape that is none', `${PROTO3}option java_package = "a|\\q";`, 'found a malformed escape'],
  [
    'a number run into a word',
    `${PROTO3}message A { int32 a = 1|x; }`,
    'a space is missing after the number',
  ],
  ['a bad octal number', `${PROTO3}message A { int32 a = |08; }`, 'found 8 or 9 in an octal number'],
  [
    'a number too large',
    `${PROTO3}message A { int32 a = |4294967296; }`,
    "found '4294967296', expected a number up to 2147483647",
  ],
  [
    'a sign outside the language',
    `${PROTO3}message A { |é b = 1; }`,
    'found a character (code 233), which is not allowed outside strings',
  ],
  [
    'an import twice',
    `${PROTO3}import "google/protobuf/any.proto"; import |"google/protobuf/any.proto";`,
    "'google/protobuf/any.proto' is imported twice",
  ],
  ['a second package', `${PROTO3}package a; |package b;`, "found a second 'package'"],
  [
    'a default of another type',
    `${PROTO2}message A { optional int32 a = 1 [default = |"x"]; }`,
    'found a string, expected an integer',
  ],
  [
    'a default out of range',
    `${PROTO2}message A { optional int32 a = 1 [default = |2147483648]; }`,
    "found '2147483648', expected a number up to 2147483647",
  ],
  [
    'a quoted name reserved in an edition',
    'edition = "2023"; message A { reserved |"a"; }',
    'found a string, expected a name without quotes (as in editions) or a number',
  ],
  [
    'visibility before edition 2024',
    `${PROTO3}|local message A {}`,
    "found 'local', which needs edition 2024 or later",
  ],
];

const MEANING: readonly Case[] = [
  [
    'a type that is not there',
    `${PROTO3}message Person {} message A { |Persom p = 1; }`,
    "'Persom' is not defined; did you mean 'Person'?",
  ],
  ['a type of another package', `${PROTO3}package p; message A { |q.B b = 1; }`, "'q.B' is not defined"],
  [
    'a well-known type without its import',
    `${PROTO3}message A { |google.protobuf.Timestamp t = 1; }`,
    "'google.protobuf.Timestamp' is defined in google/protobuf/timestamp.proto, which is not imported",
  ],
  [
    'a type of a file imported by an import',
    `${PROTO3}import "google/rpc/status.proto"; message A { |google.protobuf.Any a = 1; }`,
    "'google.protobuf.Any' is defined in google/protobuf/any.proto, which is not imported",
  ],
  [
    'a name whose first part is found too near',
    `${PROTO3}package a.b; message M { message a {} |a.b.M m = 1; }`,
    "'a.b.M' is resolved to 'a.b.M.a.b.M', which is not defined (the innermost scope is searched first; write '.a.b.M' to start from the outermost)",
  ],
  [
    'a service as a type',
    `${PROTO3}service S {} message A { |.S s = 1; }`,
    "'.S' is a service, expected a message or an enum",
  ],
  [
    'an enum as a request',
    `${PROTO3}enum E { Z = 0; } message M {} service S { rpc R(|E) returns (M); }`,
    "'E' is not a message",
  ],
  [
    'a reply that is not there',
    `${PROTO3}message Empty {} service S { rpc R(Empty) returns (|Emtpy); }`,
    "'Emtpy' is not defined; did you mean 'Empty'?",
  ],
  ['a message twice', `${PROTO3}message A {} message |A {}`, "'A' is already defined, as a message"],
  [
    'a service like an enum',
    `${PROTO3}enum A { Z = 0; } service |A {}`,
    "'A' is already defined, as an enum",
  ],
  [
    'an enum value twice in a scope',
    `${PROTO3}enum E { Z = 0; } enum F { |Z = 0; }`,
    "'Z' is already defined, as a value (the values of an enum belong to the scope around the enum)",
  ],
  [
    'a field twice',
    `${PROTO3}message A { int32 a = 1; int32 |a = 2; }`,
    "'A.a' is already defined, as a field",
  ],
  [
    'a number twice',
    `${PROTO3}message A { int32 a = 1; int32 b = |1; }`,
    "number 1 is taken by the field 'a'",
  ],
  [
    'a number twice, out of order',
    `${PROTO3}message A { int32 a = 2; int32 b = 1; int32 c = |2; }`,
    "number 2 is taken by the field 'a'",
  ],
  ['a number below 1', `${PROTO3}message A { int32 a = |0; }`, 'field numbers start at 1, found 0'],
  [
    'a number past the last',
    `${PROTO3}message A { int32 a = |536870912; }`,
    'field numbers end at 536870911, found 536870912',
  ],
  [
    "one of protobuf's own numbers",
    `${PROTO3}message A { int32 a = |19000; }`,
    'number 19000 is one of 19000 to 19999, which protobuf reserves for itself',
  ],
  ['a reserved number', `${PROTO3}message A { reserved 2 to 5; int32 a = |5; }`, 'number 5 is reserved'],
  ['a reserved name', `${PROTO3}message A { reserved "a"; int32 |a = 5; }`, "the name 'a' is reserved"],
  [
    'a number of extensions',
    `${PROTO2}message A { extensions 2 to 5; optional int32 a = |5; }`,
    'number 5 is in an extension range',
  ],
  [
    'ranges that overlap',
    `${PROTO2}message A { reserved 2 to 5, |4; }`,
    'this range overlaps with the reserved range 2 to 5',
  ],
  [
    'a range both reserved and for extensions',
    `${PROTO2}message A { reserved 2 to 5; extensions |4 to 6; }`,
    'this range is both reserved and an extension range',
  ],
  [
    'a range that ends before it starts',
    `${PROTO2}message A { reserved |5 to 2; }`,
    'this range ends before it starts',
  ],
  [
    'JSON names that clash',
    `${PROTO3}message A { int32 a_b = 1; int32 |aB = 2; }`,
    "'aB' and 'a_b' have the same JSON name 'aB'",
  ],
  [
    'a JSON name that is the usual one of another field',
    `${PROTO3}message A { int32 a = 1 [json_name = "b"]; int32 |b = 2; }`,
    "'b' and 'a' have the same JSON name 'b'",
  ],
  [
    'a JSON name given twice',
    `${PROTO2}message A { optional int32 a = 1 [json_name = "x"]; optional int32 |b = 2 [json_name = "x"]; }`,
    "'b' and 'a' have the same JSON name 'x'",
  ],
  [
    'a first enum value that is not 0',
    `${PROTO3}enum E { A = |1; }`,
    'the first value of the enum must be 0, found 1',
  ],
  ['an enum without values', `${PROTO3}enum |E {}`, "the enum 'E' has no values"],
  [
    'an alias that is not allowed',
    `${PROTO3}enum E { A = 0; B = |0; }`,
    "number 0 is taken by the value 'A'; 'option allow_alias = true' would allow it",
  ],
  [
    'a reserved enum number',
    `${PROTO3}enum E { A = 0; B = |-2; reserved -3 to -1; }`,
    'number -2 is reserved',
  ],
  [
    'a float as the key of a map',
    `${PROTO3}message A { map<|float, int32> m = 1; }`,
    'the key of a map must be an integer, a bool or a string',
  ],
  [
    'an enum as the key of a map',
    `${PROTO3}enum E { Z = 0; } message A { map<|E, int32> m = 1; }`,
    'the key of a map must be an integer, a bool or a string',
  ],
  [
    'a map beside its entry',
    `${PROTO3}message A { map<int32, int32> m = 1; message |MEntry {} }`,
    "'A.MEntry' is already defined, as a message",
  ],
  [
    "a map's entry as a type",
    `${PROTO3}message A { map<int32, int32> m = 1; repeated |MEntry n = 2; }`,
    "'A.MEntry' is the entry type of a map field and cannot be used as a type",
  ],
  ['extension ranges in proto3', `${PROTO3}message A { extensions |4; }`, 'proto3 has no extension ranges'],
  [
    'an extension of no options in proto3',
    `${PROTO3}import "google/protobuf/descriptor.proto"; extend |google.protobuf.FileDescriptorSet { string a = 536000000; }`,
    'proto3 allows extensions only to define custom options',
  ],
  [
    'an extension number that is not offered',
    `${PROTO2}message A { extensions 4; } extend A { optional int32 e = |5; }`,
    "5 is not in an extension range of 'A'",
  ],
  [
    'an extension number taken',
    `${PROTO2}message A { extensions 4; } extend A { optional int32 e = 4; optional int32 f = |4; }`,
    'number 4 of A is taken by the extension e (a.proto:1:74)',
  ],
  [
    'a required extension',
    `${PROTO2}message A { extensions 4; } extend A { required int32 |e = 4; }`,
    'an extension cannot be required',
  ],
  [
    'a default in proto3',
    `${PROTO3}message A { int32 |a = 1 [default = 1]; }`,
    'a field in proto3 cannot have a default',
  ],
  [
    'a default of a repeated field',
    `${PROTO2}message A { repeated int32 |a = 1 [default = 1]; }`,
    'a repeated field cannot have a default',
  ],
  [
    'a default of a message',
    `${PROTO2}message A { optional |A a = 1 [default = x]; }`,
    "the field 'a' is a message, which cannot have a default",
  ],
  [
    'a default that is no value of the enum',
    `${PROTO2}enum E { Z = 0; } message A { optional |E e = 1 [default = Y]; }`,
    "the enum 'E' has no value 'Y', the default of 'e'",
  ],
  [
    'a closed enum in proto3',
    `${PROTO3}import "google/protobuf/descriptor.proto"; message A { |google.protobuf.FieldDescriptorProto.Type t = 1; }`,
    "the enum 'google.protobuf.FieldDescriptorProto.Type' is closed, as those of proto2 are; fields in proto3 can only have open enums",
  ],
  [
    'a packed string',
    `${PROTO2}message A { repeated |string a = 1 [packed = true]; }`,
    'only repeated fields of numbers, bools and enums can be packed',
  ],
  [
    'features without an edition',
    `${PROTO3}option |features.field_presence = EXPLICIT;`,
    'features are for editions only',
  ],
];

const OPTIONS: readonly Case[] = [
  [
    'an unknown option',
    `${PROTO3}option |java_pakage = "a";`,
    "unknown option 'java_pakage'; did you mean 'java_package'?",
  ],
  [
    'an unknown custom option',
    `${PROTO3}option |(my.opt) = 1;`,
    "unknown option '(my.opt)': 'my.opt' is not defined",
  ],
  [
    'a custom option whose file is not imported',
    `${PROTO3}message A {} service S { rpc R(A) returns (A) { option |(google.api.http) = { get: "/" }; } }`,
    "unknown option '(google.api.http)': 'google.api.http' is defined in google/api/annotations.proto, which is not imported",
  ],
  [
    'an option for other elements',
    `${PROTO3}import "google/api/annotations.proto"; option |(google.api.http) = { get: "/" };`,
    "unknown option '(google.api.http)': 'google.api.http' extends google.protobuf.MethodOptions, not google.protobuf.FileOptions",
  ],
  [
    'a wrong type',
    `${PROTO3}option java_multiple_files = |"yes";`,
    "found a string, expected true or false for 'java_multiple_files'",
  ],
  [
    'an unknown enum value',
    `${PROTO3}option optimize_for = |SPED;`,
    "google.protobuf.FileOptions.OptimizeMode has no value 'SPED'; did you mean 'SPEED'?",
  ],
  [
    'an option twice',
    `${PROTO3}option java_package = "a"; option |java_package = "b";`,
    "the option 'java_package' is set twice",
  ],
  [
    'a part of no message',
    `${PROTO3}option |java_package.x = "a";`,
    "'java_package' is not a message, so it has no fields to set",
  ],
  [
    'an unknown field of an aggregate',
    `${PROTO3}import "google/api/annotations.proto"; message A {} service S { rpc R(A) returns (A) { option (google.api.http) = { |gett: "/" }; } }`,
    "google.api.HttpRule has no field 'gett'; did you mean 'get'?",
  ],
  [
    'two members of a oneof',
    `${PROTO3}import "google/api/annotations.proto"; message A {} service S { rpc R(A) returns (A) { option (google.api.http) = { get: "/" |put: "/" }; } }`,
    "'put' and 'get' are in the same oneof; only one can be set",
  ],
  ...(
    [
      [
        'a number that a closed enum does not have',
        'e: |9',
        '9 is not a number of E, which is a closed enum',
      ],
      ['a hexadecimal number for a float', 'f: |0x10', "found '0x10', expected a number for 'f'"],
      ['an octal number for a float', 'f: |010', "found '010', expected a number for 'f'"],
      ['an extension with a dot before its name', '|[.more]: 1', "'.more' is not defined"],
      ['a scalar field without a colon', 'f |1', "found '1', expected ':'"],
      ['a list for a single field', 'f: |[1]', "found '[', expected a number for 'f'"],
      [
        'more than an integer holds',
        'i: |-2147483649',
        "-2147483649 is out of range: 'i' goes from -2147483648 to 2147483647",
      ],
      [
        'an Any of a type that is named from inside its scope',
        'any { |[type.googleapis.com/Inner] {} }',
        "'Inner' is not defined; did you mean 'T.Inner'?",
      ],
      [
        'an Any of another host',
        'any { |[example.com/T] {} }',
        'expected the type of a message here, such as [type.googleapis.com/some.Message]',
      ],
    ] as const
  ).map(([name, aggregate, message]): [string, string, string] => [
    `an aggregate with ${name}`,
    `syntax = "proto2"; import "google/protobuf/descriptor.proto"; import "google/protobuf/any.proto"; enum E { Z = 0; } message T { optional E e = 1; optional float f = 2; optional int32 i = 3; optional google.protobuf.Any any = 4; extensions 9; message Inner {} } extend T { optional int32 more = 9; } extend google.protobuf.FileOptions { optional T t = 50000; } option (t) = { ${aggregate} };`,
    message,
  ]),
  [
    'a scalar where a message is',
    `${PROTO3}import "google/api/annotations.proto"; message A {} service S { rpc R(A) returns (A) { option (google.api.http) = |5; } }`,
    "found '5', expected a message in '{ }' for 'http'",
  ],
];

describe('Errors in .proto files', () => {
  for (const [title, cases] of Object.entries({ syntax: SYNTAX, meaning: MEANING, options: OPTIONS })) {
    describe(title, () => {
      for (const [name, marked, message] of cases) {
        it(`names the place and the reason of ${name}.`, async () => {
          const at = marked.indexOf('|');
          const source = marked.slice(0, at) + marked.slice(at + 1);
          const line = source.slice(0, at).split('\n').length;
          const column = at - source.lastIndexOf('\n', at - 1);
          expect(await refusal(source)).to.equal(`a.proto:${line}:${column}: ${message}`);
        });
      }
    });
  }

  it('name the line and the column of a later line.', async () => {
    expect(await refusal('syntax = "proto3";\nmessage A {\n  B b = 1;\n}')).to.match(/^a\.proto:3:3: /);
  });

  describe('in a file that is no schema', () => {
    const secrets: [name: string, text: string][] = [
      ['a password file', 'root:x:0:0:root:/root:/bin/bash\n'],
      ['a key', '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n'],
      ['an environment', 'TOKEN=hunter2hunter2\n'],
      ['JSON', '{"password": "hunter2"}'],
      ['a number', '4242424242424242'],
      ['a word that is long', 'a'.repeat(1000)],
    ];
    for (const [name, text] of secrets) {
      it(`quote nothing of ${name}.`, async () => {
        const message = await refusal(text);
        for (const word of text.match(/\w{3,}/g) ?? []) expect(message).not.to.include(word);
        expect(message).to.match(/^a\.proto:1:1: found .*, expected package, import, /);
      });
    }

    it('quote at most 40 characters of a token.', async () => {
      const name = 'N'.repeat(41);
      expect(await refusal(`${PROTO3}message A { int32 a = ${name}; }`)).not.to.include(name);
      expect(await refusal(`${PROTO3}message A { int32 a = ${name.slice(1)}; }`)).to.include(name.slice(1));
    });
  });
});
