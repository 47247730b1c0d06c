// The well-known types going out, from what JavaScript has for them: Date and RFC 3339 text, '1.5s', plain
// values for Struct, Value, ListValue and the wrappers, 'a,b' for a FieldMask, '@type' objects for Any. The
// messages' own form ({ seconds, nanos }, { paths }, …) is taken too, where it cannot be mistaken.

import { writeFields, writeMessage } from './encode.ts';
import { writeScalar } from './encode-scalar.ts';
import { describeValue, type Encoder } from './encoder.ts';
import { FieldPlan, type Fields, type Plan } from './plan.ts';
import { open, writeListValue, writeStruct, writeValue } from './struct-encode.ts';
import {
  isDuration,
  MAX_DURATION_SECONDS,
  MAX_NANOS,
  MAX_TIMESTAMP_SECONDS,
  MIN_TIMESTAMP_SECONDS,
  parseDuration,
  parseTimestamp,
  type SecondsAndNanos,
} from './time-text.ts';
import * as kind from './well-known-kind.ts';

const TAG_OF_FIRST = 0x0a;
const TAG_OF_SECOND = 0x12;
const NANOS_PER_MS = 1_000_000;
/** The longest of the fixed tags and lengths written at once below. */
const HEAD_OCTETS = 16;

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

function refuseValue(w: Encoder, plan: Plan, value: unknown, expected: string): never {
  return w.refuse(`expected ${expected} for ${plan.typeName}, got ${describeValue(value)}`);
}

function refuseRange(w: Encoder, plan: Plan, value: unknown, range: string): never {
  const path = w.path('');
  return w.fail(
    new RangeError(
      `${path === '' ? '' : `${path}: `}${describeValue(value)} is out of range: ${plan.typeName} ${range}`,
    ),
  );
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

/** Seconds and nanos of a message in its own form, once `writeFields` has checked their types. */
function timeOf(plan: Plan, value: Fields): SecondsAndNanos {
  const read = (index: number): unknown =>
    value[plan.fields[index].key] ?? value[plan.fields[index].jsonName] ?? 0;
  const seconds = read(0);
  return {
    seconds: typeof seconds === 'bigint' ? seconds : BigInt(seconds as string | number),
    nanos: Number(read(1)),
  };
}

function writeTimestamp(w: Encoder, plan: Plan, value: unknown): void {
  let time: SecondsAndNanos | undefined;
  if (value instanceof Date) {
    const ms = value.getTime();
    if (Number.isNaN(ms)) refuseRange(w, plan, value, 'cannot hold an invalid Date');
    const seconds = Math.floor(ms / 1000);
    time = { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * NANOS_PER_MS };
  } else if (typeof value === 'string') {
    time = parseTimestamp(value);
    if (time === undefined) {
      refuseValue(w, plan, value, 'a Date, RFC 3339 text (2026-01-31T12:00:00Z) or { seconds, nanos }');
    }
  } else if (typeof value === 'object' && value !== null) {
    const fields = value as Fields;
    writeFields(w, plan, fields);
    checkTimestamp(w, plan, value, timeOf(plan, fields));
    return;
  } else refuseValue(w, plan, value, 'a Date, RFC 3339 text or { seconds, nanos }');
  checkTimestamp(w, plan, value, time);
  writeTime(w, time);
}

function checkTimestamp(w: Encoder, plan: Plan, value: unknown, { seconds, nanos }: SecondsAndNanos): void {
  if (seconds < MIN_TIMESTAMP_SECONDS || seconds > MAX_TIMESTAMP_SECONDS) {
    refuseRange(w, plan, value, 'goes from the year 1 to 9999');
  }
  if (nanos < 0 || nanos > MAX_NANOS) refuseRange(w, plan, value, `has nanos from 0 to ${MAX_NANOS}`);
}

function writeDuration(w: Encoder, plan: Plan, value: unknown): void {
  let time: SecondsAndNanos | undefined;
  if (typeof value === 'string') time = parseDuration(value);
  else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    const fields = value as Fields;
    writeFields(w, plan, fields);
    checkDuration(w, plan, value, timeOf(plan, fields));
    return;
  }
  if (time === undefined) refuseValue(w, plan, value, `text in seconds ('1.5s') or { seconds, nanos }`);
  checkDuration(w, plan, value, time);
  writeTime(w, time);
}

function checkDuration(w: Encoder, plan: Plan, value: unknown, { seconds, nanos }: SecondsAndNanos): void {
  if (isDuration(seconds, nanos)) return;
  const limit = MAX_DURATION_SECONDS;
  refuseRange(w, plan, value, `goes from -${limit}s to ${limit}s, with nanos of the same sign`);
}

function writeFieldMask(w: Encoder, plan: Plan, value: unknown): void {
  if (typeof value !== 'string') {
    if (typeof value !== 'object' || value === null)
      refuseValue(w, plan, value, `'a,b' or { paths: ['a', 'b'] }`);
    writeFields(w, plan, value as Fields);
    return;
  }
  if (value === '') return;
  for (const path of value.split(',')) {
    if (!/^[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*$/.test(path) || (w.isJson && path.includes('_'))) {
      refuseValue(w, plan, value, `field names with commas between them`);
    }
    w.ensure(1);
    w.octet(TAG_OF_FIRST);
    // ProtoJSON's spelling is lower camel; a path on the wire has the .proto's.
    w.string(path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  }
}

/** The plain value of a wrapper, or its message form `{ value }`. */
function writeWrapper(w: Encoder, plan: Plan, value: unknown): void {
  const isMessageForm =
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Uint8Array) &&
    (Object.hasOwn(value, 'value') || Object.keys(value).length === 0) &&
    !Array.isArray(value);
  if (isMessageForm) {
    writeFields(w, plan, value as Fields);
    return;
  }
  const [field] = plan.fields;
  let bare = bareFields.get(field);
  if (bare === undefined) {
    bare = new FieldPlan(plan, field.field, 0, '');
    bareFields.set(field, bare);
  }
  writeScalar(w, bare, value, bare.tag, true);
}

/** The fields of wrappers under no name of their own, so that errors name the wrapper's place. */
const bareFields: WeakMap<FieldPlan, FieldPlan> = new WeakMap();

/** An Any: `{ '@type': 'type.googleapis.com/x.Y', … }`, or in its own form `{ typeUrl, value }`. */
function writeAny(w: Encoder, plan: Plan, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuseValue(w, plan, value, `an object like { '@type': 'type.googleapis.com/…', … }`);
  }
  const record = value as Fields;
  const typeUrl = record['@type'];
  if (typeUrl === undefined) {
    writeFields(w, plan, record);
    return;
  }
  const slash = typeof typeUrl === 'string' ? typeUrl.lastIndexOf('/') : -1;
  if (typeof typeUrl !== 'string' || slash < 0 || slash === typeUrl.length - 1) {
    w.refuse(`'@type' must be like 'type.googleapis.com/package.Type', got ${describeValue(typeUrl)}`);
  }
  const payload = plan.set.find(typeUrl.slice(slash + 1));
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
  const isRaw = onlyValue && value instanceof Uint8Array && !payload?.names.has('value');
  if (payload === undefined || (isRaw && payload.wellKnown === 0)) {
    if (!onlyValue || (value !== undefined && !(value instanceof Uint8Array) && typeof value !== 'string')) {
      w.refuse(`${describeValue(typeUrl)} is not loaded; load its schema, or give { '@type', value: bytes }`);
    }
    if (typeof value === 'string') writeRawText(w, value);
    else if (value !== undefined) w.raw(value as Uint8Array);
    return;
  }
  const isEmpty = payload.typeName === 'google.protobuf.Empty';
  if (payload.wellKnown === 0 && !(isEmpty && onlyValue)) {
    writeMessage(w, payload, rest);
    return;
  }
  if (!onlyValue) w.refuse(`an Any of ${payload.typeName} has '@type' and 'value' only`);
  if (value === undefined) {
    if (!isEmpty) w.refuse(`an Any of ${payload.typeName} needs 'value'`);
    return;
  }
  w.enter({ key: 'value' });
  writeMessage(w, payload, value);
  w.leave();
}

function writeRawText(w: Encoder, text: string): void {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    w.refuse(`'value' of an Any whose type is not loaded must be bytes or base64 text`);
  }
  for (const char of atob(text)) {
    w.ensure(1);
    w.octet(char.charCodeAt(0));
  }
}
