import { describeRefusals, type Refusal } from './refusals.ts';

const INT64 = 'an integer (int64): a bigint, a number or a decimal string';

const REFUSALS: readonly Refusal[] = [
  // 32-bit integers
  {
    name: 'text for an int32',
    fields: { anInt32: '5' },
    message: `anInt32: expected a number (int32), got '5'`,
  },
  {
    name: 'a bigint for an int32',
    fields: { anInt32: 5n },
    message: 'anInt32: expected a number (int32), got 5n',
  },
  {
    name: 'a boolean for an int32',
    fields: { anInt32: true },
    message: 'anInt32: expected a number (int32), got true',
  },
  {
    name: 'a fraction for an int32',
    fields: { anInt32: 1.5 },
    error: 'RangeError',
    message: 'anInt32: 1.5 is not an integer (int32)',
  },
  {
    name: 'NaN for an int32',
    fields: { anInt32: Number.NaN },
    error: 'RangeError',
    message: 'anInt32: NaN is not an integer (int32)',
  },
  {
    name: 'too large an int32',
    fields: { anInt32: 2147483648 },
    error: 'RangeError',
    message: 'anInt32: 2147483648 is out of range: int32 goes from -2147483648 to 2147483647',
  },
  {
    name: 'too small a sint32',
    fields: { aSint32: -2147483649 },
    error: 'RangeError',
    message: 'aSint32: -2147483649 is out of range: sint32 goes from -2147483648 to 2147483647',
  },
  {
    name: 'too large an sfixed32',
    fields: { anSfixed32: 2147483648 },
    error: 'RangeError',
    message: 'anSfixed32: 2147483648 is out of range: sfixed32 goes from -2147483648 to 2147483647',
  },
  {
    name: 'a negative uint32',
    fields: { aUint32: -1 },
    error: 'RangeError',
    message: 'aUint32: -1 is out of range: uint32 goes from 0 to 4294967295',
  },
  {
    name: 'too large a fixed32',
    fields: { aFixed32: 4294967296 },
    error: 'RangeError',
    message: 'aFixed32: 4294967296 is out of range: fixed32 goes from 0 to 4294967295',
  },
  {
    name: 'a fraction deep in a list',
    type: 'kinds.Lists',
    fields: { int32s: [1, 2, 3.5] },
    error: 'RangeError',
    message: 'int32s[2]: 3.5 is not an integer (int32)',
  },
  {
    name: 'text deep in a list',
    type: 'kinds.Lists',
    fields: { doubles: [1, '2'] },
    message: `doubles[1]: expected a number (double), got '2'`,
  },
  // 64-bit integers
  {
    name: 'an unsafe integer',
    fields: { anInt64: 2 ** 53 },
    error: 'RangeError',
    message: 'anInt64: 9007199254740992 is not a safe integer; give a bigint or a decimal string',
  },
  {
    name: 'a fraction for an int64',
    fields: { anInt64: 0.5 },
    error: 'RangeError',
    message: 'anInt64: 0.5 is not an integer (int64)',
  },
  {
    name: 'words for an int64',
    fields: { anInt64: 'five' },
    message: `anInt64: expected ${INT64}, got 'five'`,
  },
  {
    name: 'hexadecimal text for an int64',
    fields: { anInt64: '0x10' },
    message: `anInt64: expected ${INT64}, got '0x10'`,
  },
  {
    name: 'text with leading zeros for an int64',
    fields: { anInt64: '007' },
    message: `anInt64: expected ${INT64}, got '007'`,
  },
  {
    name: 'text with a fraction for an int64',
    fields: { anInt64: '1.0' },
    message: `anInt64: expected ${INT64}, got '1.0'`,
  },
  { name: 'empty text for an int64', fields: { anInt64: '' }, message: `anInt64: expected ${INT64}, got ''` },
  {
    name: 'text of very many digits',
    fields: { anInt64: '9'.repeat(100) },
    message: `anInt64: expected ${INT64}, got '${'9'.repeat(40)}…'`,
  },
  {
    name: 'a boolean for an int64',
    fields: { anInt64: true },
    message: `anInt64: expected ${INT64}, got true`,
  },
  {
    name: 'too large an int64',
    fields: { anInt64: 2n ** 63n },
    error: 'RangeError',
    message:
      'anInt64: 9223372036854775808n is out of range: int64 goes from -9223372036854775808 to 9223372036854775807',
  },
  {
    name: 'too large an int64 as text',
    fields: { anInt64: '9223372036854775808' },
    error: 'RangeError',
    message: `anInt64: '9223372036854775808' is out of range: int64 goes from -9223372036854775808 to 9223372036854775807`,
  },
  {
    name: 'too small a sint64',
    fields: { aSint64: -(2n ** 63n) - 1n },
    error: 'RangeError',
    message:
      'aSint64: -9223372036854775809n is out of range: sint64 goes from -9223372036854775808 to 9223372036854775807',
  },
  {
    name: 'a negative uint64',
    fields: { aUint64: -1 },
    error: 'RangeError',
    message: 'aUint64: -1 is out of range: uint64 goes from 0 to 18446744073709551615',
  },
  {
    name: 'too large a fixed64',
    fields: { aFixed64: 2n ** 64n },
    error: 'RangeError',
    message: 'aFixed64: 18446744073709551616n is out of range: fixed64 goes from 0 to 18446744073709551615',
  },
  // Other scalars
  {
    name: 'text for a double',
    fields: { aDouble: '1.5' },
    message: `aDouble: expected a number (double), got '1.5'`,
  },
  {
    name: 'a bigint for a double',
    fields: { aDouble: 1n },
    message: 'aDouble: expected a number (double), got 1n',
  },
  {
    name: 'too large a float',
    fields: { aFloat: 3.5e38 },
    error: 'RangeError',
    message:
      'aFloat: 3.5e+38 is out of range: float goes from -3.4028234663852886e+38 to 3.4028234663852886e+38',
  },
  { name: 'a number for a string', fields: { aString: 5 }, message: 'aString: expected a string, got 5' },
  {
    name: 'an object for a string',
    fields: { aString: {} },
    message: 'aString: expected a string, got an object',
  },
  {
    name: 'a symbol for a string',
    fields: { aString: Symbol('x') },
    message: 'aString: expected a string, got a symbol',
  },
  {
    name: 'a lone surrogate',
    fields: { aString: 'a\ud800' },
    message: `aString: expected well-formed text (it has a lone surrogate, which UTF-8 cannot hold), got 'a\ud800'`,
  },
  {
    name: 'a lone surrogate in long text',
    fields: { aString: `${'x'.repeat(100)}\udc00` },
    message: `aString: expected well-formed text (it has a lone surrogate, which UTF-8 cannot hold), got '${'x'.repeat(40)}…'`,
  },
  { name: 'a number for a bool', fields: { aBool: 1 }, message: 'aBool: expected true or false, got 1' },
  {
    name: 'text for a bool',
    fields: { aBool: 'true' },
    message: `aBool: expected true or false, got 'true'`,
  },
  {
    name: 'a number for bytes',
    fields: { someBytes: 5 },
    message: 'someBytes: expected bytes: a Uint8Array, or base64 text, got 5',
  },
  {
    name: 'text that is no base64',
    fields: { someBytes: 'a b' },
    message: `someBytes: expected bytes: a Uint8Array, or base64 text with padding, got 'a b'`,
  },
  {
    name: 'base64 without its padding',
    fields: { someBytes: 'AQ' },
    message: `someBytes: expected bytes: a Uint8Array, or base64 text with padding, got 'AQ'`,
  },
  {
    name: 'base64 with bits that are no octet',
    fields: { someBytes: 'AR==' },
    message: `someBytes: expected bytes: a Uint8Array, or base64 text with padding, got 'AR=='`,
  },
  {
    name: 'wider numbers for bytes',
    fields: { someBytes: new Uint16Array(2) },
    message: 'someBytes: expected bytes: a Uint8Array, or base64 text, got an object (Uint16Array)',
  },
  {
    name: 'an array with more than octets for bytes',
    fields: { someBytes: [1, 256] },
    message: 'someBytes: expected bytes: an array of numbers from 0 to 255, got 256',
  },
  // Enums
  {
    name: 'an unknown enum name near another',
    fields: { aColor: 'REDD' },
    message: `aColor: kinds.Color has no value 'REDD'; did you mean 'RED'?`,
  },
  {
    name: 'an unknown enum name near none',
    fields: { aColor: 'TURQUOISE' },
    message: `aColor: kinds.Color has no value 'TURQUOISE'; it has COLOR_UNSPECIFIED, RED, CRIMSON, GREEN, DARK`,
  },
  {
    name: 'a number as text for an enum',
    fields: { aColor: '1' },
    message: `aColor: kinds.Color has no value '1'; it has COLOR_UNSPECIFIED, RED, CRIMSON, GREEN, DARK`,
  },
  {
    name: 'a boolean for an enum',
    fields: { aColor: true },
    message: 'aColor: expected a name or number of kinds.Color, got true',
  },
  {
    name: 'a fraction for an enum',
    fields: { aColor: 1.5 },
    error: 'RangeError',
    message: 'aColor: 1.5 is not an integer (a number of kinds.Color)',
  },
  {
    name: 'too large a number for an enum',
    fields: { aColor: 2147483648 },
    error: 'RangeError',
    message: `aColor: 2147483648 is out of range: an enum's numbers go from -2147483648 to 2147483647`,
  },
  {
    name: 'an unknown number of a closed enum',
    type: 'old.Order',
    fields: { id: 1, size: 9 },
    error: 'RangeError',
    message: 'size: 9 is not a number of old.Size, which is a closed enum',
  },
  {
    name: 'the name of Object.prototype for an enum',
    fields: { aColor: 'constructor' },
    message: `aColor: kinds.Color has no value 'constructor'; it has COLOR_UNSPECIFIED, RED, CRIMSON, GREEN, DARK`,
  },
];

describeRefusals('scalars and enums', REFUSALS);
