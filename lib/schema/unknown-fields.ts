// Fields that the schema does not know, kept with their message as the octets they came in, where a codec is
// asked to keep them: descriptors, whose options may be extensions that nobody loaded.

import type { Encoder } from './encoder.ts';

/** The property that holds them; a symbol, as it is no field. */
const UNKNOWN_FIELDS: unique symbol = Symbol('unknown fields');

interface WithUnknown {
  [UNKNOWN_FIELDS]?: Uint8Array[];
}

/** Adds one field, tag and value, to those that a message holds. */
export function keepUnknownField(message: object, field: Uint8Array): void {
  const holder: WithUnknown = message;
  const before = holder[UNKNOWN_FIELDS];
  // A copy: what came is the caller's memory.
  const copy = Uint8Array.from(field);
  if (before === undefined) Object.defineProperty(message, UNKNOWN_FIELDS, { value: [copy] });
  else before.push(copy);
}

/** Writes the unknown fields that a message holds, in the order they came. */
export function writeUnknownFields(w: Encoder, message: object): void {
  const holder: WithUnknown = message;
  for (const field of holder[UNKNOWN_FIELDS] ?? []) w.raw(field);
}
