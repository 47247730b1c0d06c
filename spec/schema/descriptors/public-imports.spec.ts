// What a file sees by way of public imports, and what finding it costs.

import { expect } from 'chai';
import fc from 'fast-check';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { withImports } from '../../../lib/schema/descriptors/needed-imports.ts';
import { VisibleFiles } from '../../../lib/schema/descriptors/public-imports.ts';
import { LinkTable, MAX_PUBLIC_IMPORT_STEPS } from '../../../lib/schema/proto/linking/link-table.ts';
import { parseFile } from '../../../lib/schema/proto/syntax/parse-file.ts';

describe('Public imports', () => {
  /** By the definition: all that is reached, in order of distance. */
  function reached(direct: readonly number[], edges: readonly (readonly number[])[]): number[] {
    const all = [...new Set(direct)];
    for (const file of all) for (const next of edges[file]) if (!all.includes(next)) all.push(next);
    return all;
  }

  it('make visible what can be reached, whatever is asked first.', () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((n) => {
      const node = fc.integer({ min: 0, max: n - 1 });
      return fc.record({
        edges: fc.array(fc.array(node, { maxLength: 3 }), { minLength: n, maxLength: n }),
        direct: fc.array(node, { maxLength: 3 }),
        questions: fc.array(node, { maxLength: 12 }),
      });
    });
    fc.assert(
      fc.property(graph, ({ edges, direct, questions }) => {
        const expected = reached(direct, edges);
        const visible = new VisibleFiles(direct, (file) => edges[file]);
        const begun = visible[Symbol.iterator]();
        begun.next();
        for (const file of questions) expect(visible.has(file)).to.equal(expected.includes(file));
        expect([...visible]).to.deep.equal(expected);
        expect([expected[0], ...begun].filter((file) => file !== undefined)).to.deep.equal(expected);
      }),
    );
  });

  it('are followed no farther than somebody asks.', () => {
    const looked: number[] = [];
    const visible = new VisibleFiles([0], (file) => {
      looked.push(file);
      return [file + 1];
    });
    expect(visible.has(0)).to.equal(true);
    expect(looked).to.deep.equal([]);
    expect(visible.has(3)).to.equal(true);
    expect(looked).to.deep.equal([0, 1, 2]);
  });

  it(`of one load may cost MAX_PUBLIC_IMPORT_STEPS, and not one more.`, () => {
    const parsed = parseFile('syntax = "proto3";', 'a.proto', 'a.proto');
    const { descriptor } = parsed;
    const none = { dependencies: [], optionDependencies: [], publicImports: [], symbols: [] };
    const table = new LinkTable();
    const step = (): boolean => table.countPublicImport({ parsed, descriptor, ...none });
    for (let i = 0; i < MAX_PUBLIC_IMPORT_STEPS; i++) step();
    expect(step).to.throw(`a.proto:1:1: finding names`).with.property('message').that.contains('5000000');
  });

  describe('of files that a server sends', () => {
    /** `count` files that import each other publicly in a chain, the last of which uses a type of the first. */
    function chain(count: number): Map<string, FileDescriptorProto> {
      return new Map(
        Array.from({ length: count }, (_, i): [string, FileDescriptorProto] => {
          const field = { name: 'm', number: 1, typeName: '.M0' } as const;
          const file = {
            name: `f${i}`,
            messageType: [{ name: `M${i}`, field: i === count - 1 ? [field] : [] }],
          };
          return [file.name, i === 0 ? file : { ...file, dependency: [`f${i - 1}`], publicDependency: [0] }];
        }),
      );
    }
    const importsOfLast = (count: number): readonly string[] | undefined => {
      const files = chain(count);
      const last = files.get(`f${count - 1}`);
      if (last === undefined) throw new Error('the chain has no end');
      return withImports(last, {
        file: (name) => files.get(name),
        fileOf: (symbol) => (files.has(symbol.replace('M', 'f')) ? symbol.replace('M', 'f') : undefined),
      }).dependency;
    };

    it('are followed for 32 files beyond what is imported.', () => {
      expect(importsOfLast(35)).to.deep.equal(['f33']);
    });

    it('are not followed farther: what is there is imported by itself.', () => {
      expect(importsOfLast(36)).to.deep.equal(['f34', 'f0']);
    });
  });
});
