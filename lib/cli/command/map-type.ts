// Types of maps as descriptions have them: `map<string, pkg.Type>`.

import type { FieldDescription } from '../../index.ts';

/** The types of a map's keys and values; undefined for what is not the type of a map. */
export function mapTypes(type: string): readonly [key: string, value: string] | undefined {
  const [, key, value] = /^map<([^,]+),\s*(.+)>$/.exec(type) ?? [];
  return key === undefined ? undefined : [key, value];
}

/** The type of a field, of its elements, or of a map's values. */
export function valueType({ type, isMap }: Pick<FieldDescription, 'type' | 'isMap'>): string {
  return (isMap ? mapTypes(type)?.[1] : undefined) ?? type;
}
