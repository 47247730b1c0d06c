// From bytes to objects of their message types' classes, in one pass. Fields usually come in the order of
// their numbers: then each property is set once, in order, defaults between them, and objects of one type
// share their hidden class. Anything out of order, repeated or merged takes a slower path. Hot: see
// docs/decisions/0001.

import { setOwn } from '../../values/own-property.ts';
import { DROPPED, defaultOf, keepUnknown, readKey, readPacked, readScalar } from './decode-scalar.ts';
import { ENTRY_WORDS, INCOMPLETE_WORDS, LIST_WORDS, MAP_WORDS, setFieldsWords } from './decoded-size.ts';
import { type Decoder, noteMismatch } from './decoder.ts';
import { type FieldPlan, type Fields, MAP, PACKED, type Plan, SINGULAR } from './plan.ts';
import { MAX_DEPTH, TOO_DEEP } from './wire/nesting.ts';
import { varintSize } from './wire/wire-writer.ts';

const MESSAGE_SET_ITEM = 0x0b;
/** Up to this many members of a oneof are checked one by one; for larger oneofs it is remembered which one is set. */
const FEW_MEMBERS = 16;

/**
 * Reads a message up to `end` or, for a group, up to its end tag; into an earlier part of the same message if there was
 * one.
 */
export function readMessage(
  r: Decoder,
  plan: Plan,
  end: number,
  group: number,
  into: Fields | undefined,
): Fields {
  const { dense, filled } = plan;
  if (into === undefined) r.take(plan.words);
  if (plan.countedFields !== 0) r.take(setFieldsWords(plan.countedFields, end - r.pos));
  const message = into ?? new plan.Message();
  const fillCount = into === undefined ? filled.length : 0;
  let filledUpTo = 0;
  let last = into === undefined ? -1 : plan.fields.length;
  let list: unknown[] | undefined;
  let listField: FieldPlan | undefined;
  let entries: Fields | undefined;
  let mapField: FieldPlan | undefined;
  let member: FieldPlan | undefined;
  while (r.pos < end) {
    const start = r.pos;
    let tag = r.buf[start];
    if (tag < 128) r.pos = start + 1;
    else tag = r.tag();
    const number = tag >>> 3;
    if ((tag & 7) === 4) {
      if (number !== group || group === 0) r.fail(`found the end of group ${number}, which never began`);
      for (let i = filledUpTo; i < fillCount; i++) fill(message, filled[i]);
      if (into === undefined && plan.required.length > 0) checkRequired(r, plan, message);
      return message;
    }
    let field = number < dense.length ? dense[number] : undefined;
    if (field === undefined) field = plan.find(number);
    if (field === undefined || (tag !== field.tag && tag !== field.otherTag)) {
      if (field !== undefined) noteMismatch(r, field, tag);
      readUnknown(r, plan, message, tag, start, end);
      continue;
    }
    // Where this field stands: later than all before it, so certainly unset, or perhaps set.
    let isFirst = false;
    if (field.index > last) {
      isFirst = true;
      last = field.index;
      while (filledUpTo < fillCount && filled[filledUpTo].index < last) fill(message, filled[filledUpTo++]);
      if (filledUpTo < fillCount && filled[filledUpTo] === field) filledUpTo++;
    }
    if (field.shape === SINGULAR) {
      let value: unknown;
      if (field.type === 11) {
        // message
        const child = field.message ?? field.link();
        const until = r.lengthEnd(end);
        if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
        r.enter(field);
        value = readWhole(r, child, until, isFirst ? undefined : message[field.key]);
        r.leave();
      } else if (field.type === 10) {
        // group
        value = readGroup(r, field, end, isFirst ? undefined : message[field.key]);
      } else {
        value = readScalar(r, field, end);
        if (r.pos > end) r.truncated();
        if (value === DROPPED) {
          keepUnknown(r, plan, message, start);
          if (field.index >= 0 && isFirst && !field.hasPresence) fill(message, field);
          continue;
        }
      }
      if (field.oneof >= 0) {
        // The last wins.
        const isReplaced = r.pos < end && isRivalNext(r, plan, field);
        if (isReplaced && member === undefined && into === undefined) continue;
        if (member === undefined ? into !== undefined : member !== field) dropRivals(r, message, plan, field);
        member = field;
        if (isReplaced) continue;
        if (field.oneofKey !== '') message[field.oneofKey] = field.key;
      }
      message[field.key] = value;
      continue;
    }
    if (field.shape === MAP) {
      if (field !== mapField || entries === undefined) {
        mapField = field;
        entries = isFirst ? undefined : (message[field.key] as Fields | undefined);
        if (entries === undefined) {
          r.take(MAP_WORDS);
          entries = {};
          message[field.key] = entries;
        }
      }
      readEntry(r, field, end, entries, start, message);
      continue;
    }
    if (field !== listField) {
      listField = field;
      const before = isFirst ? undefined : message[field.key];
      list = Array.isArray(before) ? before : undefined;
      if (list === undefined) r.take(LIST_WORDS);
    }
    if (tag === (field.shape === PACKED ? field.tag : field.otherTag)) {
      if (list === undefined) message[field.key] = list = [];
      readPacked(r, field, end, list, message);
    } else if (list === undefined && end - r.pos >= LONG_RUN && (tag & 7) === 2 && tag < MAX_RUN_TAG) {
      message[field.key] = list = readRun(r, field, end);
    } else {
      const value = readElement(r, field, end);
      if (value === DROPPED) {
        if (list === undefined) message[field.key] = list = [];
        keepUnknown(r, plan, message, start);
      } else if (list !== undefined) list.push(value);
      else if (r.pos < end && r.buf[r.pos] === r.buf[start]) {
        message[field.key] = list = [];
        list.push(value);
      } else {
        // It is probably the only one: a list that begins empty takes room for seventeen.
        message[field.key] = list = [value];
      }
    }
  }
  if (group !== 0) r.fail(`the end of group ${group} is missing`);
  if (r.pos !== end) r.truncated();
  for (let i = filledUpTo; i < fillCount; i++) fill(message, filled[i]);
  if (into === undefined && plan.required.length > 0) checkRequired(r, plan, message);
  return message;
}

/** Gives an unset field its default: one of its own if the default could be changed. */
function fill(message: Fields, field: FieldPlan): void {
  message[field.key] = defaultOf(field);
}

/**
 * Whether the field that follows is another member of the oneof: this one would then be deleted at once, and an object of
 * which properties are deleted is a slow one. Not for an enum, which may have to be kept as an unknown field.
 */
function isRivalNext(r: Decoder, plan: Plan, field: FieldPlan): boolean {
  let tag = r.buf[r.pos];
  if (tag > 127) tag = (tag & 127) | (r.buf[r.pos + 1] << 7);
  const next = plan.dense[tag >>> 3];
  return next?.tag === tag && next.oneof === field.oneof && next !== field && next.type !== 14;
}

/** Another member of the oneof may have been read before, in this part of the message or an earlier one. */
function dropRivals(r: Decoder, message: Fields, plan: Plan, field: FieldPlan): void {
  const members = plan.membersOf(field.oneof);
  if (members.length > FEW_MEMBERS) {
    const rival = r.replaceMember(message, field) ?? rivalAmong(message, plan, field);
    if (rival !== undefined && rival !== field) drop(message, rival);
    return;
  }
  for (const other of members) {
    if (other !== field && message[other.key] !== undefined) drop(message, other);
  }
}

/**
 * A class with a field `__proto__` keeps a property of that name: without one, setting it would change the prototype.
 */
function drop(message: Fields, field: FieldPlan): void {
  if (field.key === '__proto__') message[field.key] = undefined;
  else delete message[field.key];
}

/** For a oneof with thousands of members: a message mostly has fewer fields than that. */
function rivalAmong(message: Fields, plan: Plan, field: FieldPlan): FieldPlan | undefined {
  for (const key in message) {
    const other = plan.names.get(key);
    if (other?.oneof === field.oneof && other !== field && message[key] !== undefined) return other;
  }
  return undefined;
}

function readUnknown(r: Decoder, plan: Plan, message: Fields, tag: number, start: number, end: number): void {
  if (tag === MESSAGE_SET_ITEM && plan.type.isMessageSet) {
    readMessageSetItem(r, plan, message, end);
    return;
  }
  r.skip(tag, end);
  keepUnknown(r, plan, message, start);
}

/** For the first part of a message: what it lacks is looked for again when all of it has been read. */
function checkRequired(r: Decoder, plan: Plan, message: Fields): void {
  for (const field of plan.required) {
    if (message[field.key] === undefined) {
      r.take(INCOMPLETE_WORDS);
      r.incomplete ??= [];
      r.incomplete.push({ plan, message });
      return;
    }
  }
}

function readGroup(r: Decoder, field: FieldPlan, end: number, before: unknown): unknown {
  if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
  const child = field.message ?? field.link();
  r.enter(field);
  let message: unknown;
  if (child.special === undefined) {
    message = readMessage(r, child, end, field.number, before as Fields | undefined);
  } else {
    // These are read up to an offset: find where the group ends first.
    const start = r.pos;
    r.skip(field.tag, end);
    const after = r.pos;
    r.pos = start;
    message = child.special.read(r, child, after - varintSize(field.tag), before);
    r.pos = after;
  }
  r.leave();
  return message;
}

/** With this many octets left, it is worth counting the messages of a list before they are read. */
const LONG_RUN = 64 * 1024;
/** Tags of at most two octets; longer ones take the ordinary path. */
const MAX_RUN_TAG = 1 << 14;

/**
 * The first element of a list of messages, texts or bytes, whose tag has been read, and those that follow without another
 * field between: in a list of the right size at once.
 */
function readRun(r: Decoder, field: FieldPlan, end: number): unknown[] {
  const tagSize = field.tag < 128 ? 1 : 2;
  const count = countRun(r, field.tag, tagSize, end);
  const list: unknown[] = [];
  list.length = count;
  if (field.type !== 11) {
    for (let i = 0; i < count; i++) {
      if (i > 0) r.pos += tagSize;
      list[i] = readScalar(r, field, end);
    }
    return list;
  }
  const child = field.message ?? field.link();
  if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
  r.enter(field);
  for (let i = 0; i < count; i++) {
    if (i > 0) r.pos += tagSize;
    list[i] = readWhole(r, child, r.lengthEnd(end), undefined);
  }
  r.leave();
  return list;
}

/** How many whole elements with this tag follow one another; the first is already at its length. */
function countRun(r: Decoder, tag: number, tagSize: number, end: number): number {
  const { buf, pos } = r;
  const first = tagSize === 1 ? tag : (tag & 127) | 128;
  const second = tag >>> 7;
  let count = 0;
  for (;;) {
    const until = r.lengthEnd(end);
    count++;
    r.pos = until;
    if (until + tagSize >= end || buf[until] !== first) break;
    if (tagSize === 2 && buf[until + 1] !== second) break;
    r.pos = until + tagSize;
  }
  r.pos = pos;
  return count;
}

/** One element of a list, with a tag of its own; DROPPED for a number that a closed enum does not have. */
function readElement(r: Decoder, field: FieldPlan, end: number): unknown {
  if (field.type === 11) {
    const child = field.message ?? field.link();
    const until = r.lengthEnd(end);
    if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
    r.enter(field);
    const message = readWhole(r, child, until, undefined);
    r.leave();
    return message;
  }
  if (field.type === 10) return readGroup(r, field, end, undefined);
  const value = readScalar(r, field, end);
  if (r.pos > end) r.truncated();
  return value;
}

/** A message up to where it ends. */
function readWhole(r: Decoder, plan: Plan, until: number, before: unknown): unknown {
  let message: unknown;
  if (plan.special !== undefined) message = plan.special.read(r, plan, until, before);
  else if (until === r.pos) return before ?? emptyMessage(r, plan);
  else message = readMessage(r, plan, until, 0, before as Fields | undefined);
  if (r.pos !== until) r.truncated();
  return message;
}

/** A message of no octets. */
function emptyMessage(r: Decoder, plan: Plan): Fields {
  r.take(plan.words);
  const message = new plan.Message();
  const { filled } = plan;
  for (let i = 0; i < filled.length; i++) fill(message, filled[i]);
  if (plan.required.length > 0) checkRequired(r, plan, message);
  return message;
}

/** An entry of a map: key and value come in any order, default when absent, and the last of each counts. */
function readEntry(
  r: Decoder,
  field: FieldPlan,
  end: number,
  entries: Fields,
  start: number,
  message: Fields,
): void {
  const until = r.lengthEnd(end);
  r.take(ENTRY_WORDS);
  const { keyField, valueField } = field;
  let key: unknown = keyField.default;
  let value: unknown;
  let isDropped = false;
  r.enter(field);
  while (r.pos < until) {
    let tag = r.buf[r.pos];
    if (tag < 128) r.pos++;
    else tag = r.tag();
    if (tag === keyField.tag) {
      key = readKey(r, keyField, until);
    } else if (tag === valueField.tag) {
      if (valueField.type === 11) value = readEntryMessage(r, valueField, until, value);
      else if (valueField.type === 10) value = readGroup(r, valueField, until, value);
      else value = readScalar(r, valueField, until);
      isDropped = value === DROPPED;
    } else {
      if (tag >>> 3 === 1 || tag >>> 3 === 2) noteMismatch(r, tag >>> 3 === 1 ? keyField : valueField, tag);
      r.skip(tag, until);
    }
  }
  if (r.pos !== until) r.truncated();
  r.leave();
  if (isDropped) {
    keepUnknown(r, field.owner, message, start);
    return;
  }
  if (value === undefined) {
    value = valueField.isMessage
      ? readWhole(r, valueField.message ?? valueField.link(), r.pos, undefined)
      : defaultOf(valueField);
  }
  const name = key as string;
  if (name === '__proto__') setOwn(entries, name, value);
  else entries[name] = value;
}

function readEntryMessage(r: Decoder, field: FieldPlan, end: number, before: unknown): unknown {
  const child = field.message ?? field.link();
  const until = r.lengthEnd(end);
  if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
  return readWhole(r, child, until, before);
}

/** A group with a number and the bytes of the extension that has this number, in either order. */
function readMessageSetItem(r: Decoder, plan: Plan, message: Fields, end: number): void {
  const start = r.pos - 1;
  let number = 0;
  let from = -1;
  let until = -1;
  for (;;) {
    if (r.pos >= end) r.truncated();
    const tag = r.tag();
    if (tag === 0x0c) break;
    if (tag === 0x10) number = r.varint32();
    else if (tag === 0x1a) {
      until = r.lengthEnd(end);
      from = r.pos;
      r.pos = until;
    } else r.skip(tag, end);
  }
  const field = number === 0 || from < 0 ? undefined : plan.find(number);
  if (field === undefined || field.type !== 11) {
    keepUnknown(r, plan, message, start);
    return;
  }
  const after = r.pos;
  r.pos = from;
  if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
  r.enter(field);
  const before = message[field.key] as Fields | undefined;
  message[field.key] = readMessage(r, field.message ?? field.link(), until, 0, before);
  r.leave();
  r.pos = after;
}
