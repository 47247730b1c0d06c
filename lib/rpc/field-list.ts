// Header fields as lists: what a name says in one, whether it is there at all, and the list without some names.

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

/** The names of the fields. */
export function namesOf(fields: FieldList): Set<string> {
  return new Set(fields.filter((_, i) => i % 2 === 0));
}

/** The fields but for those of some names; the same list if it has none of them. */
export function without(fields: FieldList, names: ReadonlySet<string>): FieldList {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) if (!names.has(fields[i])) kept.push(fields[i], fields[i + 1]);
  return kept.length === fields.length ? fields : kept;
}
