// What was not loaded when a message was decoded, the types of Any values and extensions, and the message as it would be
// decoded now.

import { isPlainObject } from '../../values/realm.ts';
import { wireEncoder } from '../codec/codec.ts';
import { INPUT_FIELDS } from '../codec/encoder.ts';
import { messageAsJsonText } from '../codec/json/json.ts';
import { isJsonAny, isRawAny, planOf } from '../codec/message-class.ts';
import type { Fields, Plan } from '../codec/plan.ts';
import { unknownNumbersOf } from '../codec/unknown-field-list.ts';
import { withUnknownFields } from '../codec/unknown-fields.ts';
import { type ExtensionNumber, keyOfExtension } from '../descriptors/extension-number.ts';
import { typeNameOfUrl } from '../descriptors/names.ts';
import { extensionRangesOf } from '../descriptors/range-set.ts';
import type { ResolvedDetails } from './error-details.ts';
import type { Registry } from './registry.ts';

/** More than any server is asked for; a reply of 4 MiB has room for a million numbers. */
const MAX_EXTENSIONS = 10_000;
/** Deeper than any message may be: only a user's own cycle gets here. */
const MAX_DEPTH = 200;

/** What is in a message and was not loaded, each once. */
export interface Missing {
  /** The full names of the types of Any values that were left as bytes, or as plain values. */
  readonly types: readonly string[];
  /** Some were left as plain values: the message came as JSON. */
  readonly isJson: boolean;
  /** Unknown fields that may be extensions. */
  readonly extensions: readonly ExtensionNumber[];
}

/** Undefined when nothing was missing, and for a value that is not a decoded message. */
export function missingIn(message: unknown): Missing | undefined {
  if (typeof message !== 'object' || message === null || planOf(message) === undefined) return undefined;
  const types = new Set<string>();
  const extensions = new Map<string, ExtensionNumber>();
  let isJson = false;
  const onRawAny = (any: Fields): void => {
    types.add(typeNameOfUrl(String(any['@type'])));
    isJson ||= isJsonAny(any);
  };
  const onExtensible = (extended: object, { type, typeName: containingType }: Plan): void => {
    for (const extensionNumber of unknownNumbersOf(extended)) {
      if (extensions.size >= MAX_EXTENSIONS) return;
      if (!extensionRangesOf(type.definition.proto).has(extensionNumber)) continue;
      const extension = { containingType, extensionNumber };
      extensions.set(keyOfExtension(extension), extension);
    }
  };
  visit(message, 0, onRawAny, onExtensible);
  if (types.size + extensions.size === 0) return undefined;
  return { types: [...types], extensions: [...extensions.values()], isJson };
}

/** The bytes of a decoded message, keeping Any values that were left as bytes; undefined for any other value. */
export function verbatimBytes(message: unknown, isJson = false): Uint8Array | undefined {
  const plan = typeof message === 'object' && message !== null ? planOf(message) : undefined;
  if (plan === undefined) return undefined;
  if (isJson) return new TextEncoder().encode(messageAsJsonText(plan, message));
  const { bytes, start, end } = wireEncoder.encode(plan, verbatim(message, 0), 0, INPUT_FIELDS);
  return bytes.slice(start, end);
}

/** The message in these bytes, decoded by this registry as a message of `message`'s type. */
export function recode(
  registry: Registry,
  message: unknown,
  bytes: Uint8Array,
  isJson: boolean,
  details: ResolvedDetails,
): unknown {
  const plan = typeof message === 'object' && message !== null ? planOf(message) : undefined;
  if (plan === undefined) return message;
  if (plan.set.spansSchemas) return details.decode(registry, message, bytes);
  const codec = isJson ? registry.jsonMessage(plan.typeName) : registry.message(plan.typeName);
  return codec.decode(bytes, 0, bytes.length);
}

function visit(
  value: unknown,
  depth: number,
  onRawAny: (any: Fields) => void,
  onExtensible: (message: object, plan: Plan) => void,
): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || depth > MAX_DEPTH) return;
  if (isRawAny(value) || isJsonAny(value)) {
    onRawAny(value as Fields);
    return;
  }
  const plan = planOf(value);
  if (plan?.type.isExtensible === true) onExtensible(value, plan);
  for (const item of Object.values(value)) visit(item, depth + 1, onRawAny, onExtensible);
}

/** The message with each such Any in its message form, which the encoder writes without interpreting it. */
function verbatim(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (depth > MAX_DEPTH) throw new RangeError('resolve: the value contains itself');
  if (Array.isArray(value)) return value.map((item) => verbatim(item, depth + 1));
  if (isRawAny(value)) {
    const [typeUrl, bytes] = planOf(value)?.fields ?? [];
    const any = value as Fields;
    return { [typeUrl?.key ?? '']: any['@type'], [bytes?.key ?? '']: any['value'] };
  }
  if (planOf(value) === undefined && !isPlainObject(value)) return value;
  const fields = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, verbatim(item, depth + 1)]),
  );
  return withUnknownFields(fields, value);
}
