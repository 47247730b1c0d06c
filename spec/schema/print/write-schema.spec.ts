import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { importsFirst } from '../../../lib/schema/descriptors/needed-imports.ts';
import { writeProtos, writeProtoset } from '../../../lib/schema/print/write-schema.ts';
import { loadProto, loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { decodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import { rejection } from '../../support/closing.ts';
import { EDITION, KINDS, OLD } from '../schemas.ts';

/** All that printing has to spell, and comments in every place. */
const EVERYTHING = `// Detached at the top.

// Of the syntax.
syntax = "proto2"; // behind the syntax

/* A block
 * of comment. */
package every.thing;

// Of an import.
import public "google/protobuf/any.proto"; // behind an import
import "google/protobuf/descriptor.proto";

// Alone before an option.

// Of an option.
option java_package = "a\\"b\\\\c";
option optimize_for = CODE_SIZE;
option (file_option) = { text: "x", numbers: [1, 2], nested { text: "y" }, [every.thing.more]: 5, float: -inf };
option (file_option).bytes = "\\377\\000";

extend google.protobuf.FileOptions { optional Rich file_option = 50000; }
extend google.protobuf.FieldOptions {
  // Of an extension.
  repeated string tags = 50001;
  optional Level level = 50002; // behind an extension
  optional google.protobuf.Any anything = 50003;
}
extend google.protobuf.EnumValueOptions { optional bool is_odd = 50004; }

message Rich {
  optional string text = 1;
  repeated int64 numbers = 2;
  optional Rich nested = 3;
  optional float float = 4;
  optional bytes bytes = 5;
  map<string, Rich> map = 6;
  extensions 100 to 199, 1000 to max [verification = UNVERIFIED];
}
extend Rich { optional int32 more = 100; }

enum Level {
  option allow_alias = true; // behind an option
  // Of reserved numbers.
  reserved 5, 7 to 9, 100 to max;
  // Of reserved names.
  reserved "OLD";
  LOW = 0 [(is_odd) = false, deprecated = true];
  NONE = 0;
  NEGATIVE = -5;
}

// Leads the message.
message Outer {
  // Trails the brace.

  option deprecated = true;
  reserved 50, 60 to 69, 1000 to max;
  reserved "gone", "also";

  // Detached in the message.

  // Leads the field
  // in two lines.
  required int32 a = 1 [default = -5, (tags) = "x", (tags) = "y", json_name = "other"];
  // Trails the field
  // in two lines.

  optional string text = 2 [default = "a\\"\\n\\303\\251"];
  optional bytes data = 3 [default = "\\000\\377\\""];
  optional double number = 4 [default = 1.5e300];
  optional float infinite = 5 [default = -inf];
  optional Level level = 6 [default = NEGATIVE, (every.thing.level) = NONE];
  optional bool is = 7 [default = true];
  repeated int32 packed = 8 [packed = true];
  map<int64, Outer.Inner> map = 9 [deprecated = true];
  optional group Grouped = 10 {
    optional int32 inside = 1;
  }
  message Inner {
    optional Outer.Inner outer = 1;
    optional .every.thing.Rich rich = 2;
    // A message with the name of another one outside.
    message Rich { optional Rich own = 1; }
  }
  // Leads the oneof.
  oneof choice {
    // Leads a member.
    string one = 11;
    Inner two = 12;
    group Three = 13 { optional int32 x = 1; }
  }
  optional int32 any = 14 [(anything) = { [type.googleapis.com/every.thing.Rich] { text: "a" } }];
  extend Rich { optional Inner scoped = 101; optional group Ext = 102 { optional int32 y = 1; } }
  enum Nested { ZERO = 0; }
}

service Caller {
  option deprecated = true;
  // Leads the method.
  rpc Call(Outer) returns (stream Outer.Inner); // behind it
  rpc Bare(Outer) returns (Outer) {}
  rpc Stream(stream google.protobuf.Any) returns (Rich) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}
`;

const SCOPES = `syntax = "proto3";
package a.b;
import "google/protobuf/timestamp.proto";
import "outer.proto";
message google { message Inner { .google.protobuf.Timestamp time = 1; optional int32 x = 2; } }
message b { C c = 1; message C {} .a.b.C top = 2; a.c.D other = 3; }
message C { a.b.b.C inner = 1; .a.b.C self = 2; }
message stream { stream stream = 1; }
service S { rpc M(.a.b.stream) returns (stream .a.b.stream); }
`;
const OUTER = 'syntax = "proto3"; package a.c; message D {}';

const FEATURES = `edition = "2024";
package fea;
import "google/protobuf/cpp_features.proto";
import option "google/protobuf/java_features.proto";
option features.field_presence = IMPLICIT;
option features.(pb.cpp).string_type = VIEW;
option features.enforce_naming_style = STYLE_LEGACY;
export message A {
  reserved gone, also;
  string text = 1 [features = { field_presence: EXPLICIT utf8_validation: NONE }];
  A child = 2 [features.message_encoding = DELIMITED];
  local enum E { option features.enum_type = CLOSED; X = 1; }
}
`;

type Mutable = { [key: string]: unknown };

/** A file without its comments and places. */
function meaning(file: FileDescriptorProto): unknown {
  const { sourceCodeInfo: _, ...rest } = file;
  return plain(rest);
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `octets ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, item]) =>
      item !== undefined &&
      !(Array.isArray(item) && item.length === 0) &&
      !(key === 'options' && Object.keys(item).length === 0),
  );
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, plain(item)]),
  );
}

/** Comments by the path of what they belong to. */
function comments(file: FileDescriptorProto): unknown {
  const found: Mutable = {};
  const shared: string[] = [];
  for (const { path, leadingComments, trailingComments, leadingDetachedComments } of file.sourceCodeInfo
    ?.location ?? []) {
    // The last line of a block comment has no line break, and some files have those of Windows.
    const all = [leadingComments, trailingComments, ...(leadingDetachedComments ?? [])].map((text) =>
      text?.trimEnd().replaceAll('\r\n', '\n'),
    );
    if (all.every((text) => text === undefined)) continue;
    const place = (path ?? []).join();
    if (SHARED.test(place)) shared.push(...all.filter((text) => text !== undefined));
    else found[place] = all;
  }
  return { ...found, shared: shared.sort() };
}

/** Statements that are written as one, such as `reserved`: what stood at several of them then stands at that. */
const SHARED = /^7$|^4,\d+,(?:3,\d+,)*(?:5|6|9|10)$|^(?:5,\d+|4,\d+,(?:3,\d+,)*4,\d+),[45]$/;

describe('writing what is loaded', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stubless-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function again(
    files: readonly FileDescriptorProto[],
  ): Promise<ReadonlyMap<string, FileDescriptorProto>> {
    await writeProtos(files, directory);
    const { files: read } = await loadProto(
      files.map(({ name }) => name),
      { includeDirs: [directory] },
    );
    return new Map(read.map((file) => [file.name, file]));
  }

  it('gives back every bundled schema, comments included', async () => {
    const all = await readdir('protos', { recursive: true });
    const names = all.map((name) => name.replaceAll('\\', '/')).filter((name) => name.endsWith('.proto'));
    const { files } = await loadProto(names, { includeDirs: ['protos'] });
    expect(files.length).to.be.greaterThan(60);
    const read = await again(files);
    for (const file of files) {
      const twin = read.get(file.name);
      expect(twin, file.name).not.to.equal(undefined);
      if (twin === undefined) continue;
      expect(meaning(twin), file.name).to.deep.equal(meaning(file));
      expect(comments(twin), file.name).to.deep.equal(comments(file));
    }
  });

  const sources: Readonly<Record<string, string>> = {
    'every construct of proto2': EVERYTHING,
    'every kind of proto3 field': KINDS,
    'proto2 with groups and message sets': OLD,
    'edition 2023': EDITION,
    'edition 2024 with its features': FEATURES,
  };
  for (const [name, source] of Object.entries(sources)) {
    it(`gives back ${name}`, async () => {
      const { files } = await loadProtoSource(source, 'source.proto');
      const read = await again(files);
      for (const file of files) {
        const twin = read.get(file.name);
        if (twin === undefined) throw new Error(`${file.name} was not written`);
        expect(meaning(twin), file.name).to.deep.equal(meaning(file));
        expect(comments(twin), file.name).to.deep.equal(comments(file));
      }
    });

    it(`gives back ${name} from descriptors without source info`, async () => {
      const { files } = await loadProtoSource(source, 'source.proto');
      const path = join(directory, 'x.binpb');
      await writeProtoset(files, path);
      const bare = decodeDescriptorSet(await readFile(path), path).map(
        ({ sourceCodeInfo: _, ...file }) => file,
      );
      const read = await again(bare);
      for (const file of bare) {
        const twin = read.get(file.name);
        if (twin === undefined) throw new Error(`${file.name} was not written`);
        const unordered = (one: FileDescriptorProto) => sortNested(meaning(one));
        expect(unordered(twin), file.name).to.deep.equal(unordered(file));
      }
    });
  }

  it('calls types so that they mean the same in every scope', async () => {
    await writeFile(join(directory, 'outer.proto'), OUTER);
    await writeFile(join(directory, 'scopes.proto'), SCOPES);
    const { files } = await loadProto(['scopes.proto'], { includeDirs: [directory] });
    await rm(directory, { recursive: true });
    const read = await again(files);
    for (const file of files) expect(meaning(read.get(file.name) ?? file)).to.deep.equal(meaning(file));
  });

  it('gives a descriptor set with imports first and comments', async () => {
    const { files } = await loadProtoSource(KINDS, 'kinds.proto');
    const path = join(directory, 'all.protoset');
    await writeProtoset([...files].reverse(), path);
    const read = decodeDescriptorSet(await readFile(path), path);
    expect(read.at(-1)?.name).to.equal('kinds.proto');
    const seen = new Set<string>();
    for (const file of read) {
      for (const name of file.dependency ?? []) expect(seen).to.include(name);
      seen.add(file.name);
    }
    expect(importsFirst(read).map(({ name }) => name)).to.deep.equal(read.map(({ name }) => name));
    const last = files.at(-1);
    const kinds = read.at(-1);
    if (last === undefined || kinds === undefined) throw new Error('nothing was read');
    expect(meaning(kinds)).to.deep.equal(meaning(last));
    expect(comments(kinds)).to.deep.equal(comments(last));
  });

  const outside = [
    '../x.proto',
    '/etc/x.proto',
    'a/../../x.proto',
    'a//x.proto',
    './x.proto',
    'a\\..\\x.proto',
    'C:/x.proto',
    '',
  ];
  const unfit: [RegExp, string[]][] = [
    [/leads out of the directory/, outside],
    [
      /does not end in \.proto/,
      ['GNUmakefile', 'package.json', 'a.PROTO', 'a.proto.sh', 'a.proto/Makefile', 'x'],
    ],
    [
      /begins with a dot/,
      [
        '.envrc',
        '.git/hooks/post-checkout',
        '.npmrc',
        '.proto',
        'a/.b.proto',
        '.github/x.proto',
        '.../x.proto',
      ],
    ],
    [/begins with a dash/, ['-rf.proto', '--plugin=x.proto', 'a/-b/c.proto']],
    [/begins with a tilde/, ['~.proto', '~/a.proto', '~root/.proto', 'a/~b/c.proto']],
    [/begins with a space, or ends with/, [' a.proto', 'a /b.proto', 'a./b.proto', 'a\u3000/b.proto']],
    [
      /has a part that is the name of a device/,
      [
        'CON.proto',
        'nul.proto',
        'a/Com1.v2.proto',
        'LPT9/x.proto',
        'aux .proto',
        'prn.x/a.proto',
        'COM².proto',
      ],
    ],
    [
      /contains /,
      [
        'a\0b.proto',
        'a\nb.proto',
        '\x1b[2J.proto',
        'a\u202eb.proto',
        'a\u2028b.proto',
        'a.txt:x.proto',
        '$(touch x).proto',
        '`x`.proto',
        'a;b.proto',
        'a|b.proto',
        "a'b.proto",
        'a"b.proto',
        'a*.proto',
        'a?.proto',
        '<a>.proto',
      ],
    ],
    [/longer than 1024 octets/, [`${'é/'.repeat(340)}12345.proto`]],
    [/a part of more than 255 octets/, [`${'é'.repeat(125)}.proto`, `${'a'.repeat(256)}/b.proto`]],
  ];
  for (const [reason, names] of unfit) {
    for (const name of names) {
      it(`refuses a file called ${JSON.stringify(name).slice(0, 60)}, and writes none`, async () => {
        const files = [
          { name: 'good.proto', syntax: 'proto3' },
          { name, syntax: 'proto3' },
        ];
        const error = await rejection(writeProtos(files, join(directory, 'out')));
        expect(error.message).to.match(reason);
        expect(await readdir(directory)).to.deep.equal([]);
      });
    }
  }

  const clashes: [string, string, RegExp][] = [
    ['a/B.proto', 'A/b.proto', /"A\/b\.proto" is the same as "a\/B\.proto"/],
    ['stra\u00dfe.proto', 'STRASSE.proto', /the same as/],
    ['caf\u00e9.proto', 'cafe\u0301.proto', /the same as/],
    ['a.proto/b.proto', 'A.proto', /"a\.proto\/b\.proto" is below the file "A\.proto"/],
  ];
  for (const [first, second, reason] of clashes) {
    it(`refuses ${first} beside ${second}, and writes neither`, async () => {
      const files = [first, second].map((name) => ({ name, syntax: 'proto3' }));
      expect((await rejection(writeProtos(files, join(directory, 'out')))).message).to.match(reason);
      expect(await readdir(directory)).to.deep.equal([]);
    });
  }

  it('writes files under the names that schemas have', async () => {
    const names = [
      'google/protobuf/x.proto',
      'a-b/c_d.v1/e+f@2.proto',
      'console.proto',
      'common/auxiliary.proto',
      'COM10.proto',
      'with space.proto',
      'déjà/x.proto',
      `${'a'.repeat(249)}.proto`,
      `${'b/'.repeat(508)}12.proto`,
    ];
    const files = names.map((name) => ({ name, syntax: 'proto3' }));
    expect(await writeProtos(files, directory)).to.deep.equal(names);
  });

  it('keeps what a comment says inside of the comment, whatever ends a line for a reader', async () => {
    const lines = ['a\rb', 'c\r\nd', 'e\u2028f', 'g\u2029h', 'i\u0085j', 'k\u001b[31m\u202e', 'l'];
    const files: FileDescriptorProto[] = [
      {
        name: 'x.proto',
        syntax: 'proto3',
        messageType: [{ name: 'M' }],
        sourceCodeInfo: { location: [{ path: [4, 0], leadingComments: lines.join('\n') }] },
      },
    ];
    await writeProtos(files, directory);
    const text = await readFile(join(directory, 'x.proto'), 'utf8');
    const comments = [...'abcdefghij'].map((one) => `//${one}\n`).join('');
    expect(text).to.equal(`syntax = "proto3";\n\n${comments}//k\\u001b[31m\\u202e\n//l\nmessage M {}\n`);
  });

  it('keeps the comments of two imports that are one file', async () => {
    const file: FileDescriptorProto = {
      name: 'm.proto',
      syntax: 'proto3',
      dependency: ['a.proto'],
      sourceCodeInfo: {
        location: [
          { path: [3, 0], span: [1, 0, 9], leadingComments: ' One.\n' },
          { path: [3, 0], span: [3, 0, 9], trailingComments: ' Two.\n' },
        ],
      },
    };
    await writeProtos([{ name: 'a.proto', syntax: 'proto3' }, file], directory);
    expect(await readFile(join(directory, 'm.proto'), 'utf8')).to.equal(
      'syntax = "proto3";\n\n// One.\n\n// Two.\n\nimport "a.proto";\n',
    );
  });

  it('goes through no link that lies in the directory', async () => {
    const out = join(directory, 'out');
    await mkdir(out);
    await mkdir(join(directory, 'elsewhere'));
    await symlink('../elsewhere', join(out, 'a'));
    await symlink('../elsewhere/x.proto', join(out, 'b.proto'));
    for (const name of ['a/x.proto', 'b.proto']) {
      const files = [{ name, syntax: 'proto3' }];
      expect((await rejection(writeProtos(files, out, { overwrite: true }))).message).to.match(/is a link/);
    }
    expect(await readdir(join(directory, 'elsewhere'))).to.deep.equal([]);
  });

  it('replaces a file that differs only when it is told to', async () => {
    const files = [{ name: 'a/b.proto', syntax: 'proto3' }];
    await loadProtoSource('syntax = "proto3";', 'x.proto');
    await writeProtos(files, directory);
    expect(await writeProtos(files, directory)).to.deep.equal(['a/b.proto']);
    const path = join(directory, 'a', 'b.proto');
    await writeFile(path, '// mine\n');
    expect((await rejection(writeProtos(files, directory))).message).to.match(/already exists and differs/);
    expect(await readFile(path, 'utf8')).to.equal('// mine\n');
    await writeProtos(files, directory, { overwrite: true });
    expect(await readFile(path, 'utf8')).to.equal('syntax = "proto3";\n');
  });
});

/** Messages, enums and services in the order of their names: what of the order no source info tells. */
function sortNested(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sortNested);
    const isNamed = items.every(
      (item) => typeof item === 'object' && item !== null && 'name' in item && !('number' in item),
    );
    return isNamed ? items.sort((a, b) => (String(Object(a).name) < String(Object(b).name) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sortNested(item)]));
}
