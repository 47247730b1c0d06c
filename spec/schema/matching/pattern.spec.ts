import { expect } from 'chai';
import { MAX_DIFFERENCES } from '../../../lib/schema/matching/difference.ts';
import { compileListPattern, compilePattern } from '../../../lib/schema/matching/pattern.ts';
import { PatternError } from '../../../lib/schema/matching/pattern-error.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { parseJson } from '../../../lib/values/text/json-text.ts';
import { decoded, KINDS, OLD, registryOf } from '../schemas.ts';
import {
  describePatterns,
  differences,
  LISTS,
  MAPS,
  type PatternCase,
  PRESENCE,
  received,
  TREE,
} from './matching.ts';

const VALUES: readonly PatternCase[] = [
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

const PRESENCES: readonly PatternCase[] = [
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

const EXACTLY: readonly PatternCase[] = [
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

describe('patterns for messages', () => {
  describePatterns('values', VALUES);
  describePatterns('presence', PRESENCES);
  describePatterns('exactly', EXACTLY);

  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD]);
  });

  it('are for lists of replies too', () => {
    const plan = registry.plan(TREE);
    const replies = ['a', 'b'].map((label) => received(registry, TREE, { label }));
    expect(compileListPattern(plan, [{ label: 'a' }, { label: 'b' }]).differences(replies)).to.deep.equal([]);
    expect(
      compileListPattern(plan, { $each: { label: 'a' }, $length: 3 }).differences(replies),
    ).to.deep.equal([
      { path: '[1].label', expected: '"a"', actual: '"b"', keys: ['$each', 'label'] },
      {
        path: '',
        expected: 'a length of 3',
        actual: '2: [{ label: "a" }, { label: "b" }]',
        keys: ['$length'],
      },
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
