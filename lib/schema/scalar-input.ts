// Values that are not exactly what a scalar field takes: the conversions that are allowed (decimal strings,
// base64, ProtoJSON's spellings) and the errors for all others. Off the hot path: encode-scalar.ts handles the
// plain cases itself.

import type { Encoder } from './encoder.ts';
import { describeValue } from './encoder.ts';
import { suggestion } from './nearest.ts';
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

const TYPE_WORDS: readonly string[] = [
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

/** A 32-bit integer from something that is not simply one. */
export function toInt32(w: Encoder, field: FieldPlan, value: unknown): number {
  const unsigned = isUnsigned(field.type);
  const min = unsigned ? 0 : INT32_MIN;
  const max = unsigned ? UINT32_MAX : INT32_MAX;
  let number = value;
  if (typeof value === 'string' && w.isJson && JSON_NUMBER.test(value)) number = Number(value);
  if (typeof number !== 'number') {
    w.wrongType(field, value, `a number (${TYPE_WORDS[field.type]})`);
  }
  if (!Number.isInteger(number)) {
    w.outOfRange(field, value, `is not an integer, as ${TYPE_WORDS[field.type]} must be`);
  }
  if (number < min || number > max) {
    w.outOfRange(field, value, `is out of range: ${TYPE_WORDS[field.type]} goes from ${min} to ${max}`);
  }
  return number;
}

/** A 64-bit integer: a bigint in range, from a bigint, a safe integer or a decimal string. */
export function toBigInt(w: Encoder, field: FieldPlan, value: unknown): bigint {
  const word = TYPE_WORDS[field.type];
  let big: bigint;
  if (typeof value === 'bigint') big = value;
  else if (typeof value === 'number') {
    if (!Number.isInteger(value)) w.outOfRange(field, value, `is not an integer, as ${word} must be`);
    if (!Number.isSafeInteger(value) && !w.isJson) {
      w.outOfRange(field, value, 'is not a safe integer; give a bigint or a decimal string');
    }
    big = BigInt(value);
  } else if (typeof value === 'string' && value.length <= MAX_DIGITS) {
    if (DECIMAL.test(value)) big = BigInt(value);
    else if (w.isJson && JSON_NUMBER.test(value)) big = exactInteger(w, field, value);
    else return w.wrongType(field, value, `an integer (${word}): a bigint, a number or a decimal string`);
  } else return w.wrongType(field, value, `an integer (${word}): a bigint, a number or a decimal string`);
  const min = isUnsigned(field.type) ? 0n : INT64_MIN;
  const max = isUnsigned(field.type) ? UINT64_MAX : INT64_MAX;
  if (big < min || big > max) {
    w.outOfRange(field, value, `is out of range: ${word} goes from ${min} to ${max}`);
  }
  return big;
}

/** `1.0`, `1e3`: an integer all the same, in ProtoJSON. */
function exactInteger(w: Encoder, field: FieldPlan, text: string): bigint {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  if (Math.abs(shift) > MAX_DIGITS) return w.outOfRange(field, text, 'is out of range');
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  if (digits % divisor !== 0n)
    w.outOfRange(field, text, `is not an integer, as ${TYPE_WORDS[field.type]} must be`);
  return digits / divisor;
}

/** A double or float from something that is not a number. */
export function toDouble(w: Encoder, field: FieldPlan, value: unknown): number {
  if (typeof value === 'number') {
    // JSON has no infinity: where JSON.parse gives one, the text was a number out of range.
    if (w.isJson && !Number.isFinite(value))
      w.outOfRange(field, value, `is out of range for ${TYPE_WORDS[field.type]}`);
    return value;
  }
  // Canonical ProtoJSON writes these three as strings.
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (w.isJson && typeof value === 'string' && JSON_NUMBER.test(value)) {
    const number = Number(value);
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

/** The number of an enum value given by name or number; NaN for a name to be passed over. */
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
  if (typeof value !== 'number') w.wrongType(field, value, `a name or number of ${typeName}`);
  if (!Number.isInteger(value))
    w.outOfRange(field, value, `is not an integer, as a number of ${typeName} must be`);
  if (value < INT32_MIN || value > INT32_MAX) {
    w.outOfRange(field, value, `is out of range: an enum's numbers go from ${INT32_MIN} to ${INT32_MAX}`);
  }
  if (field.isClosedEnum && !field.enumNames.has(value)) {
    w.outOfRange(field, value, `is not a number of ${typeName}, which is a closed enum`);
  }
  return value;
}

/** An enum value's name that the schema does not know: a map's entry with it is passed over as a whole. */
export function isUnknownName(field: FieldPlan, value: unknown): boolean {
  return (
    field.type === 14 && typeof value === 'string' && !field.enumNumbers.has(value) && !DECIMAL.test(value)
  );
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BASE64_ANY = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Bytes from a typed array, base64 text, or an array of octets. */
export function toBytes(w: Encoder, field: FieldPlan, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') {
    const text = w.isJson ? value.replaceAll('-', '+').replaceAll('_', '/') : value;
    const padded =
      w.isJson && text.length % 4 !== 0 && !text.endsWith('=')
        ? text.padEnd(text.length + 4 - (text.length % 4), '=')
        : text;
    if (
      !(w.isJson ? BASE64_ANY.test(value) : true) ||
      !BASE64.test(padded) ||
      !(w.isJson || isExact(padded))
    ) {
      w.wrongType(field, value, 'bytes: a Uint8Array, or base64 text with padding');
    }
    return fromBase64(padded);
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    // Bytes of another realm's Uint8Array are bytes; those of an array of wider numbers would be a guess.
    if (Object.prototype.toString.call(value) === '[object Uint8Array]') {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
  } else if (Array.isArray(value)) {
    for (const octet of value) {
      if (typeof octet !== 'number' || (octet & 255) !== octet) {
        w.wrongType(field, octet, 'bytes: each element of the array from 0 to 255');
      }
    }
    return Uint8Array.from(value);
  }
  return w.wrongType(field, value, 'bytes: a Uint8Array, or base64 text');
}

/** The bits that the last character has beyond whole octets are zero. */
function isExact(text: string): boolean {
  if (!text.endsWith('=')) return true;
  return text.endsWith('==')
    ? 'AQgw'.includes(text.charAt(text.length - 3))
    : 'AEIMQUYcgkosw048'.includes(text.charAt(text.length - 2));
}

function fromBase64(text: string): Uint8Array {
  if (typeof globalThis.Buffer === 'function') return Buffer.from(text, 'base64');
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
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
  return is64 ? BigInt(key) : Number(key);
}
