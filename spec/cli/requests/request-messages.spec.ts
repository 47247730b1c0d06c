// What requests are made of JSON, of words and of templates: in each of them the same ProtoJSON as fromJsonString reads.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { shapeOf } from '../../../lib/cli/bench/load/template-shape.ts';
import { compileTemplate } from '../../../lib/cli/bench/load/template-text.ts';
import { fieldsOfWords, setsExtension } from '../../../lib/cli/requests/field-words.ts';
import { documentsIn, RequestMaker } from '../../../lib/cli/requests/request-messages.ts';
import { Client } from '../../../lib/client/client.ts';
import { TestServer } from '../../../lib/testing/index.ts';
import { rejection } from '../../support/closing.ts';

const SCALARS = [
  'double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes',
].flatMap((names) => names.split(' '));
const PROTO = `
syntax = "proto3";
package p;
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
enum Kind { NONE = 0; BIG = 1; SMALL = 2; }
message M {
  ${SCALARS.map((type, i) => `${type} f_${type} = ${i + 1};\n  repeated ${type} r_${type} = ${i + 31};`).join('\n  ')}
  Kind kind = 61; repeated Kind kinds = 62;
  M inner = 63; repeated M items = 64;
  map<string, bool> flags = 65; map<bool, Kind> by_flag = 66; map<int32, M> by_number = 67;
  google.protobuf.BoolValue wrapped = 68; google.protobuf.Int64Value long = 69; google.protobuf.BytesValue octets = 70;
  google.protobuf.Value any_json = 71; google.protobuf.Struct object = 72;
  google.protobuf.Timestamp at = 73; google.protobuf.Duration wait = 74; google.protobuf.FieldMask mask = 75;
}
service S { rpc Get (M) returns (M); rpc Put (stream M) returns (M); }
`;

describe('Requests of the command line', () => {
  let folder = '';
  let client: Client;
  let maker: RequestMaker;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-requests-'));
    writeFileSync(join(folder, 'p.proto'), PROTO);
    writeFileSync(join(folder, 'octets'), Buffer.from([0xff, 0xfe, 0]));
    client = await new Client('127.0.0.1', 1).load(join(folder, 'p.proto'));
    maker = new RequestMaker(client, await client.method('Get'), { form: 'json', allowUnknown: false });
  });
  after(async () => {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = (bytes: Uint8Array): unknown => client.toJson('p.M', client.decode('p.M', bytes));
  const ofJson = async (text: string, by = maker): Promise<Uint8Array> => {
    for await (const { bytes } of by.ofDocument({ text, line: 1 }, '-d')) return bytes;
    throw new Error('no request came of it');
  };
  const ofWords = async (...words: string[]): Promise<unknown> => shown((await maker.ofWords(words)).bytes);

  const taken: readonly (readonly [string, object])[] = [
    ['{"fInt32":"5"}', { fInt32: 5 }],
    ['{"fInt32":1e2}', { fInt32: 100 }],
    ['{"fInt32":"1e2"}', { fInt32: 100 }],
    ['{"fUint32":4294967295.0}', { fUint32: 4294967295 }],
    ['{"fDouble":"1.5"}', { fDouble: 1.5 }],
    ['{"fDouble":"NaN","fFloat":"-Infinity"}', { fDouble: 'NaN', fFloat: '-Infinity' }],
    ['{"fBytes":"AQI"}', { fBytes: 'AQI=' }],
    ['{"fBytes":"_-8"}', { fBytes: '/+8=' }],
    ['{"fInt64":9223372036854775807}', { fInt64: '9223372036854775807' }],
    ['{"fSint64":-9223372036854775808}', { fSint64: '-9223372036854775808' }],
    ['{"fUint64":18446744073709551615}', { fUint64: '18446744073709551615' }],
    ['{"long":9007199254740993}', { long: '9007199254740993' }],
    ['{"rFixed64":[9007199254740993,"1e3"]}', { rFixed64: ['9007199254740993', '1000'] }],
    ['{"kind":1,"kinds":["SMALL",2]}', { kind: 'BIG', kinds: ['SMALL', 'SMALL'] }],
    ['{"mask":"fInt32,inner.kind"}', { mask: 'fInt32,inner.kind' }],
    ['{"f_int32":1,"inner":null}', { fInt32: 1 }],
  ];
  for (const [text, json] of taken) {
    it(`take ${text}`, async () => {
      expect(shown(await ofJson(text))).to.deep.equal(json);
      expect(await ofJson(text)).to.deep.equal(client.encode('p.M', client.fromJsonString('p.M', text)));
    });
  }

  const refused: readonly string[] = [
    '{"fDouble":1e400}',
    '{"fFloat":3.5e38}',
    '{"fInt32":1.5}',
    '{"fInt32":2147483648}',
    '{"fInt64":9223372036854775808}',
    '{"fUint64":-1}',
    '{"fBool":"true"}',
    '{"fBytes":"A"}',
    '{"mask":"foo_bar"}',
    '{"kind":"LARGE"}',
    '{"fInt32":1,"fInt32":2}',
    '{"fInt32":1,"f_int32":2}',
    '{"nope":1}',
    '{"at":"yesterday"}',
  ];
  for (const text of refused) {
    it(`refuse ${text}`, async () => {
      expect((await rejection(ofJson(text))).message).to.match(/^-d: /);
      expect(() => client.fromJsonString('p.M', text)).to.throw();
    });
  }

  const misplaced: readonly (readonly [text: string, told: string])[] = [
    ['fInt32=1', '; fields are words, without -d: fInt32=1'],
    ['items[0].kind:=1', '; fields are words, without -d: items[0].kind:=1'],
    ['request.json', '; a file name needs an @: -d @request.json'],
    ['./a/b.txtpb', '; a file name needs an @: -d @./a/b.txtpb'],
    ['f_int32: 5', '; for protobuf text format, use --input text'],
    ['inner { kind: BIG }', '; for protobuf text format, use --input text'],
    ['{"fInt32":{{n}}}', '; placeholders of bench go in quotes, even for numbers: "{{n}}"'],
    ['{"fBool": {{ pick true }}}', '; placeholders of bench go in quotes, even for numbers: "{{n}}"'],
  ];
  for (const [text, told] of misplaced) {
    it(`say what to write instead of -d '${text}'`, async () => {
      const { message } = await rejection(ofJson(text));
      expect(message).to.match(/^-d: not JSON: 1:/);
      expect(message.endsWith(told), message).to.equal(true);
    });
  }

  const places: readonly (readonly [texts: readonly string[], place: string])[] = [
    [['{"fInt32":1} {"fInt32" 1}'], '1:24'],
    [['  [1'], '1:5'],
    [['{"fInt32":1}\n\n {"fInt32" 1}'], '3:12'],
    [['{"fInt32":1} {\n  "fInt32" 1}'], '2:12'],
    [['{"fInt32":1} ', ' {"fIn', 't32" 1}'], '1:25'],
    [['{"fInt32":1}, {"fInt32":2}'], '1:13'],
  ];
  for (const [texts, place] of places) {
    it(`name the place in the whole text: ${place} of ${JSON.stringify(texts)}`, async () => {
      const all = async (): Promise<void> => {
        for await (const { document, place: where } of documentsIn(texts, 'json', 'a.json', false)) {
          for await (const _ of maker.ofDocument(document, where));
        }
      };
      const { message } = await rejection(all());
      expect(message.startsWith(`a.json: not JSON: ${place}: `), message).to.equal(true);
    });
  }

  it('say that no comma stands between two messages', async () => {
    const { message } = await rejection(ofJson(', {}'));
    expect(message).to.match(/; messages follow one another without commas$/);
  });

  const keys: readonly (readonly [word: string, key: string])[] = [
    ['flags.a=true', 'a'],
    ['flags[a.b]=true', 'a.b'],
    ['flags[a b]=true', 'a b'],
    ['flags["a b"]=true', 'a b'],
    ['flags["a]b=c"]=true', 'a]b=c'],
    ['flags["a\\"b"]=true', 'a"b'],
    ['flags[a"b]=true', 'a"b'],
    ['flags["]=true', '"'],
    ['flags["\\q"]=true', '"\\q"'],
    ['flags[""]=true', ''],
  ];
  for (const [word, key] of keys) {
    it(`take ${JSON.stringify(key)} for the key in ${word}`, async () => {
      expect(await ofWords(word)).to.deep.equal({ flags: { [key]: true } });
    });
  }

  for (const word of ['.fInt32=1', 'fInt32.=1', 'inner..fInt32=1', 'flags.[a].=true']) {
    it(`refuse ${word}, in which a name is missing`, async () => {
      expect((await rejection(ofWords(word))).message).to.equal(
        `${word}: the name of a field is missing beside a '.'`,
      );
    });
  }

  it('say that a placeholder is no JSON', async () => {
    const { message } = await rejection(ofWords('fInt32:={{n}}'));
    expect(message).to.match(/^fInt32:=\{\{n\}\}: not JSON: .*; placeholders of bench go in quotes/);
  });

  it('pass over unknown fields, where asked to, without a digit lost of the others', async () => {
    const lenient = new RequestMaker(client, client.services[0].methods[0] as never, {
      form: 'json',
      allowUnknown: true,
    });
    const text = '{"nope":{"x":[1]},"fInt64":9007199254740993}';
    expect(shown(await ofJson(text, lenient))).to.deep.equal({ fInt64: '9007199254740993' });
  });

  it('are as words what they are as JSON', async () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value));
    await fc.assert(
      fc.asyncProperty(integer, double, fc.string(), fc.boolean(), async (long, number, text, flag) => {
        const words = [
          `f_int64=${long}`,
          `fDouble=${number}`,
          `inner.f_string=${text}`,
          `r_bool=${flag}`,
          `long=${long}`,
        ];
        const json = `{"fInt64":${long},"fDouble":${number},"inner":{"fString":${JSON.stringify(text)}},"rBool":[${flag}],"long":"${long}"}`;
        // What is behind an @ is a file's name.
        fc.pre(!text.startsWith('@'));
        expect((await maker.ofWords(words)).bytes).to.deep.equal(await ofJson(json));
      }),
    );
  });

  const words: readonly (readonly [readonly string[], object])[] = [
    [['f_bytes=@OCTETS'], { fBytes: '//4A' }],
    [['octets=@OCTETS'], { octets: '//4A' }],
    [['r_int64:=[9007199254740993]', 'r_int64=1'], { rInt64: ['9007199254740993', '1'] }],
    [['kind=2', 'kinds=BIG', 'kinds=1'], { kind: 'SMALL', kinds: ['BIG', 'BIG'] }],
    [['any_json=9007199254740993.5'], { anyJson: 9007199254740994 }],
    [['any_json=text'], { anyJson: 'text' }],
    [['object.a.b=1', 'object.c=x'], { object: { a: { b: 1 }, c: 'x' } }],
    [
      ['object[a.b].c=1', 'any_json.stringValue=x', 'any_json[a.b]=1'],
      { object: { 'a.b': { c: 1 } }, anyJson: { stringValue: 'x', 'a.b': 1 } },
    ],
    [['at=2026-01-31T12:00:00Z', 'wait=1.5s'], { at: '2026-01-31T12:00:00Z', wait: '1.500s' }],
    [['flags.a=true', 'byFlag.true=BIG'], { flags: { a: true }, byFlag: { true: 'BIG' } }],
    [['wrapped=true', 'long=9007199254740993'], { wrapped: true, long: '9007199254740993' }],
  ];
  for (const [given, json] of words) {
    it(`take ${given.join(' ')}`, async () => {
      const words = given.map((word) => word.replace('OCTETS', join(folder, 'octets')));
      expect(await ofWords(...words)).to.deep.equal(json);
    });
  }

  describe('of a schema with extensions, and without a package', () => {
    const EXTENDED = `syntax = "proto2";
      enum colour { RED = 0; BLUE = 1; }
      message box {
        optional colour paint = 1; optional box inside = 2; map<string, box> by = 3; repeated string tags = 4;
        extensions 100 to 199;
        message Scope { extend box { optional bool nested = 100; } }
      }
      message Shut { optional int32 x = 1; extensions 5; }
      extend box { optional int64 weight = 101; repeated string label = 102; optional box other = 103;
        optional colour tint = 104; repeated box more = 105; optional string text = 106; }
      extend Shut { optional int32 elsewhere = 5; }
      service Boxes { rpc Get (box) returns (box); rpc Shut (Shut) returns (Shut); }`;
    let server: TestServer;
    let boxes: Client;
    const made = async (method: string, given: readonly string[]): Promise<unknown> => {
      const description = await boxes.method(method);
      const { bytes } = await new RequestMaker(boxes, description, {
        form: 'json',
        allowUnknown: false,
      }).ofWords(given);
      return boxes.toJson(description.requestType, boxes.decode(description.requestType, bytes));
    };
    before(async () => {
      writeFileSync(join(folder, 'box.proto'), EXTENDED);
      // Asked for an extension, it knows of no reflection.
      server = new TestServer(join(folder, 'box.proto'), {});
      boxes = await new Client((await server.listen()).target).load(join(folder, 'box.proto'));
    });
    after(() => Promise.all([boxes.close(), server.close()]));

    const set: readonly (readonly [readonly string[], object])[] = [
      [['paint=BLUE', 'inside.paint=1'], { paint: 'BLUE', inside: { paint: 'BLUE' } }],
      [['by.a.paint=BLUE', 'by[b.c].tags=t'], { by: { a: { paint: 'BLUE' }, 'b.c': { tags: ['t'] } } }],
      [['[weight]=9007199254740993'], { '[weight]': '9007199254740993' }],
      [['[text]=5'], { '[text]': '5' }],
      [['[label]=a', '[label]=b'], { '[label]': ['a', 'b'] }],
      [['[label]=["a","b"]'], { '[label]': ['a', 'b'] }],
      [['[tint]=BLUE'], { '[tint]': 'BLUE' }],
      [['[box.Scope.nested]=true'], { '[box.Scope.nested]': true }],
      [
        ['[other].paint=BLUE', '[other].[weight]=1', '[other][text]=t'],
        { '[other]': { paint: 'BLUE', '[weight]': '1', '[text]': 't' } },
      ],
      [['[other]:={"[weight]":"2"}'], { '[other]': { '[weight]': '2' } }],
      [
        ['[more][0].paint=RED', '[more][1].[weight]=3'],
        { '[more]': [{ paint: 'RED' }, { '[weight]': '3' }] },
      ],
      [
        ['inside.[weight]=4', 'by[x].[text]=u'],
        { inside: { '[weight]': '4' }, by: { x: { '[text]': 'u' } } },
      ],
      [['[paint]=BLUE'], { paint: 'BLUE' }],
    ];
    for (const [given, json] of set) {
      it(`take ${given.join(' ')}`, async () => expect(await made('Get', given)).to.deep.equal(json));
    }

    const wrong: readonly (readonly [method: string, word: string, told: string])[] = [
      ['Get', '[wieght]=1', "[wieght]=1: box has no extension 'wieght'; did you mean 'weight'?"],
      [
        'Get',
        'inside.[Scope.nestd]=true',
        "inside.[Scope.nestd]=true: box has no extension 'Scope.nestd'; did you mean 'box.Scope.nested'?",
      ],
      [
        'Get',
        '[pkg.nothing].x=1',
        "[pkg.nothing].x=1: box has no extension 'pkg.nothing'; known are [box.Scope.nested], [weight], [label], [other], [tint], [more], [text]",
      ],
      ['Get', '[elsewhere]=1', '[elsewhere]=1: elsewhere extends Shut, not box'],
      ['Shut', '[elsewhere].x=1', '[elsewhere].x=1: [elsewhere] is an int32, which has no fields'],
      ['Get', '[label].x=1', '[label].x=1: [label] is repeated; write [label][0] for the next element'],
      [
        'Get',
        '[weight]=heavy',
        "[weight]: expected an integer (int64): a bigint, a number or a decimal string, got 'heavy'",
      ],
    ];
    for (const [method, word, told] of wrong) {
      it(`refuse ${word}`, async () => {
        expect((await rejection(made(method, [word]))).message).to.equal(told);
      });
    }

    it('refuse an extension that is set twice', async () => {
      expect((await rejection(made('Get', ['[weight]=1', '[weight]=2']))).message).to.equal(
        '[weight]=2: [weight] is set twice, and holds one value',
      );
    });

    it('tell words that set extensions from lists in JSON', () => {
      for (const line of ['[weight]=1', '[a.b].c=1', ' [a.b][0].c:=1', '[a.b]:=[1]', '[a]=@file'])
        expect(setsExtension(line), line).to.equal(true);
      for (const line of ['[1,2]', '[true]', '[null][null]', '[]', '["a"]', '[{"a":1}]', '[ {', 'name=[a]='])
        expect(setsExtension(line), line).to.equal(false);
    });

    it('fill extensions out of templates', () => {
      const document = fieldsOfWords(boxes, 'box', [
        '[tint]={{int 1 1}}',
        '[box.Scope.nested]={{pick true}}',
      ]);
      const filled = compileTemplate(document, shapeOf(boxes, 'box'))?.({ call: 0, message: 0 });
      expect(boxes.toJson('box', boxes.fromJson('box', filled))).to.deep.equal({
        '[tint]': 'BLUE',
        '[box.Scope.nested]': true,
      });
    });
  });

  it('take lists of any length', async () => {
    const { rInt64 } = (await ofWords(`r_int64:=[${'1,'.repeat(200_000)}2]`)) as {
      rInt64: readonly string[];
    };
    expect(rInt64).to.have.length(200_001);
  });

  it('refuse a file that is no text for a string, and a file without a name', async () => {
    const refusal = async (word: string): Promise<string> => (await rejection(ofWords(word))).message;
    expect(await refusal(`f_string=@${join(folder, 'octets')}`)).to.include('is not UTF-8 text');
    expect(await refusal('f_string=@')).to.include(
      'a file name is missing after @; for the text itself: f_string:=\'"@"\'',
    );
    expect(await refusal(`fInt32=@${join(folder, 'octets')}`)).to.include(
      'can be bytes or a string, not an int32',
    );
  });

  const twice: readonly (readonly [string, string, string])[] = [
    ['fInt32=1', 'f_int32=2', 'f_int32'],
    ['flags.a=true', 'flags.a=false', 'flags.a'],
    ['flags.a=true', 'flags:={}', 'flags'],
    ['items[0].fInt32=1', 'items[0].fInt32=2', 'items[0].fInt32'],
    ['r_int32[0]=1', 'r_int32[0]=2', 'r_int32[0]'],
    ['object.a=1', 'object.a=2', 'object.a'],
    ['object.a=1', 'object={}', 'object'],
    ['inner.inner.kind=1', 'inner.inner.kind=1', 'inner.inner.kind'],
    ['f_bytes=AA==', 'f_bytes=@OCTETS', 'f_bytes'],
  ];
  for (const [first, second, path] of twice) {
    it(`refuse ${first} ${second}`, async () => {
      const last = second.replace('OCTETS', join(folder, 'octets'));
      expect((await rejection(ofWords(first, last))).message).to.include(
        `${last}: ${path} is set twice, and holds one value`,
      );
    });
  }

  describe('out of templates', () => {
    const PLACEHOLDER: Readonly<Record<string, string>> = {
      double: '{{float -1 1}}',
      float: '{{float 0 1e3}}',
      bool: '{{pick true false}}',
      string: 'user {{text 5}}',
      bytes: '{{bytes 7}}',
    };
    const fill = (document: unknown): Record<string, unknown> => {
      const made = compileTemplate(document, shapeOf(client, 'p.M'));
      if (made === undefined) throw new Error('it has no placeholder');
      const message = client.fromJson('p.M', made({ call: 7, message: 0 }));
      return client.toJson('p.M', client.decode('p.M', client.encode('p.M', message)), {
        emitDefaults: true,
      }) as Record<string, unknown>;
    };

    for (const type of SCALARS) {
      it(`fill ${type}, alone, in lists and inside`, () => {
        const placeholder = PLACEHOLDER[type] ?? '{{int 0 100}}';
        const filled = fill({
          [`f_${type}`]: placeholder,
          [`r_${type}`]: [placeholder, placeholder],
          items: [{ [`f_${type}`]: placeholder }],
          by_number: { '{{n}}': { [`f_${type}`]: placeholder } },
        });
        expect(filled[`r${type[0].toUpperCase()}${type.slice(1)}`]).to.have.length(2);
        expect(filled['byNumber']).to.have.property('7');
      });
    }

    it('fill enums by name and number, wrappers, maps and times', () => {
      const values = fill({
        kind: '{{pick BIG SMALL}}',
        kinds: ['{{int 0 2}}'],
        wrapped: '{{pick true false}}',
        long: '{{unixMs}}',
      });
      expect(values['kind']).to.be.oneOf(['BIG', 'SMALL']);
      expect(values['kinds']).to.have.lengthOf(1);
      expect(values['wrapped']).to.be.a('boolean');
      expect(values['long']).to.match(/^\d{13}$/);
      const maps = fill({
        flags: { a: '{{pick true false}}' },
        by_flag: { true: '{{int 0 2}}' },
        octets: '{{bytes 3}}',
      });
      expect(maps['flags']).to.have.property('a').that.is.a('boolean');
      expect(maps['byFlag']).to.have.all.keys('true');
      expect(maps['octets']).to.match(/^[\w+/]{4}$/);
      const times = fill({ at: '{{now}}', wait: '{{int 1 5}}s', any_json: '{{n}}' });
      expect(times['at']).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(times['wait']).to.match(/^[1-5]s$/);
      expect(times['anyJson']).to.equal('7');
    });

    it('fill fields that are given as words', () => {
      const placeholders = [
        ...SCALARS.map((type) => `f_${type}=${PLACEHOLDER[type] ?? '{{int 0 100}}'}`),
        ...[
          'kind={{pick BIG SMALL}}',
          'kinds={{int 0 2}}',
          'byFlag.true={{pick BIG}}',
          'flags.a={{pick true}}',
        ],
        ...['wrapped={{pick true false}}', 'long={{unixMs}}', 'octets={{bytes 3}}', 'any_json={{n}}'],
        ...['at={{now}}', 'wait={{int 1 5}}s', 'mask={{pick fInt32}}', 'items[0].kind={{pick BIG SMALL}}'],
      ];
      const filled = fill(fieldsOfWords(client, 'p.M', placeholders));
      expect(filled).to.deep.include({
        byFlag: { true: 'BIG' },
        flags: { a: true },
        mask: 'fInt32',
        anyJson: '7',
      });
      expect(filled['kinds']).to.have.lengthOf(1);
      expect(filled).to.have.nested.property('items[0].kind').that.is.oneOf(['BIG', 'SMALL']);
      expect(filled['fString']).to.match(/^user \S{5}$/);
    });

    it('fill a text with what looks like another type', () => {
      expect(fill({ f_string: '{{pick true}}', inner: { f_string: '{{pick 12}}' } })).to.deep.include({
        fString: 'true',
      });
    });
  });
});
