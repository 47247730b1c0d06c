// Compares two schemas, symbol by symbol, and names changes by the rules of change.ts. It reads only descriptions, and
// does not know where they came from.

import type {
  Description,
  EnumDescription,
  FieldDescription,
  MessageDescription,
  MethodDescription,
  ServiceDescription,
} from '../../index.ts';
import { withArticle } from '../command/article.ts';
import { type Change, type Note, RULES, type Rule } from './change.ts';
import { isReadAs } from './field-types.ts';
import { extensionRanges, reserved } from './reserved.ts';

/** A schema to compare: its symbols by full name, nested ones included. */
export type Snapshot = ReadonlyMap<string, Description>;

interface Schema {
  readonly symbols: readonly string[];
  describe(symbol: string): Description;
}

/** A schema in two parts. */
export interface Snapshots {
  readonly own: Snapshot;
  /** What servers bring along, in the version that they happen to have: reflection, health, channelz and the like. */
  readonly infrastructure: Snapshot;
}

const INFRASTRUCTURE =
  /^(?:google\.protobuf|grpc\.(?:reflection|health|channelz|binarylog|lb|lookup|gcp)|envoy\.service\.status)\./;

export function snapshotsOf(schema: Schema): Snapshots {
  const own = new Map<string, Description>();
  const infrastructure = new Map<string, Description>();
  const add = (name: string, found: Map<string, Description>): void => {
    const symbol = schema.describe(name);
    found.set(symbol.fullName, symbol);
    if (symbol.kind !== 'message') return;
    for (const inner of [...symbol.messages, ...symbol.enums, ...symbol.extensions]) add(inner, found);
  };
  for (const name of schema.symbols) add(name, INFRASTRUCTURE.test(name) ? infrastructure : own);
  return { own, infrastructure };
}

/** What changed from `before` to `after`, in the order of names. */
export function compare(before: Snapshot, after: Snapshot): Change[] {
  const changes: Change[] = [];
  const note: Note = (rule, symbol, text) => {
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
  else if (old.kind !== now.kind)
    note('KIND_CHANGED', old.fullName, `the ${old.kind} is now ${withArticle(now.kind)}`);
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
    const [was, is] = [idempotencyOf(method), idempotencyOf(same)];
    const isWeaker = IDEMPOTENCY.indexOf(is) < IDEMPOTENCY.indexOf(was);
    changed(isWeaker ? 'METHOD_IDEMPOTENCY_WEAKENED' : 'METHOD_IDEMPOTENCY_STRENGTHENED', was, is);
  }
  for (const method of after.values()) note('METHOD_ADDED', method.fullName, 'the method was added');
}

/** What callers may rely on, the least first: whether a call may be repeated, or sent as a GET. */
const IDEMPOTENCY = ['IDEMPOTENCY_UNKNOWN', 'IDEMPOTENT', 'NO_SIDE_EFFECTS'];

function idempotencyOf({ options }: MethodDescription): string {
  const level = options['idempotencyLevel'];
  return typeof level === 'string' && IDEMPOTENCY.includes(level) ? level : IDEMPOTENCY[0];
}

function messages(old: MessageDescription, now: MessageDescription, note: Note): void {
  reserved(old, now, note);
  extensionRanges(old, now, note);
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
      const isReserved = now.reservedRanges.some(
        ({ from, to }) => from <= field.number && field.number <= to,
      );
      note(
        rule,
        field.fullName,
        `field ${field.number}${field.isRequired ? ', which is required,' : ''} was removed${isReserved ? '' : '; its number is not reserved'}`,
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
  changed(isReadAs(old.type, now.type) ? 'FIELD_TYPE_WIDENED' : 'FIELD_TYPE_CHANGED', old.type, now.type);
  if (old.type === now.type) {
    changed('FIELD_ENCODING_CHANGED', encodingOf(old), encodingOf(now));
    if (old.isRepeated && now.isRepeated) {
      changed('FIELD_PACKED_CHANGED', packingOf(old), packingOf(now));
    }
  }
  changed('FIELD_REPEATED_CHANGED', listOf(old), listOf(now));
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

const listOf = ({ isRepeated, isMap }: FieldDescription): string =>
  isMap ? 'a map' : isRepeated ? 'repeated' : 'single';

const packingOf = ({ isPacked }: FieldDescription): string => (isPacked ? 'packed' : 'not packed');

const encodingOf = ({ isDelimited }: FieldDescription): string =>
  isDelimited ? 'delimited (a group)' : 'length-prefixed';

function memberOf({ oneof }: FieldDescription): string {
  return oneof === undefined ? 'not in a oneof' : `in the oneof ${oneof}`;
}

function enums(old: EnumDescription, now: EnumDescription, note: Note): void {
  reserved(old, now, note);
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
