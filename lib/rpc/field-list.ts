// Header fields as lists: what a name says in one, and whether it is there at all.

import type { FieldList } from './transport.ts';

/** The value of a field; the first one if there are several. */
export function fieldValue(fields: FieldList, name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}

/** Whether there is a field of a name. */
export function hasField(fields: FieldList, name: string): boolean {
  return fieldValue(fields, name) !== undefined;
}
