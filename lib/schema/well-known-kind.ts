// Which message types have a form of their own in JavaScript and JSON, by full name, and what they must look
// like to be taken for them. Knows nothing of values.

import type { DescriptorProto } from './descriptor.ts';

export const NOT_WELL_KNOWN = 0;
export const TIMESTAMP = 1;
export const DURATION = 2;
export const FIELD_MASK = 3;
export const ANY = 4;
export const STRUCT = 5;
export const VALUE = 6;
export const LIST_VALUE = 7;
export const WRAPPER = 8;

const KINDS = new Map<string, number>([
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['google.protobuf.Duration', DURATION],
  ['google.protobuf.FieldMask', FIELD_MASK],
  ['google.protobuf.Any', ANY],
  ['google.protobuf.Struct', STRUCT],
  ['google.protobuf.Value', VALUE],
  ['google.protobuf.ListValue', LIST_VALUE],
  ['google.protobuf.DoubleValue', WRAPPER],
  ['google.protobuf.FloatValue', WRAPPER],
  ['google.protobuf.Int64Value', WRAPPER],
  ['google.protobuf.UInt64Value', WRAPPER],
  ['google.protobuf.Int32Value', WRAPPER],
  ['google.protobuf.UInt32Value', WRAPPER],
  ['google.protobuf.BoolValue', WRAPPER],
  ['google.protobuf.StringValue', WRAPPER],
  ['google.protobuf.BytesValue', WRAPPER],
]);

export function wellKnownKind(fullName: string): number {
  return KINDS.get(fullName) ?? NOT_WELL_KNOWN;
}

/** Fields as `number name type`, one line a type. */
const FIELDS = new Map<string, readonly string[]>([
  ['google.protobuf.Timestamp', ['1 seconds TYPE_INT64', '2 nanos TYPE_INT32']],
  ['google.protobuf.Duration', ['1 seconds TYPE_INT64', '2 nanos TYPE_INT32']],
  ['google.protobuf.FieldMask', ['1 paths TYPE_STRING']],
  ['google.protobuf.Any', ['1 type_url TYPE_STRING', '2 value TYPE_BYTES']],
  ['google.protobuf.Struct', ['1 fields TYPE_MESSAGE']],
  [
    'google.protobuf.Value',
    [
      '1 null_value TYPE_ENUM',
      '2 number_value TYPE_DOUBLE',
      '3 string_value TYPE_STRING',
      '4 bool_value TYPE_BOOL',
      '5 struct_value TYPE_MESSAGE',
      '6 list_value TYPE_MESSAGE',
    ],
  ],
  ['google.protobuf.ListValue', ['1 values TYPE_MESSAGE']],
  ['google.protobuf.DoubleValue', ['1 value TYPE_DOUBLE']],
  ['google.protobuf.FloatValue', ['1 value TYPE_FLOAT']],
  ['google.protobuf.Int64Value', ['1 value TYPE_INT64']],
  ['google.protobuf.UInt64Value', ['1 value TYPE_UINT64']],
  ['google.protobuf.Int32Value', ['1 value TYPE_INT32']],
  ['google.protobuf.UInt32Value', ['1 value TYPE_UINT32']],
  ['google.protobuf.BoolValue', ['1 value TYPE_BOOL']],
  ['google.protobuf.StringValue', ['1 value TYPE_STRING']],
  ['google.protobuf.BytesValue', ['1 value TYPE_BYTES']],
]);

/**
 * Whether a message that bears a well-known name has the well-known fields. One that has not would be
 * written and read by rules that do not fit it, so it is refused when loaded.
 */
export function isGenuine(fullName: string, proto: DescriptorProto): boolean {
  const expected = FIELDS.get(fullName);
  if (expected === undefined) return true;
  const actual = (proto.field ?? []).map((field) => {
    // A parser that has not linked the file leaves the kind of a named type open.
    const type = field.type ?? (field.typeName?.endsWith('NullValue') ? 'TYPE_ENUM' : 'TYPE_MESSAGE');
    return `${field.number} ${field.name} ${type}`;
  });
  return actual.length === expected.length && actual.every((line) => expected.includes(line));
}
