// From a plain object to bytes in one pass, checking as it goes. Properties are taken in the order in which the object
// has them; if that is not the order of the field numbers, the message is started over with them sorted, so that equal
// values always give equal bytes. Hot: see docs/decisions/0001.

import { isTypedArray } from 'node:util/types';
import { isBuiltIn, isBytes, isMap, tagOf } from '../../values/realm.ts';
import { writePlainNumbers, writeScalar } from './encode-scalar.ts';
import { describeValue, type Encoder, NO_ELEMENT } from './encoder.ts';
import { gatherFields, otherProperty, refuseMissing } from './input-object.ts';
import { planOf } from './message-class.ts';
import { type FieldPlan, type Fields, MAP, PACKED, type Plan, SINGULAR } from './plan.ts';
import { isUnknownName, toMapKey } from './scalar-input.ts';
import { writeUnknownFields } from './unknown-fields.ts';

const MESSAGE_SET_ITEM_START = 0x0b;
const MESSAGE_SET_ITEM_END = 0x0c;
const MESSAGE_SET_TYPE_ID = 0x10;
const MESSAGE_SET_MESSAGE = 0x1a;
const TAG_OCTETS = 5;

/** Writes the fields of a message, without the length before them or the group tags around them. */
export function writeMessage(w: Encoder, plan: Plan, value: unknown): void {
  if (plan.special !== undefined) plan.special.write(w, plan, value);
  else if (typeof value !== 'object' || value === null) w.notAMessage(plan, value);
  else writeFields(w, plan, value as Fields);
}

/** The fast path: a plain object (or a decoded message) whose properties come in the fields' order. */
export function writeFields(w: Encoder, plan: Plan, value: Fields): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (
    (prototype !== Object.prototype && prototype !== plan.prototype && prototype !== null) ||
    plan.hasManyOneofs
  ) {
    writeGathered(w, plan, value);
    return;
  }
  const start = w.pos;
  const { fields } = plan;
  let next = 0;
  let last = 0;
  let members = 0;
  let required = 0;
  for (const key in value) {
    // The field after the last one is the likeliest: comparing names costs a fraction of looking one up.
    let field: FieldPlan | undefined = next < fields.length ? fields[next] : undefined;
    if (field === undefined || field.key !== key) {
      field = plan.names.get(key);
      if (field === undefined) {
        field = otherProperty(w, plan, value, key);
        if (field === undefined) continue;
      }
    }
    next = field.index + 1;
    const item = value[key];
    if (item === undefined || (item === null && !field.takesNull)) continue;
    if (field.number <= last || (members & field.oneofBit) !== 0) {
      w.pos = start;
      writeGathered(w, plan, value);
      return;
    }
    last = field.number;
    members |= field.oneofBit;
    if (field.isRequired) required++;
    writeField(w, field, item);
  }
  if (required !== plan.required.length) refuseMissing(w, plan, value);
  // An object literal has no unknown fields, so it is spared the look-up.
  if (prototype !== Object.prototype && plan.set.shape.keepUnknown) writeUnknownFields(w, value);
}

/** The thorough way, for everything that the fast path does not handle. */
function writeGathered(w: Encoder, plan: Plan, value: Fields): void {
  for (const { field, item } of gatherFields(w, plan, value)) writeField(w, field, item);
  if (plan.set.shape.keepUnknown && mayHoldUnknown(plan, value)) writeUnknownFields(w, value);
}

/** Whether its unknown fields are those of this type: it is a message of the type, or a copy of one. */
function mayHoldUnknown(plan: Plan, value: Fields): boolean {
  return Object.getPrototypeOf(value) === null || planOf(value)?.typeName === plan.typeName;
}

function writeField(w: Encoder, field: FieldPlan, value: unknown): void {
  if (field.shape === SINGULAR) {
    if (field.index < 0 && field.owner.type.isMessageSet) writeMessageSetItem(w, field, value);
    else writeOne(w, field, value, field.tag, !field.hasPresence);
  } else if (field.shape === MAP) writeMap(w, field, value);
  else writeList(w, field, value);
}

/** One value of any type, with its tag. */
function writeOne(w: Encoder, field: FieldPlan, value: unknown, tag: number, skipDefault: boolean): void {
  if (field.type === 11) {
    // message
    w.ensure(TAG_OCTETS);
    w.varint32(tag);
    writeNested(w, field, value);
  } else if (field.type === 10) writeGroup(w, field, value);
  else writeScalar(w, field, value, tag, skipDefault);
}

function writeGroup(w: Encoder, field: FieldPlan, value: unknown): void {
  w.ensure(TAG_OCTETS);
  w.varint32(field.tag);
  w.enter(field);
  writeMessage(w, field.message ?? field.link(), value);
  w.leave();
  w.ensure(TAG_OCTETS);
  w.varint32(field.tag + 1);
}

/** Length and message. The length is written afterwards, in as many octets as the last one of this type took. */
function writeNested(w: Encoder, field: FieldPlan, value: unknown): void {
  const plan = field.message ?? field.link();
  const reserved = plan.lengthSize;
  w.ensure(reserved);
  const start = w.pos;
  w.pos = start + reserved;
  w.enter(field);
  writeMessage(w, plan, value);
  w.leave();
  plan.lengthSize = w.setLength(start, reserved);
}

function writeList(w: Encoder, field: FieldPlan, value: unknown): void {
  const list = toList(w, field, value);
  const { length } = list;
  if (length === 0) return;
  const isPacked = field.shape === PACKED;
  const tag = isPacked ? 0 : field.tag;
  let start = 0;
  const reserved = field.lengthSize;
  if (isPacked) {
    w.ensure(TAG_OCTETS + reserved);
    w.varint32(field.tag);
    start = w.pos;
    w.pos = start + reserved;
  }
  // Long packed lists of plain numbers go through a loop of their own; it stops at what needs a closer look.
  for (let i = isPacked ? writePlainNumbers(w, field, list) : 0; i < length; i++) {
    w.element = i;
    writeOne(w, field, list[i], tag, false);
  }
  w.element = NO_ELEMENT;
  if (isPacked) field.lengthSize = w.setLength(start, reserved);
}

function toList(w: Encoder, field: FieldPlan, value: unknown): ArrayLike<unknown> {
  if (Array.isArray(value)) return value;
  // Numbers in a typed array are a list of numbers; a Uint8Array is far more likely to be meant as bytes.
  const isNumeric = field.type !== 9 && field.type !== 12 && !field.isMessage;
  if (isNumeric && ArrayBuffer.isView(value) && isTypedArray(value) && !isBytes(value)) {
    return value as unknown as ArrayLike<unknown>;
  }
  return w.wrongType(field, value, 'an array');
}

function writeMap(w: Encoder, field: FieldPlan, value: unknown): void {
  if (isMap(value)) {
    for (const [key, item] of value) {
      w.element = typeof key === 'object' || typeof key === 'symbol' ? describeValue(key) : String(key);
      writeEntry(w, field, toMapKey(w, field.keyField, key), item);
    }
  } else {
    if (typeof value !== 'object' || value === null || isBuiltIn(value)) {
      w.wrongType(field, value, 'an object or a Map');
    }
    const record = value as Fields;
    const keys = Object.keys(record);
    if (keys.length === 0 && tagOf(record) !== undefined) w.wrongType(field, value, 'an object or a Map');
    for (const key of keys) {
      w.element = key;
      writeEntry(w, field, toMapKey(w, field.keyField, key), record[key]);
    }
  }
  w.element = NO_ELEMENT;
}

function writeEntry(w: Encoder, field: FieldPlan, key: unknown, item: unknown): void {
  const { keyField, valueField } = field;
  if (w.ignoresUnknown && isUnknownName(valueField, item)) return;
  const reserved = field.lengthSize;
  w.ensure(TAG_OCTETS + reserved);
  w.varint32(field.tag);
  const start = w.pos;
  w.pos = start + reserved;
  writeOne(w, keyField, key, keyField.tag, false);
  writeOne(w, valueField, item, valueField.tag, false);
  field.lengthSize = w.setLength(start, reserved);
}

/** An extension of a message with message_set_wire_format: a group of its number and its bytes. */
function writeMessageSetItem(w: Encoder, field: FieldPlan, value: unknown): void {
  w.ensure(4 * TAG_OCTETS);
  w.octet(MESSAGE_SET_ITEM_START);
  w.octet(MESSAGE_SET_TYPE_ID);
  w.varint32(field.number);
  w.octet(MESSAGE_SET_MESSAGE);
  writeNested(w, field, value);
  w.ensure(1);
  w.octet(MESSAGE_SET_ITEM_END);
}
