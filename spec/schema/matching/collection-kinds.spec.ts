import { describePatterns, LISTS, MAPS, type PatternCase, TREE } from './matching.ts';

const own = (json: string): unknown => JSON.parse(json);

const COLLECTIONS: readonly PatternCase[] = [
  {
    name: 'a list in order',
    type: LISTS,
    fields: { int32s: [1, 2] },
    pattern: { int32s: [1, { $above: 1 }] },
  },
  {
    name: 'an element that differs',
    type: TREE,
    fields: { children: [{ label: 'a' }, { label: 'b' }] },
    pattern: { children: [{ label: 'a' }, { label: 'x' }] },
    differs: ['children[1].label: expected "x", got "b"'],
  },
  {
    name: 'an element too many, where it is',
    type: LISTS,
    fields: { strings: ['a', 'x', 'b', 'c'] },
    pattern: { strings: ['a', 'b', 'c'] },
    differs: ['strings[1]: expected nothing, got "x"'],
  },
  {
    name: 'an element that is missing, where it should be',
    type: LISTS,
    fields: { strings: ['a', 'c'] },
    pattern: { strings: ['a', 'b', 'c'] },
    differs: ['strings[1]: expected "b", got nothing'],
  },
  {
    name: 'many elements too many',
    type: LISTS,
    fields: { int32s: [1, 2, 3, 4] },
    pattern: { int32s: [1] },
    differs: ['int32s[1]: expected nothing, got 2 and 2 more'],
  },
  { name: 'an empty list', type: LISTS, fields: {}, pattern: { strings: [], int32s: null } },
  {
    name: 'any order',
    type: LISTS,
    fields: { int32s: [1, 2, 2] },
    pattern: { int32s: { $unordered: [2, 1, 2] } },
  },
  {
    name: 'any order, with an element that differs',
    type: LISTS,
    fields: { int32s: [1, 2, 3] },
    pattern: { int32s: { $unordered: [3, 2, 2] } },
    differs: ['int32s[0]: expected 2, got 1'],
  },
  {
    name: 'messages in any order, where the first that fits is wanted elsewhere',
    type: TREE,
    fields: { children: [{ label: 'a', left: {} }, { label: 'a' }, { label: 'b' }] },
    pattern: { children: { $unordered: [{ label: 'b' }, { label: 'a' }, { label: 'a', left: {} }] } },
  },
  {
    name: 'messages in any order, of which one differs',
    type: TREE,
    fields: { children: [{ label: 'a' }, { label: 'b' }] },
    pattern: { children: { $unordered: [{ label: 'b' }, { label: 'c' }] } },
    differs: ['children[0].label: expected "c", got "a"'],
  },
  {
    name: 'too few in any order',
    type: LISTS,
    fields: { int32s: [1] },
    pattern: { int32s: { $unordered: [1, 2] } },
    differs: ['int32s: expected an element 2, got none in [1]'],
  },
  {
    name: 'an element',
    type: LISTS,
    fields: { strings: ['a', 'b'] },
    pattern: { strings: { $contains: 'b' } },
  },
  {
    name: 'several elements',
    type: LISTS,
    fields: { strings: ['a', 'b', 'a'] },
    pattern: { strings: { $contains: ['b', 'a', 'a'] } },
  },
  {
    name: 'an element that is not there',
    type: LISTS,
    fields: { strings: ['a', 'b'] },
    pattern: { strings: { $contains: ['b', 'c'] } },
    differs: ['strings: expected an element "c", got none in 2 elements: ["a", "b"]'],
  },
  {
    name: 'a message that is not there, beside the nearest',
    type: TREE,
    fields: { children: [{ label: 'x' }, { label: 'a', left: { label: 'y' } }] },
    pattern: { children: { $contains: { label: 'a', left: { label: 'z' } } } },
    differs: [
      'children:',
      '  expected an element { label: "a", left: { label: "z" } }',
      '  got none in 2 elements; the nearest, [1], differs in left.label: expected "z", got "y"',
    ],
  },
  {
    name: 'each element',
    type: LISTS,
    fields: { int32s: [1, 2, 3] },
    pattern: { int32s: { $each: { $below: 3 }, $length: { $above: 0 } } },
    differs: ['int32s[2]: expected less than 3, got 3'],
  },
  {
    name: 'entries of a map',
    type: MAPS,
    fields: { byInt64: { 5: true }, byInt32: { 1: { aString: 'x' } }, strings: { a: 'b' } },
    pattern: { byInt64: new Map([[5n, true]]), byInt32: { 1: { aString: 'x' } }, strings: { c: null } },
  },
  {
    name: 'other entries of a map, and none',
    type: MAPS,
    fields: { byInt32: { 1: { aString: 'x' } }, strings: { 'a b': '1' } },
    pattern: { byInt32: { 1: { aString: 'y' }, 2: {} }, strings: { 'a b': null, $length: 2 } },
    differs: [
      'byInt32["1"].aString: expected "y", got "x"',
      'byInt32["2"]: expected {}, got nothing',
      'strings["a b"]: expected nothing, got "1"',
      'strings: expected a length of 2, got 1: { "a b": "1" }',
    ],
  },
  {
    name: 'keys that begin as operators do, or are members of every object',
    type: MAPS,
    fields: { strings: own('{"$not":"a","$$x":"b","__proto__":"c","constructor":"d"}') },
    pattern: { strings: own('{"$$not":"a","$$$x":"b","__proto__":"x","constructor":"d","toString":null}') },
    differs: ['strings["__proto__"]: expected "x", got "c"'],
  },
];

describe('patterns for messages', () => {
  describePatterns('lists and maps', COLLECTIONS);
});
