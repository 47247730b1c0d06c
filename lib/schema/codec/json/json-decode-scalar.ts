// Scalars of ProtoJSON coming in, in the form that the value options ask for: numbers also in quotes, enum values by name or
// number, base64 in either alphabet. Hot.

import { fromBase64 } from '../../../values/text/base64.ts';
import { decimalOf, exactInteger, isWhole } from '../../../values/text/exact-decimal.ts';
import { DROPPED, enumValue, toBase64 } from '../decode-scalar.ts';
import { BYTES_WORDS } from '../decoded-size.ts';
import type { FieldPlan } from '../plan.ts';
import { BYTES_ARRAY, BYTES_BUFFER, LONG_BIGINT, LONG_STRING } from '../value-shape.ts';
import { NO_BYTES, smallBigInt } from '../wire/wire-reader.ts';
import { JSON_NUMBER, type JsonDecoder, QUOTE } from './json-decoder.ts';

const INT32_MIN = -2147483648;
const INT32_MAX = 2147483647;
const UINT32_MAX = 4294967295;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
/** Half a step above the largest float: from here on, rounding gives infinity. */
const FLOAT_OVERFLOW = 3.4028235677973366e38;
const MAX_DIGITS = 40;
const DECIMAL = /^-?(?:0|[1-9][0-9]{0,9})$/;

/**
 * One value that is no message; DROPPED for an enum value that the schema does not know. The numbers are those of
 * descriptor.proto's FieldDescriptorProto.Type; as literals they make a jump table.
 */
export function readJsonScalar(r: JsonDecoder, field: FieldPlan): unknown {
  switch (field.type) {
    case 9: // string
      if (r.peek() !== QUOTE) r.expected('a string', field);
      return r.string(field);
    case 5: // int32
    case 15: // sfixed32
    case 17: // sint32
      return readInteger(r, field, INT32_MIN, INT32_MAX);
    case 7: // fixed32
    case 13: // uint32
      return readInteger(r, field, 0, UINT32_MAX);
    case 14: // enum
      return readEnum(r, field);
    case 8: // bool
      r.peek();
      if (r.word('true')) return true;
      if (r.word('false')) return false;
      return r.expected('true or false', field);
    case 12: // bytes
      return readBytes(r, field);
    case 1: // double
      return readDouble(r, field);
    case 2: {
      // float
      const number = readDouble(r, field);
      if (Math.abs(number) >= FLOAT_OVERFLOW && Number.isFinite(number)) {
        r.fail('a number out of range for float', field);
      }
      return Math.fround(number);
    }
    case 3: // int64
    case 16: // sfixed64
    case 18: // sint64
      return readLong(r, field, INT64_MIN, INT64_MAX);
    case 4: // uint64
    case 6: // fixed64
      return readLong(r, field, 0n, UINT64_MAX);
    default:
      throw new TypeError(`field type ${field.type} is not known`);
  }
}

/** The key of a map's entry, from the name of its property. */
export function jsonMapKey(r: JsonDecoder, field: FieldPlan, name: string): string {
  if (field.type === 9) return name;
  if (field.type === 8) {
    if (name === 'true' || name === 'false') return name;
    return r.fail("expected 'true' or 'false' as the key", field);
  }
  const [min, max] = rangeOf(field.type);
  const isDecimal = /^-?(?:0|[1-9][0-9]*)$/.test(name) && name.length <= MAX_DIGITS;
  const value = isDecimal ? BigInt(name) : r.fail('expected an integer as the key', field);
  if (value < min || value > max) r.fail(outOfRange(min, max), field);
  return String(value);
}

function rangeOf(type: number): readonly [min: bigint, max: bigint] {
  switch (type) {
    case 3:
    case 16:
    case 18:
      return [INT64_MIN, INT64_MAX];
    case 4:
    case 6:
      return [0n, UINT64_MAX];
    case 7:
    case 13:
      return [0n, BigInt(UINT32_MAX)];
    default:
      return [BigInt(INT32_MIN), BigInt(INT32_MAX)];
  }
}

const outOfRange = (min: bigint | number, max: bigint | number): string =>
  `an integer out of range: it goes from ${min} to ${max}`;

/** An integer of few digits, in quotes or not; NaN, and nothing taken, for all else. */
function readPlain(r: JsonDecoder): number {
  if (r.peek() !== QUOTE) return r.plainInteger();
  const start = r.pos++;
  const number = r.plainInteger();
  if (!Number.isNaN(number) && r.pos < r.end && r.buf[r.pos] === QUOTE) {
    r.pos++;
    return number;
  }
  r.pos = start;
  return Number.NaN;
}

/** The text of a number, in quotes or not. */
function numberText(r: JsonDecoder, field: FieldPlan, what: string): string {
  if (r.peek() !== QUOTE) return r.numberText(field, what);
  const text = r.string(field);
  return JSON_NUMBER.test(text) ? text : r.fail(`expected ${what}, found other text`, field);
}

function readInteger(r: JsonDecoder, field: FieldPlan, min: number, max: number): number {
  let number = readPlain(r);
  if (Number.isNaN(number))
    number = Number(exactOf(r, field, numberText(r, field, 'an integer')) ?? Infinity);
  if (number < min || number > max) r.fail(outOfRange(min, max), field);
  // -0 is 0.
  return number + 0;
}

/** `1.0`, `1e3`: integers all the same. Undefined for those that no integer type holds. */
function exactOf(r: JsonDecoder, field: FieldPlan, text: string): bigint | undefined {
  if (!isWhole(decimalOf(text))) r.fail('expected an integer, found a fraction', field);
  return exactInteger(text, MAX_DIGITS);
}

function readLong(r: JsonDecoder, field: FieldPlan, min: bigint, max: bigint): unknown {
  const form = field.owner.set.shape.longs;
  const number = readPlain(r);
  if (!Number.isNaN(number)) {
    if (number < 0 && min === 0n) r.fail(outOfRange(min, max), field);
    if (form === LONG_BIGINT) return smallBigInt(number);
    return form === LONG_STRING ? String(number + 0) : number + 0;
  }
  const big = exactOf(r, field, numberText(r, field, 'an integer'));
  if (big === undefined || big < min || big > max) return r.fail(outOfRange(min, max), field);
  if (form === LONG_BIGINT) return big;
  if (form === LONG_STRING) return String(big);
  const safe = Number(big);
  if (!Number.isSafeInteger(safe)) {
    r.fail(`${big} is not a safe integer; use longs: BigInt or String`, field);
  }
  return safe;
}

function readDouble(r: JsonDecoder, field: FieldPlan): number {
  if (r.peek() === QUOTE) {
    const text = r.string(field);
    if (text === 'NaN') return Number.NaN;
    if (text === 'Infinity') return Number.POSITIVE_INFINITY;
    if (text === '-Infinity') return Number.NEGATIVE_INFINITY;
    if (!JSON_NUMBER.test(text)) r.fail('expected a number, found other text', field);
    return finite(r, field, text);
  }
  const number = r.plainInteger();
  return Number.isNaN(number) ? finite(r, field, r.numberText(field, 'a number')) : number;
}

function finite(r: JsonDecoder, field: FieldPlan, text: string): number {
  const number = Number(text);
  return Number.isFinite(number) ? number : r.fail('a number out of range for double', field);
}

function readEnum(r: JsonDecoder, field: FieldPlan): unknown {
  const octet = r.peek();
  if (octet === QUOTE) {
    const name = r.string(field);
    const number = field.enumNumbers.get(name);
    if (number !== undefined) return enumValue(field, number);
    if (!DECIMAL.test(name)) return DROPPED;
    const other = Number(name);
    return other >= INT32_MIN && other <= INT32_MAX ? enumValue(field, other) : DROPPED;
  }
  // Only NullValue's: other fields take null for absent.
  if (r.isNull()) {
    return field.takesNull ? enumValue(field, 0) : r.fail('expected an enum value, found null', field);
  }
  return enumValue(field, readInteger(r, field, INT32_MIN, INT32_MAX));
}

function readBytes(r: JsonDecoder, field: FieldPlan): unknown {
  if (r.peek() !== QUOTE) r.expected('bytes as base64 text', field);
  const bytes = fromBase64(r.string(field));
  if (bytes === undefined) return r.fail('the text is not base64', field);
  const form = field.owner.set.shape.bytes;
  if (form === BYTES_BUFFER) {
    if (bytes.length === 0) return NO_BYTES;
    r.take(BYTES_WORDS);
    return bytes;
  }
  if (form !== BYTES_ARRAY) return toBase64(bytes);
  r.take(BYTES_WORDS + bytes.length);
  return Array.from(bytes);
}
