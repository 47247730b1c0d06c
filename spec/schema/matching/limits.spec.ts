import { expect } from 'chai';
import type { Plan } from '../../../lib/schema/codec/plan.ts';
import { MAX_COMPARED_VALUES } from '../../../lib/schema/matching/comparison.ts';
import { MAX_UNORDERED_ELEMENTS } from '../../../lib/schema/matching/list-checks.ts';
import { compilePattern } from '../../../lib/schema/matching/pattern.ts';
import { MAX_MATCH_MS, MAX_MATCHED_TEXT } from '../../../lib/schema/matching/text-match.ts';
import { KINDS, registryOf } from '../schemas.ts';

describe('the limits of comparing', () => {
  let lists: Plan;
  let scalars: Plan;
  let tree: Plan;
  before(async () => {
    const registry = await registryOf([KINDS]);
    lists = registry.plan('kinds.Lists');
    scalars = registry.plan('kinds.Scalars');
    tree = registry.plan('kinds.Tree');
  });

  const trees = (count: number, isReversed = false): { label: string }[] => {
    const all = Array.from({ length: count }, (_, i) => ({ label: `tree ${i}` }));
    return isReversed ? all.reverse() : all;
  };

  it(`look for up to MAX_UNORDERED_ELEMENTS ${MAX_UNORDERED_ELEMENTS} messages in any order`, () => {
    const differences = (count: number): unknown =>
      compilePattern(tree, { children: { $unordered: trees(count) } }).differences({
        children: trees(count, true),
      });
    expect(differences(MAX_UNORDERED_ELEMENTS)).to.deep.equal([]);
    expect(differences(MAX_UNORDERED_ELEMENTS + 1)).to.deep.equal([
      {
        path: 'children',
        expected: 'a list that can be searched, up to MAX_UNORDERED_ELEMENTS 1000',
        actual: '1001 elements',
        keys: ['children', '$unordered'],
      },
    ]);
  });

  it('do not count messages that are in order, nor plain values', () => {
    const count = 20 * MAX_UNORDERED_ELEMENTS;
    const pattern = compilePattern(tree, { children: { $unordered: trees(count) } });
    expect(pattern.differences({ children: trees(count) })).to.deep.equal([]);
    const ints = Array.from({ length: count }, (_, i) => i);
    const shuffled = compilePattern(lists, { int32s: { $unordered: ints } });
    expect(shuffled.differences({ int32s: ints.toReversed() })).to.deep.equal([]);
  });

  it(`are MAX_COMPARED_VALUES ${MAX_COMPARED_VALUES} comparisons`, () => {
    // Each alternative of each element is looked at.
    const alternatives = 1000;
    const pattern = compilePattern(lists, {
      int32s: { $each: { $any: Array.from({ length: alternatives }, (_, i) => i + 1) } },
    });
    const ints = (count: number): number[] => new Array(count).fill(alternatives);
    // One for the message, one for the list.
    const fitting = Math.floor((MAX_COMPARED_VALUES - 3) / alternatives);
    expect(pattern.differences({ int32s: ints(fitting) })).to.deep.equal([]);
    expect(pattern.differences({ int32s: ints(fitting + 1) })).to.deep.equal([
      {
        path: '',
        expected: 'a value that can be compared',
        actual: `one that takes more than MAX_COMPARED_VALUES ${MAX_COMPARED_VALUES} comparisons`,
        keys: ['int32s', '$each', '$any', alternatives - 3],
      },
    ]);
  });

  it(`match text of up to MAX_MATCHED_TEXT ${MAX_MATCHED_TEXT} characters`, () => {
    const pattern = compilePattern(scalars, { aString: { $matches: 'x$' } });
    const text = (length: number): string => `${' '.repeat(length - 1)}x`;
    expect(pattern.differences({ aString: text(MAX_MATCHED_TEXT) })).to.deep.equal([]);
    expect(pattern.differences({ aString: text(MAX_MATCHED_TEXT + 1) })).to.deep.equal([
      {
        path: 'aString',
        expected: 'text that matches /x$/u',
        actual: '1000001 characters, more than MAX_MATCHED_TEXT 1000000',
        keys: ['aString', '$matches'],
      },
    ]);
  });

  it(`stop an expression after MAX_MATCH_MS ${MAX_MATCH_MS}`, () => {
    const pattern = compilePattern(scalars, { aString: /^(a+)+$/ });
    expect(pattern.differences({ aString: `${'a'.repeat(60)}!` })).to.deep.equal([
      {
        path: 'aString',
        expected: 'text that matches /^(a+)+$/',
        actual: '61 characters for which the expression takes more than MAX_MATCH_MS 1000',
      },
    ]);
  });

  it('keep what is shown of huge values short', () => {
    const text = 'x'.repeat(5_000_000);
    const children = Array.from({ length: 100_000 }, () => ({ label: text }));
    const pattern = compilePattern(tree, { label: 'y', left: null, children: [] });
    const differences = pattern.differences({ label: text, left: { label: text, children }, children });
    expect(differences).to.have.length(3);
    for (const { expected, actual } of differences) expect(expected.length + actual.length).to.be.below(500);
  });
});
