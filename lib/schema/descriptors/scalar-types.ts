// The types of fields: by their numbers in descriptor.proto, and scalar ones by their names in .proto files.

import type { FieldTypeName } from './descriptor-types.ts';

/** The numbers of descriptor.proto's FieldDescriptorProto.Type; switching on an integer is faster than on a name. */
export const TYPE_NUMBERS: Readonly<Record<FieldTypeName, number>> = {
  TYPE_DOUBLE: 1,
  TYPE_FLOAT: 2,
  TYPE_INT64: 3,
  TYPE_UINT64: 4,
  TYPE_INT32: 5,
  TYPE_FIXED64: 6,
  TYPE_FIXED32: 7,
  TYPE_BOOL: 8,
  TYPE_STRING: 9,
  TYPE_GROUP: 10,
  TYPE_MESSAGE: 11,
  TYPE_BYTES: 12,
  TYPE_UINT32: 13,
  TYPE_ENUM: 14,
  TYPE_SFIXED32: 15,
  TYPE_SFIXED64: 16,
  TYPE_SINT32: 17,
  TYPE_SINT64: 18,
};

const NOT_SCALARS: ReadonlySet<string> = new Set(['TYPE_GROUP', 'TYPE_MESSAGE', 'TYPE_ENUM']);
const SCALARS: readonly (readonly [name: string, number: number])[] = Object.entries(TYPE_NUMBERS)
  .filter(([type]) => !NOT_SCALARS.has(type))
  .map(([type, number]) => [type.slice('TYPE_'.length).toLowerCase(), number]);

const typeName = (name: string): FieldTypeName => `TYPE_${name.toUpperCase()}` as FieldTypeName;

const BY_NAME: ReadonlyMap<string, FieldTypeName> = new Map(SCALARS.map(([name]) => [name, typeName(name)]));
const BY_NUMBER: ReadonlyMap<number, FieldTypeName> = new Map(
  SCALARS.map(([name, number]) => [number, typeName(name)]),
);

/** `TYPE_INT64` for `int64` or 3; undefined for what is not a scalar. */
export function scalarType(scalar: unknown): FieldTypeName | undefined {
  return typeof scalar === 'number' ? BY_NUMBER.get(scalar) : BY_NAME.get(String(scalar));
}

/** All of their names. */
export const SCALAR_NAMES: readonly string[] = SCALARS.map(([name]) => name);

/** Types that map keys cannot have, as equality is not well defined for their values. */
const NO_MAP_KEYS: ReadonlySet<FieldTypeName> = new Set<FieldTypeName>([
  'TYPE_DOUBLE',
  'TYPE_FLOAT',
  'TYPE_BYTES',
]);
const TYPES: ReadonlySet<FieldTypeName> = new Set(BY_NAME.values());

export function isMapKey(type: FieldTypeName | undefined): boolean {
  return type !== undefined && TYPES.has(type) && !NO_MAP_KEYS.has(type);
}
