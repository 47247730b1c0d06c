// The names that protoc gives to what it makes up: the entry types of maps, the oneofs of proto3 `optional`.

import { jsonNameOf } from '../../descriptors/names.ts';

/** The message type of a map field's entries: `foo_bar` → `FooBarEntry`. */
export function mapEntryName(fieldName: string): string {
  const jsonName = jsonNameOf(fieldName);
  return `${jsonName.slice(0, 1).toUpperCase()}${jsonName.slice(1)}Entry`;
}

/** The synthetic oneof of a proto3 `optional` field: a leading underscore, then X until nobody has the name. */
export function syntheticOneofName(fieldName: string, taken: ReadonlySet<string>): string {
  let name = fieldName.startsWith('_') ? fieldName : `_${fieldName}`;
  while (taken.has(name)) name = `X${name}`;
  return name;
}
