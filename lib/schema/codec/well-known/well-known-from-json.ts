// The well-known types of ProtoJSON coming in, as well-known-decode.ts makes them of the wire format: Struct, Value, ListValue
// and the wrappers become plain values, an Any the object of its type with '@type', Timestamp, Duration and FieldMask the
// messages that they are.

import { setOwn } from '../../../values/own-property.ts';
import { typeNameOfUrl } from '../../descriptors/names.ts';
import * as kind from '../../descriptors/well-known-kind.ts';
import { defaultOf } from '../decode-scalar.ts';
import { ANY_WORDS, ENTRY_WORDS, LIST_WORDS, MAP_WORDS } from '../decoded-size.ts';
import { readJsonFields, readJsonMessage } from '../json/json-decode.ts';
import { readJsonScalar } from '../json/json-decode-scalar.ts';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  type JsonDecoder,
  LETTER_N,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from '../json/json-decoder.ts';
import {
  isDuration,
  MAX_TIMESTAMP_SECONDS,
  MIN_TIMESTAMP_SECONDS,
  parseDuration,
  parseTimestamp,
  type SecondsAndNanos,
} from '../json/time-text.ts';
import { markJsonAny } from '../message-class.ts';
import type { Fields, Plan } from '../plan.ts';
import { LONG_BIGINT, LONG_STRING } from '../value-shape.ts';
import { MAX_DEPTH, TOO_DEEP } from '../wire/nesting.ts';
import { copyInto } from './well-known-decode.ts';

const SEGMENT = { key: 'value' };
const TYPE = '@type';

export function readJsonWellKnown(r: JsonDecoder, plan: Plan): unknown {
  switch (plan.wellKnown) {
    case kind.TIMESTAMP:
      return readTime(r, plan, timestampIn);
    case kind.DURATION:
      return readTime(r, plan, durationIn);
    case kind.FIELD_MASK:
      return readFieldMask(r, plan);
    case kind.ANY:
      return readAny(r, plan);
    case kind.STRUCT:
      return readStruct(r);
    case kind.LIST_VALUE:
      return readListValue(r);
    case kind.WRAPPER:
      return readJsonScalar(r, plan.fields[0]);
    default:
      return readValue(r);
  }
}

function enter(r: JsonDecoder): void {
  if (r.depth >= MAX_DEPTH) r.fail(TOO_DEEP);
  r.enter(SEGMENT);
}

function timestampIn(text: string): SecondsAndNanos | undefined {
  const time = parseTimestamp(text);
  const isInRange =
    time !== undefined && time.seconds >= MIN_TIMESTAMP_SECONDS && time.seconds <= MAX_TIMESTAMP_SECONDS;
  return isInRange ? time : undefined;
}

function durationIn(text: string): SecondsAndNanos | undefined {
  const time = parseDuration(text);
  return time !== undefined && isDuration(time.seconds, time.nanos) ? time : undefined;
}

function readTime(r: JsonDecoder, plan: Plan, parse: (text: string) => SecondsAndNanos | undefined): Fields {
  if (r.peek() !== QUOTE) r.expected(`text (${plan.typeName})`);
  const start = r.pos;
  const time = parse(r.string());
  if (time === undefined) {
    r.pos = start;
    return r.fail(`the text is no ${plan.typeName}`);
  }
  const { longs, defaults } = plan.set.shape;
  const [secondsField, nanosField] = plan.fields;
  r.take(plan.words);
  const message = new plan.Message();
  const { seconds, nanos } = time;
  if (seconds !== 0n || defaults) {
    message[secondsField.key] =
      longs === LONG_BIGINT ? seconds : longs === LONG_STRING ? String(seconds) : Number(seconds);
  }
  if (nanos !== 0 || defaults) message[nanosField.key] = nanos;
  return message;
}

function readFieldMask(r: JsonDecoder, plan: Plan): Fields {
  if (r.peek() !== QUOTE) r.expected(`text (${plan.typeName})`);
  const start = r.pos;
  const text = r.string();
  r.take(plan.words);
  const message = new plan.Message();
  const [paths] = plan.fields;
  const { defaults, arrays } = plan.set.shape;
  if (text !== '') {
    r.take(LIST_WORDS);
    message[paths.key] = text.split(',').map((path) => {
      if (!/^[A-Za-z0-9.]+$/.test(path) || /^\.|\.\.|\.$/.test(path)) {
        r.pos = start;
        r.fail(`the text is no ${plan.typeName}`);
      }
      return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    });
  } else if (defaults || arrays) message[paths.key] = defaultOf(paths);
  return message;
}

function readAny(r: JsonDecoder, plan: Plan): Fields {
  r.open(OPEN_OBJECT, 'an object');
  r.take(ANY_WORDS);
  const any = new plan.Message();
  if (!r.isFirst(CLOSE_OBJECT)) return any;
  const start = r.pos;
  const typeUrl = findType(r);
  // Mostly it stands first, and what follows are the fields.
  r.pos = start;
  const typeName = typeNameOfUrl(typeUrl);
  const payload = plan.set.find(typeName);
  if (typeName === '' || (payload === undefined && typeName === typeUrl)) {
    r.fail("'@type' is not like 'type.googleapis.com/package.Type'");
  }
  any[TYPE] = typeUrl;
  enter(r);
  if (payload === undefined) readUnloaded(r, any);
  else if (payload.wellKnown === kind.NOT_WELL_KNOWN) {
    // '@type' itself is no field, and passed over as any other that the type does not have.
    copyInto(any, readJsonFields(r, payload, true));
  } else readPacked(r, payload, any);
  r.leave();
  return any;
}

/** The value of '@type', wherever it stands among the members. */
function findType(r: JsonDecoder): string {
  const start = r.pos;
  let typeUrl: string | undefined;
  do {
    const name = r.name();
    if (name !== TYPE) r.skipValue();
    else if (r.peek() === QUOTE) {
      typeUrl = r.string();
      break;
    } else r.expected(`text as '${TYPE}'`);
  } while (r.isNext(CLOSE_OBJECT));
  r.looked(r.pos - start);
  return typeUrl ?? r.fail(`an Any without '${TYPE}'`);
}

/** A well-known type: its value is under `value`. */
function readPacked(r: JsonDecoder, payload: Plan, any: Fields): void {
  let isSet = false;
  do {
    if (r.name() !== 'value') r.skipValue();
    else {
      if (isSet) r.fail("an Any has the property 'value' twice");
      isSet = true;
      any['value'] = readJsonMessage(r, payload);
    }
  } while (r.isNext(CLOSE_OBJECT));
  if (!isSet) r.fail(`an Any of ${payload.typeName} without 'value'`);
}

/** Of a type that is not loaded: its members as plain values. */
function readUnloaded(r: JsonDecoder, any: Fields): void {
  markJsonAny(any);
  do {
    r.take(ENTRY_WORDS);
    const name = r.name();
    if (name === TYPE) r.skipValue();
    else put(r, any, name, readValue(r));
  } while (r.isNext(CLOSE_OBJECT));
}

function put(r: JsonDecoder, target: Fields, name: string, value: unknown): void {
  if (Object.hasOwn(target, name)) r.fail('an object has two properties of one name');
  if (name === '__proto__') setOwn(target, name, value);
  else target[name] = value;
}

function readStruct(r: JsonDecoder): Fields {
  r.open(OPEN_OBJECT, 'an object');
  r.take(MAP_WORDS);
  const struct: Fields = {};
  if (!r.isFirst(CLOSE_OBJECT)) return struct;
  enter(r);
  do {
    r.take(ENTRY_WORDS);
    const name = r.name();
    put(r, struct, name, readValue(r));
  } while (r.isNext(CLOSE_OBJECT));
  r.leave();
  return struct;
}

function readListValue(r: JsonDecoder): unknown[] {
  r.open(OPEN_LIST, 'an array');
  r.take(LIST_WORDS);
  const list: unknown[] = [];
  if (!r.isFirst(CLOSE_LIST)) return list;
  enter(r);
  do list.push(readValue(r));
  while (r.isNext(CLOSE_LIST));
  r.leave();
  return list;
}

function readValue(r: JsonDecoder): unknown {
  switch (r.peek()) {
    case QUOTE:
      return r.string();
    case OPEN_OBJECT:
      return readStruct(r);
    case OPEN_LIST:
      return readListValue(r);
    case LETTER_N:
      if (r.word('null')) return null;
      break;
    default: {
      if (r.word('true')) return true;
      if (r.word('false')) return false;
      const plain = r.plainInteger();
      if (!Number.isNaN(plain)) return plain;
      const number = Number(r.numberText(undefined, 'a value'));
      return Number.isFinite(number) ? number : r.fail('a number out of range for double');
    }
  }
  return r.expected('a value');
}
