// The well-known types going out as ProtoJSON, from all that well-known-encode.ts takes for them. What only the wire format
// can hold (a Timestamp after 9999, an Any of a type that is not loaded) is refused.

import { isPlainObject } from '../../../values/realm.ts';
import { typeNameOfUrl } from '../../descriptors/names.ts';
import * as kind from '../../descriptors/well-known-kind.ts';
import { decodeWith } from '../codec.ts';
import { describeValue, NO_ELEMENT } from '../encoder.ts';
import { gatherFields } from '../input-object.ts';
import { writeJsonMembers, writeJsonMessage } from '../json/json-encode.ts';
import { writeJsonScalar } from '../json/json-encode-scalar.ts';
import { CLOSE_LIST, CLOSE_OBJECT, type JsonEncoder, OPEN_LIST, OPEN_OBJECT } from '../json/json-encoder.ts';
import { isReversiblePath, jsonPath } from '../json/json-values.ts';
import { formatDuration, formatTimestamp, type SecondsAndNanos } from '../json/time-text.ts';
import { holdsRawBytes } from '../message-class.ts';
import type { Fields, Plan } from '../plan.ts';
import { toBigInt, toBytes, toInt32 } from '../scalar-input.ts';
import { DecodeError } from '../wire/decode-error.ts';
import {
  anyOf,
  bareFieldOf,
  durationOf,
  isWrapperMessage,
  maskPathsOf,
  refuseRange,
  timestampOf,
} from './well-known-encode.ts';

export function writeJsonWellKnown(w: JsonEncoder, plan: Plan, value: unknown): void {
  switch (plan.wellKnown) {
    case kind.TIMESTAMP:
      writeTime(w, plan, value, timestampOf(w, plan, value), formatTimestamp);
      return;
    case kind.DURATION:
      writeTime(w, plan, value, durationOf(w, plan, value), formatDuration);
      return;
    case kind.FIELD_MASK:
      writeFieldMask(w, plan, value);
      return;
    case kind.ANY:
      writeAny(w, plan, value);
      return;
    case kind.STRUCT:
      writeStruct(w, value);
      return;
    case kind.VALUE:
      writeValue(w, value);
      return;
    case kind.LIST_VALUE:
      writeListValue(w, value);
      return;
    case kind.WRAPPER:
      writeWrapper(w, plan, value);
      return;
    default:
      throw new TypeError(`${plan.typeName} is not handled`);
  }
}

function writeTime(
  w: JsonEncoder,
  plan: Plan,
  value: unknown,
  given: SecondsAndNanos | undefined,
  format: (seconds: bigint, nanos: number) => string | undefined,
): void {
  let seconds = 0n;
  let nanos = 0;
  if (given !== undefined) ({ seconds, nanos } = given);
  else {
    for (const { field, item } of gatherFields(w, plan, value as Fields)) {
      if (field.number === 1) seconds = toBigInt(w, field, item);
      else nanos = toInt32(w, field, item);
    }
  }
  const text = format(seconds, nanos);
  if (text === undefined)
    refuseRange(
      w,
      `${plan.typeName} has no form in JSON for these seconds and nanos: ${describeValue(value)}`,
    );
  w.quotedAscii(text);
}

function writeFieldMask(w: JsonEncoder, plan: Plan, value: unknown): void {
  const given = maskPathsOf(w, plan, value);
  const paths: string[] = [];
  for (const path of given ?? ownPaths(w, plan, value as Fields)) {
    if (!isReversiblePath(path)) {
      w.refuse(`the path ${describeValue(path)} of a ${plan.typeName} has no form in JSON`);
    }
    paths.push(jsonPath(path));
  }
  w.quotedAscii(paths.join(','));
}

/** Those of the message's own form. */
function ownPaths(w: JsonEncoder, plan: Plan, value: Fields): readonly string[] {
  const [entry] = gatherFields(w, plan, value);
  if (entry === undefined) return [];
  const { field, item } = entry;
  if (!Array.isArray(item)) return w.wrongType(field, item, 'an array');
  item.forEach((path: unknown, i) => {
    w.element = i;
    if (typeof path !== 'string') w.wrongType(field, path, 'a string');
  });
  w.element = NO_ELEMENT;
  return item;
}

function writeWrapper(w: JsonEncoder, plan: Plan, value: unknown): void {
  const bare = bareFieldOf(plan);
  if (!isWrapperMessage(value)) {
    writeJsonScalar(w, bare, value, false);
    return;
  }
  const [entry] = gatherFields(w, plan, value);
  if (entry !== undefined) writeJsonScalar(w, entry.field, entry.item, false);
  else writeJsonScalar(w, bare, bare.type === 12 ? new Uint8Array(0) : bare.default, false);
}

function writeAny(w: JsonEncoder, plan: Plan, value: unknown): void {
  const any = anyOf(w, plan, value);
  if (any === undefined) {
    writeOwnAny(w, plan, value as Fields);
    return;
  }
  const { record, typeUrl, payload } = any;
  if (payload === undefined) refuseUnloaded(w, typeUrl);
  const { '@type': _, ...rest } = record;
  const onlyValue = Object.keys(rest).every((key) => key === 'value');
  const { value: content } = rest;
  if (onlyValue && holdsRawBytes(record, payload)) {
    writePacked(w, typeUrl, payload, content as Uint8Array);
    return;
  }
  const isEmpty = payload.typeName === 'google.protobuf.Empty';
  openAny(w, typeUrl);
  if (payload.wellKnown === kind.NOT_WELL_KNOWN && !(isEmpty && onlyValue)) {
    writeJsonMembers(w, payload, rest);
  } else {
    if (!onlyValue) w.refuse(`an Any of ${payload.typeName} has '@type' and 'value' only`);
    if (content === undefined && !isEmpty) w.refuse(`an Any of ${payload.typeName} needs 'value'`);
    if (!isEmpty) writePayloadValue(w, payload, content);
  }
  w.close(CLOSE_OBJECT);
}

/** `{ typeUrl, value }`, with the bytes of a message. */
function writeOwnAny(w: JsonEncoder, plan: Plan, value: Fields): void {
  let typeUrl = '';
  let bytes: Uint8Array = new Uint8Array(0);
  for (const { field, item } of gatherFields(w, plan, value)) {
    if (field.number === 2) bytes = toBytes(w, field, item);
    else if (typeof item === 'string') typeUrl = item;
    else w.wrongType(field, item, 'a string');
  }
  if (typeUrl === '' && bytes.length === 0) {
    w.open(OPEN_OBJECT);
    w.close(CLOSE_OBJECT);
    return;
  }
  const payload = plan.set.find(typeNameOfUrl(typeUrl));
  if (payload === undefined) refuseUnloaded(w, typeUrl);
  else writePacked(w, typeUrl, payload, bytes);
}

function refuseUnloaded(w: JsonEncoder, typeUrl: string): never {
  return w.refuseUnloaded(
    `${describeValue(typeUrl)} is not loaded, and an Any of a type without a schema has no form in JSON; load its schema`,
    typeNameOfUrl(typeUrl),
  );
}

/** The bytes of a message, decoded and written anew. */
function writePacked(w: JsonEncoder, typeUrl: string, payload: Plan, bytes: Uint8Array): void {
  let message: unknown;
  try {
    message = decodeWith(payload, bytes, 0, bytes.length);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    w.refuse(`the value of an Any has no form in JSON: ${error.message}`);
  }
  openAny(w, typeUrl);
  if (payload.wellKnown === kind.NOT_WELL_KNOWN) writeJsonMembers(w, payload, message as Fields);
  else writePayloadValue(w, payload, message);
  w.close(CLOSE_OBJECT);
}

function openAny(w: JsonEncoder, typeUrl: string): void {
  w.open(OPEN_OBJECT);
  w.key('@type');
  if (!w.text(typeUrl)) w.refuse(`'@type' has a lone surrogate`);
  w.comma();
}

function writePayloadValue(w: JsonEncoder, payload: Plan, value: unknown): void {
  w.key('value');
  w.enter({ key: 'value' });
  writeJsonMessage(w, payload, value);
  w.leave();
}

function writeStruct(w: JsonEncoder, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlainObject(value)) {
    w.refuse(`expected a plain object (google.protobuf.Struct), got ${describeValue(value)}`);
  }
  const record = value as Fields;
  w.open(OPEN_OBJECT);
  for (const key of Object.keys(record)) {
    const item = record[key];
    if (item === undefined) continue;
    if (!w.key(key)) w.refuse('a key of a google.protobuf.Struct has a lone surrogate');
    w.enter({ key });
    writeValue(w, item);
    w.leave();
    w.comma();
  }
  w.close(CLOSE_OBJECT);
}

const LIST_ELEMENT = { key: '' };

function writeListValue(w: JsonEncoder, value: unknown): void {
  if (!Array.isArray(value)) {
    w.refuse(`expected an array (google.protobuf.ListValue), got ${describeValue(value)}`);
  }
  w.open(OPEN_LIST);
  for (let i = 0; i < value.length; i++) {
    w.element = i;
    w.enter(LIST_ELEMENT);
    writeValue(w, value[i]);
    w.leave();
    w.comma();
  }
  w.element = NO_ELEMENT;
  w.close(CLOSE_LIST);
}

function writeValue(w: JsonEncoder, value: unknown): void {
  switch (typeof value) {
    case 'string':
      if (!w.text(value)) w.refuse('text has a lone surrogate, which UTF-8 cannot hold');
      return;
    case 'number':
      if (!Number.isFinite(value))
        w.refuse(`${describeValue(value)} in a google.protobuf.Value has no form in JSON`);
      w.ascii(Object.is(value, -0) ? '-0' : String(value));
      return;
    case 'boolean':
      w.ascii(value ? 'true' : 'false');
      return;
    case 'object':
      if (value === null) {
        w.ascii('null');
        return;
      }
      if (Array.isArray(value)) {
        writeListValue(w, value);
        return;
      }
      if (isPlainObject(value)) {
        writeStruct(w, value);
        return;
      }
      break;
    default:
  }
  w.refuse(
    `expected null, a boolean, a number, text, an array or a plain object (google.protobuf.Value), got ${describeValue(value)}`,
  );
}
