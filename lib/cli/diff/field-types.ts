// Which types of a field may become which others while the bytes that there are keep their meaning: "Updating A Message
// Type" of protobuf.dev, and Buf's FIELD_WIRE_COMPATIBLE_TYPE, which is the stricter about enums.

import { mapTypes } from '../command/map-type.ts';

/** Varints, zigzag and fixed numbers that are read as each other, in both directions. */
const ALIKE: readonly ReadonlySet<string>[] = [
  new Set(['int32', 'uint32', 'int64', 'uint64', 'bool']),
  new Set(['sint32', 'sint64']),
  new Set(['fixed32', 'sfixed32']),
  new Set(['fixed64', 'sfixed64']),
];

/** Whether what was written as `old` can be read as `now`; a list or a map by the type of what is in it. */
export function isReadAs(old: string, now: string): boolean {
  if (old === now) return true;
  const [before, after] = [mapTypes(old), mapTypes(now)];
  if (before !== undefined && after !== undefined) return before.every((type, i) => isReadAs(type, after[i]));
  // Every string is octets, and not the other way: octets need not be UTF-8, and are then refused.
  if (old === 'string' && now === 'bytes') return true;
  return ALIKE.some((types) => types.has(old) && types.has(now));
}
