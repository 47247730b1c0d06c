import { describeRefusals, type Refusal } from './refusals.ts';

const SHAPE = 'an object like { aDouble: …, aFloat: …, anInt32: …, anInt64: …, … }';

const REFUSALS: readonly Refusal[] = [
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
  ...['-1', '18446744073709551616'].map((key) => ({
    name: `${key} for a key of 64 bits`,
    type: 'kinds.Maps',
    fields: { byUint64: { [key]: 1 } },
    error: 'RangeError' as const,
    message: `byUint64["${key}"]: '${key}' is out of range: uint64 goes from 0 to 18446744073709551615`,
  })),
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
];

describeRefusals('lists and maps', REFUSALS);
