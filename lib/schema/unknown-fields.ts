// Fields that the schema does not know, kept with their message as the octets they came in, where a codec is
// asked to keep them: descriptors, whose options may be extensions that nobody loaded.

import type { Encoder } from './encoder.ts';

/** The property that holds them; a symbol, as it is no field. */
const UNKNOWN_FIELDS: unique symbol = Symbol('unknown fields');

interface WithUnknown {
  [UNKNOWN_FIELDS]?: Uint8Array;
}

/** Adds one field, tag and value, to those that a message holds. */
export function keepUnknownField(message: object, field: Uint8Array): void {
  const holder: WithUnknown = message;
  const before = holder[UNKNOWN_FIELDS];
  const all = new Uint8Array((before?.length ?? 0) + field.length);
  if (before !== undefined) all.set(before);
  all.set(field, before?.length ?? 0);
  Object.defineProperty(message, UNKNOWN_FIELDS, { value: all, configurable: true });
}

/** The unknown fields that a message holds, one after the other. */
function unknownFieldsOf(message: object): Uint8Array | undefined {
  const holder: WithUnknown = message;
  return holder[UNKNOWN_FIELDS];
}

export function writeUnknownFields(w: Encoder, message: object): void {
  const unknown = unknownFieldsOf(message);
  if (unknown !== undefined) w.raw(unknown);
}
