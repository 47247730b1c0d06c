// From ProtoJSON to objects of their message types' classes, in one pass over the octets: what decode.ts makes of the wire
// format, and in the same order of properties. What the schema does not know (fields, extensions, names of enum values) is
// passed over, as on the wire; everything else that is not as ProtoJSON has it is refused. Hot.

import { setOwn } from '../../../values/own-property.ts';
import { DROPPED, defaultOf } from '../decode-scalar.ts';
import { ENTRY_WORDS, HASHED_PROPERTY, LIST_WORDS, MAP_WORDS } from '../decoded-size.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from '../plan.ts';
import { MAX_DEPTH, TOO_DEEP } from '../wire/nesting.ts';
import { jsonMapKey, readJsonScalar } from './json-decode-scalar.ts';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  type JsonDecoder,
  LETTER_N,
  OPEN_LIST,
  OPEN_OBJECT,
} from './json-decoder.ts';
import { jsonOctetsOf } from './json-encoder.ts';

/** How many of the fields behind the last one are tried before a name is looked up: those between may be unset. */
const LIKELY_FIELDS = 4;
/** Stands for a field that is not set by what came: null, a list of nothing, an unknown name of an enum. */
const UNSET: unique symbol = Symbol('unset');

/** A message of any type. */
export function readJsonMessage(r: JsonDecoder, plan: Plan): unknown {
  if (plan.special !== undefined) return plan.special.readJson(r, plan);
  r.open(OPEN_OBJECT, 'an object');
  return readJsonFields(r, plan, r.isFirst(CLOSE_OBJECT));
}

/** The members of an object, up to its closing bracket; `hasMembers` says whether one stands here. */
export function readJsonFields(r: JsonDecoder, plan: Plan, hasMembers: boolean): Fields {
  const { fields, filled } = plan;
  r.take(plan.words);
  const message = new plan.Message();
  const marks = r.openMarks(plan);
  let filledUpTo = 0;
  let last = -1;
  let more = hasMembers;
  while (more) {
    const field = nextField(r, plan, last);
    if (field === undefined) r.skipValue();
    else {
      if (field.index > last) {
        last = field.index;
        while (filledUpTo < filled.length && filled[filledUpTo].index <= last) {
          const passed = filled[filledUpTo++];
          // This one is about to be set, mostly; what is not set is filled in below.
          if (passed !== field) message[passed.key] = defaultOf(passed);
        }
      }
      if (field.index >= 0 ? r.mark(marks, field.index) : message[field.key] !== undefined) r.twice(field);
      const value = readField(r, field);
      if (value !== UNSET) {
        if (field.oneof >= 0) setMember(r, plan, message, field, marks);
        message[field.key] = value;
      } else if (field.index >= 0 && isFilled(field)) message[field.key] = defaultOf(field);
    }
    more = r.isNext(CLOSE_OBJECT);
  }
  r.closeMarks(marks);
  for (; filledUpTo < filled.length; filledUpTo++) {
    const field = filled[filledUpTo];
    message[field.key] = defaultOf(field);
  }
  if (plan.required.length > 0) checkRequired(r, plan, message);
  // As of the wire's: what is set of a large message takes memory beside what it has unset.
  if (plan.countedFields !== 0 && fields.length > 0) takeSet(r, message);
  return message;
}

function takeSet(r: JsonDecoder, message: Fields): void {
  r.take(Object.keys(message).length * HASHED_PROPERTY);
}

/** Whether the field is there, with its default, where it is not set. */
function isFilled({ shape, hasPresence, owner }: FieldPlan): boolean {
  const values = owner.set.shape;
  if (shape === MAP) return values.defaults || values.objects;
  if (shape !== SINGULAR) return values.defaults || values.arrays;
  return values.defaults && !hasPresence;
}

/** Takes the name of a member, and the colon; undefined for what the schema does not know. */
function nextField(r: JsonDecoder, plan: Plan, last: number): FieldPlan | undefined {
  r.peek();
  const { fields } = plan;
  const until = Math.min(last + 1 + LIKELY_FIELDS, fields.length);
  for (let i = last + 1; i < until; i++) {
    const field = fields[i];
    if (r.takesName(field.jsonOctets ?? jsonOctetsOf(field))) return likely(plan, field);
  }
  const name = r.name();
  return plan.names.get(name) ?? plan.findExtension(name);
}

/** Where two fields claim one JSON name (proto2 allows it), the one that the name leads to. */
function likely(plan: Plan, field: FieldPlan): FieldPlan {
  return plan.hasSharedNames ? (plan.names.get(field.jsonName) ?? field) : field;
}

function readField(r: JsonDecoder, field: FieldPlan): unknown {
  if (r.peek() === LETTER_N && !field.takesNull) {
    if (!r.word('null')) r.expected('a value', field);
    return UNSET;
  }
  if (field.shape === MAP) return readMap(r, field);
  if (field.shape !== SINGULAR) return readList(r, field);
  if (field.isMessage) return readChild(r, field);
  const value = readJsonScalar(r, field);
  if (value === DROPPED) return UNSET;
  // Without `defaults` a default without presence is as though it had not come.
  if (!field.hasPresence && !field.owner.set.shape.defaults && isDefault(field, value)) return UNSET;
  return value;
}

function isDefault(field: FieldPlan, value: unknown): boolean {
  if (field.type === 12) return Object(value).length === 0;
  return Object.is(value, field.default);
}

function readChild(r: JsonDecoder, field: FieldPlan): unknown {
  if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
  r.enter(field);
  const message = readJsonMessage(r, field.message ?? field.link());
  r.leave();
  return message;
}

/** Another member of the oneof may be set already. */
function setMember(r: JsonDecoder, plan: Plan, message: Fields, field: FieldPlan, marks: number): void {
  if (r.mark(marks, plan.fields.length + field.oneof)) {
    const oneof = plan.oneofKeys[field.oneof];
    r.fail(`more than one member of the oneof '${oneof}' of ${plan.typeName} is set`, field);
  }
  if (field.oneofKey !== '') message[field.oneofKey] = field.key;
}

function readList(r: JsonDecoder, field: FieldPlan): unknown {
  r.open(OPEN_LIST, 'an array', field);
  if (!r.isFirst(CLOSE_LIST)) return UNSET;
  r.take(LIST_WORDS);
  const list: unknown[] = [];
  const { isMessage } = field;
  do {
    const value = isMessage ? readChild(r, field) : readJsonScalar(r, field);
    if (value !== DROPPED) list.push(value);
  } while (r.isNext(CLOSE_LIST));
  return list.length === 0 ? UNSET : list;
}

function readMap(r: JsonDecoder, field: FieldPlan): unknown {
  r.open(OPEN_OBJECT, 'an object', field);
  if (!r.isFirst(CLOSE_OBJECT)) return UNSET;
  r.take(MAP_WORDS);
  const { keyField, valueField } = field;
  const entries: Fields = {};
  let isEmpty = true;
  do {
    r.take(ENTRY_WORDS);
    const key = jsonMapKey(r, keyField, r.name());
    if (Object.hasOwn(entries, key)) r.fail('the map has a key twice', field);
    const value = valueField.isMessage ? readChild(r, valueField) : readJsonScalar(r, valueField);
    if (value === DROPPED) continue;
    isEmpty = false;
    if (key === '__proto__') setOwn(entries, key, value);
    else entries[key] = value;
  } while (r.isNext(CLOSE_OBJECT));
  return isEmpty ? UNSET : entries;
}

function checkRequired(r: JsonDecoder, plan: Plan, message: Fields): void {
  for (const field of plan.required) {
    if (message[field.key] === undefined) {
      r.fail(`the required field '${field.key}' of ${plan.typeName} is missing`);
    }
  }
}
