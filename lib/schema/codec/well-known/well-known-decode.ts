// The well-known types coming in: Struct, Value, ListValue and the wrappers become plain values, an Any the object of
// its type with '@type' (its bytes, when the type is not loaded or the bytes do not fit it). Timestamp, Duration and
// FieldMask stay messages, so that nothing is lost.

import { setOwn } from '../../../values/own-property.ts';
import { typeNameOfUrl } from '../../descriptors/names.ts';
import { ANY, LIST_VALUE, STRUCT, VALUE, WRAPPER } from '../../descriptors/well-known-kind.ts';
import { readMessage } from '../decode.ts';
import { defaultOf, readScalar } from '../decode-scalar.ts';
import { ANY_WORDS, BYTES_WORDS, ENTRY_WORDS, LIST_WORDS, MAP_WORDS } from '../decoded-size.ts';
import { type Decoder, noteMismatch } from '../decoder.ts';
import { markRawAny } from '../message-class.ts';
import type { FieldPlan, Fields, Plan } from '../plan.ts';
import { copyUnknownFields } from '../unknown-fields.ts';
import { DecodedSizeError, DecodeError } from '../wire/decode-error.ts';
import { MAX_DEPTH, TOO_DEEP } from '../wire/nesting.ts';

const SEGMENT = { key: 'value' };

/** Reads such a message up to `end`; `before` is an earlier part of the same one, which this one merges into. */
export function readWellKnown(r: Decoder, plan: Plan, end: number, before: unknown): unknown {
  switch (plan.wellKnown) {
    case STRUCT:
      return readStruct(r, plan, end, before);
    case VALUE:
      return readValue(r, plan, end, before);
    case LIST_VALUE:
      return readListValue(r, plan, end, before);
    case WRAPPER:
      return readWrapper(r, plan, end, before);
    case ANY:
      return readAny(r, plan, end, before);
    default:
      return readMessage(r, plan, end, 0, before as Fields | undefined);
  }
}

function enter(r: Decoder): void {
  if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
  r.enter(SEGMENT);
}

/** Skips a field that is unknown, or known but of another wire type. */
function skipOther(r: Decoder, field: FieldPlan | undefined, tag: number, end: number): void {
  if (field !== undefined) noteMismatch(r, field, tag);
  r.skip(tag, end);
}

/** map<string, Value> fields = 1 */
function readStruct(r: Decoder, plan: Plan, end: number, before: unknown): Fields {
  r.take(MAP_WORDS);
  const struct: Fields = typeof before === 'object' && before !== null ? (before as Fields) : {};
  const entries = plan.fields[0];
  const { keyField, valueField } = entries;
  const valuePlan = valueField.link();
  enter(r);
  while (r.pos < end) {
    const tag = r.tag();
    if (tag !== entries.tag) {
      skipOther(r, plan.find(tag >>> 3), tag, end);
      continue;
    }
    const until = r.lengthEnd(end);
    r.take(ENTRY_WORDS);
    let key = '';
    let value: unknown = null;
    while (r.pos < until) {
      const inner = r.tag();
      if (inner === keyField.tag) key = r.text(r.lengthEnd(until), true, keyField);
      else if (inner === valueField.tag) value = readValue(r, valuePlan, r.lengthEnd(until), value);
      else
        skipOther(r, inner >>> 3 === 1 ? keyField : inner >>> 3 === 2 ? valueField : undefined, inner, until);
    }
    if (r.pos !== until) r.truncated();
    if (key === '__proto__') setOwn(struct, key, value);
    else struct[key] = value;
  }
  if (r.pos !== end) r.truncated();
  r.leave();
  return struct;
}

/** oneof { null_value = 1, number_value = 2, string_value = 3, bool_value = 4, struct_value = 5, list_value = 6 } */
function readValue(r: Decoder, plan: Plan, end: number, before: unknown): unknown {
  let value: unknown = before ?? null;
  while (r.pos < end) {
    const tag = r.tag();
    const field = plan.find(tag >>> 3);
    if (field === undefined || tag !== field.tag) {
      skipOther(r, field, tag, end);
      continue;
    }
    switch (field.number) {
      case 1:
        r.varint32();
        value = null;
        break;
      case 2:
        value = r.double(end);
        break;
      case 3:
        value = r.text(r.lengthEnd(end), true, field);
        break;
      case 4:
        value = readScalar(r, field, end);
        break;
      case 5:
        value = readStruct(r, field.link(), r.lengthEnd(end), Array.isArray(value) ? undefined : value);
        break;
      default:
        value = readListValue(r, field.link(), r.lengthEnd(end), value);
    }
  }
  if (r.pos !== end) r.truncated();
  return value;
}

/** repeated Value values = 1 */
function readListValue(r: Decoder, plan: Plan, end: number, before: unknown): unknown[] {
  r.take(LIST_WORDS);
  const list: unknown[] = Array.isArray(before) ? before : [];
  const values = plan.fields[0];
  const valuePlan = values.link();
  enter(r);
  while (r.pos < end) {
    const tag = r.tag();
    if (tag === values.tag) list.push(readValue(r, valuePlan, r.lengthEnd(end), undefined));
    else skipOther(r, plan.find(tag >>> 3), tag, end);
  }
  if (r.pos !== end) r.truncated();
  r.leave();
  return list;
}

function readWrapper(r: Decoder, plan: Plan, end: number, before: unknown): unknown {
  const [field] = plan.fields;
  let value: unknown = before ?? defaultOf(field);
  while (r.pos < end) {
    const tag = r.tag();
    if (tag === field.tag) value = readScalar(r, field, end);
    else skipOther(r, plan.find(tag >>> 3), tag, end);
  }
  if (r.pos !== end) r.truncated();
  return value;
}

function readAny(r: Decoder, plan: Plan, end: number, before: unknown): Fields {
  const [urlField, valueField] = plan.fields;
  let typeUrl = '';
  let from = end;
  let until = end;
  while (r.pos < end) {
    const tag = r.tag();
    if (tag === urlField.tag) typeUrl = r.text(r.lengthEnd(end), true, urlField);
    else if (tag === valueField.tag) {
      until = r.lengthEnd(end);
      from = r.pos;
      r.pos = until;
    } else skipOther(r, plan.find(tag >>> 3), tag, end);
  }
  if (r.pos !== end) r.truncated();
  r.take(ANY_WORDS);
  const any = new plan.Message();
  if (typeUrl === '' && typeof before === 'object' && before !== null) {
    // A later part without a type keeps that of the earlier one.
    const earlier = (before as Fields)['@type'];
    if (typeof earlier === 'string') typeUrl = earlier;
    if (from === until) return before as Fields;
  }
  // Without a slash the whole URL is the name, as in Go.
  const typeName = typeNameOfUrl(typeUrl);
  if (typeName === '') {
    // There is no type to look for: the message's own form shows everything there is.
    if (typeUrl !== '') any[urlField.key] = typeUrl;
    if (until > from) any[valueField.key] = rawBytes(r, from, until, end);
    return any;
  }
  any['@type'] = typeUrl;
  const payload = plan.set.find(typeName);
  const { depth } = r;
  const unread = r.incomplete?.length ?? 0;
  try {
    if (payload !== undefined) {
      r.pos = from;
      enter(r);
      if (payload.wellKnown === 0) {
        r.take(payload.words);
        copyInto(any, readMessage(r, payload, until, 0, undefined));
      } else any['value'] = readWellKnown(r, payload, until, undefined);
      r.leave();
      r.pos = end;
      return any;
    }
  } catch (error) {
    // The content is not a message of its type; the message around it is intact nonetheless.
    if (!(error instanceof DecodeError) || error instanceof DecodedSizeError || depth >= MAX_DEPTH)
      throw error;
    r.depth = depth;
    if (r.incomplete !== undefined) r.incomplete.length = unread;
  }
  any['value'] = rawBytes(r, from, until, end);
  markRawAny(any);
  return any;
}

function rawBytes(r: Decoder, from: number, until: number, end: number): Uint8Array {
  r.pos = from;
  r.take(BYTES_WORDS);
  const bytes = r.bytes(until);
  r.pos = end;
  return bytes;
}

/** The fields of a message into what holds it, unknown ones included. */
export function copyInto(target: Fields, source: Fields): void {
  for (const key of Object.keys(source)) {
    if (key === '__proto__') setOwn(target, key, source[key]);
    else target[key] = source[key];
  }
  copyUnknownFields(source, target);
}
