// Scalars going out: the plain cases at once, all others through scalar-input.ts, which converts or refuses.
// Hot: see docs/decisions/0001.

import type { Encoder } from './encoder.ts';
import type { FieldPlan } from './plan.ts';
import { toBigInt, toBytes, toDouble, toEnumNumber, toFloat, toInt32 } from './scalar-input.ts';

const TAG_OCTETS = 5;
const LARGEST_SCALAR = 10;

/**
 * One value that is not a message, with its tag (0 for none, in a packed list). With `skipDefault`, the default is not
 * written.
 * The numbers are those of descriptor.proto's FieldDescriptorProto.Type; as literals they make a jump table.
 */
export function writeScalar(
  w: Encoder,
  field: FieldPlan,
  value: unknown,
  tag: number,
  skipDefault: boolean,
): void {
  w.ensure(TAG_OCTETS + LARGEST_SCALAR);
  switch (field.type) {
    case 9: {
      // string
      if (typeof value !== 'string') w.wrongType(field, value, 'a string');
      if (skipDefault && value === '') return;
      w.varint32(tag);
      if (!w.string(value)) {
        w.wrongType(field, value, 'well-formed text (it has a lone surrogate, which UTF-8 cannot hold)');
      }
      return;
    }
    case 5: {
      // int32
      const number = typeof value === 'number' && (value | 0) === value ? value : toInt32(w, field, value);
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.int32(number);
      return;
    }
    case 14: {
      // enum
      const isPlain = typeof value === 'number' && (value | 0) === value && !field.isClosedEnum;
      const number = isPlain
        ? value
        : (field.enumNumbers.get(value as string) ?? toEnumNumber(w, field, value));
      if ((skipDefault && number === 0) || Number.isNaN(number)) return;
      if (tag !== 0) w.varint32(tag);
      w.int32(number);
      return;
    }
    case 8: {
      // bool
      if (typeof value !== 'boolean') w.wrongType(field, value, 'true or false');
      if (skipDefault && !value) return;
      if (tag !== 0) w.varint32(tag);
      w.octet(value ? 1 : 0);
      return;
    }
    case 12: {
      // bytes
      const bytes = value instanceof Uint8Array ? value : toBytes(w, field, value);
      const { length } = bytes;
      if (skipDefault && length === 0) return;
      w.varint32(tag);
      w.varint32(length);
      w.raw(bytes);
      return;
    }
    case 13: {
      // uint32
      const number = typeof value === 'number' && value >>> 0 === value ? value : toInt32(w, field, value);
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.varint32(number);
      return;
    }
    case 17: {
      // sint32
      const number = typeof value === 'number' && (value | 0) === value ? value : toInt32(w, field, value);
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.varint32((number << 1) ^ (number >> 31));
      return;
    }
    case 1: {
      // double
      const isPlain = typeof value === 'number' && value - value === 0;
      const number = isPlain ? value : toDouble(w, field, value);
      if (skipDefault && Object.is(number, 0)) return;
      if (tag !== 0) w.varint32(tag);
      w.double(number);
      return;
    }
    case 2: {
      // float
      const isPlain = typeof value === 'number' && value < 1e38 && value > -1e38;
      const number = isPlain ? value : toFloat(w, field, value);
      if (skipDefault && Object.is(number, 0)) return;
      if (tag !== 0) w.varint32(tag);
      w.float(number);
      return;
    }
    case 3:
    case 4: {
      // int64, uint64
      if (typeof value === 'number' && Number.isSafeInteger(value) && (value >= 0 || field.type === 3)) {
        if (skipDefault && value === 0) return;
        if (tag !== 0) w.varint32(tag);
        w.safeVarint(value);
        return;
      }
      const big = toBigInt(w, field, value);
      if (skipDefault && big === 0n) return;
      if (tag !== 0) w.varint32(tag);
      w.bigVarint(big);
      return;
    }
    case 18: {
      // sint64
      if (typeof value === 'number' && Number.isSafeInteger(value)) {
        if (skipDefault && value === 0) return;
        if (tag !== 0) w.varint32(tag);
        w.safeZigZag(value);
        return;
      }
      const big = toBigInt(w, field, value);
      if (skipDefault && big === 0n) return;
      if (tag !== 0) w.varint32(tag);
      w.bigZigZag(big);
      return;
    }
    case 7:
    case 15: {
      // fixed32, sfixed32
      const number = toInt32(w, field, value);
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.fixed32(number);
      return;
    }
    case 6:
    case 16: {
      // fixed64, sfixed64
      const big = toBigInt(w, field, value);
      if (skipDefault && big === 0n) return;
      if (tag !== 0) w.varint32(tag);
      w.bigFixed(big);
      return;
    }
    default:
      throw new TypeError(`field type ${field.type} is not a scalar`);
  }
}

/** Writes the elements up to the first that is not simply a number of the type; returns how many. */
export function writePlainNumbers(w: Encoder, field: FieldPlan, list: ArrayLike<unknown>): number {
  const { length } = list;
  let i = 0;
  switch (field.type) {
    case 1: // double
      w.ensure(length * 8);
      for (; i < length; i++) {
        const value = list[i];
        if (typeof value !== 'number' || value - value !== 0) break;
        w.double(value);
      }
      return i;
    case 5: // int32
      w.ensure(length * LARGEST_SCALAR);
      for (; i < length; i++) {
        const value = list[i];
        if (typeof value !== 'number' || (value | 0) !== value) break;
        w.int32(value);
      }
      return i;
    case 13: // uint32
      w.ensure(length * TAG_OCTETS);
      for (; i < length; i++) {
        const value = list[i];
        if (typeof value !== 'number' || value >>> 0 !== value) break;
        w.varint32(value);
      }
      return i;
    default:
      return 0;
  }
}
