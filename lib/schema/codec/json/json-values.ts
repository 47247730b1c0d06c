// ProtoJSON of single values coming out of messages: numbers, times, masks and unknown fields. Pure functions; what has no
// ProtoJSON form is undefined.

import { DURATION, FIELD_MASK, TIMESTAMP } from '../../descriptors/well-known-kind.ts';
import { toBase64 } from '../decode-scalar.ts';
import type { FieldPlan, Fields, Plan } from '../plan.ts';
import { guess, type ListedFields, type UnknownField } from '../unknown-field-list.ts';
import { shortestFloat } from './shortest-float.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';

/** What a path must not contain if its lower-camel spelling is to lead back to it. */
const IRREVERSIBLE = /[^a-z0-9._]|_(?![a-z])/;

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Whether JSON.stringify writes it as the JSON number that it is: it is not NaN, an infinity or -0. */
export const isPlainNumber = (value: unknown): value is number =>
  typeof value === 'number' && value - value === 0 && (value !== 0 || Object.is(value, 0));

/** A double for which JSON has no number, as the text that ProtoJSON uses. */
export function specialNumber(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** A number of the field's type, but NaN, the infinities and -0. */
export function numberForm(field: FieldPlan, value: number): unknown {
  switch (field.type) {
    case 2:
      return shortestFloat(value);
    case 3:
    case 4:
    case 6:
    case 16:
    case 18:
      return String(value);
    case 14:
      if (field.field.typeName === 'google.protobuf.NullValue') return null;
      return field.enumNames.get(value) ?? value;
    default:
      return value;
  }
}

/** The text of a Timestamp, Duration or FieldMask; undefined where its fields do not hold one that has a text. */
export function textOf(plan: Plan, message: unknown): string | undefined {
  if (!isObject(message)) return undefined;
  switch (plan.wellKnown) {
    case TIMESTAMP:
      return timeText(plan, message, formatTimestamp);
    case DURATION:
      return timeText(plan, message, formatDuration);
    case FIELD_MASK:
      return maskText(message[plan.fields[0].key] ?? []);
    default:
      return undefined;
  }
}

function timeText(
  plan: Plan,
  message: Fields,
  format: (seconds: bigint, nanos: number) => string | undefined,
): string | undefined {
  const seconds = message[plan.fields[0].key] ?? 0;
  const nanos = message[plan.fields[1].key] ?? 0;
  const isInteger = typeof seconds === 'bigint' || /^-?[0-9]{1,20}$/.test(String(seconds));
  if (!isInteger || typeof nanos !== 'number' || !Number.isInteger(nanos)) return undefined;
  return format(BigInt(String(seconds)), nanos);
}

/** Whether the lower-camel spelling of a path in a FieldMask leads back to it. */
export const isReversiblePath = (path: string): boolean => !IRREVERSIBLE.test(path);

/** A path of a FieldMask as JSON has it: lower camel. */
export const jsonPath = (path: string): string =>
  path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `fooBar,baz` */
function maskText(paths: unknown): string | undefined {
  if (!Array.isArray(paths)) return undefined;
  const out: string[] = [];
  for (const path of paths) {
    if (typeof path !== 'string' || !isReversiblePath(path)) return undefined;
    out.push(jsonPath(path));
  }
  return out.join(',');
}

/** An unknown field, with its wire type as the name of its value, since its meaning is not known. */
export function unknownForm(field: UnknownField, level: number, listed: ListedFields): Fields {
  const { number, wireType } = field;
  if (wireType === 'group') {
    return { number, group: field.value.map((inner) => unknownForm(inner, level + 1, listed)) };
  }
  if (wireType !== 'bytes') return { number, [wireType]: String(field.value) };
  const seen = guess(field.value, level, listed);
  const form: Fields = { number, bytes: toBase64(field.value) };
  if (seen.kind === 'text') form['text'] = seen.text;
  if (seen.kind === 'message')
    form['message'] = seen.fields.map((inner) => unknownForm(inner, level + 1, listed));
  return form;
}
