import { describePatterns, type PatternCase, PRESENCE } from './matching.ts';

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

const OPERATORS: readonly PatternCase[] = [
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

describe('patterns for messages', () => {
  describePatterns('operators', OPERATORS);
});
