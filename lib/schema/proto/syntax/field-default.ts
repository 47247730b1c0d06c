// The default of a proto2 or editions field: read by the field's type and written as in descriptors, where it is text
// for every type.

import type { FieldTypeName } from '../../descriptors/descriptor-types.ts';
import { bytesOf, MINUS, type StringValue, type TokenStream } from '../../text/token-stream.ts';

const MAX_INT32 = 2n ** 31n - 1n;
const MAX_UINT32 = 2n ** 32n - 1n;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** The value after `default =`; `type` is undefined when the field's type is a name, hence an enum's. */
export function fieldDefault(tokens: TokenStream, type: FieldTypeName | undefined): string {
  switch (type) {
    case 'TYPE_INT32':
    case 'TYPE_SINT32':
    case 'TYPE_SFIXED32':
      return signedDefault(tokens, MAX_INT32);
    case 'TYPE_INT64':
    case 'TYPE_SINT64':
    case 'TYPE_SFIXED64':
      return signedDefault(tokens, MAX_INT64);
    case 'TYPE_UINT32':
    case 'TYPE_FIXED32':
      return String(tokens.integer('a non-negative integer', MAX_UINT32));
    case 'TYPE_UINT64':
    case 'TYPE_FIXED64':
      return String(tokens.integer('a non-negative integer', MAX_UINT64));
    case 'TYPE_FLOAT':
    case 'TYPE_DOUBLE': {
      const isNegative = tokens.takeSymbol(MINUS);
      const magnitude = tokens.float();
      return floatText(isNegative ? -magnitude : magnitude, type === 'TYPE_FLOAT');
    }
    case 'TYPE_BOOL':
      if (tokens.word !== 'true' && tokens.word !== 'false') throw tokens.expected("'true' or 'false'");
      return tokens.identifier('');
    case 'TYPE_STRING':
      return tokens.plainString('a string');
    case 'TYPE_BYTES':
      return cEscape(tokens.string('a string'));
    case 'TYPE_MESSAGE':
    case 'TYPE_GROUP':
      throw tokens.errorHere('found a default, which a message field cannot have');
    case 'TYPE_ENUM':
    case undefined:
      return tokens.identifier('the name of an enum value');
    default:
      return type satisfies never;
  }
}

function signedDefault(tokens: TokenStream, max: bigint): string {
  const isNegative = tokens.takeSymbol(MINUS);
  const magnitude = tokens.integer('an integer', isNegative ? max + 1n : max);
  return String(isNegative ? -magnitude : magnitude);
}

const FLOAT_DIGITS: readonly number[] = [6, 9];
const DOUBLE_DIGITS: readonly number[] = [15, 17];

/** As protoc prints it: the fewest digits of its choice that read back as the same number, in C's `%g` style. */
function floatText(value: number, isFloat: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  const exact = isFloat ? Math.fround(value) : value;
  if (!Number.isFinite(exact)) return exact > 0 ? 'inf' : '-inf';
  const read = isFloat ? Math.fround : Number;
  const digits = isFloat ? FLOAT_DIGITS : DOUBLE_DIGITS;
  const precision =
    digits.find((n) => read(Number(exact.toPrecision(n))) === exact) ?? digits[digits.length - 1];
  return generalFormat(exact, precision);
}

/** C's `%.{precision}g`. */
function generalFormat(value: number, precision: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, exponentText] = value.toExponential(precision - 1).split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < precision) {
    const fixed = value.toFixed(Math.max(0, precision - 1 - exponent));
    return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  }
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return `${short}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const C_ESCAPES: ReadonlyMap<number, string> = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [34, '\\"'],
  [39, "\\'"],
  [92, '\\\\'],
]);

/** How descriptor.proto writes the default of a bytes field. */
function cEscape(value: StringValue): string {
  let text = '';
  for (const octet of bytesOf(value)) {
    const named = C_ESCAPES.get(octet);
    if (named !== undefined) text += named;
    else if (octet < 32 || octet > 126) text += `\\${octet.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(octet);
  }
  return text;
}
