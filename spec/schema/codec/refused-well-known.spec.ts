import { describeRefusals, type Refusal } from './refusals.ts';

const VALUE = 'null, a boolean, a number, text, an array or a plain object (google.protobuf.Value)';

const REFUSALS: readonly Refusal[] = [
  {
    name: 'words for a Timestamp',
    type: 'kinds.WellKnown',
    fields: { time: 'now' },
    message: `time: expected a Date, RFC 3339 text (2026-01-31T12:00:00Z) or { seconds, nanos } for google.protobuf.Timestamp, got 'now'`,
  },
  {
    name: 'an impossible day for a Timestamp',
    type: 'kinds.WellKnown',
    fields: { time: '2026-02-30T00:00:00Z' },
    message: `time: expected a Date, RFC 3339 text (2026-01-31T12:00:00Z) or { seconds, nanos } for google.protobuf.Timestamp, got '2026-02-30T00:00:00Z'`,
  },
  {
    name: 'a number for a Timestamp',
    type: 'kinds.WellKnown',
    fields: { time: 5 },
    message:
      'time: expected a Date (from milliseconds: new Date(ms)), RFC 3339 text or { seconds, nanos } for google.protobuf.Timestamp, got 5',
  },
  {
    name: 'an invalid Date',
    type: 'kinds.WellKnown',
    fields: { time: new Date(Number.NaN) },
    error: 'RangeError',
    message: 'time: an invalid Date cannot be a google.protobuf.Timestamp',
  },
  {
    name: 'a Date after the year 9999',
    type: 'kinds.WellKnown',
    fields: { time: new Date(253402300800000) },
    error: 'RangeError',
    message: 'time: a Date is out of range: google.protobuf.Timestamp goes from year 1 to year 9999',
  },
  {
    name: 'nanos of a Timestamp that are no int32',
    type: 'kinds.WellKnown',
    fields: { time: { nanos: 2 ** 31 } },
    error: 'RangeError',
    message: 'time.nanos: 2147483648 is out of range: int32 goes from -2147483648 to 2147483647',
  },
  {
    name: 'a wrong field of a Timestamp',
    type: 'kinds.WellKnown',
    fields: { time: { second: 1 } },
    message: `time.second: google.protobuf.Timestamp has no field 'second'; did you mean 'seconds'?`,
  },
  {
    name: 'a Duration without a unit',
    type: 'kinds.WellKnown',
    fields: { span: '1.5' },
    message: `span: expected text in seconds ('1.5s') or { seconds, nanos } for google.protobuf.Duration, got '1.5'`,
  },
  {
    name: 'a number for a Duration',
    type: 'kinds.WellKnown',
    fields: { span: 5 },
    message: `span: expected text in seconds ('1.5s') or { seconds, nanos } for google.protobuf.Duration, got 5`,
  },
  {
    name: 'too long a Duration',
    type: 'kinds.WellKnown',
    fields: { span: '315576000001s' },
    error: 'RangeError',
    message: `span: '315576000001s' is out of range: google.protobuf.Duration goes from -315576000000s to 315576000000s`,
  },
  {
    name: 'spaces in a FieldMask',
    type: 'kinds.WellKnown',
    fields: { mask: 'a, b' },
    message: `mask: expected field names separated by commas for google.protobuf.FieldMask, got 'a, b'`,
  },
  {
    name: 'a number for a FieldMask',
    type: 'kinds.WellKnown',
    fields: { mask: 5 },
    message: `mask: expected 'a,b' or { paths: ['a', 'b'] } for google.protobuf.FieldMask, got 5`,
  },
  {
    name: 'text for a Struct',
    type: 'kinds.WellKnown',
    fields: { struct: 'x' },
    message: `struct: expected a plain object (google.protobuf.Struct), got 'x'`,
  },
  {
    name: 'an array for a Struct',
    type: 'kinds.WellKnown',
    fields: { struct: [] },
    message: 'struct: expected a plain object (google.protobuf.Struct), got an empty array',
  },
  {
    name: 'a function deep in a Struct',
    type: 'kinds.WellKnown',
    fields: { struct: { a: [1, { b: () => 1 }] } },
    message: `struct.a[1].b: expected ${VALUE}, got a function`,
  },
  {
    name: 'a bigint in a Value',
    type: 'kinds.WellKnown',
    fields: { value: 5n },
    message: `value: expected ${VALUE}, got 5n`,
  },
  {
    name: 'a Date in a Value',
    type: 'kinds.WellKnown',
    fields: { value: new Date(0) },
    message: `value: expected ${VALUE}, got a Date`,
  },
  {
    name: 'undefined in a list of Values',
    type: 'kinds.WellKnown',
    fields: { list: [undefined] },
    message: `list[0]: expected ${VALUE}, got undefined`,
  },
  {
    name: 'an object for a ListValue',
    type: 'kinds.WellKnown',
    fields: { list: {} },
    message: 'list: expected an array (google.protobuf.ListValue), got an object',
  },
  {
    name: 'a wrong plain value of a wrapper',
    type: 'kinds.WellKnown',
    fields: { stringValue: 5 },
    message: 'stringValue: expected a string, got 5',
  },
  {
    name: 'a plain value of a wrapper out of range',
    type: 'kinds.WellKnown',
    fields: { int32Value: 2 ** 31 },
    error: 'RangeError',
    message: 'int32Value: 2147483648 is out of range: int32 goes from -2147483648 to 2147483647',
  },
  {
    name: 'text for an Any',
    type: 'kinds.WellKnown',
    fields: { any: 'x' },
    message: `any: expected an object like { '@type': 'type.googleapis.com/…', … } for google.protobuf.Any, got 'x'`,
  },
  {
    name: 'an Any without a type',
    type: 'kinds.WellKnown',
    fields: { any: { id: '5' } },
    message: `any.id: google.protobuf.Any has no field 'id'; give its type, { '@type': 'type.googleapis.com/package.Type', … }`,
  },
  {
    name: 'an Any without a name in its type',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': 'kinds.Tree/' } },
    message: `any: '@type' must be like 'type.googleapis.com/package.Type', got 'kinds.Tree/'`,
  },
  {
    name: 'an Any with an empty type',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': '' } },
    message: `any: '@type' must be like 'type.googleapis.com/package.Type', got ''`,
  },
  {
    name: 'an Any of a type that is not loaded',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': 'type.googleapis.com/x.Y', a: 1 } },
    message: `any: 'type.googleapis.com/x.Y' is not loaded; load its schema, or give { '@type', value: bytes }`,
  },
  {
    name: 'a wrong field of an Any',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': 'type.googleapis.com/kinds.Tree', lable: 'x' } },
    message: `any.lable: kinds.Tree has no field 'lable'; did you mean 'label'?`,
  },
  {
    name: 'more than a value in an Any of a well-known type',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': 'type.googleapis.com/google.protobuf.Duration', value: '1s', x: 1 } },
    message: `any: an Any of google.protobuf.Duration takes only '@type' and 'value'`,
  },
];

describeRefusals('well-known types', REFUSALS);
