// google.protobuf.Struct, Value and ListValue going out, from plain JavaScript values straight to their octets:
// their shape is fixed, so that no plan is needed.

import { isPlainObject } from '../../../values/realm.ts';
import { JsonNumber } from '../../../values/text/json-text.ts';
import { describeValue, type Encoder, NO_ELEMENT } from '../encoder.ts';
import type { Fields } from '../plan.ts';

const TAG_OF_FIRST = 0x0a;
const TAG_OF_SECOND = 0x12;
/** More than the tags and lengths that are written at once below. */
const HEAD_OCTETS = 16;

/** Reserves one octet for a length; returns its position. */
export function open(w: Encoder): number {
  w.ensure(HEAD_OCTETS);
  return w.pos++;
}

export function writeStruct(w: Encoder, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlainObject(value)) {
    w.refuse(`expected a plain object (google.protobuf.Struct), got ${describeValue(value)}`);
  }
  const record = value as Fields;
  for (const key of Object.keys(record)) {
    const item = record[key];
    if (item === undefined) continue;
    w.ensure(HEAD_OCTETS);
    w.octet(TAG_OF_FIRST);
    const entry = open(w);
    w.octet(TAG_OF_FIRST);
    if (!w.string(key)) w.refuse('a key of a google.protobuf.Struct has a lone surrogate');
    w.ensure(1);
    w.octet(TAG_OF_SECOND);
    const start = open(w);
    w.enter({ key });
    writeValue(w, item);
    w.leave();
    w.setLength(start, 1);
    w.setLength(entry, 1);
  }
}

export function writeListValue(w: Encoder, value: unknown): void {
  if (!Array.isArray(value)) {
    w.refuse(`expected an array (google.protobuf.ListValue), got ${describeValue(value)}`);
  }
  for (let i = 0; i < value.length; i++) {
    w.ensure(1);
    w.octet(TAG_OF_FIRST);
    const start = open(w);
    w.element = i;
    w.enter(LIST_ELEMENT);
    writeValue(w, value[i]);
    w.leave();
    w.setLength(start, 1);
  }
  w.element = NO_ELEMENT;
}

const LIST_ELEMENT = { key: '' };

export function writeValue(w: Encoder, value: unknown): void {
  w.ensure(HEAD_OCTETS);
  switch (typeof value) {
    case 'string':
      w.octet(0x1a);
      if (!w.string(value)) w.refuse('text has a lone surrogate, which UTF-8 cannot hold');
      return;
    case 'number':
      writeNumber(w, value, value);
      return;
    case 'boolean':
      w.octet(0x20);
      w.octet(value ? 1 : 0);
      return;
    case 'object': {
      if (value === null) {
        w.octet(0x08);
        w.octet(0);
        return;
      }
      if (value instanceof JsonNumber && w.isJson) {
        // A Value holds a double, so the document means the nearest one.
        writeNumber(w, Number(value), value);
        return;
      }
      const isList = Array.isArray(value);
      if (!isList && !isPlainObject(value)) break;
      w.octet(isList ? 0x32 : 0x2a);
      const start = open(w);
      if (isList) writeListValue(w, value);
      else writeStruct(w, value);
      w.setLength(start, 1);
      return;
    }
    default:
  }
  w.refuse(
    `expected null, a boolean, a number, text, an array or a plain object (google.protobuf.Value), got ${describeValue(value)}`,
  );
}

function writeNumber(w: Encoder, number: number, given: unknown): void {
  // JSON has no such numbers, but the wire has: a reply with one can be sent on.
  if (w.isJson && !Number.isFinite(number)) {
    w.refuse(`${describeValue(given)} cannot be in a google.protobuf.Value`);
  }
  w.octet(0x11);
  w.double(number);
}
