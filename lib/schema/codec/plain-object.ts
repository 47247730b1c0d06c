// Decoded messages without their classes: plain objects and arrays, the values in them as they are.

import { setOwn } from '../../values/own-property.ts';
import { isPlainObject } from '../../values/realm.ts';
import { isRawAny, markRawAny, planOf } from './message-class.ts';

const MAX_DEPTH = 200;

/** A message as plain objects, with the same fields and values. */
export function messageToObject(value: unknown): unknown {
  return plain(value, 0);
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (depth > MAX_DEPTH) throw new RangeError('toObject: the value contains itself');
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  // What is neither a message nor plain (a Date that a user put there) has no fields to copy.
  if (planOf(value) === undefined && !isPlainObject(value)) return value;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') setOwn(out, key, plain(item, depth + 1));
    else out[key] = plain(item, depth + 1);
  }
  if (isRawAny(value)) markRawAny(out);
  return out;
}
