import { describePatterns, type PatternCase, WELL_KNOWN } from './matching.ts';

const TIMES: readonly PatternCase[] = [
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

const OTHERS: readonly PatternCase[] = [
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

describe('patterns for messages', () => {
  describePatterns('times, spans and masks', TIMES);
  describePatterns('other well-known types, extensions and groups', OTHERS);
});
