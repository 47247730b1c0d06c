// Scalars coming in, in the form that the value options ask for, alone and in packed lists. Hot: see
// docs/decisions/0001.

import { BYTES_WORDS } from './decoded-size.ts';
import type { Decoder } from './decoder.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from './plan.ts';
import { keepUnknownField, taggedOctets } from './unknown-fields.ts';
import { BYTES_ARRAY, BYTES_BUFFER, LONG_BIGINT, LONG_STRING } from './value-shape.ts';
import { NO_BYTES } from './wire/wire-reader.ts';

/** Stands for a number that a closed enum does not have: the field then counts as unknown. */
export const DROPPED: unique symbol = Symbol('dropped');

/**
 * Makes plain objects like `{}`, but without the room for four properties that a literal comes with: most maps that a
 * message does not set stay empty, and in a message of many messages memory is time.
 */
// biome-ignore lint/complexity/useArrowFunction: an arrow function is not a constructor
const EmptyMap = function () {} as unknown as new () => Fields;
Object.defineProperty(EmptyMap, 'prototype', { value: Object.prototype });

/** What an unset field without presence reads. */
export function defaultOf(field: FieldPlan): unknown {
  return field.shape === SINGULAR && field.type !== 12 ? field.default : newDefault(field);
}

/** A default of the message's own, as it could be changed. */
function newDefault(field: FieldPlan): unknown {
  if (field.shape === MAP) return new EmptyMap();
  if (field.shape !== SINGULAR) return [];
  const { bytes } = field.owner.set.shape;
  if (bytes === BYTES_ARRAY) return [];
  if (bytes !== BYTES_BUFFER) return '';
  return NO_BYTES;
}

/**
 * One value that is not a message. The numbers are those of descriptor.proto's FieldDescriptorProto.Type; as literals
 * they make a jump table. The caller checks that it did not go past the end.
 */
export function readScalar(r: Decoder, field: FieldPlan, end: number): unknown {
  switch (field.type) {
    case 9: // string
      return r.text(r.lengthEnd(end), field.verifiesUtf8, field);
    case 5: // int32
      return r.varint32() | 0;
    case 14: // enum
      return enumValue(field, r.varint32() | 0);
    case 8: // bool
      r.varint64();
      return (r.low | r.high) !== 0;
    case 12: // bytes
      return bytesValue(r, field.owner.set.shape.bytes, r.lengthEnd(end));
    case 13: // uint32
      return r.varint32();
    case 17: {
      // sint32
      const value = r.varint32();
      return (value >>> 1) ^ -(value & 1);
    }
    case 1: // double
      return r.double(end);
    case 2: // float
      return r.float(end);
    case 3: // int64
      r.varint64();
      return long(r, field, true);
    case 4: // uint64
      r.varint64();
      return long(r, field, false);
    case 18: // sint64
      r.varint64();
      r.unZigZag();
      return long(r, field, true);
    case 7: // fixed32
      return r.fixed32(end);
    case 15: // sfixed32
      return r.fixed32(end) | 0;
    case 6: // fixed64
      r.fixed64(end);
      return long(r, field, false);
    case 16: // sfixed64
      r.fixed64(end);
      return long(r, field, true);
    default:
      throw new TypeError(`unknown field type ${field.type}`);
  }
}

/** The key of a map's entry: a property's name, for which a long need not be made a bigint first. */
export function readKey(r: Decoder, field: FieldPlan, end: number): unknown {
  if (field.type !== 3 && field.type !== 4) return readScalar(r, field, end);
  r.varint64();
  return r.high === 0 ? r.low : long(r, field, field.type === 3);
}

function bytesValue(r: Decoder, form: number, until: number): unknown {
  if (form === BYTES_BUFFER) {
    if (until !== r.pos) r.take(BYTES_WORDS);
    return r.bytes(until);
  }
  if (form !== BYTES_ARRAY) return toBase64(r.bytes(until));
  r.take(BYTES_WORDS + until - r.pos);
  return Array.from(r.bytes(until));
}

/** An enum's value as replies have it; DROPPED for a number that a closed enum does not have. */
export function enumValue(field: FieldPlan, number: number): unknown {
  const name = field.enumNames.get(number);
  if (name === undefined) return field.isClosedEnum ? DROPPED : number;
  return field.owner.set.shape.enumNames ? name : number;
}

/** Small integers are the most common, and as text each would take 24 octets of memory for one on the wire. */
const SMALL_TEXTS = 1024;
const smallTexts: readonly string[] = Array.from({ length: SMALL_TEXTS }, (_, i) => String(i));

function long(r: Decoder, field: FieldPlan, isSigned: boolean): unknown {
  const form = field.owner.set.shape.longs;
  const big = isSigned ? r.signed() : r.unsigned();
  if (form === LONG_BIGINT) return big;
  if (form === LONG_STRING) return r.high === 0 && r.low < SMALL_TEXTS ? smallTexts[r.low] : String(big);
  const number = Number(big);
  if (!Number.isSafeInteger(number))
    r.fail(`${big} is not a safe integer; use longs: BigInt or String`, field);
  return number;
}

type Slice = (this: Uint8Array, start: number, end: number) => string;

/** Buffer's own, which takes any Uint8Array: making a Buffer of one first costs more than short text itself. */
const base64Slice: Slice | undefined =
  typeof globalThis.Buffer === 'function'
    ? (Buffer.prototype as { base64Slice?: Slice }).base64Slice
    : undefined;

export function toBase64(bytes: Uint8Array): string {
  if (base64Slice !== undefined) return base64Slice.call(bytes, 0, bytes.length);
  if (typeof globalThis.Buffer === 'function') {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  }
  let text = '';
  for (const octet of bytes) text += String.fromCharCode(octet);
  return btoa(text);
}

/** Keeps the octets from `start` to here, if unknown fields are kept at all. */
export function keepUnknown(r: Decoder, plan: Plan, message: Fields, start: number): void {
  if (plan.set.shape.keepUnknown) r.take(keepUnknownField(message, r.buf, start, r.pos));
}

/** A packed list of at least this many octets is worth counting before it is read. */
const LONG_LIST = 1024;

/** A long list of varints into an array of the right size at once; false for other types. */
function readLongPacked(r: Decoder, field: FieldPlan, until: number, list: unknown[]): boolean {
  const { type } = field;
  const isVarint = type === 5 || type === 13 || type === 17 || type === 8 || type === 3 || type === 4;
  if (!isVarint) return false;
  const { buf } = r;
  let count = 0;
  for (let i = r.pos; i < until; i++) if (buf[i] < 128) count++;
  list.length = count;
  let i = 0;
  if (type === 5) for (; i < count && r.pos < until; i++) list[i] = r.varint32() | 0;
  else for (; i < count && r.pos < until; i++) list[i] = readScalar(r, field, until);
  if (r.pos !== until) r.truncated();
  return true;
}

/** A packed list, appended to what is already there. */
export function readPacked(
  r: Decoder,
  field: FieldPlan,
  end: number,
  list: unknown[],
  message: Fields,
): void {
  const until = r.lengthEnd(end);
  if (until - r.pos >= LONG_LIST && list.length === 0 && readLongPacked(r, field, until, list)) return;
  if (field.type === 1) readDoubles(r, until, list);
  else if (field.type === 5) {
    while (r.pos < until) list.push(r.varint32() | 0);
    if (r.pos > until) r.truncated();
  }
  while (r.pos < until) {
    const value = readScalar(r, field, until);
    if (r.pos > until) r.truncated();
    if (value === DROPPED) keepUnknownEnum(r, field, message);
    else list.push(value);
  }
}

function readDoubles(r: Decoder, until: number, list: unknown[]): void {
  const { buf, pos } = r;
  const octets = until - pos;
  if (octets % 8 !== 0) r.truncated();
  const view = new DataView(buf.buffer, buf.byteOffset + pos, octets);
  for (let i = 0; i < octets; i += 8) list.push(view.getFloat64(i, true));
  r.pos = until;
}

const VARINT_WIRE_TYPE = 0;

/** An unknown number of a closed enum out of a packed list, kept as though it had come alone. */
function keepUnknownEnum(r: Decoder, field: FieldPlan, message: Fields): void {
  if (!field.owner.set.shape.keepUnknown) return;
  let start = r.pos - 1;
  while (start > 0 && r.buf[start - 1] > 127) start--;
  r.take(
    keepUnknownField(message, taggedOctets(field.number, VARINT_WIRE_TYPE, r.buf.subarray(start, r.pos))),
  );
}
