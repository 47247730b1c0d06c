// From a plain object to bytes in one pass, checking as it goes. An object's properties are taken in the
// order that it has them; when that is not the order of the field numbers, the message is begun again with
// them sorted, so that equal values always give equal bytes. Hot: see docs/decisions/0001.

import { toBigInt, toBytes, toDouble, toEnumNumber, toFloat, toInt32, toMapKey } from './encode-scalar.ts';
import { describeValue, type Encoder, NO_ELEMENT } from './encoder.ts';
import { planOf } from './message-class.ts';
import { type FieldPlan, type Fields, MAP, PACKED, type Plan, SINGULAR } from './plan.ts';
import { writeUnknownFields } from './unknown-fields.ts';

const MESSAGE_SET_ITEM_START = 0x0b;
const MESSAGE_SET_ITEM_END = 0x0c;
const MESSAGE_SET_TYPE_ID = 0x10;
const MESSAGE_SET_MESSAGE = 0x1a;
const TAG_OCTETS = 5;
const LARGEST_SCALAR = 10;

/** Writes the fields of a message: what a length goes before or a group goes around. */
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
    writeSorted(w, plan, value);
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
      writeSorted(w, plan, value);
      return;
    }
    last = field.number;
    members |= field.oneofBit;
    if (field.isRequired) required++;
    writeField(w, field, item);
  }
  if (required !== plan.required.length) refuseMissing(w, plan, value);
  if (plan.set.shape.keepUnknown) writeUnknownFields(w, value);
}

/**
 * A property that is no field by any of its spellings: an extension, the name of a oneof (as the `oneofs`
 * option puts it on replies), or a mistake.
 */
function otherProperty(w: Encoder, plan: Plan, value: Fields, key: string): FieldPlan | undefined {
  if (!Object.hasOwn(value, key)) return undefined;
  const extension = plan.findExtension(key);
  if (extension !== undefined) return extension;
  const item = value[key];
  if (item === undefined) return undefined;
  const oneof = Math.max(plan.oneofKeys.indexOf(key), plan.type.oneofs.indexOf(key));
  if (oneof < 0) return w.unknownField(plan, key);
  const member = typeof item === 'string' ? plan.names.get(item) : undefined;
  if (item === null || (member?.oneof === oneof && isSet(value, member))) return undefined;
  const members = plan.fields.filter((field) => field.oneof === oneof).map((field) => `'${field.key}'`);
  return w.refuse(`'${key}' is a oneof of ${plan.typeName}; set its member instead: ${members.join(' or ')}`);
}

function isSet(value: Fields, field: FieldPlan): boolean {
  const item = value[field.key] ?? value[field.jsonName] ?? value[field.field.name];
  return item !== undefined && item !== null;
}

/** The set fields of one message, gathered to be sorted. */
class Entries {
  readonly list: { readonly field: FieldPlan; readonly item: unknown }[] = [];
  readonly keys: Map<FieldPlan, string> = new Map();
  readonly #oneofs: Map<number, string> = new Map();

  add(w: Encoder, plan: Plan, field: FieldPlan, key: string, item: unknown): void {
    if (item === undefined || (item === null && !field.takesNull)) return;
    const twin = this.keys.get(field);
    if (twin !== undefined) {
      w.refuse(`'${twin}' and '${key}' are two spellings of one field of ${plan.typeName}; give one`);
    }
    if (field.oneof >= 0) {
      const rival = this.#oneofs.get(field.oneof);
      if (rival !== undefined) {
        const oneof = plan.oneofKeys[field.oneof];
        w.refuse(
          `'${rival}' and '${key}' are both set, but the oneof '${oneof}' of ${plan.typeName} holds one at most`,
        );
      }
      this.#oneofs.set(field.oneof, key);
    }
    this.keys.set(field, key);
    this.list.push({ field, item });
  }
}

/** The thorough path: any object, properties in any order, getters on prototypes. */
function writeSorted(w: Encoder, plan: Plan, value: Fields): void {
  if (isOfAnotherKind(value)) w.notAMessage(plan, value);
  const entries = new Entries();
  for (const key in value) {
    const field = plan.names.get(key) ?? otherProperty(w, plan, value, key);
    if (field !== undefined) entries.add(w, plan, field, key, value[key]);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && planOf(value) === undefined) {
    addInherited(w, plan, entries, value);
  }
  entries.list.sort((a, b) => a.field.number - b.field.number);
  for (const { field, item } of entries.list) writeField(w, field, item);
  if (!plan.required.every((field) => entries.keys.has(field))) refuseMissing(w, plan, value);
  if (plan.set.shape.keepUnknown) writeUnknownFields(w, value);
}

/** Accessors of a class are neither own nor enumerable. Its methods are no fields, whatever their names. */
function addInherited(w: Encoder, plan: Plan, entries: Entries, value: Fields): void {
  for (const field of plan.fields) {
    for (const key of new Set([field.key, field.jsonName, field.field.name])) {
      if (Object.hasOwn(value, key) || key in Object.prototype || !(key in value)) continue;
      if (entries.keys.get(field) === key) continue;
      const item = value[key];
      if (typeof item !== 'function') entries.add(w, plan, field, key, item);
    }
  }
}

/** Built-in objects have no fields to give: an empty message would be sent in silence. */
function isOfAnotherKind(value: object): boolean {
  return (
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Promise ||
    value instanceof ArrayBuffer ||
    value instanceof String ||
    value instanceof Number ||
    value instanceof Boolean
  );
}

function refuseMissing(w: Encoder, plan: Plan, value: Fields): never {
  const missing = plan.required.filter((field) => !isSet(value, field)).map((field) => `'${field.key}'`);
  const what = missing.length === 1 ? 'a required field is' : 'required fields are';
  return w.refuse(`${plan.typeName}: ${what} missing: ${missing.join(', ')}`);
}

function writeField(w: Encoder, field: FieldPlan, value: unknown): void {
  if (field.shape === SINGULAR) {
    if (field.index < 0 && field.owner.type.isMessageSet) writeMessageSetItem(w, field, value);
    else writeOne(w, field, value, field.tag, !field.hasPresence);
  } else if (field.shape === MAP) writeMap(w, field, value);
  else writeList(w, field, value);
}

/**
 * One value, with its tag (0: none, in a packed list). With `skipDefault`, the default is not written.
 * The numbers are those of descriptor.proto's FieldDescriptorProto.Type; as literals they make a jump table.
 */
export function writeOne(
  w: Encoder,
  field: FieldPlan,
  value: unknown,
  tag: number,
  skipDefault: boolean,
): void {
  w.ensure(TAG_OCTETS + LARGEST_SCALAR);
  switch (field.type) {
    case 9: {
      // string
      if (typeof value !== 'string') w.wrongType(field, value, 'a string');
      if (skipDefault && value === '') return;
      w.varint32(tag);
      if (!w.string(value)) {
        w.wrongType(field, value, 'well-formed text (it has a lone surrogate, which UTF-8 cannot hold)');
      }
      return;
    }
    case 5: {
      // int32
      const number = typeof value === 'number' && (value | 0) === value ? value : toInt32(w, field, value);
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.int32(number);
      return;
    }
    case 14: {
      // enum
      const isPlain = typeof value === 'number' && (value | 0) === value && !field.isClosedEnum;
      const number = isPlain
        ? value
        : (field.enumNumbers.get(value as string) ?? toEnumNumber(w, field, value));
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.int32(number);
      return;
    }
    case 8: {
      // bool
      if (typeof value !== 'boolean') w.wrongType(field, value, 'true or false');
      if (skipDefault && !value) return;
      if (tag !== 0) w.varint32(tag);
      w.octet(value ? 1 : 0);
      return;
    }
    case 11: {
      // message
      w.varint32(tag);
      writeNested(w, field, value);
      return;
    }
    case 12: {
      // bytes
      const bytes = value instanceof Uint8Array ? value : toBytes(w, field, value);
      const { length } = bytes;
      if (skipDefault && length === 0) return;
      w.varint32(tag);
      w.varint32(length);
      w.raw(bytes);
      return;
    }
    case 13: {
      // uint32
      const number = typeof value === 'number' && value >>> 0 === value ? value : toInt32(w, field, value);
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.varint32(number);
      return;
    }
    case 17: {
      // sint32
      const number = typeof value === 'number' && (value | 0) === value ? value : toInt32(w, field, value);
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.varint32((number << 1) ^ (number >> 31));
      return;
    }
    case 1: {
      // double
      const isPlain = typeof value === 'number' && value - value === 0;
      const number = isPlain ? value : toDouble(w, field, value);
      if (skipDefault && Object.is(number, 0)) return;
      if (tag !== 0) w.varint32(tag);
      w.double(number);
      return;
    }
    case 2: {
      // float
      const isPlain = typeof value === 'number' && value < 1e38 && value > -1e38;
      const number = isPlain ? value : toFloat(w, field, value);
      if (skipDefault && Object.is(number, 0)) return;
      if (tag !== 0) w.varint32(tag);
      w.float(number);
      return;
    }
    case 3:
    case 4: {
      // int64, uint64
      if (typeof value === 'number' && Number.isSafeInteger(value) && (value >= 0 || field.type === 3)) {
        if (skipDefault && value === 0) return;
        if (tag !== 0) w.varint32(tag);
        w.safeVarint(value);
        return;
      }
      const big = toBigInt(w, field, value);
      if (skipDefault && big === 0n) return;
      if (tag !== 0) w.varint32(tag);
      w.bigVarint(big);
      return;
    }
    case 18: {
      // sint64
      if (typeof value === 'number' && Number.isSafeInteger(value)) {
        if (skipDefault && value === 0) return;
        if (tag !== 0) w.varint32(tag);
        w.safeZigZag(value);
        return;
      }
      const big = toBigInt(w, field, value);
      if (skipDefault && big === 0n) return;
      if (tag !== 0) w.varint32(tag);
      w.bigZigZag(big);
      return;
    }
    case 7:
    case 15: {
      // fixed32, sfixed32
      const number = toInt32(w, field, value);
      if (skipDefault && number === 0) return;
      if (tag !== 0) w.varint32(tag);
      w.fixed32(number);
      return;
    }
    case 6:
    case 16: {
      // fixed64, sfixed64
      const big = toBigInt(w, field, value);
      if (skipDefault && big === 0n) return;
      if (tag !== 0) w.varint32(tag);
      w.bigFixed(big);
      return;
    }
    case 10: {
      // group
      w.varint32(tag);
      w.enter(field);
      writeMessage(w, field.message ?? field.link(), value);
      w.leave();
      w.ensure(TAG_OCTETS);
      w.varint32(tag + 1);
      return;
    }
    default:
      throw new TypeError(`field type ${field.type} is not known`);
  }
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

/** Writes the elements before the first that is not simply a number of the type; gives how many. */
function writePlainNumbers(w: Encoder, field: FieldPlan, list: ArrayLike<unknown>): number {
  const { length } = list;
  let i = 0;
  switch (field.type) {
    case 1: // double
      w.ensure(length * 8);
      for (; i < length; i++) {
        const value = list[i];
        if (typeof value !== 'number' || value - value !== 0) break;
        w.double(value);
      }
      return i;
    case 5: // int32
      w.ensure(length * LARGEST_SCALAR);
      for (; i < length; i++) {
        const value = list[i];
        if (typeof value !== 'number' || (value | 0) !== value) break;
        w.int32(value);
      }
      return i;
    case 13: // uint32
      w.ensure(length * TAG_OCTETS);
      for (; i < length; i++) {
        const value = list[i];
        if (typeof value !== 'number' || value >>> 0 !== value) break;
        w.varint32(value);
      }
      return i;
    default:
      return 0;
  }
}

function toList(w: Encoder, field: FieldPlan, value: unknown): ArrayLike<unknown> {
  if (Array.isArray(value)) return value;
  // Numbers in a typed array are a list of numbers; a Uint8Array is far more likely to be meant as bytes.
  const isNumeric = field.type !== 9 && field.type !== 12 && !field.isMessage;
  if (
    isNumeric &&
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof Uint8Array)
  ) {
    return value as unknown as ArrayLike<unknown>;
  }
  return w.wrongType(field, value, 'an array');
}

function writeMap(w: Encoder, field: FieldPlan, value: unknown): void {
  if (value instanceof Map) {
    for (const [key, item] of value) {
      w.element = typeof key === 'object' || typeof key === 'symbol' ? describeValue(key) : String(key);
      writeEntry(w, field, toMapKey(w, field.keyField, key), item);
    }
  } else {
    if (typeof value !== 'object' || value === null || isOfAnotherKind(value)) {
      w.wrongType(field, value, 'an object or a Map');
    }
    const record = value as Fields;
    for (const key of Object.keys(record)) {
      w.element = key;
      writeEntry(w, field, toMapKey(w, field.keyField, key), record[key]);
    }
  }
  w.element = NO_ELEMENT;
}

function writeEntry(w: Encoder, field: FieldPlan, key: unknown, item: unknown): void {
  const { keyField, valueField } = field;
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
