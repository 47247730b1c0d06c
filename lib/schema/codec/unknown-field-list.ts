// The fields of a message that its schema does not know, one by one, to be shown. Only their numbers and wire types are
// known; what is length-delimited may be text, bytes or a message.

import { unknownOctetsOf } from './unknown-fields.ts';
import { MAX_DEPTH } from './wire/nesting.ts';
import { WireReader } from './wire/wire-reader.ts';

/** How deep length-delimited values are tried as messages: it is a guess, after all. */
const MAX_GUESSES = 10;
const START_GROUP = 3;
const END_GROUP = 4;

/** A field that came with a message and is not in its schema. */
export type UnknownField =
  | { readonly number: number; readonly wireType: 'varint' | 'fixed32' | 'fixed64'; readonly value: bigint }
  /** Text, bytes, a message or a packed list. */
  | { readonly number: number; readonly wireType: 'bytes'; readonly value: Uint8Array }
  | { readonly number: number; readonly wireType: 'group'; readonly value: readonly UnknownField[] };

/** As many as a small container can take: each is an object of its own, and 4 MiB hold two million of two octets. */
const MAX_SHOWN = 250_000;

/** How many more may be listed, over all the messages that are shown at a time. */
export class ListedFields {
  #left: number;

  constructor(limit: number = MAX_SHOWN) {
    this.#left = limit;
  }

  /** RangeError when there are too many. */
  take(): void {
    if (this.#left-- <= 0) throw new RangeError(`more than ${MAX_SHOWN} unknown fields to show`);
  }

  /** The result of `list`; undefined if it throws, and then nothing counts as listed. */
  try<T>(list: () => T): T | undefined {
    const left = this.#left;
    try {
      return list();
    } catch {
      this.#left = left;
      return undefined;
    }
  }
}

/** The unknown fields of a decoded message itself, not of those in it, in the order they came. */
export function unknownFieldsOf(
  message: object,
  listed: ListedFields = new ListedFields(Number.POSITIVE_INFINITY),
): readonly UnknownField[] {
  const octets = unknownOctetsOf(message);
  return octets === undefined ? [] : fieldsIn(octets, listed);
}

/** Their numbers, each once: without an object for each field. */
export function unknownNumbersOf(message: object): ReadonlySet<number> {
  const numbers = new Set<number>();
  const octets = unknownOctetsOf(message);
  if (octets === undefined) return numbers;
  const r = readerOf(octets);
  while (r.pos < octets.length) {
    const tag = r.tag();
    numbers.add(tag >>> 3);
    r.skip(tag, octets.length);
  }
  return numbers;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const CONTROL_CHARACTER = /[^\P{C}\t\r\n]/u;

/** What a length-delimited value seems to be. */
export type Guess =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'message'; readonly fields: readonly UnknownField[] }
  | { readonly kind: 'bytes' };

/**
 * Text that a person would read is more likely to be meant as such: many short ones are well-formed messages too. What is
 * malformed as a message, or would be one of too many fields, is bytes.
 */
export function guess(value: Uint8Array, level: number, listed: ListedFields): Guess {
  const text = textOf(value);
  if (text !== undefined) return { kind: 'text', text };
  const fields = level < MAX_GUESSES ? listed.try(() => fieldsIn(value, listed)) : undefined;
  return fields === undefined ? { kind: 'bytes' } : { kind: 'message', fields };
}

function textOf(octets: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(octets);
    return CONTROL_CHARACTER.test(text) ? undefined : text;
  } catch {
    // Not UTF-8.
    return undefined;
  }
}

function readerOf(octets: Uint8Array): WireReader {
  const r = new WireReader();
  r.start(octets, 0, octets.length, 'message');
  return r;
}

function fieldsIn(octets: Uint8Array, listed: ListedFields): UnknownField[] {
  return readFields(readerOf(octets), octets.length, 0, 0, listed);
}

/** Fields up to `end`, or to the end of the group (0: none). */
function readFields(
  r: WireReader,
  end: number,
  group: number,
  depth: number,
  listed: ListedFields,
): UnknownField[] {
  const fields: UnknownField[] = [];
  while (r.pos < end) {
    const tag = r.tag();
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (wireType === END_GROUP && number === group && group !== 0) return fields;
    listed.take();
    if (wireType !== START_GROUP) fields.push(readField(r, tag, end));
    else if (number === 0 || depth === MAX_DEPTH) r.fail('a malformed group');
    else fields.push({ number, wireType: 'group', value: readFields(r, end, number, depth + 1, listed) });
  }
  if (group !== 0 || r.pos !== end) r.truncated();
  return fields;
}

function readField(r: WireReader, tag: number, end: number): UnknownField {
  const number = tag >>> 3;
  const start = r.pos;
  r.skip(tag, end);
  const after = r.pos;
  r.pos = start;
  switch (tag & 7) {
    case 0:
      r.varint64();
      return { number, wireType: 'varint', value: r.unsigned() };
    case 1:
      r.fixed64(end);
      return { number, wireType: 'fixed64', value: r.unsigned() };
    case 5:
      return { number, wireType: 'fixed32', value: BigInt(r.fixed32(end)) };
    default:
      r.lengthEnd(end);
      return { number, wireType: 'bytes', value: r.bytes(after) };
  }
}
