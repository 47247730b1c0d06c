// The order in which files are written and loaded: each behind what it imports.

import { expect } from 'chai';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { importsFirst } from '../../../lib/schema/descriptors/needed-imports.ts';

describe('Imports first', () => {
  const file = (name: string, ...dependency: string[]): FileDescriptorProto => ({ name, dependency });
  const optional = (name: string, ...optionDependency: string[]): FileDescriptorProto => ({
    name,
    optionDependency,
  });

  const cases: readonly (readonly [name: string, files: readonly FileDescriptorProto[], order: string])[] = [
    ['of nothing is nothing', [], ''],
    ['keeps the order of files that import nothing', [file('b'), file('a')], 'b a'],
    [
      'puts a file behind its imports, which keep their order',
      [file('a', 'c', 'b'), file('b'), file('c')],
      'c b a',
    ],
    ['puts a file behind what it imports for its options', [optional('a', 'b'), file('b')], 'b a'],
    ['has a file once that several import', [file('a', 'c'), file('b', 'c'), file('c')], 'c a b'],
    ['passes over imports that are not there', [file('a', 'b')], 'a'],
    ['leaves a cycle as it is', [file('a', 'b'), file('b', 'a')], 'b a'],
    ['is not misled by a file that imports itself', [file('a', 'a')], 'a'],
  ];
  for (const [name, files, order] of cases) {
    it(name, () => {
      expect(
        importsFirst(files)
          .map((one) => one.name)
          .join(' '),
      ).to.equal(order);
    });
  }

  it('follows chains that are longer than the stack', () => {
    const length = 100_000;
    const chain = Array.from({ length }, (_, i) => file(`${i}`, `${i + 1}`));
    expect(importsFirst(chain)[0].name).to.equal(`${length - 1}`);
  });
});
