// Any values in a decoded message whose types were not loaded when it was decoded: which types they are, and the
// message as it would be decoded now.

import { encodeWith } from './codec.ts';
import { INPUT_FIELDS } from './encoder.ts';
import { isRawAny, planOf } from './message-class.ts';
import type { Fields } from './plan.ts';
import type { Registry } from './registry.ts';

/** Deeper than any message may be: only a user's own cycle gets here. */
const MAX_DEPTH = 200;

/** The full names of the types of Any values that were left as bytes, each once. */
export function anyTypesOf(message: unknown): string[] {
  const names = new Set<string>();
  visit(message, 0, (any) => {
    const typeUrl = String(any['@type']);
    names.add(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
  });
  return [...names];
}

/** The bytes of a decoded message that has such Any values; undefined for every other value. */
export function verbatimBytes(message: unknown): Uint8Array | undefined {
  const plan = typeof message === 'object' && message !== null ? planOf(message) : undefined;
  if (plan === undefined || anyTypesOf(message).length === 0) return undefined;
  const { bytes, start, end } = encodeWith(plan, verbatim(message, 0), 0, INPUT_FIELDS);
  return bytes.slice(start, end);
}

/** The message of these bytes as this registry decodes the type of `message`. */
export function recode(registry: Registry, message: unknown, bytes: Uint8Array): unknown {
  const typeName = typeof message === 'object' && message !== null ? planOf(message)?.typeName : undefined;
  if (typeName === undefined) return message;
  return registry.message(typeName).decode(bytes, 0, bytes.length);
}

function visit(value: unknown, depth: number, onRawAny: (any: Fields) => void): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || depth > MAX_DEPTH) return;
  if (isRawAny(value)) onRawAny(value as Fields);
  else for (const item of Object.values(value)) visit(item, depth + 1, onRawAny);
}

/** The message with each such Any in its own form, of which the encoder makes nothing but what it says. */
function verbatim(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (depth > MAX_DEPTH) throw new RangeError('resolve: the value has a cycle');
  if (Array.isArray(value)) return value.map((item) => verbatim(item, depth + 1));
  if (isRawAny(value)) {
    const [typeUrl, bytes] = planOf(value)?.fields ?? [];
    const any = value as Fields;
    return { [typeUrl?.key ?? '']: any['@type'], [bytes?.key ?? '']: any['value'] };
  }
  if (planOf(value) === undefined && Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, verbatim(item, depth + 1)]));
}
