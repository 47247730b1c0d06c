// The scalar types by the names that .proto files have for them, and by their numbers in descriptor.proto.

import type { FieldTypeName } from './descriptor.ts';

const SCALARS: readonly (readonly [name: string, number: number])[] = [
  ['double', 1],
  ['float', 2],
  ['int64', 3],
  ['uint64', 4],
  ['int32', 5],
  ['fixed64', 6],
  ['fixed32', 7],
  ['bool', 8],
  ['string', 9],
  ['bytes', 12],
  ['uint32', 13],
  ['sfixed32', 15],
  ['sfixed64', 16],
  ['sint32', 17],
  ['sint64', 18],
];

const typeName = (name: string): FieldTypeName => `TYPE_${name.toUpperCase()}` as FieldTypeName;

const BY_NAME: ReadonlyMap<string, FieldTypeName> = new Map(SCALARS.map(([name]) => [name, typeName(name)]));
const BY_NUMBER: ReadonlyMap<number, FieldTypeName> = new Map(
  SCALARS.map(([name, number]) => [number, typeName(name)]),
);

/** `TYPE_INT64` for `int64` or 3; undefined for what is no scalar. */
export function scalarType(scalar: unknown): FieldTypeName | undefined {
  return typeof scalar === 'number' ? BY_NUMBER.get(scalar) : BY_NAME.get(String(scalar));
}

/** All of their names. */
export const SCALAR_NAMES: readonly string[] = SCALARS.map(([name]) => name);
