import { deep, describeRefusals, type Refusal } from './refusals.ts';

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
];

describeRefusals('messages, by their names and shapes', REFUSALS);
