// Fields that the schema does not know, kept with their message as the octets they came in, so that a reply that is
// sent on loses nothing, and descriptors keep options whose extensions nobody loaded. All of one message's are one
// piece of memory: a peer may send hundreds of thousands of three octets each.

import { UNKNOWN_FIELDS_WORDS, WORD } from './decoded-size.ts';
import type { Encoder } from './encoder.ts';

/** The property that holds them; a symbol, as it is not a field. */
const UNKNOWN_FIELDS: unique symbol = Symbol('unknown fields');

/** Tags and values, one after the other. */
interface KeptOctets {
  octets: Uint8Array;
  /** How many of the octets are in use. */
  length: number;
}

interface WithUnknown {
  [UNKNOWN_FIELDS]?: KeptOctets;
}

/**
 * Adds one or more fields, tags and values, the octets `[start, end)`, to those that a message holds. They are copied.
 * Returns the words of memory that this took.
 */
export function keepUnknownField(
  message: object,
  octets: Uint8Array,
  start: number = 0,
  end: number = octets.length,
): number {
  const holder: WithUnknown = message;
  const kept = holder[UNKNOWN_FIELDS];
  const added = end - start;
  if (kept === undefined) {
    const value: KeptOctets = { octets: new Uint8Array(added), length: added };
    value.octets.set(octets.subarray(start, end));
    Object.defineProperty(message, UNKNOWN_FIELDS, { value });
    return UNKNOWN_FIELDS_WORDS + Math.ceil(added / WORD);
  }
  let words = 0;
  if (kept.length + added > kept.octets.length) {
    const larger = new Uint8Array(Math.max(kept.length * 2, kept.length + added));
    words = Math.ceil((larger.length - kept.octets.length) / WORD);
    larger.set(kept.octets.subarray(0, kept.length));
    kept.octets = larger;
  }
  kept.octets.set(octets.subarray(start, end), kept.length);
  kept.length += added;
  return words;
}

/** A field as it is on the wire: its tag, and the octets after it. */
export function taggedOctets(number: number, wireType: number, value: Uint8Array): Uint8Array {
  const tag: number[] = [];
  // Beyond 31 bits, where shifts would turn it negative.
  let rest = number * 8 + wireType;
  for (; rest > 127; rest = Math.floor(rest / 128)) tag.push((rest % 128) + 128);
  tag.push(rest);
  const octets = new Uint8Array(tag.length + value.length);
  octets.set(tag);
  octets.set(value, tag.length);
  return octets;
}

/** Tags and values of the unknown fields that a message holds, as they came; undefined for none. */
export function unknownOctetsOf(message: object): Uint8Array | undefined {
  const holder: WithUnknown = message;
  const kept = holder[UNKNOWN_FIELDS];
  return kept?.octets.slice(0, kept.length);
}

/** Copies the unknown fields of a message to one that was made from it. */
export function copyUnknownFields(from: object, to: object): void {
  const octets = unknownOctetsOf(from);
  if (octets !== undefined) keepUnknownField(to, octets);
}

/** `fields`, which were taken from `message`, with its unknown fields where the encoder looks for them. */
export function withUnknownFields(fields: object, message: object): object {
  const octets = unknownOctetsOf(message);
  if (octets === undefined) return fields;
  const copy: object = Object.assign(Object.create(null), fields);
  keepUnknownField(copy, octets);
  return copy;
}

/** Writes the unknown fields that a message holds, in the order they came. */
export function writeUnknownFields(w: Encoder, message: object): void {
  const holder: WithUnknown = message;
  const kept = holder[UNKNOWN_FIELDS];
  if (kept !== undefined) w.raw(kept.octets.subarray(0, kept.length));
}
