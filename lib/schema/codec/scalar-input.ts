// Values that are not exactly what a scalar field takes: the conversions that are allowed (decimal strings,
// base64, ProtoJSON's spellings) and the errors for all others. Off the hot path: encode-scalar.ts handles the
// plain cases itself.

import { suggestion } from '../../values/nearest-names.ts';
import { isArrayBuffer, isBytes, ownBytes } from '../../values/realm.ts';
import { fromBase64, fromCanonicalBase64 } from '../../values/text/base64.ts';
import { decimalOf, exactInteger, isWhole } from '../../values/text/exact-decimal.ts';
import { JsonNumber } from '../../values/text/json-text.ts';
import type { Encoder } from './encoder.ts';
import { describeValue } from './encoder.ts';
import type { FieldPlan } from './plan.ts';

const INT32_MIN = -2147483648;
const INT32_MAX = 2147483647;
const UINT32_MAX = 4294967295;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const MAX_FLOAT = 3.4028234663852886e38;
/** Half a step above the largest float: from here on, rounding gives infinity. */
const FLOAT_OVERFLOW = 3.4028235677973366e38;

const DECIMAL = /^-?(?:0|[1-9][0-9]*)$/;
const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const MAX_DIGITS = 40;

/** The scalar types as a .proto names them, by the number of the type. */
export const TYPE_WORDS: readonly string[] = [
  '',
  'double',
  'float',
  'int64',
  'uint64',
  'int32',
  'fixed64',
  'fixed32',
  'bool',
  'string',
  'group',
  'message',
  'bytes',
  'uint32',
  'enum',
  'sfixed32',
  'sfixed64',
  'sint32',
  'sint64',
];

const isUnsigned = (type: number): boolean => type === 4 || type === 6 || type === 7 || type === 13;

/**
 * A number of a ProtoJSON document that is kept as text: in quotes, or because a JavaScript number would lose digits.
 */
function numberText(w: Encoder, value: unknown): string | undefined {
  if (!w.isJson) return undefined;
  if (value instanceof JsonNumber) return value.toString();
  return typeof value === 'string' && JSON_NUMBER.test(value) ? value : undefined;
}

/** ProtoJSON takes `1.0` and `1e3` for integers too. Undefined for those that no integer type holds. */
function integerOf(w: Encoder, field: FieldPlan, value: unknown, text: string): bigint | undefined {
  if (!isWhole(decimalOf(text))) {
    w.outOfRange(field, value, `is not an integer (${TYPE_WORDS[field.type]})`);
  }
  return exactInteger(text, MAX_DIGITS);
}

/** A 32-bit integer from a value that is not simply one. */
export function toInt32(w: Encoder, field: FieldPlan, value: unknown): number {
  const unsigned = isUnsigned(field.type);
  const min = unsigned ? 0 : INT32_MIN;
  const max = unsigned ? UINT32_MAX : INT32_MAX;
  const text = numberText(w, value);
  const number = text === undefined ? value : Number(integerOf(w, field, value, text) ?? text);
  if (typeof number !== 'number') {
    w.wrongType(field, value, `a number (${TYPE_WORDS[field.type]})`);
  }
  if (!Number.isInteger(number)) {
    w.outOfRange(field, value, `is not an integer (${TYPE_WORDS[field.type]})`);
  }
  if (number < min || number > max) {
    w.outOfRange(field, value, `is out of range: ${TYPE_WORDS[field.type]} goes from ${min} to ${max}`);
  }
  return number;
}

/** A 64-bit integer: a bigint in range, from a bigint, a safe integer or a decimal string. */
export function toBigInt(w: Encoder, field: FieldPlan, value: unknown): bigint {
  const word = TYPE_WORDS[field.type];
  let big: bigint | undefined;
  if (typeof value === 'bigint') big = value;
  else if (typeof value === 'string' && value.length <= MAX_DIGITS && DECIMAL.test(value))
    big = BigInt(value);
  else if (typeof value === 'number') {
    if (!Number.isInteger(value)) w.outOfRange(field, value, `is not an integer (${word})`);
    if (!Number.isSafeInteger(value)) {
      const instead = w.isJson
        ? 'JSON.parse has rounded it: pass its text to fromJsonString, or put the number in quotes'
        : 'give a bigint or a decimal string';
      w.outOfRange(field, value, `is not a safe integer; ${instead}`);
    }
    big = BigInt(value);
  } else {
    const text = numberText(w, value);
    if (text === undefined) {
      return w.wrongType(field, value, `an integer (${word}): a bigint, a number or a decimal string`);
    }
    big = integerOf(w, field, value, text);
  }
  const min = isUnsigned(field.type) ? 0n : INT64_MIN;
  const max = isUnsigned(field.type) ? UINT64_MAX : INT64_MAX;
  if (big === undefined || big < min || big > max) {
    w.outOfRange(field, value, `is out of range: ${word} goes from ${min} to ${max}`);
  }
  return big;
}

/** A double or float from something that is not a number. */
export function toDouble(w: Encoder, field: FieldPlan, value: unknown): number {
  if (typeof value === 'number') {
    // JSON has no infinity: where JSON.parse gives one, the text was a number out of range.
    if (w.isJson && !Number.isFinite(value))
      w.outOfRange(field, value, `is out of range for ${TYPE_WORDS[field.type]}`);
    return value;
  }
  // Canonical ProtoJSON writes the first three as strings; the last is what JSON.stringify would write as 0.
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (value === '-0') return -0;
  const text = numberText(w, value);
  if (text !== undefined) {
    const number = Number(text);
    if (Number.isFinite(number)) return number;
    return w.outOfRange(field, value, `is out of range for ${TYPE_WORDS[field.type]}`);
  }
  return w.wrongType(field, value, `a number (${TYPE_WORDS[field.type]})`);
}

/** Refuses what only infinity could stand for in a float. */
export function toFloat(w: Encoder, field: FieldPlan, value: unknown): number {
  const number = toDouble(w, field, value);
  if (Math.abs(number) >= FLOAT_OVERFLOW && Number.isFinite(number)) {
    w.outOfRange(field, value, `is out of range: float goes from -${MAX_FLOAT} to ${MAX_FLOAT}`);
  }
  return number;
}

/** The number of an enum value given by name or number; NaN for a name to be skipped. */
export function toEnumNumber(w: Encoder, field: FieldPlan, value: unknown): number {
  const { typeName } = field.field;
  if (typeof value === 'string') {
    const number = field.enumNumbers.get(value);
    if (number !== undefined) return number;
    if (w.isJson && DECIMAL.test(value)) return toEnumNumber(w, field, Number(value));
    if (w.ignoresUnknown) return Number.NaN;
    const names = [...field.enumNumbers.keys()];
    const near = suggestion(value, names);
    const all = near === '' && names.length <= 8 ? `; it has ${names.join(', ')}` : near;
    w.fail(new TypeError(`${w.path(field.key)}: ${typeName} has no value ${describeValue(value)}${all}`));
  }
  if (value === null && typeName === 'google.protobuf.NullValue') return 0;
  if (value instanceof JsonNumber && w.isJson) return toEnumNumber(w, field, toInt32(w, field, value));
  if (typeof value !== 'number') w.wrongType(field, value, `a name or number of ${typeName}`);
  if (!Number.isInteger(value)) w.outOfRange(field, value, `is not an integer (a number of ${typeName})`);
  if (value < INT32_MIN || value > INT32_MAX) {
    w.outOfRange(field, value, `is out of range: an enum's numbers go from ${INT32_MIN} to ${INT32_MAX}`);
  }
  if (field.isClosedEnum && !field.enumNames.has(value)) {
    w.outOfRange(field, value, `is not a number of ${typeName}, which is a closed enum`);
  }
  return value;
}

/** Whether it is the name of an enum value that the schema does not know: a map entry with it is skipped as a whole. */
export function isUnknownName(field: FieldPlan, value: unknown): boolean {
  return (
    field.type === 14 && typeof value === 'string' && !field.enumNumbers.has(value) && !DECIMAL.test(value)
  );
}

/** Bytes from a typed array, base64 text, or an array of octets. */
export function toBytes(w: Encoder, field: FieldPlan, value: unknown): Uint8Array {
  if (isBytes(value)) return ownBytes(value);
  if (typeof value === 'string') {
    const bytes = w.isJson ? fromBase64(value) : fromCanonicalBase64(value);
    const form = w.isJson ? 'base64 text' : 'base64 text with padding';
    return bytes ?? w.wrongType(field, value, `bytes: a Uint8Array, or ${form}`);
  }
  if (isArrayBuffer(value)) return new Uint8Array(value);
  // What octets an array of larger numbers means would be a guess.
  if (Array.isArray(value)) {
    for (const octet of value) {
      if (typeof octet !== 'number' || (octet & 255) !== octet) {
        w.wrongType(field, octet, 'bytes: an array of numbers from 0 to 255');
      }
    }
    return Uint8Array.from(value);
  }
  return w.wrongType(field, value, 'bytes: a Uint8Array, or base64 text');
}

/** A map's key, from a property name or a Map's key, as a value that the key's type takes. */
export function toMapKey(w: Encoder, field: FieldPlan, key: unknown): unknown {
  if (field.type === 9) return key;
  if (typeof key !== 'string') return key;
  if (field.type === 8) {
    if (key === 'true') return true;
    if (key === 'false') return false;
    return w.wrongType(field, key, `'true' or 'false'`);
  }
  if (!DECIMAL.test(key) || key.length > MAX_DIGITS) {
    return w.wrongType(field, key, `an integer (${TYPE_WORDS[field.type]}) as the key`);
  }
  const is64 =
    field.type === 3 || field.type === 4 || field.type === 6 || field.type === 16 || field.type === 18;
  // Checked as the text that it is, which errors then show.
  return is64 ? toBigInt(w, field, key) : Number(key);
}
