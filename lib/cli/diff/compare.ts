// Compares two schemas, symbol by symbol, and names what changed by the rules of change.ts. It reads descriptions alone;
// where they came from it does not know.

import type {
  Description,
  EnumDescription,
  FieldDescription,
  MessageDescription,
  ServiceDescription,
} from '../../index.ts';
import { type Change, RULES, type Rule } from './change.ts';

/** A schema to compare: its symbols by full name, nested ones included. */
export type Snapshot = ReadonlyMap<string, Description>;

interface Schema {
  readonly symbols: readonly string[];
  describe(symbol: string): Description;
}

/** What every schema may bring along, in the version that it happens to have. */
const INFRASTRUCTURE = /^(?:google\.protobuf|grpc\.reflection)\./;

export function snapshotOf(schema: Schema): Snapshot {
  const found = new Map<string, Description>();
  const add = (name: string): void => {
    const symbol = schema.describe(name);
    found.set(symbol.fullName, symbol);
    if (symbol.kind !== 'message') return;
    for (const inner of [...symbol.messages, ...symbol.enums, ...symbol.extensions]) add(inner);
  };
  for (const name of schema.symbols) if (!INFRASTRUCTURE.test(name)) add(name);
  return found;
}

/** What changed from `before` to `after`, in the order of names. */
export function compare(before: Snapshot, after: Snapshot): Change[] {
  const changes: Change[] = [];
  const note = (rule: Rule, symbol: string, text: string): void => {
    changes.push({ rule, breaks: RULES[rule], symbol, text });
  };
  for (const name of new Set([...before.keys(), ...after.keys()].sort())) {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === undefined && now !== undefined) presence(now, 'ADDED', note);
    else if (old !== undefined && now === undefined) presence(old, 'REMOVED', note);
    else if (old !== undefined && now !== undefined) both(old, now, note);
  }
  return changes;
}

type Note = (rule: Rule, symbol: string, text: string) => void;

const KINDS = { service: 'SERVICE', message: 'MESSAGE', enum: 'ENUM', extension: 'EXTENSION' } as const;

function presence(symbol: Description, what: 'ADDED' | 'REMOVED', note: Note): void {
  const kind = KINDS[symbol.kind as keyof typeof KINDS];
  if (kind === undefined) return;
  note(`${kind}_${what}`, symbol.fullName, `the ${symbol.kind} was ${what.toLowerCase()}`);
}

function both(old: Description, now: Description, note: Note): void {
  if (old.kind === 'service' && now.kind === 'service') services(old, now, note);
  else if (old.kind === 'message' && now.kind === 'message') messages(old, now, note);
  else if (old.kind === 'enum' && now.kind === 'enum') enums(old, now, note);
  else if (old.kind === 'extension' && now.kind === 'extension') fields(old, now, note);
  else if (old.kind !== now.kind) note('KIND_CHANGED', old.fullName, `the ${old.kind} is now a ${now.kind}`);
}

function services(old: ServiceDescription, now: ServiceDescription, note: Note): void {
  const after = new Map(now.methods.map((method) => [method.name, method]));
  for (const method of old.methods) {
    const same = after.get(method.name);
    after.delete(method.name);
    if (same === undefined) {
      note('METHOD_REMOVED', method.fullName, 'the method was removed');
      continue;
    }
    const changed = (rule: Rule, was: string, is: string): void => {
      if (was !== is) note(rule, method.fullName, `${was} is now ${is}`);
    };
    changed('METHOD_STREAMING_CHANGED', method.cardinality, same.cardinality);
    changed('METHOD_REQUEST_TYPE_CHANGED', method.requestType, same.requestType);
    changed('METHOD_REPLY_TYPE_CHANGED', method.replyType, same.replyType);
  }
  for (const method of after.values()) note('METHOD_ADDED', method.fullName, 'the method was added');
}

function messages(old: MessageDescription, now: MessageDescription, note: Note): void {
  const byNumber = new Map(now.fields.map((field) => [field.number, field]));
  const byName = new Map(now.fields.map((field) => [field.name, field]));
  for (const field of old.fields) {
    const same = byNumber.get(field.number);
    const moved = byName.get(field.name);
    byNumber.delete(field.number);
    if (same !== undefined) fields(field, same, note);
    else if (moved !== undefined) {
      byNumber.delete(moved.number);
      note('FIELD_NUMBER_CHANGED', field.fullName, `number ${field.number} is now ${moved.number}`);
    } else {
      const rule = field.isRequired ? 'FIELD_REQUIRED_CHANGED' : 'FIELD_REMOVED';
      note(
        rule,
        field.fullName,
        `field ${field.number}${field.isRequired ? ', which is required,' : ''} was removed`,
      );
    }
  }
  for (const field of byNumber.values()) {
    const rule = field.isRequired ? 'FIELD_REQUIRED_CHANGED' : 'FIELD_ADDED';
    note(
      rule,
      field.fullName,
      `field ${field.number}${field.isRequired ? ', which is required,' : ''} was added`,
    );
  }
}

/** Types whose bytes are read as each other, if with other values: varints, zigzag, fixed and length-delimited. */
const READ_ALIKE: readonly ReadonlySet<string>[] = [
  new Set(['int32', 'uint32', 'int64', 'uint64', 'bool']),
  new Set(['sint32', 'sint64']),
  new Set(['fixed32', 'sfixed32']),
  new Set(['fixed64', 'sfixed64']),
  new Set(['string', 'bytes']),
];

function fields(old: FieldDescription, now: FieldDescription, note: Note): void {
  const changed = (rule: Rule, was: string, is: string): void => {
    if (was !== is) note(rule, old.fullName, `${was} is now ${is}`);
  };
  changed('FIELD_NAME_CHANGED', old.name, now.name);
  changed(
    'FIELD_JSON_NAME_CHANGED',
    `JSON name ${old.jsonName}`,
    now.jsonName === old.jsonName ? `JSON name ${old.jsonName}` : now.jsonName,
  );
  if (old.type !== now.type) {
    const isAlike = READ_ALIKE.some((types) => types.has(old.type) && types.has(now.type));
    changed(isAlike ? 'FIELD_TYPE_WIDENED' : 'FIELD_TYPE_CHANGED', old.type, now.type);
  }
  const list = ({ isRepeated, isMap }: FieldDescription): string =>
    isMap ? 'a map' : isRepeated ? 'repeated' : 'single';
  changed('FIELD_REPEATED_CHANGED', list(old), list(now));
  changed(
    'FIELD_REQUIRED_CHANGED',
    old.isRequired ? 'required' : 'not required',
    now.isRequired ? 'required' : 'not required',
  );
  changed('FIELD_ONEOF_CHANGED', memberOf(old), memberOf(now));
  if (!old.isRequired && !now.isRequired && memberOf(old) === memberOf(now)) {
    changed(
      'FIELD_PRESENCE_CHANGED',
      old.hasPresence ? 'with presence' : 'without presence',
      now.hasPresence ? 'with presence' : 'without presence',
    );
  }
  changed(
    'FIELD_DEFAULT_CHANGED',
    `default ${old.defaultValue ?? 'none'}`,
    `default ${now.defaultValue ?? 'none'}`,
  );
}

function memberOf({ oneof }: FieldDescription): string {
  return oneof === undefined ? 'in no oneof' : `in the oneof ${oneof}`;
}

function enums(old: EnumDescription, now: EnumDescription, note: Note): void {
  if (old.isClosed !== now.isClosed) {
    note(
      'ENUM_CLOSED_CHANGED',
      old.fullName,
      `${old.isClosed ? 'closed' : 'open'} is now ${now.isClosed ? 'closed' : 'open'}`,
    );
  }
  const byName = new Map(now.values.map((value) => [value.name, value.number]));
  const namesOf = new Map(now.values.map((value) => [value.number, value.name]));
  const known = new Set(old.values.map((value) => value.name));
  for (const value of old.values) {
    const number = byName.get(value.name);
    if (number === value.number) continue;
    const name = namesOf.get(value.number);
    if (number !== undefined)
      note('ENUM_VALUE_NUMBER_CHANGED', value.fullName, `number ${value.number} is now ${number}`);
    else if (name !== undefined && !known.has(name)) {
      note('ENUM_VALUE_NAME_CHANGED', value.fullName, `${value.number} is now called ${name}`);
      known.add(name);
    } else note('ENUM_VALUE_REMOVED', value.fullName, `the value ${value.number} was removed`);
  }
  for (const value of now.values) {
    if (!known.has(value.name))
      note('ENUM_VALUE_ADDED', value.fullName, `the value ${value.number} was added`);
  }
}
