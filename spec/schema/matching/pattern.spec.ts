import { expect } from 'chai';
import { MAX_DIFFERENCES } from '../../../lib/schema/matching/difference.ts';
import {
  compileListPattern,
  compilePattern,
  type PatternOptions,
} from '../../../lib/schema/matching/pattern.ts';
import { PatternError } from '../../../lib/schema/matching/pattern-error.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { parseJson } from '../../../lib/values/text/json-text.ts';
import { decoded, KINDS, OLD, registryOf } from '../schemas.ts';
import { differences, received } from './matching.ts';

interface Case {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  readonly fields: unknown;
  readonly pattern: unknown;
  readonly options?: PatternOptions;
  /** What differs, as it is shown; none by default. */
  readonly differs?: readonly string[];
}

const own = (json: string): unknown => JSON.parse(json);
const TREE = 'kinds.Tree';
const LISTS = 'kinds.Lists';
const MAPS = 'kinds.Maps';
const PRESENCE = 'kinds.Presence';
const WELL_KNOWN = 'kinds.WellKnown';

/** As Jest and Vitest make them: `Any<String>` names itself whole, others have a sample. */
function asymmetric(name: string, asymmetricMatch: (actual: unknown) => boolean, sample?: unknown): object {
  class Matcher {
    readonly $$typeof = Symbol.for('jest.asymmetricMatcher');
    readonly sample = sample;
    readonly asymmetricMatch = asymmetricMatch;
    toString(): string {
      return name;
    }
  }
  return new Matcher();
}

const VALUES: readonly Case[] = [
  { name: 'a field that is equal', fields: { anInt32: 5, aString: 'x' }, pattern: { anInt32: 5 } },
  {
    name: 'a field that is not',
    fields: { anInt32: 5 },
    pattern: { anInt32: 6 },
    differs: ['anInt32: expected 6, got 5'],
  },
  { name: 'a name of the .proto', fields: { anInt32: 5 }, pattern: { an_int32: 5 } },
  { name: 'undefined, which asks for nothing', fields: { anInt32: 5 }, pattern: { anInt32: undefined } },
  {
    name: 'the default of an unset field',
    fields: {},
    pattern: { anInt32: 0, aString: '', aBool: false, aColor: 0 },
  },
  {
    name: 'another value than the default of an unset field',
    fields: {},
    pattern: { anInt64: 1n, aString: 'x', aColor: 'RED', someBytes: 'AQ==' },
    differs: [
      'anInt64: expected 1, got 0',
      'aString: expected "x", got ""',
      'aColor: expected RED, got COLOR_UNSPECIFIED',
      'someBytes: expected 1 byte, AQ==, got 0 bytes',
    ],
  },
  { name: '64 bits as a bigint', fields: { anInt64: 7n }, pattern: { anInt64: 7n } },
  { name: '64 bits as a number', fields: { anInt64: 7n }, pattern: { anInt64: 7 } },
  {
    name: '64 bits as text',
    fields: { anInt64: 9007199254740993n },
    pattern: { anInt64: '9007199254740993' },
  },
  {
    name: '64 bits that a double would not tell apart',
    fields: { anInt64: 9007199254740993n },
    pattern: { anInt64: 9007199254740992n },
    differs: ['anInt64: expected 9007199254740992, got 9007199254740993'],
  },
  {
    name: '64 bits out of a document',
    fields: { anInt64: 9007199254740993n, aUint64: 18446744073709551615n },
    pattern: parseJson('{"anInt64":9007199254740993,"aUint64":1.8446744073709551615e19}'),
    options: { json: true },
  },
  { name: 'bytes as bytes', fields: { someBytes: 'AQI=' }, pattern: { someBytes: Uint8Array.of(1, 2) } },
  { name: 'bytes as base64', fields: { someBytes: 'AQI=' }, pattern: { someBytes: 'AQI=' } },
  { name: 'an enum by number', fields: { aColor: 'GREEN' }, pattern: { aColor: 2 } },
  { name: 'an enum by an alias', fields: { aColor: 'RED' }, pattern: { aColor: 'CRIMSON' } },
  { name: 'an unknown number of an enum', fields: { aColor: 99 }, pattern: { aColor: 99 } },
  {
    name: 'another number of an enum',
    fields: { aColor: 99 },
    pattern: { aColor: 'RED' },
    differs: ['aColor: expected RED, got 99'],
  },
  { name: 'NaN', fields: { aDouble: Number.NaN }, pattern: { aDouble: Number.NaN } },
  {
    name: 'NaN and infinity as text',
    fields: { aDouble: Number.NaN, aFloat: -Infinity },
    pattern: { aDouble: 'NaN', aFloat: '-Infinity' },
  },
  { name: 'zero for negative zero', fields: { aDouble: -0 }, pattern: { aDouble: 0 } },
  {
    name: 'negative zero for zero',
    fields: { aDouble: 0, aFloat: 1 },
    pattern: { aDouble: -0, aFloat: '-0' },
    differs: ['aDouble: expected -0, got 0', 'aFloat: expected -0, got 1'],
  },
  { name: 'a float by its shortest text', fields: { aFloat: 0.1 }, pattern: { aFloat: 0.1 } },
  {
    name: 'long texts, from where they differ',
    fields: { aString: `${'a'.repeat(200)}b${'c'.repeat(200)}` },
    pattern: { aString: `${'a'.repeat(200)}x${'c'.repeat(200)}` },
    differs: [
      'aString:',
      `  expected "…${'a'.repeat(20)}x${'c'.repeat(39)}…" (401 characters)`,
      `  got "…${'a'.repeat(20)}b${'c'.repeat(39)}…" (401 characters)`,
    ],
  },
  {
    name: 'text that a terminal would act on',
    fields: { aString: '\u001b[2J\u202e' },
    pattern: { aString: 'x' },
    differs: ['aString: expected "x", got "\\u001b[2J\\u202e"'],
  },
];

const OPERATORS: readonly Case[] = [
  {
    name: 'bounds',
    fields: { anInt32: 5 },
    pattern: { anInt32: { $above: 4, $below: 6, $atLeast: 5, $atMost: 5 } },
  },
  {
    name: 'bounds that are not kept',
    fields: { anInt32: 5, anInt64: 9007199254740993n, aDouble: Number.NaN },
    pattern: { anInt32: { $above: 5 }, anInt64: { $atMost: 9007199254740992n }, aDouble: { $below: 1 } },
    differs: [
      'anInt32: expected more than 5, got 5',
      'anInt64: expected at most 9007199254740992, got 9007199254740993',
      'aDouble: expected less than 1, got NaN',
    ],
  },
  { name: 'near', fields: { aDouble: 0.4 }, pattern: { aDouble: { $near: 0.3, $within: 0.1 } } },
  {
    name: 'not near',
    fields: { aDouble: 0.41, anInt64: 10n },
    pattern: { aDouble: { $near: 0.3, $within: 0.1 }, anInt64: { $near: 7, $within: 2 } },
    differs: ['aDouble: expected within 0.1 of 0.3, got 0.41', 'anInt64: expected within 2 of 7, got 10'],
  },
  {
    name: "a matcher of Jest's or Vitest's",
    fields: { aString: 'abc', anInt32: 5 },
    pattern: {
      aString: asymmetric('Any<String>', (value) => value === 'abc'),
      anInt32: { $not: asymmetric('Any<String>', (value) => typeof value === 'string') },
    },
  },
  {
    name: "a matcher of Jest's or Vitest's that does not match",
    fields: { aString: 'abc' },
    pattern: { aString: asymmetric('StringContaining', () => false, 'x') },
    differs: ['aString: expected StringContaining "x", got "abc"'],
  },
  {
    name: 'a regular expression',
    fields: { aString: 'order 17' },
    pattern: { aString: { $matches: '\\d+$' } },
  },
  { name: "JavaScript's own", fields: { aString: 'Order 17' }, pattern: { aString: /^order/i } },
  {
    name: 'a regular expression that does not match',
    fields: { aString: 'order 17' },
    pattern: { aString: { $matches: '^\\d+$' } },
    differs: ['aString: expected text that matches /^\\d+$/u, got "order 17"'],
  },
  { name: 'a part of a text', fields: { aString: 'order 17' }, pattern: { aString: { $contains: 'der' } } },
  {
    name: 'what is not a part of it',
    fields: { aString: 'order 17' },
    pattern: { aString: { $contains: 'derby' } },
    differs: ['aString: expected text that contains "derby", got "order 17"'],
  },
  {
    name: 'lengths',
    fields: { aString: 'a😀', someBytes: 'AQI=' },
    pattern: { aString: { $length: 2 }, someBytes: { $length: { $atLeast: 2 } } },
  },
  {
    name: 'other lengths',
    fields: { aString: 'abc' },
    pattern: { aString: { $length: { $below: 3 } } },
    differs: ['aString: expected a length of less than 3, got 3: "abc"'],
  },
  { name: 'one of several', fields: { aColor: 'RED' }, pattern: { aColor: { $any: ['GREEN', 'RED'] } } },
  {
    name: 'none of several',
    fields: { aColor: 'RED' },
    pattern: { aColor: { $any: ['GREEN', 'DARK'] } },
    differs: ['aColor: expected GREEN or DARK, got RED'],
  },
  { name: 'not a value', fields: { aString: 'x' }, pattern: { aString: { $not: 'y' } } },
  {
    name: 'a value that it must not be',
    fields: { aString: 'x' },
    pattern: { aString: { $not: { $matches: 'x' } } },
    differs: ['aString: expected anything but text that matches /x/u, got "x"'],
  },
  {
    name: 'set and not set, where there is no presence, as ProtoJSON shows it',
    fields: { anInt32: 5 },
    pattern: { anInt32: { $present: true }, aString: { $present: false }, aBool: null },
  },
  {
    name: 'set instead of unset, and the reverse',
    fields: { anInt32: 5 },
    pattern: { anInt32: null, aString: { $present: true } },
    differs: ['anInt32: expected nothing, got 5', 'aString: expected any value, got ""'],
  },
  {
    name: 'several operators on what is not set',
    type: PRESENCE,
    fields: {},
    pattern: { count: { $above: 1, $below: 5 } },
    differs: ['count: expected more than 1 and less than 5, got nothing'],
  },
];

const PRESENCES: readonly Case[] = [
  { name: 'a default that is set', type: PRESENCE, fields: { count: 0 }, pattern: { count: 0 } },
  {
    name: 'a default that is not set',
    type: PRESENCE,
    fields: {},
    pattern: { count: 0, text: '' },
    differs: ['count: expected 0, got nothing', 'text: expected "", got nothing'],
  },
  {
    name: 'nothing',
    type: PRESENCE,
    fields: { count: 0 },
    pattern: { text: null, message: { $present: false } },
  },
  {
    name: 'something where nothing should be',
    type: PRESENCE,
    fields: { count: 0, message: { anInt32: 1 } },
    pattern: { count: { $present: false }, message: null },
    differs: ['count: expected nothing, got 0', 'message: expected nothing, got { anInt32: 1 }'],
  },
  {
    name: 'a message with whatever in it',
    type: PRESENCE,
    fields: { message: { anInt32: 1 } },
    pattern: { message: {} },
  },
  {
    name: 'a message that is not there',
    type: PRESENCE,
    fields: {},
    pattern: { message: { anInt32: 1 } },
    differs: ['message: expected { anInt32: 1 }, got nothing'],
  },
  {
    name: 'a member of a oneof',
    type: PRESENCE,
    fields: { name: 'x' },
    pattern: { name: 'x', number: null },
  },
  {
    name: 'another member of a oneof',
    type: PRESENCE,
    fields: { name: 'x' },
    pattern: { number: 5 },
    differs: ['number: expected 5, got nothing'],
  },
  {
    name: 'which member is set',
    type: PRESENCE,
    fields: { name: 'x' },
    pattern: { choice: 'name', other: null },
  },
  {
    name: 'which other member is set',
    type: PRESENCE,
    fields: { name: 'x', yes: true },
    pattern: { choice: 'number', other: null },
    differs: ['choice: expected number, got name', 'other: expected nothing, got yes'],
  },
  { name: 'a null that is a value', type: PRESENCE, fields: { nothing: null }, pattern: { nothing: null } },
  {
    name: 'a null that is not there',
    type: PRESENCE,
    fields: {},
    pattern: { nothing: null },
    differs: ['nothing: expected NULL_VALUE, got nothing'],
  },
];

const EXACTLY: readonly Case[] = [
  { name: 'nothing else', fields: { anInt32: 5 }, pattern: { $exactly: { anInt32: 5, aString: '' } } },
  {
    name: 'something else, all the way down',
    type: TREE,
    fields: { label: 'a', left: { label: 'b', right: {} }, children: [{ label: 'c' }] },
    pattern: { label: 'a', left: { label: 'b' } },
    options: { exactly: true },
    differs: ['left.right: expected nothing, got {}', 'children: expected nothing, got [{ label: "c" }]'],
  },
  {
    name: 'something else in one place only',
    type: TREE,
    fields: { label: 'a', left: { label: 'b', right: {} } },
    pattern: { left: { $exactly: { label: 'b' } } },
    differs: ['left.right: expected nothing, got {}'],
  },
  {
    name: 'other entries of a map',
    type: MAPS,
    fields: { strings: { a: '1', b: '2' } },
    pattern: { strings: { $exactly: { a: '1' } } },
    differs: ['strings["b"]: expected nothing, got "2"'],
  },
];

const COLLECTIONS: readonly Case[] = [
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

const TIMES: readonly Case[] = [
  {
    name: 'times as instants, and spans by length',
    type: WELL_KNOWN,
    fields: { time: '2026-01-01T00:00:00Z', span: '1.5s' },
    pattern: { time: '2026-01-01T02:00:00.000+02:00', span: '1.500s' },
  },
  {
    name: 'a Date, and a message',
    type: WELL_KNOWN,
    fields: { time: '2026-01-01T00:00:00Z', span: '1.5s' },
    pattern: { time: new Date('2026-01-01T00:00:00Z'), span: { seconds: 1, nanos: { $above: 1 } } },
  },
  {
    name: 'other times',
    type: WELL_KNOWN,
    fields: { time: '2026-01-01T00:00:00.000000001Z', span: '-1.5s' },
    pattern: { time: '2026-01-01T00:00:00Z', span: '1.5s' },
    differs: [
      'time: expected 2026-01-01T00:00:00Z, got 2026-01-01T00:00:00.000000001Z',
      'span: expected 1.500s, got -1.500s',
    ],
  },
  {
    name: 'times near another, or after it',
    type: WELL_KNOWN,
    fields: { time: '2026-01-01T00:00:03Z', span: '3s' },
    pattern: {
      time: { $near: '2026-01-01T00:00:00Z', $within: '5s', $above: '2025-01-01T00:00:00Z' },
      span: { $near: '2s', $within: '1s', $atMost: '3s' },
    },
  },
  {
    name: 'times too far from another',
    type: WELL_KNOWN,
    fields: { time: '2026-01-01T00:00:06Z' },
    pattern: { time: { $near: '2026-01-01T00:00:00Z', $within: '5s' } },
    differs: ['time: expected within 5s of 2026-01-01T00:00:00Z, got 2026-01-01T00:00:06Z'],
  },
  {
    name: 'masks, whatever their order',
    type: WELL_KNOWN,
    fields: { mask: 'fooBar,baz' },
    pattern: { mask: 'baz,foo_bar' },
  },
  {
    name: 'another mask',
    type: WELL_KNOWN,
    fields: { mask: 'fooBar,baz' },
    pattern: { mask: 'baz' },
    differs: ['mask: expected "baz", got "baz,foo_bar"'],
  },
];

const OTHERS: readonly Case[] = [
  {
    name: 'wrappers, plain and as messages, set and not',
    type: WELL_KNOWN,
    fields: { int64Value: 5n, stringValue: 'x', boolValue: false },
    pattern: {
      int64Value: '5',
      stringValue: { value: { $matches: 'x' } },
      boolValue: false,
      int32Value: null,
    },
  },
  {
    name: 'a wrapper that is not set',
    type: WELL_KNOWN,
    fields: {},
    pattern: { int32Value: 0, stringValue: { $contains: 'x' } },
    differs: [
      'int32Value: expected 0, got nothing',
      'stringValue: expected text that contains "x", got nothing',
    ],
  },
  {
    name: 'parts of a Struct, Value and ListValue',
    type: WELL_KNOWN,
    fields: { struct: { a: { b: 1, c: null }, d: 'x' }, value: [1, 'x', { y: true }], list: [null, 2] },
    pattern: {
      struct: { a: { b: { $above: 0 }, c: null } },
      value: [1, { $matches: 'x' }, { y: true }],
      list: { $contains: 2, $length: 2 },
    },
  },
  {
    name: 'other parts',
    type: WELL_KNOWN,
    fields: { struct: { a: { b: 'one' }, 'x y': 1, $ref: 'a' }, value: null, list: [1] },
    pattern: { struct: { a: { b: { $above: 0 } }, 'x y': 2, $$ref: 'b' }, value: 5, list: [[]] },
    differs: [
      'struct.a.b: expected more than 0, got "one"',
      'struct["x y"]: expected 2, got 1',
      'struct.$ref: expected "b", got "a"',
      'value: expected 5, got null',
      'list[0]: expected [], got 1',
    ],
  },
  {
    name: 'an Any by type and fields',
    type: WELL_KNOWN,
    fields: { any: { '@type': 'type.googleapis.com/kinds.Tree', label: 'x', left: {} } },
    pattern: { any: { '@type': 'kinds.Tree', label: { $any: ['x', 'y'] } } },
  },
  {
    name: 'an Any of a well-known type',
    type: WELL_KNOWN,
    fields: { any: { '@type': 'x.test/google.protobuf.Duration', value: '1.5s' } },
    pattern: { any: { '@type': 'google.protobuf.Duration', value: { $below: '1s' } } },
    differs: ['any.value: expected less than 1s, got 1.500s'],
  },
  {
    name: 'an Any of another type',
    type: WELL_KNOWN,
    fields: { any: { '@type': 'x.test/kinds.Tree', label: 'x' } },
    pattern: { any: { '@type': 'kinds.Scalars', aString: 'x' } },
    differs: ['any.@type: expected kinds.Scalars, got "x.test/kinds.Tree"'],
  },
  {
    name: 'an Any with other fields, exactly',
    type: WELL_KNOWN,
    fields: { any: { '@type': 'x.test/kinds.Tree', label: 'x', left: {} } },
    pattern: { any: { $exactly: { '@type': 'kinds.Tree', label: 'x' } } },
    differs: ['any.left: expected nothing, got {}'],
  },
  {
    name: 'an Any of a type that is not loaded, by its bytes',
    type: WELL_KNOWN,
    fields: { any: { '@type': 'x.test/a.B', value: Uint8Array.of(8, 1) } },
    pattern: { any: { '@type': 'a.B', value: 'CAI=' } },
    differs: ['any.value: expected 2 bytes, CAI=, got 2 bytes, CAE='],
  },
  {
    name: 'extensions and groups',
    type: 'old.Order',
    fields: { id: 1, '[old.priority]': 7, detail: { text: 'x' }, line: [{ sku: 'a' }] },
    pattern: { '[old.priority]': 8, '[old.parent]': null, detail: { text: 'y' }, line: [{ sku: 'b' }] },
    differs: [
      '[old.priority]: expected 8, got 7',
      'detail.text: expected "y", got "x"',
      'line[0].sku: expected "b", got "a"',
    ],
  },
  {
    name: 'an extension that is set beside what is wanted exactly',
    type: 'old.Order',
    fields: { id: 1, '[old.priority]': 7 },
    pattern: { $exactly: { id: 1 } },
    differs: ['[old.priority]: expected nothing, got 7'],
  },
];

interface Refused {
  readonly name: string;
  readonly type?: string;
  readonly pattern: unknown;
  readonly options?: PatternOptions;
  readonly message: string;
  readonly keys: readonly (string | number)[];
}

const cycle: Record<string, unknown> = { label: 'x' };
cycle['left'] = cycle;

const REFUSED: readonly Refused[] = [
  {
    name: 'a field that does not exist',
    type: TREE,
    pattern: { children: [{ lable: 'x' }] },
    message: "children[0].lable: kinds.Tree has no field 'lable'; did you mean 'label'?",
    keys: ['children', 0, 'lable'],
  },
  {
    name: 'such a field inside operators',
    type: TREE,
    pattern: { children: { $contains: { $any: [{ label: 'x' }, { lable: 'x' }] } } },
    message: "children.lable: kinds.Tree has no field 'lable'; did you mean 'label'?",
    keys: ['children', '$contains', '$any', 1, 'lable'],
  },
  {
    name: 'a value of a wrong type',
    pattern: { anInt32: 'x' },
    message: "anInt32: expected a number (int32), got 'x'",
    keys: ['anInt32'],
  },
  {
    name: 'a number out of range',
    pattern: { aUint32: -1 },
    message: 'aUint32: -1 is out of range: uint32 goes from 0 to 4294967295',
    keys: ['aUint32'],
  },
  {
    name: 'text for a number, out of a document too',
    pattern: { anInt32: '1x' },
    options: { json: true },
    message: "anInt32: expected a number (int32), got '1x'",
    keys: ['anInt32'],
  },
  {
    name: 'a value that an enum does not have',
    type: LISTS,
    pattern: { colors: ['REDD'] },
    message: "colors[0]: kinds.Color has no value 'REDD'; did you mean 'RED'?",
    keys: ['colors', 0],
  },
  {
    name: 'a message where a value should be',
    pattern: { aString: { x: 1 } },
    message: 'aString: expected a string, got an object',
    keys: ['aString'],
  },
  {
    name: 'a value where a message should be',
    type: TREE,
    pattern: { left: 'x' },
    message: "left: expected an object like { label: …, left: …, right: …, children: …, … }, got 'x'",
    keys: ['left'],
  },
  {
    name: 'a value where a list should be',
    type: LISTS,
    pattern: { strings: 'x' },
    message: "strings: expected an array, the whole list, or an operator such as { $contains: … }, got 'x'",
    keys: ['strings'],
  },
  {
    name: 'an element that is nothing',
    type: LISTS,
    pattern: { strings: ['a', null] },
    message: 'strings[1]: expected a string, got null',
    keys: ['strings', 1],
  },
  {
    name: 'an unknown operator',
    pattern: { aString: { $match: 'x' } },
    message: "aString: there is no operator '$match'; did you mean '$matches' or '$each'?",
    keys: ['aString', '$match'],
  },
  {
    name: 'an operator that does not fit the type',
    type: TREE,
    pattern: { left: { $above: 1 } },
    message: "left: '$above' is for numbers, times and durations, and this is a kinds.Tree",
    keys: ['left', '$above'],
  },
  {
    name: 'an operator beside a field of no message',
    pattern: { aString: { $matches: 'x', y: 1 } },
    message: "aString: 'y' beside '$matches': string takes either operators or a value",
    keys: ['aString'],
  },
  {
    name: 'a bound of a wrong type',
    pattern: { anInt32: { $above: 'x' } },
    message: "anInt32: expected a number (int32), got 'x'",
    keys: ['anInt32', '$above'],
  },
  {
    name: 'a bound that nothing is above',
    pattern: { aDouble: { $above: Number.NaN } },
    message: "aDouble: '$above' takes a number that others are above or below, not NaN",
    keys: ['aDouble', '$above'],
  },
  {
    name: 'near without a distance',
    pattern: { aDouble: { $near: 1 } },
    message: "aDouble: '$near' and '$within' go together: { $near: value, $within: distance }",
    keys: ['aDouble', '$near'],
  },
  {
    name: 'a distance without a point',
    pattern: { aDouble: { $within: 1 } },
    message: "aDouble: '$near' and '$within' go together: { $near: value, $within: distance }",
    keys: ['aDouble', '$within'],
  },
  {
    name: 'a regular expression that is none',
    pattern: { aString: { $matches: '(' } },
    message: 'aString: Invalid regular expression: /(/u: Unterminated group',
    keys: ['aString', '$matches'],
  },
  {
    name: 'a regular expression for a number',
    pattern: { anInt32: /1/ },
    message: 'anInt32: a regular expression is for text, and this is int32',
    keys: ['anInt32'],
  },
  {
    name: 'two members of a oneof',
    type: PRESENCE,
    pattern: { number: 1, name: { $matches: 'x' } },
    message:
      "'number' and 'name' are both to be set, but the oneof 'choice' of kinds.Presence holds at most one",
    keys: [],
  },
  {
    name: 'a oneof with a value',
    type: PRESENCE,
    pattern: { other: true },
    message:
      "'other' is a oneof of kinds.Presence; name the member that is to be set, 'yes' or 'no', or null for none",
    keys: [],
  },
  {
    name: 'one field in two spellings',
    pattern: { anInt32: 1, an_int32: 1 },
    message: "'anInt32' and 'an_int32' are two spellings of one field of kinds.Scalars; give only one",
    keys: [],
  },
  {
    name: 'a time that is none',
    type: WELL_KNOWN,
    pattern: { times: ['2026-02-30T00:00:00Z'] },
    message:
      "times[0]: expected a Date, RFC 3339 text (2026-01-31T12:00:00Z) or { seconds, nanos } for google.protobuf.Timestamp, got '2026-02-30T00:00:00Z'",
    keys: ['times', 0],
  },
  {
    name: 'an Any without a type',
    type: WELL_KNOWN,
    pattern: { any: { label: 'x' } },
    message:
      "any.label: google.protobuf.Any has no field 'label'; give its type, { '@type': 'type.googleapis.com/package.Type', … }",
    keys: ['any'],
  },
  {
    name: 'fields of an Any whose type is not loaded',
    type: WELL_KNOWN,
    pattern: { any: { '@type': 'x.test/a.B', label: 'x' } },
    message: "any: 'x.test/a.B' is not loaded; load its schema, or give { '@type', value: bytes }",
    keys: ['any'],
  },
  {
    name: 'a key that its map cannot have',
    type: MAPS,
    pattern: { byInt32: { x: {} } },
    message: `byInt32["x"]: expected an integer (int32) as the key, got 'x'`,
    keys: ['byInt32', 'x'],
  },
  {
    name: 'no alternatives',
    pattern: { aString: { $any: [] } },
    message: "aString: '$any' takes a list of patterns of which one is to match, not []",
    keys: ['aString', '$any'],
  },
  {
    name: 'presence by halves',
    pattern: { aString: { $present: 1 } },
    message: "aString: '$present' takes true or false, not 1",
    keys: ['aString', '$present'],
  },
  {
    name: 'a length that is none',
    pattern: { aString: { $length: -1 } },
    message: 'aString: expected a length, a whole number from 0, got -1',
    keys: ['aString', '$length'],
  },
  {
    name: 'a member of every object',
    pattern: own('{"__proto__":1}'),
    message: "__proto__: kinds.Scalars has no field '__proto__'",
    keys: ['__proto__'],
  },
  {
    name: 'a field called constructor',
    pattern: { constructor: 1 },
    message: "constructor: kinds.Scalars has no field 'constructor'",
    keys: ['constructor'],
  },
];

describe('patterns for messages', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD]);
  });

  const groups: readonly (readonly [string, readonly Case[]])[] = [
    ['values', VALUES],
    ['operators', OPERATORS],
    ['presence', PRESENCES],
    ['exactly', EXACTLY],
    ['lists and maps', COLLECTIONS],
    ['times, spans and masks', TIMES],
    ['other well-known types, extensions and groups', OTHERS],
  ];
  for (const [group, cases] of groups) {
    describe(group, () => {
      for (const { name, type = 'kinds.Scalars', fields, pattern, options, differs = [] } of cases) {
        it(`${differs.length === 0 ? 'match' : 'show'} ${name}`, () => {
          expect(differences(registry, type, fields, pattern, options)).to.deep.equal(differs);
        });
      }
    });
  }

  describe('that no message could match', () => {
    for (const { name, type = 'kinds.Scalars', pattern, options, message, keys } of REFUSED) {
      it(`are refused: ${name}`, () => {
        let thrown: unknown;
        try {
          compilePattern(registry.plan(type), pattern, options);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).to.be.an.instanceOf(PatternError);
        expect((thrown as PatternError).message).to.equal(message);
        expect((thrown as PatternError).keys).to.deep.equal(keys);
      });
    }

    it('are refused when they contain themselves', () => {
      expect(() => compilePattern(registry.plan(TREE), cycle)).to.throw(
        TypeError,
        'left: the value contains itself (a cycle), which a message cannot',
      );
    });
  });

  it('are for lists of replies too', () => {
    const plan = registry.plan(TREE);
    const replies = ['a', 'b'].map((label) => received(registry, TREE, { label }));
    expect(compileListPattern(plan, [{ label: 'a' }, { label: 'b' }]).differences(replies)).to.deep.equal([]);
    expect(
      compileListPattern(plan, { $each: { label: 'a' }, $length: 3 }).differences(replies),
    ).to.deep.equal([
      { path: '[1].label', expected: '"a"', actual: '"b"' },
      { path: '', expected: 'a length of 3', actual: '2: [{ label: "a" }, { label: "b" }]' },
    ]);
    expect(() => compileListPattern(plan, [{}, { lable: 'b' }])).to.throw(PatternError, /^\[1\]\.lable: /);
  });

  it('take fields that the schema does not know for set ones', () => {
    // Field 99, a varint.
    const message = decoded(registry.message(TREE), Uint8Array.of(0x0a, 1, 0x78, 0x98, 0x06, 1));
    expect(compilePattern(registry.plan(TREE), { label: 'x' }).differences(message)).to.deep.equal([]);
    const exact = compilePattern(registry.plan(TREE), { label: 'x' }, { exactly: true });
    expect(exact.differences(message)).to.deep.equal([
      { path: '99', expected: 'nothing', actual: 'a field that the schema does not know' },
    ]);
  });

  it('say what else a value is that is not of the type', () => {
    const pattern = compilePattern(registry.plan(TREE), { label: 'x' });
    expect(pattern.differences(received(registry, 'kinds.Scalars', { aString: 'x' }))).to.deep.equal([
      { path: '', expected: 'a kinds.Tree', actual: 'a kinds.Scalars: { aString: "x" }' },
    ]);
    expect(pattern.differences(undefined)).to.deep.equal([
      { path: '', expected: '{ label: "x" }', actual: 'nothing' },
    ]);
  });

  it(`give at most ${MAX_DIFFERENCES} differences`, () => {
    const ints = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
    const differing = (count: number): string[] =>
      differences(registry, LISTS, { int32s: ints(count) }, { int32s: ints(count).map((n) => n + 1) });
    expect(differing(MAX_DIFFERENCES - 1)).to.have.length(MAX_DIFFERENCES - 1);
    const lines = differing(MAX_DIFFERENCES + 1);
    expect(lines).to.have.length(MAX_DIFFERENCES + 1);
    expect(lines.at(-1)).to.equal('only the first 50 differences are shown');
  });
});
