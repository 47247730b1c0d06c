import { expect } from 'chai';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { decoded, EDITION, encoded, KINDS, OLD, registryOf, thrownBy } from '../schemas.ts';

interface Refusal {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  readonly fields: unknown;
  readonly error?: 'TypeError' | 'RangeError';
  readonly message: string;
}

const deep = (levels: number): object => {
  let value: Record<string, unknown> = {};
  for (let i = 0; i < levels; i++) value = { left: value };
  return value;
};

class Named {
  get [Symbol.toStringTag](): string {
    return 'Named';
  }
}

const cycle: Record<string, unknown> = { label: 'x' };
cycle['children'] = [cycle];

const structCycle: Record<string, unknown> = {};
structCycle['self'] = [structCycle];

const anyCycle: Record<string, unknown> = { '@type': 'type.googleapis.com/google.protobuf.Any' };
anyCycle['value'] = anyCycle;

const SHAPE = 'an object like { aDouble: …, aFloat: …, anInt32: …, anInt64: …, … }';
const VALUE = 'null, a boolean, a number, text, an array or a plain object (google.protobuf.Value)';
const INT64 = 'an integer (int64): a bigint, a number or a decimal string';

const REFUSALS: readonly Refusal[] = [
  // What is no message
  { name: 'text for a message', fields: 'you', message: `kinds.Scalars: expected ${SHAPE}, got 'you'` },
  { name: 'a number for a message', fields: 7, message: `kinds.Scalars: expected ${SHAPE}, got 7` },
  { name: 'null for a message', fields: null, message: `kinds.Scalars: expected ${SHAPE}, got null` },
  {
    name: 'a function for a message',
    fields: () => 1,
    message: `kinds.Scalars: expected ${SHAPE}, got a function; calls return promises and take no callback`,
  },
  {
    name: 'an array for a message',
    fields: [],
    message: `kinds.Scalars: expected ${SHAPE}, got an empty array`,
  },
  { name: 'a Map for a message', fields: new Map(), message: `kinds.Scalars: expected ${SHAPE}, got a Map` },
  {
    name: 'a Date for a message',
    fields: new Date(0),
    message: `kinds.Scalars: expected ${SHAPE}, got a Date`,
  },
  {
    name: 'bytes for a message',
    fields: Buffer.from('abc'),
    message: `kinds.Scalars: expected ${SHAPE}, got 3 bytes`,
  },
  {
    name: 'a promise for a message',
    fields: Promise.resolve(),
    message: `kinds.Scalars: expected ${SHAPE}, got a Promise; await it first`,
  },
  {
    name: 'a WeakMap for a message',
    fields: new WeakMap(),
    message: `kinds.Scalars: expected ${SHAPE}, got an object (WeakMap)`,
  },
  {
    name: 'Headers for a message',
    fields: new Headers({ aString: 'x' }),
    message: `kinds.Scalars: expected ${SHAPE}, got an object (Headers)`,
  },
  {
    name: 'an iterator for a message',
    fields: new Map([['aString', 'x']]).entries(),
    message: `kinds.Scalars: expected ${SHAPE}, got an object (Map Iterator)`,
  },
  {
    name: 'an object of a class that names itself, without properties',
    fields: new Named(),
    message: `kinds.Scalars: expected ${SHAPE}, got an object (Named)`,
  },
  {
    name: 'Headers for a nested message',
    type: 'kinds.Tree',
    fields: { left: new Headers({ label: 'x' }) },
    message:
      'left: expected an object like { label: …, left: …, right: …, children: …, … }, got an object (Headers)',
  },
  {
    name: 'text for a nested message',
    type: 'kinds.Tree',
    fields: { left: { right: 'x' } },
    message: `left.right: expected an object like { label: …, left: …, right: …, children: …, … }, got 'x'`,
  },
  {
    name: 'an array for a nested message',
    type: 'kinds.Tree',
    fields: { left: [{}] },
    message:
      'left: expected an object like { label: …, left: …, right: …, children: …, … }, got an array of 1',
  },
  // Names
  {
    name: 'an unknown field near another',
    fields: { aStrin: 'x' },
    message: `aStrin: kinds.Scalars has no field 'aStrin'; did you mean 'aString'?`,
  },
  {
    name: 'an unknown field near none',
    type: 'kinds.Tree',
    fields: { zzzzzz: 1 },
    message: `zzzzzz: kinds.Tree has no field 'zzzzzz'; it has label, left, right, children, named`,
  },
  {
    name: 'an unknown field of a nested list',
    type: 'kinds.Tree',
    fields: { children: [{}, {}, {}, { lable: 'x' }] },
    message: `children[3].lable: kinds.Tree has no field 'lable'; did you mean 'label'?`,
  },
  {
    name: 'an unknown field of a map value',
    type: 'kinds.Tree',
    fields: { named: { 'a "b"': { lable: 'x' } } },
    message: `named["a \\"b\\""].lable: kinds.Tree has no field 'lable'; did you mean 'label'?`,
  },
  {
    name: 'an unknown field of a message without any',
    type: 'kinds.WellKnown',
    fields: { empty: { x: 1 } },
    message: `empty.x: google.protobuf.Empty has no field 'x'; it has no fields`,
  },
  {
    name: 'an unknown field that is null',
    fields: { nope: null },
    message: `nope: kinds.Scalars has no field 'nope'`,
  },
  {
    name: 'both spellings of a field',
    fields: { aString: 'x', a_string: 'x' },
    message: `'aString' and 'a_string' are two spellings of one field of kinds.Scalars; give only one`,
  },
  {
    name: 'both spellings, nested',
    type: 'kinds.Lists',
    fields: { scalars: [{ aString: 'x', a_string: 'x' }] },
    message: `scalars[0]: 'aString' and 'a_string' are two spellings of one field of kinds.Scalars; give only one`,
  },
  {
    name: 'an extension that is not loaded',
    type: 'old.Order',
    fields: { id: 1, '[old.nope]': 1 },
    message: `[old.nope]: old.Order has no field '[old.nope]'`,
  },
  {
    name: 'an extension of another message',
    type: 'old.Order',
    fields: { id: 1, '[old.Member.member]': {} },
    message: `[old.Member.member]: old.Order has no field '[old.Member.member]'`,
  },
  // Oneofs
  {
    name: 'two members of a oneof',
    type: 'kinds.Presence',
    fields: { number: 1, name: 'x' },
    message: `'number' and 'name' are both set, but the oneof 'choice' of kinds.Presence holds at most one`,
  },
  {
    name: 'two members of a oneof, unordered',
    type: 'kinds.Presence',
    fields: { no: true, yes: false },
    message: `'no' and 'yes' are both set, but the oneof 'other' of kinds.Presence holds at most one`,
  },
  {
    name: 'the name of a oneof',
    type: 'kinds.Presence',
    fields: { choice: 7 },
    message: `'choice' is a oneof of kinds.Presence; set one of its members instead: 'number' or 'name' or 'nested' or 'nothing'`,
  },
  {
    name: 'the name of a oneof whose member is not set',
    type: 'kinds.Presence',
    fields: { choice: 'name' },
    message: `'choice' is a oneof of kinds.Presence; set one of its members instead: 'number' or 'name' or 'nested' or 'nothing'`,
  },
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
  // Lists and maps
  {
    name: 'one value for a list',
    type: 'kinds.Lists',
    fields: { strings: 'x' },
    message: `strings: expected an array, got 'x'`,
  },
  {
    name: 'an object for a list',
    type: 'kinds.Lists',
    fields: { int32s: {} },
    message: 'int32s: expected an array, got an object',
  },
  {
    name: 'a Set for a list',
    type: 'kinds.Lists',
    fields: { int32s: new Set() },
    message: 'int32s: expected an array, got a Set',
  },
  {
    name: 'null in a list',
    type: 'kinds.Lists',
    fields: { strings: ['x', null] },
    message: 'strings[1]: expected a string, got null',
  },
  {
    name: 'a hole in a list',
    type: 'kinds.Lists',
    fields: { int32s: new Array(2) },
    message: 'int32s[0]: expected a number (int32), got undefined',
  },
  {
    name: 'undefined in a list of messages',
    type: 'kinds.Lists',
    fields: { scalars: [undefined] },
    message: `scalars[0]: expected ${SHAPE}, got undefined`,
  },
  {
    name: 'Headers for a map',
    type: 'kinds.Maps',
    fields: { strings: new Headers({ a: 'x' }) },
    message: 'strings: expected an object or a Map, got an object (Headers)',
  },
  {
    name: 'URLSearchParams for a map',
    type: 'kinds.Maps',
    fields: { strings: new URLSearchParams('a=x') },
    message: 'strings: expected an object or a Map, got an object (URLSearchParams)',
  },
  {
    name: 'an array for a map',
    type: 'kinds.Maps',
    fields: { strings: ['x'] },
    message: 'strings: expected an object or a Map, got an array of 1',
  },
  {
    name: 'text for a map',
    type: 'kinds.Maps',
    fields: { strings: 'x' },
    message: `strings: expected an object or a Map, got 'x'`,
  },
  {
    name: 'null in a map',
    type: 'kinds.Maps',
    fields: { strings: { a: null } },
    message: 'strings["a"]: expected a string, got null',
  },
  {
    name: 'a wrong value in a map',
    type: 'kinds.Maps',
    fields: { byInt32: { 5: { anInt32: 'x' } } },
    message: `byInt32["5"].anInt32: expected a number (int32), got 'x'`,
  },
  {
    name: 'words for an integer key',
    type: 'kinds.Maps',
    fields: { byInt32: { five: {} } },
    message: `byInt32["five"]: expected an integer (int32) as the key, got 'five'`,
  },
  {
    name: 'a fraction for an integer key',
    type: 'kinds.Maps',
    fields: { byInt32: { '1.5': {} } },
    message: `byInt32["1.5"]: expected an integer (int32) as the key, got '1.5'`,
  },
  {
    name: 'a key out of range',
    type: 'kinds.Maps',
    fields: { byUint32: { '-1': 1 } },
    error: 'RangeError',
    message: `byUint32["-1"]: -1 is out of range: uint32 goes from 0 to 4294967295`,
  },
  {
    name: 'words for a bool key',
    type: 'kinds.Maps',
    fields: { byBool: { yes: 'x' } },
    message: `byBool["yes"]: expected 'true' or 'false', got 'yes'`,
  },
  {
    name: 'a number as the key of strings in a Map',
    type: 'kinds.Maps',
    fields: { strings: new Map([[5, 'x']]) },
    message: `strings["5"]: expected a string, got 5`,
  },
  {
    name: 'an object as the key of a Map',
    type: 'kinds.Maps',
    fields: { strings: new Map([[{}, 'x']]) },
    message: `strings["an object"]: expected a string, got an object`,
  },
  // Depth
  {
    name: 'a cycle',
    type: 'kinds.Tree',
    fields: cycle,
    message: 'children[0]: the value contains itself (a cycle), which a message cannot',
  },
  {
    name: 'a message nested too deeply',
    type: 'kinds.Tree',
    fields: deep(101),
    error: 'RangeError',
    message: `left.left.left.left.left.left.left.left.left.left.left.left.…: messages nest more than 100 levels deep`,
  },
  {
    name: 'a cycle in a Struct',
    type: 'kinds.WellKnown',
    fields: { struct: structCycle },
    message: 'struct.self[0]: the value contains itself (a cycle), which a message cannot',
  },
  {
    name: 'a cycle of Any',
    type: 'kinds.WellKnown',
    fields: { any: anyCycle },
    message: 'any.value: the value contains itself (a cycle), which a message cannot',
  },
  // Required
  {
    name: 'a missing required field',
    type: 'old.Order',
    fields: {},
    message: `old.Order: a required field is missing: 'id'`,
  },
  {
    name: 'a required field that is null',
    type: 'old.Order',
    fields: { id: null, note: 'x' },
    message: `old.Order: a required field is missing: 'id'`,
  },
  {
    name: 'a missing required field, nested',
    type: 'old.Order',
    fields: { id: 1, line: [{ sku: 'x' }, {}] },
    message: `line[1]: old.Order.Line: a required field is missing: 'sku'`,
  },
  {
    name: 'a missing required field of an edition',
    type: 'edition.Features',
    fields: { prefixed: {}, required: '' },
    message: `prefixed: edition.Features: a required field is missing: 'required'`,
  },
  // Well-known types
  {
    name: 'words for a Timestamp',
    type: 'kinds.WellKnown',
    fields: { time: 'now' },
    message: `time: expected a Date, RFC 3339 text (2026-01-31T12:00:00Z) or { seconds, nanos } for google.protobuf.Timestamp, got 'now'`,
  },
  {
    name: 'an impossible day for a Timestamp',
    type: 'kinds.WellKnown',
    fields: { time: '2026-02-30T00:00:00Z' },
    message: `time: expected a Date, RFC 3339 text (2026-01-31T12:00:00Z) or { seconds, nanos } for google.protobuf.Timestamp, got '2026-02-30T00:00:00Z'`,
  },
  {
    name: 'a number for a Timestamp',
    type: 'kinds.WellKnown',
    fields: { time: 5 },
    message:
      'time: expected a Date (from milliseconds: new Date(ms)), RFC 3339 text or { seconds, nanos } for google.protobuf.Timestamp, got 5',
  },
  {
    name: 'an invalid Date',
    type: 'kinds.WellKnown',
    fields: { time: new Date(Number.NaN) },
    error: 'RangeError',
    message: 'time: an invalid Date cannot be a google.protobuf.Timestamp',
  },
  {
    name: 'a Date after the year 9999',
    type: 'kinds.WellKnown',
    fields: { time: new Date(253402300800000) },
    error: 'RangeError',
    message: 'time: a Date is out of range: google.protobuf.Timestamp goes from year 1 to year 9999',
  },
  {
    name: 'nanos of a Timestamp that are no int32',
    type: 'kinds.WellKnown',
    fields: { time: { nanos: 2 ** 31 } },
    error: 'RangeError',
    message: 'time.nanos: 2147483648 is out of range: int32 goes from -2147483648 to 2147483647',
  },
  {
    name: 'a wrong field of a Timestamp',
    type: 'kinds.WellKnown',
    fields: { time: { second: 1 } },
    message: `time.second: google.protobuf.Timestamp has no field 'second'; did you mean 'seconds'?`,
  },
  {
    name: 'a Duration without a unit',
    type: 'kinds.WellKnown',
    fields: { span: '1.5' },
    message: `span: expected text in seconds ('1.5s') or { seconds, nanos } for google.protobuf.Duration, got '1.5'`,
  },
  {
    name: 'a number for a Duration',
    type: 'kinds.WellKnown',
    fields: { span: 5 },
    message: `span: expected text in seconds ('1.5s') or { seconds, nanos } for google.protobuf.Duration, got 5`,
  },
  {
    name: 'too long a Duration',
    type: 'kinds.WellKnown',
    fields: { span: '315576000001s' },
    error: 'RangeError',
    message: `span: '315576000001s' is out of range: google.protobuf.Duration goes from -315576000000s to 315576000000s`,
  },
  {
    name: 'spaces in a FieldMask',
    type: 'kinds.WellKnown',
    fields: { mask: 'a, b' },
    message: `mask: expected field names separated by commas for google.protobuf.FieldMask, got 'a, b'`,
  },
  {
    name: 'a number for a FieldMask',
    type: 'kinds.WellKnown',
    fields: { mask: 5 },
    message: `mask: expected 'a,b' or { paths: ['a', 'b'] } for google.protobuf.FieldMask, got 5`,
  },
  {
    name: 'text for a Struct',
    type: 'kinds.WellKnown',
    fields: { struct: 'x' },
    message: `struct: expected a plain object (google.protobuf.Struct), got 'x'`,
  },
  {
    name: 'an array for a Struct',
    type: 'kinds.WellKnown',
    fields: { struct: [] },
    message: 'struct: expected a plain object (google.protobuf.Struct), got an empty array',
  },
  {
    name: 'a function deep in a Struct',
    type: 'kinds.WellKnown',
    fields: { struct: { a: [1, { b: () => 1 }] } },
    message: `struct.a[1].b: expected ${VALUE}, got a function`,
  },
  {
    name: 'a bigint in a Value',
    type: 'kinds.WellKnown',
    fields: { value: 5n },
    message: `value: expected ${VALUE}, got 5n`,
  },
  {
    name: 'a Date in a Value',
    type: 'kinds.WellKnown',
    fields: { value: new Date(0) },
    message: `value: expected ${VALUE}, got a Date`,
  },
  {
    name: 'undefined in a list of Values',
    type: 'kinds.WellKnown',
    fields: { list: [undefined] },
    message: `list[0]: expected ${VALUE}, got undefined`,
  },
  {
    name: 'an object for a ListValue',
    type: 'kinds.WellKnown',
    fields: { list: {} },
    message: 'list: expected an array (google.protobuf.ListValue), got an object',
  },
  {
    name: 'a wrong plain value of a wrapper',
    type: 'kinds.WellKnown',
    fields: { stringValue: 5 },
    message: 'stringValue: expected a string, got 5',
  },
  {
    name: 'a plain value of a wrapper out of range',
    type: 'kinds.WellKnown',
    fields: { int32Value: 2 ** 31 },
    error: 'RangeError',
    message: 'int32Value: 2147483648 is out of range: int32 goes from -2147483648 to 2147483647',
  },
  {
    name: 'text for an Any',
    type: 'kinds.WellKnown',
    fields: { any: 'x' },
    message: `any: expected an object like { '@type': 'type.googleapis.com/…', … } for google.protobuf.Any, got 'x'`,
  },
  {
    name: 'an Any without a type',
    type: 'kinds.WellKnown',
    fields: { any: { id: '5' } },
    message: `any.id: google.protobuf.Any has no field 'id'; give its type, { '@type': 'type.googleapis.com/package.Type', … }`,
  },
  {
    name: 'an Any without a name in its type',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': 'kinds.Tree/' } },
    message: `any: '@type' must be like 'type.googleapis.com/package.Type', got 'kinds.Tree/'`,
  },
  {
    name: 'an Any with an empty type',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': '' } },
    message: `any: '@type' must be like 'type.googleapis.com/package.Type', got ''`,
  },
  {
    name: 'an Any of a type that is not loaded',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': 'type.googleapis.com/x.Y', a: 1 } },
    message: `any: 'type.googleapis.com/x.Y' is not loaded; load its schema, or give { '@type', value: bytes }`,
  },
  {
    name: 'a wrong field of an Any',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': 'type.googleapis.com/kinds.Tree', lable: 'x' } },
    message: `any.lable: kinds.Tree has no field 'lable'; did you mean 'label'?`,
  },
  {
    name: 'more than a value in an Any of a well-known type',
    type: 'kinds.WellKnown',
    fields: { any: { '@type': 'type.googleapis.com/google.protobuf.Duration', value: '1s', x: 1 } },
    message: `any: an Any of google.protobuf.Duration takes only '@type' and 'value'`,
  },
];

describe('strict input (docs/values.md)', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD, EDITION]);
  });

  describe('refuses', () => {
    for (const { name, type = 'kinds.Scalars', fields, error = 'TypeError', message } of REFUSALS) {
      it(`${name}`, () => {
        const thrown = thrownBy(() => registry.message(type).encode(fields, 0));
        expect(thrown.message).to.equal(message);
        expect(thrown.name).to.equal(error);
      });
    }
  });

  class Person {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    get label(): string {
      return this.#name;
    }
    get children(): readonly Person[] {
      return this.#name === 'Ada' ? [new Person('Byron')] : [];
    }
    left(): string {
      return 'a method is no field';
    }
  }

  const same: readonly { name: string; type: string; fields: unknown; as: unknown }[] = [
    {
      name: 'both spellings of names',
      type: 'kinds.Scalars',
      fields: { a_string: 'x', an_int32: 1 },
      as: { aString: 'x', anInt32: 1 },
    },
    {
      name: 'null and undefined as absent',
      type: 'kinds.Presence',
      fields: { count: null, text: undefined, number: null, name: 'x' },
      as: { name: 'x' },
    },
    {
      name: 'undefined under a name that is no field',
      type: 'kinds.Scalars',
      fields: { nope: undefined },
      as: {},
    },
    { name: 'no fields at all', type: 'kinds.Scalars', fields: undefined, as: {} },
    {
      name: 'an object without a prototype',
      type: 'kinds.Tree',
      fields: Object.assign(Object.create(null), { label: 'x' }),
      as: { label: 'x' },
    },
    {
      name: 'getters of a class',
      type: 'kinds.Tree',
      fields: new Person('Ada'),
      as: { label: 'Ada', children: [{ label: 'Byron' }] },
    },
    {
      name: 'a class in a message',
      type: 'kinds.Tree',
      fields: { left: new Person('x') },
      as: { left: { label: 'x' } },
    },
    {
      name: 'strings, bigints and numbers for 64 bits',
      type: 'kinds.Lists',
      fields: {
        int64s: ['-5', -5n, -5],
        uint64s: ['0', 0n, 0],
        sint64s: ['-7', -7n, -7],
        fixed64s: ['9', 9n, 9],
      },
      as: {
        int64s: [-5n, -5n, -5n],
        uint64s: [0n, 0n, 0n],
        sint64s: [-7n, -7n, -7n],
        fixed64s: [9n, 9n, 9n],
      },
    },
    {
      name: 'safe integers of more than 32 bits',
      type: 'kinds.Lists',
      fields: {
        int64s: [2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 32, -(2 ** 32)],
        sint64s: [2 ** 53 - 1, -(2 ** 53) + 1, -(2 ** 32)],
      },
      as: {
        int64s: [2n ** 53n - 1n, -(2n ** 53n) + 1n, 2n ** 32n, -(2n ** 32n)],
        sint64s: [2n ** 53n - 1n, -(2n ** 53n) + 1n, -(2n ** 32n)],
      },
    },
    {
      name: 'numbers, names and aliases for enums',
      type: 'kinds.Lists',
      fields: { colors: [1, 'RED', 'CRIMSON', 55] },
      as: { colors: ['RED', 'RED', 'RED', 55] },
    },
    {
      name: 'base64, typed arrays, buffers and octets for bytes',
      type: 'kinds.Lists',
      fields: {
        byteses: [
          'AQI=',
          new Uint8Array([1, 2]),
          Buffer.from([1, 2]),
          new Uint8Array([1, 2]).buffer,
          [1, 2],
          '',
        ],
      },
      as: { byteses: [...Array(5).fill(Buffer.from([1, 2])), Buffer.alloc(0)] },
    },
    {
      name: 'names of the special numbers',
      type: 'kinds.Lists',
      fields: { doubles: ['NaN', 'Infinity', '-Infinity'], floats: [Number.NaN, Infinity] },
      as: { doubles: [Number.NaN, Infinity, -Infinity], floats: [Number.NaN, Infinity] },
    },
    {
      name: 'typed arrays of numbers for lists',
      type: 'kinds.Lists',
      fields: {
        floats: new Float32Array([0.5, 1]),
        int32s: new Int32Array([1, -1]),
        uint64s: new BigUint64Array([5n]),
      },
      as: { floats: [0.5, 1], int32s: [1, -1], uint64s: [5n] },
    },
    {
      name: 'a Map for a map',
      type: 'kinds.Maps',
      fields: {
        strings: new Map([['a', 'b']]),
        byInt64: new Map([[5n, true]]),
        byBool: new Map([[true, 'x']]),
      },
      as: { strings: { a: 'b' }, byInt64: { 5: true }, byBool: { true: 'x' } },
    },
    { name: 'an empty list or map', type: 'kinds.Tree', fields: { children: [], named: {} }, as: {} },
    {
      name: 'a float rounded to the nearest',
      type: 'kinds.Scalars',
      fields: { aFloat: 0.1 },
      as: { aFloat: Math.fround(0.1) },
    },
    { name: 'messages 100 levels deep', type: 'kinds.Tree', fields: deep(100), as: deep(100) },
    {
      name: 'the name of a oneof with its member',
      type: 'kinds.Presence',
      fields: { choice: 'name', name: 'x' },
      as: { name: 'x' },
    },
  ];

  describe('takes', () => {
    let bare: Registry;
    before(async () => {
      bare = await registryOf([KINDS, OLD, EDITION], { defaults: false });
    });
    for (const { name, type, fields, as } of same) {
      it(`${name}`, () => {
        const codec = bare.message(type);
        expect(bare.toObject(decoded(codec, encoded(codec, fields)))).to.deep.equal(as);
      });
    }

    it('a decoded message of its type, and of its fields', () => {
      const codec = registry.message('kinds.Tree');
      const bytes = encoded(codec, { label: 'x', left: { named: { a: { label: 'y' } } } });
      const tree = decoded(codec, bytes);
      expect(encoded(codec, tree)).to.deep.equal(bytes);
      expect(encoded(codec, { left: tree }).length).to.equal(bytes.length + 2);
    });
  });

  describe('names that objects have of themselves', () => {
    const variants = [
      { keepCase: false, field: 'string proto = 6 [json_name = "__proto__"];' },
      { keepCase: true, field: 'string __proto__ = 6;' },
    ];
    for (const { keepCase, field } of variants) {
      it(`are safe as names of messages, fields and map keys ${keepCase ? 'with' : 'without'} keepCase`, async () => {
        const source = `syntax = "proto3"; package odd;
          message constructor { string constructor = 1; string toString = 2; string hasOwnProperty = 4;
            string toJSON = 5; ${field} map<string, string> entries = 7; string valueOf = 8; string then = 9; }`;
        const fields = JSON.parse(
          '{"constructor":"a","toString":"b","hasOwnProperty":"d","toJSON":"e","__proto__":"f",' +
            '"valueOf":"g","then":"h","entries":{"__proto__":"x","constructor":"y","toString":"z"}}',
        );
        const odd = await registryOf([source], { keepCase });
        const codec = odd.message('odd.constructor');
        const message = decoded(codec, encoded(codec, fields));
        expect(message['constructor']).to.equal('a');
        expect(message['toJSON']).to.equal('e');
        expect(Object.getOwnPropertyDescriptor(message, '__proto__')?.value).to.equal('f');
        expect(odd.typeOf(message)).to.equal('odd.constructor');
        const entries = JSON.parse(JSON.stringify(odd.toJson(message)));
        expect(Object.keys(entries)).to.have.members(
          Object.keys(fields).map((key) => (key === '__proto__' && keepCase ? 'Proto' : key)),
        );
        expect(Object.entries(entries.entries)).to.deep.equal(Object.entries(fields.entries));
        expect(encoded(codec, message)).to.deep.equal(encoded(codec, fields));
        expect(Object.keys(Object.prototype)).to.deep.equal([]);
        expect(({} as Record<string, unknown>)['x']).to.equal(undefined);
      });
    }
  });
});
