// Which message types have a form of their own in JavaScript and JSON, by full name, and what a message must look like to
// be taken for one. Knows nothing of values.

import type { DescriptorProto, FieldTypeName } from './descriptor-types.ts';

export const NOT_WELL_KNOWN = 0;
export const TIMESTAMP = 1;
export const DURATION = 2;
export const FIELD_MASK = 3;
export const ANY = 4;
export const STRUCT = 5;
export const VALUE = 6;
export const LIST_VALUE = 7;
export const WRAPPER = 8;

interface WellKnownType {
  readonly kind: number;
  /** The file in google/protobuf that defines it. */
  readonly file: string;
  /** Its fields as `number name type`. */
  readonly fields: readonly string[];
}

const wrapper = (type: string): WellKnownType => ({
  kind: WRAPPER,
  file: 'wrappers',
  fields: [`1 value TYPE_${type}`],
});

const TYPES: ReadonlyMap<string, WellKnownType> = new Map<string, WellKnownType>([
  [
    'Timestamp',
    { kind: TIMESTAMP, file: 'timestamp', fields: ['1 seconds TYPE_INT64', '2 nanos TYPE_INT32'] },
  ],
  ['Duration', { kind: DURATION, file: 'duration', fields: ['1 seconds TYPE_INT64', '2 nanos TYPE_INT32'] }],
  ['FieldMask', { kind: FIELD_MASK, file: 'field_mask', fields: ['1 paths TYPE_STRING'] }],
  ['Any', { kind: ANY, file: 'any', fields: ['1 type_url TYPE_STRING', '2 value TYPE_BYTES'] }],
  ['Struct', { kind: STRUCT, file: 'struct', fields: ['1 fields TYPE_MESSAGE'] }],
  [
    'Value',
    {
      kind: VALUE,
      file: 'struct',
      fields: [
        '1 null_value TYPE_ENUM',
        '2 number_value TYPE_DOUBLE',
        '3 string_value TYPE_STRING',
        '4 bool_value TYPE_BOOL',
        '5 struct_value TYPE_MESSAGE',
        '6 list_value TYPE_MESSAGE',
      ],
    },
  ],
  ['ListValue', { kind: LIST_VALUE, file: 'struct', fields: ['1 values TYPE_MESSAGE'] }],
  ['DoubleValue', wrapper('DOUBLE')],
  ['FloatValue', wrapper('FLOAT')],
  ['Int64Value', wrapper('INT64')],
  ['UInt64Value', wrapper('UINT64')],
  ['Int32Value', wrapper('INT32')],
  ['UInt32Value', wrapper('UINT32')],
  ['BoolValue', wrapper('BOOL')],
  ['StringValue', wrapper('STRING')],
  ['BytesValue', wrapper('BYTES')],
]);
const PACKAGE = 'google.protobuf.';

function wellKnownType(fullName: string): WellKnownType | undefined {
  return fullName.startsWith(PACKAGE) ? TYPES.get(fullName.slice(PACKAGE.length)) : undefined;
}

export function wellKnownKind(fullName: string): number {
  return wellKnownType(fullName)?.kind ?? NOT_WELL_KNOWN;
}

/** `google/protobuf/struct.proto`; undefined for any other type. */
export function wellKnownTypeFile(fullName: string): string | undefined {
  const type = wellKnownType(fullName);
  return type === undefined ? undefined : `google/protobuf/${type.file}.proto`;
}

/** `TYPE_INT64` for google.protobuf.Int64Value; undefined for what is not a wrapper. */
export function wrappedType(fullName: string): FieldTypeName | undefined {
  const type = wellKnownType(fullName);
  return type?.kind === WRAPPER ? (type.fields[0].slice('1 value '.length) as FieldTypeName) : undefined;
}

/**
 * Whether a message with a well-known name has the well-known fields. One that does not would be written and read by
 * rules that do not fit it, so it is refused when loaded.
 */
export function isGenuine(fullName: string, proto: DescriptorProto): boolean {
  const expected = wellKnownType(fullName)?.fields;
  if (expected === undefined) return true;
  const actual = (proto.field ?? []).map((field) => {
    // A parser that has not linked the file leaves the kind of a named type open.
    const type = field.type ?? (field.typeName?.endsWith('NullValue') ? 'TYPE_ENUM' : 'TYPE_MESSAGE');
    return `${field.number} ${field.name} ${type}`;
  });
  return actual.length === expected.length && actual.every((line) => expected.includes(line));
}
