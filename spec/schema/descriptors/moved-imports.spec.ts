import { expect } from 'chai';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { moveImports, withMovedImports } from '../../../lib/schema/descriptors/moved-imports.ts';
import { withImports } from '../../../lib/schema/descriptors/needed-imports.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';

const FILE: FileDescriptorProto = {
  name: 'm.proto',
  dependency: ['a', 'b', 'c', 'd'],
  publicDependency: [1, 2],
  weakDependency: [3],
  sourceCodeInfo: {
    location: [
      { path: [], leadingComments: 'file' },
      { path: [3, 0], leadingComments: 'a' },
      { path: [3, 1], leadingComments: 'b' },
      { path: [10, 0], leadingComments: 'public b' },
      { path: [3, 2], leadingComments: 'c' },
      { path: [10, 1], leadingComments: 'public c' },
      { path: [3, 3], leadingComments: 'd' },
      { path: [11, 0], leadingComments: 'weak d' },
      { path: [4, 0], leadingComments: 'message' },
    ],
  },
};

/** `3,0 a`: each comment with its path. */
function comments(file: FileDescriptorProto | undefined): string[] {
  return (file?.sourceCodeInfo?.location ?? []).map(({ path, leadingComments }) =>
    `${path} ${leadingComments}`.trim(),
  );
}

describe('Imports of a file that are others than it says', () => {
  const cases: {
    name: string;
    newName: (name: string) => string | undefined;
    added?: readonly string[];
    dependency: readonly string[];
    publicly: readonly number[];
    weakly: readonly number[];
    comments: readonly string[];
  }[] = [
    {
      name: 'keep their places under other names, and before those that are added',
      newName: (name) => `x/${name}`,
      added: ['y'],
      dependency: ['x/a', 'x/b', 'x/c', 'x/d', 'y'],
      publicly: [1, 2],
      weakly: [3],
      comments: comments(FILE),
    },
    {
      name: 'are one where two are one file, with the comments of both',
      newName: (name) => (name === 'b' ? 'a' : name),
      dependency: ['a', 'c', 'd'],
      publicly: [0, 1],
      weakly: [2],
      comments: [
        'file',
        '3,0 a',
        '3,0 b',
        '10,0 public b',
        '3,1 c',
        '10,1 public c',
        '3,2 d',
        '11,0 weak d',
        '4,0 message',
      ],
    },
    {
      name: 'are public once where two public ones are one file',
      newName: (name) => (name === 'c' ? 'b' : name),
      dependency: ['a', 'b', 'd'],
      publicly: [1],
      weakly: [2],
      comments: [
        'file',
        '3,0 a',
        '3,1 b',
        '10,0 public b',
        '3,1 c',
        '10,0 public c',
        '3,2 d',
        '11,0 weak d',
        '4,0 message',
      ],
    },
    {
      name: 'take their comments with them where they are left out',
      newName: (name) => (name === 'b' ? undefined : name),
      dependency: ['a', 'c', 'd'],
      publicly: [1],
      weakly: [2],
      comments: ['file', '3,0 a', '3,1 c', '10,0 public c', '3,2 d', '11,0 weak d', '4,0 message'],
    },
  ];
  for (const { name, newName, added = [], ...expected } of cases) {
    it(`${name}.`, () => {
      const moved = withMovedImports(FILE, moveImports(FILE, newName), added);
      expect(moved.dependency).to.deep.equal(expected.dependency);
      expect(moved.publicDependency).to.deep.equal(expected.publicly);
      expect(moved.weakDependency).to.deep.equal(expected.weakly);
      expect(comments(moved)).to.deep.equal(expected.comments);
    });
  }

  it('keep their comments when a server sends them.', () => {
    const files = new Map(['a', 'c', 'd'].map((name) => [name, { name }]));
    const lookup = { file: (name: string) => files.get(name), fileOf: () => undefined };
    expect(comments(withImports(FILE, lookup, (name) => (name === 'b' ? 'a' : name)))).to.deep.equal([
      'file',
      '3,0 a',
      '3,0 b',
      '10,0 public b',
      '3,1 c',
      '10,1 public c',
      '3,2 d',
      '11,0 weak d',
      '4,0 message',
    ]);
  });

  it('are one, with their comments, where another source had both files in one.', () => {
    const registry = new Registry();
    const both = { messageType: [{ name: 'A' }, { name: 'B' }] };
    registry.add([{ name: 'both', ...both }], 'one source');
    const file = {
      ...FILE,
      messageType: [{ name: 'M' }],
      dependency: ['a', 'b', 'c'],
      publicDependency: [],
      weakDependency: [],
    };
    const parts = [
      { name: 'a', messageType: [{ name: 'A' }] },
      { name: 'b', messageType: [{ name: 'B' }] },
      { name: 'c', messageType: [{ name: 'C' }] },
    ];
    registry.add([...parts, file], 'another source');
    const taken = registry.files.find(({ name }) => name === 'm.proto');
    expect(taken?.dependency).to.deep.equal(['both', 'c']);
    expect(comments(taken)).to.include.members(['3,0 a', '3,0 b', '3,1 c']);
  });
});
