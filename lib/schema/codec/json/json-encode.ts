// From a plain object to ProtoJSON in one pass, checking as it goes: what encode.ts takes and refuses, in the other form.
// Unknown fields of decoded messages have no form in JSON and are left out. Hot.

import { isTypedArray } from 'node:util/types';
import { isBuiltIn, isBytes, isMap, tagOf } from '../../../values/realm.ts';
import { describeValue, NO_ELEMENT } from '../encoder.ts';
import { gatherFields, otherProperty, refuseMissing } from '../input-object.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from '../plan.ts';
import { toMapKey } from '../scalar-input.ts';
import { writeJsonScalar } from './json-encode-scalar.ts';
import { CLOSE_LIST, CLOSE_OBJECT, type JsonEncoder, OPEN_LIST, OPEN_OBJECT } from './json-encoder.ts';

/** Elements from which a list of numbers is worth looking at as a whole. */
const LONG_LIST = 8;
const QUOTE = 0x22;
const COLON = 0x3a;

/** A message of any type. */
export function writeJsonMessage(w: JsonEncoder, plan: Plan, value: unknown): void {
  if (plan.special !== undefined) plan.special.writeJson(w, plan, value);
  else if (typeof value !== 'object' || value === null) w.notAMessage(plan, value);
  else {
    w.open(OPEN_OBJECT);
    writeJsonMembers(w, plan, value as Fields);
    w.close(CLOSE_OBJECT);
  }
}

/** The fields of a message, each with a comma behind it; as `writeFields` takes them. */
export function writeJsonMembers(w: JsonEncoder, plan: Plan, value: Fields): void {
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
    // Equal values give equal text, whatever the order of their properties.
    if (field.number <= last || (members & field.oneofBit) !== 0) {
      w.pos = start;
      writeGathered(w, plan, value);
      return;
    }
    last = field.number;
    members |= field.oneofBit;
    if (field.isRequired) required++;
    writeMember(w, field, item);
  }
  if (required !== plan.required.length) refuseMissing(w, plan, value);
}

function writeGathered(w: JsonEncoder, plan: Plan, value: Fields): void {
  for (const { field, item } of gatherFields(w, plan, value)) writeMember(w, field, item);
}

function writeMember(w: JsonEncoder, field: FieldPlan, value: unknown): void {
  const start = w.pos;
  w.name(field);
  const isWritten =
    field.shape === SINGULAR
      ? writeOne(w, field, value, !field.hasPresence)
      : field.shape === MAP
        ? writeMap(w, field, value)
        : writeList(w, field, value);
  if (isWritten) w.comma();
  else w.pos = start;
}

function writeOne(w: JsonEncoder, field: FieldPlan, value: unknown, skipDefault: boolean): boolean {
  if (field.type !== 11 && field.type !== 10) return writeJsonScalar(w, field, value, skipDefault);
  w.enter(field);
  writeJsonMessage(w, field.message ?? field.link(), value);
  w.leave();
  return true;
}

function writeList(w: JsonEncoder, field: FieldPlan, value: unknown): boolean {
  const list = toList(w, field, value);
  const { length } = list;
  if (length === 0) return false;
  if (length >= LONG_LIST && arePlainNumbers(field, list)) {
    // Native code writes them in half the time.
    w.utf8(JSON.stringify(list));
    return true;
  }
  w.open(OPEN_LIST);
  for (let i = 0; i < length; i++) {
    w.element = i;
    writeOne(w, field, list[i], false);
    w.comma();
  }
  w.element = NO_ELEMENT;
  w.close(CLOSE_LIST);
  return true;
}

/** Whether a list holds nothing but numbers of the field's type that JSON.stringify writes as they are. */
function arePlainNumbers(field: FieldPlan, list: ArrayLike<unknown>): boolean {
  const { type } = field;
  if (!Array.isArray(list) || (type !== 1 && type !== 5 && type !== 13) || 'toJSON' in list) return false;
  for (const value of list as readonly unknown[]) {
    if (typeof value !== 'number') return false;
    const isPlain =
      type === 1
        ? value - value === 0 && (value !== 0 || Object.is(value, 0))
        : type === 5
          ? (value | 0) === value
          : value >>> 0 === value;
    if (!isPlain) return false;
  }
  return true;
}

/** As encode.ts: numbers in a typed array are a list of numbers; a Uint8Array is far more likely to be meant as bytes. */
function toList(w: JsonEncoder, field: FieldPlan, value: unknown): ArrayLike<unknown> {
  if (Array.isArray(value)) return value;
  const isNumeric = field.type !== 9 && field.type !== 12 && !field.isMessage;
  if (isNumeric && ArrayBuffer.isView(value) && isTypedArray(value) && !isBytes(value)) {
    return value as unknown as ArrayLike<unknown>;
  }
  return w.wrongType(field, value, 'an array');
}

function writeMap(w: JsonEncoder, field: FieldPlan, value: unknown): boolean {
  const { keyField } = field;
  if (!isMap(value)) {
    if (typeof value !== 'object' || value === null || isBuiltIn(value)) {
      w.wrongType(field, value, 'an object or a Map');
    }
    const record = value as Fields;
    const keys = Object.keys(record);
    if (keys.length === 0 && tagOf(record) !== undefined) w.wrongType(field, value, 'an object or a Map');
    // Of integer keys one may be -0, which is 0.
    if (!Object.hasOwn(record, '-0') || keyField.type === 9) {
      w.open(OPEN_OBJECT);
      for (const key of keys) {
        w.element = key;
        writeEntry(w, field, toMapKey(w, keyField, key), record[key]);
      }
      w.close(CLOSE_OBJECT);
      w.element = NO_ELEMENT;
      return keys.length > 0;
    }
  }
  return writeGatheredMap(w, field, isMap(value) ? value : Object.entries(value));
}

/** Keys that may be the same as text: as on the wire, the last one counts. */
function writeGatheredMap(
  w: JsonEncoder,
  field: FieldPlan,
  given: Iterable<readonly [unknown, unknown]>,
): boolean {
  const entries = new Map<unknown, readonly [key: unknown, item: unknown, element: string]>();
  for (const [key, item] of given) {
    const element = typeof key === 'object' || typeof key === 'symbol' ? describeValue(key) : String(key);
    w.element = element;
    const made = toMapKey(w, field.keyField, key);
    const isScalar = typeof made === 'number' || typeof made === 'bigint';
    entries.set(isScalar ? String(made) : made, [made, item, element]);
  }
  w.open(OPEN_OBJECT);
  for (const [key, item, element] of entries.values()) {
    w.element = element;
    writeEntry(w, field, key, item);
  }
  w.element = NO_ELEMENT;
  w.close(CLOSE_OBJECT);
  return entries.size > 0;
}

function writeEntry(w: JsonEncoder, field: FieldPlan, key: unknown, item: unknown): void {
  const { keyField, valueField } = field;
  const { type } = keyField;
  const isQuoted = type === 9 || type === 3 || type === 4 || type === 6 || type === 16 || type === 18;
  w.ensure(2);
  if (!isQuoted) w.octet(QUOTE);
  writeJsonScalar(w, keyField, key, false);
  w.ensure(2);
  if (!isQuoted) w.octet(QUOTE);
  w.octet(COLON);
  writeOne(w, valueField, item, false);
  w.comma();
}
