import { expect } from 'chai';
import type { SourceCodeInfo } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { parseProto } from '../../../lib/schema/proto/syntax/parse-proto.ts';

type Location = NonNullable<SourceCodeInfo['location']>[number];

function locationOf(source: string, path: readonly number[]): Location | undefined {
  return parseProto(source, 'a.proto').sourceCodeInfo?.location?.find(
    (location) => String(location.path) === String(path),
  );
}

const MESSAGE = [4, 0];
const SECOND_MESSAGE = [4, 1];

describe('Comments (descriptor.proto, SourceCodeInfo.Location)', () => {
  /** Each with its comment where HERE stands, or before the whole. */
  const statements = [
    ['an import', 'import "any.proto";', [3, 0]],
    ['an option of the file', 'option java_package = "x";', [8, 1]],
    ['an option of a message', 'message A { HERE option deprecated = true; }', [4, 0, 7, 3]],
    ['a part of an option', 'option features.enum_type = OPEN;', [8, 50, 2]],
    ['an option of an enum', 'enum E { HERE option deprecated = true; A = 0; }', [5, 0, 3, 3]],
    ['an option of a service', 'service S { HERE option deprecated = true; }', [6, 0, 3, 33]],
    [
      'an option of a method',
      'service S { rpc M(A) returns (A) { HERE option deprecated = true; } } message A {}',
      [6, 0, 2, 0, 4, 33],
    ],
    ['reserved numbers', 'message A { HERE reserved 1; }', [4, 0, 9]],
    ['reserved names', 'message A { HERE reserved a; }', [4, 0, 10]],
    ['reserved numbers of an enum', 'enum E { A = 0; HERE reserved 1; }', [5, 0, 4]],
    ['reserved names of an enum', 'enum E { A = 0; HERE reserved B; }', [5, 0, 5]],
    ['a range of extensions', 'message A { HERE extensions 1 to 9; }', [4, 0, 5]],
    ['an extend block', 'message A { extensions 1; } HERE extend A { int32 i = 1; }', [7]],
    ['an extend block of a message', 'message A { extensions 1; HERE extend A { int32 i = 1; } }', [4, 0, 6]],
  ] as const;
  for (const [name, text, path] of statements) {
    it(`${name} has comments of its own.`, async () => {
      const comment = '\n\n// of it\n';
      const declaration = text.includes('HERE') ? text.replace('HERE', comment) : comment + text;
      const source = `edition = "2023"; ${declaration}`;
      const includeDirs = ['protos/google/protobuf'];
      const { files } = await loadProtoSource(source, 'm.proto', { includeDirs });
      const found = files
        .at(-1)
        ?.sourceCodeInfo?.location?.filter((one) => String(one.path) === String(path));
      expect(found?.map(({ leadingComments }) => leadingComments)).to.deep.equal([' of it\n']);
    });
  }

  const cases: { name: string; source: string; path: readonly number[]; is: Partial<Location> }[] = [
    {
      name: 'a comment above belongs to what follows',
      source: '// one\n// two\nmessage A {}',
      path: MESSAGE,
      is: { leadingComments: ' one\n two\n' },
    },
    {
      name: 'a comment behind belongs to what it stands behind',
      source: 'message A { // here\n}',
      path: MESSAGE,
      is: { trailingComments: ' here\n' },
    },
    {
      name: 'a comment with blank lines around belongs to neither',
      source: 'message A {}\n\n// alone\n\nmessage B {}',
      path: SECOND_MESSAGE,
      is: { leadingDetachedComments: [' alone\n'] },
    },
    {
      name: 'the comment right below trails, the one right above leads',
      source: 'enum E {\n  A = 0;\n  // of A\n\n  // of B\n  B = 1;\n}',
      path: [5, 0, 2, 1],
      is: { leadingComments: ' of B\n' },
    },
    {
      name: 'a comment below, before a blank line, trails',
      source: 'enum E {\n  A = 0;\n  // of A\n\n  B = 1;\n}',
      path: [5, 0, 2, 0],
      is: { trailingComments: ' of A\n' },
    },
    {
      name: 'the asterisks of a block comment are dropped',
      source: '/* one\n * two\n   *three */\nmessage A {}',
      path: MESSAGE,
      is: { leadingComments: ' one\n two\nthree ' },
    },
    {
      name: 'a comment between two declarations of one line belongs to neither',
      source: 'message A {} /* which? */ message B {}',
      path: SECOND_MESSAGE,
      is: { leadingDetachedComments: [' which? '] },
    },
    {
      name: 'a comment before a closing brace does not lead what follows it',
      source: 'message M {\n  // lost\n}\nmessage B {}',
      path: SECOND_MESSAGE,
      is: {},
    },
    {
      name: 'a field, an oneof, a method and the syntax have theirs, too (field)',
      source: 'syntax = "proto3"; message M {\n // f\n int32 f = 1; // g\n}',
      path: [4, 0, 2, 0],
      is: { leadingComments: ' f\n', trailingComments: ' g\n' },
    },
    {
      name: 'a oneof has its own',
      source: 'message M {\n // o\n oneof o { int32 a = 1; }\n}',
      path: [4, 0, 8, 0],
      is: { leadingComments: ' o\n' },
    },
    {
      name: 'a method has its own',
      source: 'service S {\n // m\n rpc M(A) returns (A) { // n\n }\n}',
      path: [6, 0, 2, 0],
      is: { leadingComments: ' m\n', trailingComments: ' n\n' },
    },
    {
      name: 'the licence above the syntax is detached from it',
      source: '// licence\n\n// syntax\nsyntax = "proto3";',
      path: [12],
      is: { leadingComments: ' syntax\n', leadingDetachedComments: [' licence\n'] },
    },
  ];
  for (const { name, source, path, is } of cases) {
    it(`${name}.`, () => {
      const { path: _path, span: _span, ...comments } = locationOf(source, path) ?? {};
      expect(comments).to.deep.equal(is);
    });
  }

  it('Spans count lines and columns from 0, octets as columns and tabs to multiples of 8.', () => {
    expect(locationOf('message A {}', MESSAGE)?.span).to.deep.equal([0, 0, 12]);
    expect(locationOf('\n\tmessage A {\n}', MESSAGE)?.span).to.deep.equal([1, 8, 2, 1]);
    expect(locationOf('/* é€😀 */ message A {}', MESSAGE)?.span).to.deep.equal([0, 16, 28]);
  });

  it('Nothing is computed for who does not ask, and the same for who asks twice.', () => {
    const file = parseProto('message A {}', 'a.proto');
    const property = Object.getOwnPropertyDescriptor(file, 'sourceCodeInfo');
    expect(property?.get).to.be.a('function');
    expect(file.sourceCodeInfo).to.equal(file.sourceCodeInfo);
  });
});
