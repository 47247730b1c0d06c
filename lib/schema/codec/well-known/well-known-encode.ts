// The well-known types going out, from what JavaScript has for them: Date and RFC 3339 text, '1.5s', plain values for
// Struct, Value, ListValue and the wrappers, 'a,b' for a FieldMask, '@type' objects for Any. The messages' own form
// ({ seconds, nanos }, { paths }, …) is accepted too where it is unambiguous, with whatever the wire can hold, since what
// was received must be fit to be sent. ProtoJSON's ranges apply only to texts and Dates.

import { isArrayBuffer, isBytes, isDate, ownBytes } from '../../../values/realm.ts';
import { fromBase64, fromCanonicalBase64 } from '../../../values/text/base64.ts';
import { JsonNumber } from '../../../values/text/json-text.ts';
import { typeNameOfUrl } from '../../descriptors/names.ts';
import * as kind from '../../descriptors/well-known-kind.ts';
import { writeFields, writeMessage } from '../encode.ts';
import { writeScalar } from '../encode-scalar.ts';
import { describeValue, type Encoder } from '../encoder.ts';
import {
  isDuration,
  MAX_DURATION_SECONDS,
  MAX_TIMESTAMP_SECONDS,
  MIN_TIMESTAMP_SECONDS,
  parseDuration,
  parseTimestamp,
  type SecondsAndNanos,
} from '../json/time-text.ts';
import { holdsRawBytes, planOf } from '../message-class.ts';
import { FieldPlan, type Fields, type Plan } from '../plan.ts';
import { withUnknownFields } from '../unknown-fields.ts';
import { open, writeListValue, writeStruct, writeValue } from './struct-encode.ts';

const TAG_OF_FIRST = 0x0a;
const TAG_OF_SECOND = 0x12;
const NANOS_PER_MS = 1_000_000;
/** The longest of the fixed tags and lengths written at once below. */
const HEAD_OCTETS = 16;

/** All that is needed of a plan to read text. */
type NamedType = Pick<Plan, 'typeName'>;

export function writeWellKnown(w: Encoder, plan: Plan, value: unknown): void {
  switch (plan.wellKnown) {
    case kind.TIMESTAMP:
      writeTimestamp(w, plan, value);
      return;
    case kind.DURATION:
      writeDuration(w, plan, value);
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

function refuseValue(w: Encoder, plan: NamedType, value: unknown, expected: string): never {
  return w.refuse(`expected ${expected} for ${plan.typeName}, got ${describeValue(value)}`);
}

export function refuseRange(w: Encoder, problem: string): never {
  const path = w.path('');
  return w.fail(new RangeError(path === '' ? problem : `${path}: ${problem}`));
}

function outOfRange(plan: NamedType, value: unknown, from: string, to: string): string {
  return `${describeValue(value)} is out of range: ${plan.typeName} goes from ${from} to ${to}`;
}

function writeTime(w: Encoder, { seconds, nanos }: SecondsAndNanos): void {
  w.ensure(2 * HEAD_OCTETS);
  if (seconds !== 0n) {
    w.octet(0x08);
    w.bigVarint(seconds);
  }
  if (nanos !== 0) {
    w.octet(0x10);
    w.int32(nanos);
  }
}

/** The moment that a Date or text stands for; undefined for the message's own form, `{ seconds, nanos }`. */
export function timestampOf(w: Encoder, plan: NamedType, value: unknown): SecondsAndNanos | undefined {
  let time: SecondsAndNanos | undefined;
  if (isDate(value)) {
    const ms = value.getTime();
    if (Number.isNaN(ms)) refuseRange(w, `an invalid Date cannot be a ${plan.typeName}`);
    const seconds = Math.floor(ms / 1000);
    time = { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * NANOS_PER_MS };
  } else if (typeof value === 'string') {
    time = parseTimestamp(value);
    if (time === undefined) {
      refuseValue(w, plan, value, 'a Date, RFC 3339 text (2026-01-31T12:00:00Z) or { seconds, nanos }');
    }
  } else if (typeof value === 'object' && value !== null) {
    return undefined;
  } else {
    const date = typeof value === 'number' ? 'a Date (from milliseconds: new Date(ms))' : 'a Date';
    refuseValue(w, plan, value, `${date}, RFC 3339 text or { seconds, nanos }`);
  }
  if (time.seconds < MIN_TIMESTAMP_SECONDS || time.seconds > MAX_TIMESTAMP_SECONDS) {
    refuseRange(w, outOfRange(plan, value, 'year 1', 'year 9999'));
  }
  return time;
}

function writeTimestamp(w: Encoder, plan: Plan, value: unknown): void {
  const time = timestampOf(w, plan, value);
  if (time === undefined) writeFields(w, plan, value as Fields);
  else writeTime(w, time);
}

/** The span that text stands for; undefined for the message's own form, `{ seconds, nanos }`. */
export function durationOf(w: Encoder, plan: NamedType, value: unknown): SecondsAndNanos | undefined {
  let time: SecondsAndNanos | undefined;
  if (typeof value === 'string') time = parseDuration(value);
  else if (typeof value === 'object' && value !== null && !isDate(value)) return undefined;
  if (time === undefined) refuseValue(w, plan, value, `text in seconds ('1.5s') or { seconds, nanos }`);
  if (!isDuration(time.seconds, time.nanos)) {
    refuseRange(w, outOfRange(plan, value, `-${MAX_DURATION_SECONDS}s`, `${MAX_DURATION_SECONDS}s`));
  }
  return time;
}

function writeDuration(w: Encoder, plan: Plan, value: unknown): void {
  const time = durationOf(w, plan, value);
  if (time === undefined) writeFields(w, plan, value as Fields);
  else writeTime(w, time);
}

/** The paths that text stands for, as the .proto spells them; undefined for the message's own form, `{ paths }`. */
export function maskPathsOf(w: Encoder, plan: Plan, value: unknown): readonly string[] | undefined {
  if (typeof value !== 'string') {
    if (typeof value !== 'object' || value === null)
      refuseValue(w, plan, value, `'a,b' or { paths: ['a', 'b'] }`);
    return undefined;
  }
  if (value === '') return [];
  return value.split(',').map((path) => {
    const isPath = path.split('.').every((name) => /^[A-Za-z0-9_]+$/.test(name));
    if (!isPath || (w.isJson && path.includes('_'))) {
      const names = w.isJson ? 'lowerCamelCase field names' : 'field names';
      refuseValue(w, plan, value, `${names} separated by commas`);
    }
    // ProtoJSON spells paths in lower camel case; the wire has the names of the .proto.
    return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  });
}

function writeFieldMask(w: Encoder, plan: Plan, value: unknown): void {
  const paths = maskPathsOf(w, plan, value);
  if (paths === undefined) {
    writeFields(w, plan, value as Fields);
    return;
  }
  for (const path of paths) {
    w.ensure(1);
    w.octet(TAG_OF_FIRST);
    w.string(path);
  }
}

/** Whether what is given for a wrapper is a message, `{ value }`, and not the plain value. */
export function isWrapperMessage(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    !isArrayBuffer(value) &&
    !(value instanceof JsonNumber) &&
    (Object.hasOwn(value, 'value') || Object.keys(value).length === 0) &&
    !Array.isArray(value)
  );
}

/** The plain value of a wrapper, or its message form `{ value }`. */
function writeWrapper(w: Encoder, plan: Plan, value: unknown): void {
  if (isWrapperMessage(value)) {
    writeFields(w, plan, value);
    return;
  }
  const bare = bareFieldOf(plan);
  writeScalar(w, bare, value, bare.tag, true);
}

/** The field of a wrapper, without a name. */
export function bareFieldOf(plan: Plan): FieldPlan {
  const [field] = plan.fields;
  let bare = bareFields.get(field);
  if (bare === undefined) {
    bare = new FieldPlan(plan, field.field, 0, '');
    bareFields.set(field, bare);
  }
  return bare;
}

/** The fields of wrappers without a name of their own, so that errors name the wrapper's place. */
const bareFields: WeakMap<FieldPlan, FieldPlan> = new WeakMap();

/** What an Any is given as `{ '@type': 'type.googleapis.com/x.Y', … }`. */
export interface GivenAny {
  readonly record: Fields;
  readonly typeUrl: string;
  /** Undefined where its type is not loaded. */
  readonly payload: Plan | undefined;
}

/** What is given for an Any; undefined for the message's own form, `{ typeUrl, value }`. */
export function anyOf(w: Encoder, plan: Plan, value: unknown): GivenAny | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuseValue(w, plan, value, `an object like { '@type': 'type.googleapis.com/…', … }`);
  }
  const record = value as Fields;
  const typeUrl = record['@type'];
  if (typeUrl === undefined) return undefined;
  const typeName = typeof typeUrl === 'string' ? typeNameOfUrl(typeUrl) : '';
  // What was decoded by types that are not loaded here, such as an error's details, is also encoded by them.
  const payload = plan.set.find(typeName) ?? planOf(record)?.set.find(typeName);
  // The bare name of a type is accepted because servers send it; in JSON that would allow any word.
  const isUrl = typeName !== '' && (typeName !== typeUrl || payload !== undefined || !w.isJson);
  if (typeof typeUrl !== 'string' || !isUrl) {
    w.refuse(`'@type' must be like 'type.googleapis.com/package.Type', got ${describeValue(typeUrl)}`);
  }
  return { record, typeUrl, payload };
}

/** An Any, in either form. */
function writeAny(w: Encoder, plan: Plan, value: unknown): void {
  const any = anyOf(w, plan, value);
  if (any === undefined) {
    writeFields(w, plan, value as Fields);
    return;
  }
  const { record, typeUrl, payload } = any;
  w.ensure(1);
  w.octet(TAG_OF_FIRST);
  if (!w.string(typeUrl)) w.refuse(`'@type' has a lone surrogate`);
  const before = w.pos;
  w.ensure(HEAD_OCTETS);
  w.octet(TAG_OF_SECOND);
  const start = open(w);
  writePayload(w, payload, typeUrl, record);
  if (w.pos === start + 1) w.pos = before;
  else w.setLength(start, 1);
}

function writePayload(w: Encoder, payload: Plan | undefined, typeUrl: string, record: Fields): void {
  const { '@type': _, ...rest } = record;
  const onlyValue = Object.keys(rest).every((key) => key === 'value');
  const { value } = rest;
  if (payload === undefined || (onlyValue && holdsRawBytes(record, payload))) {
    // Text is taken for base64; for a well-known type it would mean the text itself.
    const isText =
      typeof value === 'string' && kind.wellKnownKind(typeNameOfUrl(typeUrl)) === kind.NOT_WELL_KNOWN;
    if (!onlyValue || (value !== undefined && !isBytes(value) && !isText)) {
      w.refuseUnloaded(
        `${describeValue(typeUrl)} is not loaded; load its schema, or give { '@type', value: bytes }`,
        typeNameOfUrl(typeUrl),
      );
    }
    if (typeof value === 'string') writeRawText(w, value);
    else if (value !== undefined) w.raw(ownBytes(value as Uint8Array));
    return;
  }
  const isEmpty = payload.typeName === 'google.protobuf.Empty';
  if (payload.wellKnown === 0 && !(isEmpty && onlyValue)) {
    writeMessage(w, payload, withUnknownFields(rest, record));
    return;
  }
  if (!onlyValue) w.refuse(`an Any of ${payload.typeName} takes only '@type' and 'value'`);
  if (value === undefined) {
    if (!isEmpty) w.refuse(`an Any of ${payload.typeName} needs 'value'`);
    return;
  }
  w.enter({ key: 'value' });
  writeMessage(w, payload, value);
  w.leave();
}

function writeRawText(w: Encoder, text: string): void {
  const bytes = w.isJson ? fromBase64(text) : fromCanonicalBase64(text);
  if (bytes === undefined) {
    w.refuse(`'value' of an Any whose type is not loaded must be bytes or base64 text`);
  }
  w.raw(bytes);
}
