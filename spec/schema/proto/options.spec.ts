import { expect } from 'chai';
import type { FileDescriptorProto, Options } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';

async function load(source: string): Promise<FileDescriptorProto> {
  const { files, sources } = await loadProtoSource(source, 'a.proto');
  const file = files.find(({ name }) => name === sources[0]);
  if (file === undefined) throw new Error('the file is missing');
  return file;
}

const HEAD = `
  syntax = "proto2";
  package p;
  import "google/protobuf/descriptor.proto";
  import "google/protobuf/any.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/wrappers.proto";
  import "google/protobuf/timestamp.proto";
  enum E { Z = 0; ONE = 1; }
  message T {
    optional int32 i = 1; optional int64 l = 2; optional string s = 3; optional bytes b = 4; optional E e = 5;
    repeated T list = 6; map<string, int32> counts = 7; oneof o { bool yes = 8; float ratio = 9; }
    optional group Grp = 10 { optional int32 q = 1; }
    optional google.protobuf.Any any = 11; optional google.protobuf.Struct struct = 12;
    optional google.protobuf.Value value = 13; optional google.protobuf.Int64Value wrapped = 14;
    optional google.protobuf.Timestamp time = 15; optional int32 snake_case = 16; map<int32, T> by_number = 17;
    extensions 100 to max; reserved "gone";
  }
  extend T { optional string more = 100; }
  extend google.protobuf.MessageOptions {
    optional T t = 50000; repeated T ts = 50001; optional int32 i32 = 50002; optional uint64 u64 = 50003;
    optional float f = 50004; optional double d = 50005; optional bool ok = 50006; optional string s = 50007;
    optional bytes b = 50008; optional E e = 50009; repeated int32 ints = 50010; repeated E es = 50011;
  }
`;

/** The options of a message with the given statements. */
async function optionsOf(statements: string): Promise<Options | undefined> {
  const file = await load(`${HEAD} message M { ${statements} }`);
  return file.messageType?.find(({ name }) => name === 'M')?.options;
}

describe('Options', () => {
  const cases: [name: string, statements: string, options: Options][] = [
    [
      'standard ones under their JSON names',
      'option deprecated = true; option no_standard_descriptor_accessor = false;',
      { deprecated: true, noStandardDescriptorAccessor: false },
    ],
    ['custom ones under their full names', 'option (i32) = -5;', { '[p.i32]': -5 }],
    ['names from any scope', 'option (.p.i32) = 1; option (p.ok) = true;', { '[p.i32]': 1, '[p.ok]': true }],
    [
      '64-bit integers as bigint',
      'option (u64) = 18446744073709551615;',
      { '[p.u64]': 18446744073709551615n },
    ],
    [
      'floats rounded as on the wire',
      'option (f) = 0.1; option (d) = 0.1;',
      { '[p.f]': Math.fround(0.1), '[p.d]': 0.1 },
    ],
    ['infinities', 'option (f) = -inf; option (d) = 1e400;', { '[p.f]': -Infinity, '[p.d]': Infinity }],
    [
      'strings and bytes',
      'option (s) = "a" \'\\u00e9\'; option (b) = "\\x00\\377";',
      { '[p.s]': 'aé', '[p.b]': Uint8Array.of(0, 255) },
    ],
    [
      'enums by name',
      'option (e) = ONE; option (es) = Z; option (es) = ONE;',
      { '[p.e]': 'ONE', '[p.es]': ['Z', 'ONE'] },
    ],
    ['repeated ones as arrays', 'option (ints) = 1; option (ints) = 0x10;', { '[p.ints]': [1, 16] }],
    [
      'parts of a message',
      'option (t).i = 1; option (t).grp.q = 2; option (t).(more) = "m"; option (t).list = { i: 3 };',
      { '[p.t]': { i: 1, grp: { q: 2 }, '[p.more]': 'm', list: [{ i: 3 }] } },
    ],
    [
      'aggregates, with every separator',
      'option (t) = { i: 1, l: 2; s: "x" "y" list { i: 1 } list: < i: 2 > list: [{ i: 3 }, <>] snake_case: 4 };',
      { '[p.t]': { i: 1, l: 2n, s: 'xy', list: [{ i: 1 }, { i: 2 }, { i: 3 }, {}], snakeCase: 4 } },
    ],
    [
      "the text format's ways to write bools, enums and groups",
      'option (t) = { yes: t, e: 1, Grp { q: 1 } }; option (ok) = false;',
      { '[p.t]': { yes: true, e: 'ONE', grp: { q: 1 } }, '[p.ok]': false },
    ],
    ['numbers of enums by name', 'option (t) = { e: 1 };', { '[p.t]': { e: 'ONE' } }],
    [
      'reserved fields of aggregates as nothing',
      'option (t) = { gone: [1, 2] i: 1 gone { a: < > } };',
      { '[p.t]': { i: 1 } },
    ],
    [
      'maps as objects, safe for any key',
      'option (t) = { counts { key: "__proto__" value: 1 } counts: [{ key: "b" }] by_number { key: 1 } };',
      { '[p.t]': { counts: JSON.parse('{"__proto__": 1, "b": 0}'), byNumber: { 1: {} } } },
    ],
    ['extensions in aggregates', 'option (t) = { [p.more]: "e" };', { '[p.t]': { '[p.more]': 'e' } }],
    [
      'Any with its type',
      'option (t) = { any { [type.googleapis.com/p.T] { i: 1 } } };',
      { '[p.t]': { any: { '@type': 'type.googleapis.com/p.T', i: 1 } } },
    ],
    [
      'Struct, Value and wrappers as plain values',
      'option (t) = { struct { fields { key: "a" value { list_value { values { number_value: 1 } values { null_value: NULL_VALUE } } } } } value { bool_value: true } wrapped { value: 5 } };',
      { '[p.t]': { struct: { a: [1, null] }, value: true, wrapped: 5n } },
    ],
    [
      'Timestamp as it is',
      'option (t) = { time { seconds: 1 nanos: 2 } };',
      { '[p.t]': { time: { seconds: 1n, nanos: 2 } } },
    ],
    [
      'whole messages in a repeated one',
      'option (ts) = { i: 1 }; option (ts) = { };',
      { '[p.ts]': [{ i: 1 }, {}] },
    ],
  ];
  for (const [name, statements, options] of cases) {
    it(`gives ${name}.`, async () => expect(await optionsOf(statements)).to.deep.equal(options));
  }

  it('gives numbers that an open enum does not name.', async () => {
    const file = await load(`
      syntax = "proto3";
      import "google/protobuf/descriptor.proto";
      enum E { ZERO = 0; }
      message T { E e = 1; }
      extend google.protobuf.FileOptions { T t = 50000; }
      option (t) = { e: 7 };
    `);
    expect(file.options).to.deep.equal({ '[t]': { e: 7 } });
  });

  it('gives options of every kind of element.', async () => {
    const file = await load(`
      edition = "2023";
      option features.enum_type = CLOSED;
      option optimize_for = CODE_SIZE;
      message M {
        int32 a = 1 [deprecated = true, features.field_presence = IMPLICIT];
        oneof o { option features.utf8_validation = NONE; string s = 2; }
        map<string, string> m = 3 [features.utf8_validation = NONE];
        extensions 10 to 20, 30 [verification = UNVERIFIED];
      }
      enum E { option deprecated = true; A = 1 [deprecated = true]; }
      extend M { int32 x = 10 [deprecated = true]; }
      service S { option deprecated = true; rpc R(M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; } }
    `);
    const [message] = file.messageType ?? [];
    const none = { features: { utf8Validation: 'NONE' } };
    expect(file.options).to.deep.equal({ features: { enumType: 'CLOSED' }, optimizeFor: 'CODE_SIZE' });
    expect(message.field?.[0].options).to.deep.equal({
      deprecated: true,
      features: { fieldPresence: 'IMPLICIT' },
    });
    expect(message.oneofDecl?.[0].options).to.deep.equal(none);
    expect(message.nestedType?.[0].options).to.deep.equal({ mapEntry: true });
    expect(message.nestedType?.[0].field?.map(({ options }) => options)).to.deep.equal([none, none]);
    expect(message.extensionRange?.map(({ options }) => options)).to.deep.equal([
      { verification: 'UNVERIFIED' },
      { verification: 'UNVERIFIED' },
    ]);
    expect(file.enumType?.[0].options).to.deep.equal({ deprecated: true });
    expect(file.enumType?.[0].value?.[0].options).to.deep.equal({ deprecated: true });
    expect(file.extension?.[0].options).to.deep.equal({ deprecated: true });
    expect(file.service?.[0].options).to.deep.equal({ deprecated: true });
    expect(file.service?.[0].method?.[0].options).to.deep.equal({ idempotencyLevel: 'NO_SIDE_EFFECTS' });
  });

  it('can be defined and used in one file.', async () => {
    const file = await load(`
      syntax = "proto3";
      import "google/protobuf/descriptor.proto";
      extend google.protobuf.FileOptions { optional string note = 50000; }
      option (note) = "n";
    `);
    expect(file.options).to.deep.equal({ '[note]': 'n' });
  });
});
