// Scalars going out as ProtoJSON: the plain cases at once, all others through scalar-input.ts, which converts or refuses as
// it does for the wire format. Hot.

import { toBase64 } from '../decode-scalar.ts';
import type { FieldPlan } from '../plan.ts';
import { toBigInt, toBytes, toDouble, toEnumNumber, toFloat, toInt32 } from '../scalar-input.ts';
import type { JsonEncoder } from './json-encoder.ts';
import { shortestFloat } from './shortest-float.ts';

/**
 * One value that is no message. With `skipDefault`, the default is not written; gives whether the value was.
 * The numbers are those of descriptor.proto's FieldDescriptorProto.Type; as literals they make a jump table.
 */
export function writeJsonScalar(
  w: JsonEncoder,
  field: FieldPlan,
  value: unknown,
  skipDefault: boolean,
): boolean {
  switch (field.type) {
    case 9: // string
      if (typeof value !== 'string') w.wrongType(field, value, 'a string');
      if (skipDefault && value === '') return false;
      if (!w.text(value)) {
        w.wrongType(field, value, 'well-formed text (it has a lone surrogate, which UTF-8 cannot hold)');
      }
      return true;
    case 5: // int32
    case 15: // sfixed32
    case 17: {
      // sint32
      const number = typeof value === 'number' && (value | 0) === value ? value : toInt32(w, field, value);
      if (skipDefault && number === 0) return false;
      w.integer(number);
      return true;
    }
    case 7: // fixed32
    case 13: {
      // uint32
      const number = typeof value === 'number' && value >>> 0 === value ? value : toInt32(w, field, value);
      if (skipDefault && number === 0) return false;
      w.integer(number);
      return true;
    }
    case 14: // enum
      return writeEnum(w, field, value, skipDefault);
    case 8: // bool
      if (typeof value !== 'boolean') w.wrongType(field, value, 'true or false');
      if (skipDefault && !value) return false;
      w.ascii(value ? 'true' : 'false');
      return true;
    case 12: {
      // bytes
      const bytes = value instanceof Uint8Array ? value : toBytes(w, field, value);
      if (skipDefault && bytes.length === 0) return false;
      w.quotedAscii(toBase64(bytes));
      return true;
    }
    case 1: {
      // double
      const isPlain = typeof value === 'number' && value - value === 0;
      const number = isPlain ? value : toDouble(w, field, value);
      if (skipDefault && Object.is(number, 0)) return false;
      writeDouble(w, number);
      return true;
    }
    case 2: {
      // float
      const isPlain = typeof value === 'number' && value < 1e38 && value > -1e38;
      const number = isPlain ? value : toFloat(w, field, value);
      if (skipDefault && Object.is(number, 0)) return false;
      writeDouble(w, Number.isFinite(number) ? shortestFloat(Math.fround(number)) : number);
      return true;
    }
    case 3: // int64
    case 4: // uint64
    case 6: // fixed64
    case 16: // sfixed64
    case 18: {
      // sint64
      const isSigned = field.type !== 4 && field.type !== 6;
      if (typeof value === 'number' && Number.isSafeInteger(value) && (value >= 0 || isSigned)) {
        if (skipDefault && value === 0) return false;
        w.quotedInteger(value);
        return true;
      }
      const big = toBigInt(w, field, value);
      if (skipDefault && big === 0n) return false;
      w.quotedAscii(String(big));
      return true;
    }
    default:
      throw new TypeError(`field type ${field.type} is no scalar`);
  }
}

function writeEnum(w: JsonEncoder, field: FieldPlan, value: unknown, skipDefault: boolean): boolean {
  const isPlain = typeof value === 'number' && (value | 0) === value && !field.isClosedEnum;
  const number = isPlain ? value : (field.enumNumbers.get(value as string) ?? toEnumNumber(w, field, value));
  if (skipDefault && number === 0) return false;
  if (field.field.typeName === 'google.protobuf.NullValue') w.ascii('null');
  else {
    const name = field.enumNames.get(number);
    if (name === undefined) w.integer(number);
    else w.quotedAscii(name);
  }
  return true;
}

function writeDouble(w: JsonEncoder, number: number): void {
  if (number - number !== 0) w.quotedAscii(String(number));
  else if (number === 0) w.ascii(Object.is(number, -0) ? '-0' : '0');
  else w.ascii(String(number));
}
