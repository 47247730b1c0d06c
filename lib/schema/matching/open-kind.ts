// Values whose kind only they know: google.protobuf.Struct, Value and ListValue, and replies whose type is not known. A
// pattern is compared with whatever is there. Where no schema says what is meant, values are alike if any type would take
// them for the same: 7n, 7 and '7', bytes and their base64, a Date and the seconds and nanos of a Timestamp.

import { isBytes, isDate, isMap, isObject, isPlainObject, ownBytes } from '../../values/realm.ts';
import { fromBase64 } from '../../values/text/base64.ts';
import { JsonNumber } from '../../values/text/json-text.ts';
import { toBase64 } from '../codec/decode-scalar.ts';
import type { Encoder } from '../codec/encoder.ts';
import { describeValue } from '../codec/encoder.ts';
import { parseTimestamp } from '../codec/json/time-text.ts';
import { EntriesCheck, elementCheck, shownEntry } from './collection-kinds.ts';
import type { Check, Comparison } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import type { Kind } from './kind.ts';
import { InOrderCheck } from './list-checks.ts';
import { compileAt, memberKey } from './operators.ts';
import type { Place } from './place.ts';
import { nanosOf, PlainScalar, type Scalar, type ScalarKind } from './scalar-kinds.ts';
import { shownKey, shownNumber, shownValue } from './shown-value.ts';
import { isEqual } from './value-checks.ts';

/** A number of a Value; without a schema 64 bits too. */
class OpenNumber extends PlainScalar {
  readonly word = 'a number';
  override readonly isOrdered = true;

  read(w: Encoder, value: unknown): Scalar {
    if (typeof value === 'number' || typeof value === 'bigint') return value;
    if (value instanceof JsonNumber) return Number(value);
    return w.refuse(`expected a number, got ${describeValue(value)}`);
  }

  show(value: Scalar): string {
    return shownNumber(value as number | bigint);
  }
}

const NUMBER: ScalarKind = new OpenNumber();

/** What such a value may be. */
type Form = 'value' | 'struct' | 'list';

export class OpenKind implements Kind {
  readonly word: string;
  readonly takesNull: boolean;
  readonly takesMembers: boolean;
  readonly isText: boolean;
  readonly hasLength = true;
  readonly scalar = undefined;
  readonly ordered: ScalarKind | undefined;
  readonly #form: Form;
  /** No schema says what values mean. */
  readonly #isLoose: boolean;

  constructor(form: Form, word: string, isLoose: boolean) {
    this.#form = form;
    this.word = word;
    this.#isLoose = isLoose;
    this.takesNull = form === 'value' && !isLoose;
    this.takesMembers = form !== 'list';
    this.isText = form === 'value';
    this.ordered = form === 'value' ? NUMBER : undefined;
  }

  get element(): Kind | undefined {
    if (this.#form === 'struct') return undefined;
    return this.#isLoose ? UNKNOWN_KIND : VALUE_KIND;
  }

  literal(c: Compiler, pattern: unknown): Check {
    if (Array.isArray(pattern) && this.#form !== 'struct') {
      const kind = this.element ?? this;
      const checks = pattern.map((item, i) => c.atElement(i, () => elementCheck(c, kind, item)));
      return new InOrderCheck(checks, pattern);
    }
    if (this.#form !== 'list' && isMembers(pattern)) return this.#members(c, pattern);
    if (this.#form === 'value' && isPlainValue(pattern, this.#isLoose)) {
      return new OpenCheck(pattern instanceof JsonNumber ? Number(pattern) : pattern, this.#isLoose);
    }
    return c.refuse(`expected ${this.#wanted()}, got ${describeValue(pattern)}`);
  }

  #wanted(): string {
    if (this.#form === 'struct') return `a plain object (google.protobuf.Struct)`;
    if (this.#form === 'list') return `an array (google.protobuf.ListValue)`;
    return `null, a boolean, a number, text, an array or a plain object (${this.word})`;
  }

  #members(c: Compiler, pattern: object): Check {
    const checks = new Map<string, Check>();
    const kind = this.#isLoose ? UNKNOWN_KIND : VALUE_KIND;
    for (const [key, item] of isMap(pattern) ? pattern : Object.entries(pattern)) {
      if (item === undefined) continue;
      const name = memberKey(c, String(key));
      checks.set(
        name,
        c.atField(shownKey(name), String(key), () => compileAt(c, { kind }, item)),
      );
    }
    return new EntriesCheck(checks, c.isExact, pattern, enterMember);
  }

  show(actual: unknown): string {
    return shownValue(actual);
  }
}

export const VALUE_KIND: OpenKind = new OpenKind('value', 'a google.protobuf.Value', false);
export const STRUCT_KIND: OpenKind = new OpenKind('struct', 'a google.protobuf.Struct', false);
export const LIST_VALUE_KIND: OpenKind = new OpenKind('list', 'a google.protobuf.ListValue', false);
/** A value of which no schema is known. */
export const UNKNOWN_KIND: OpenKind = new OpenKind('value', 'a value of unknown type', true);

function enterMember(place: Place, key: string): void {
  const shown = shownKey(key);
  if (shown.startsWith('"')) place.enterElement(shownEntry(key));
  else place.enterKey(shown);
}

/** A message, map or Struct. */
function isMembers(pattern: unknown): pattern is object {
  if (!isObject(pattern) || Array.isArray(pattern) || isBytes(pattern) || isDate(pattern)) return false;
  return isMap(pattern) || isPlainObject(pattern);
}

function isPlainValue(pattern: unknown, isLoose: boolean): boolean {
  if (pattern === null || pattern instanceof JsonNumber) return true;
  switch (typeof pattern) {
    case 'string':
    case 'number':
    case 'boolean':
      return true;
    case 'bigint':
      return isLoose;
    default:
      return isLoose && (isBytes(pattern) || isDate(pattern));
  }
}

/** Equal to a value, as far as can be told. */
class OpenCheck implements Check {
  readonly needsValue = true;
  readonly #value: unknown;
  readonly #isLoose: boolean;

  constructor(value: unknown, isLoose: boolean) {
    this.#value = value;
    this.#isLoose = isLoose;
  }

  get wanted(): string {
    return shownValue(this.#value);
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    const expected = this.#value;
    if (isSame(expected, actual) || (this.#isLoose && isAlike(expected, actual))) return;
    if (typeof expected === 'string' && typeof actual === 'string') c.reportTexts(expected, actual);
    else c.report(this, () => shownValue(actual));
  }
}

function isSame(expected: unknown, actual: unknown): boolean {
  if (expected === null || actual === null) return expected === actual;
  return (
    typeof expected === typeof actual &&
    typeof expected !== 'object' &&
    isEqual(expected as Scalar, actual as Scalar)
  );
}

/** Whether some type of a field would take both for the same value. */
function isAlike(expected: unknown, actual: unknown): boolean {
  if (isBytes(expected) || isBytes(actual)) return bytesText(expected) === bytesText(actual);
  if (typeof expected === 'bigint' || typeof actual === 'bigint')
    return integerText(expected) === integerText(actual);
  if (!isDate(expected) && !isDate(actual)) return false;
  const time = momentOf(expected);
  return time !== undefined && time === momentOf(actual);
}

/** Base64 of bytes, however they are given. */
function bytesText(value: unknown): string | undefined {
  if (isBytes(value)) return toBase64(ownBytes(value));
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined;
  return bytes === undefined ? undefined : toBase64(bytes);
}

function integerText(value: unknown): string {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : 'not an integer';
  return typeof value === 'bigint' || typeof value === 'string' ? String(value) : typeof value;
}

const NANOS_PER_MS = 1_000_000n;

/** The nanoseconds of a moment: a Date, RFC 3339 text, or a Timestamp as a message. */
function momentOf(value: unknown): bigint | undefined {
  if (isDate(value))
    return Number.isNaN(value.getTime()) ? undefined : BigInt(value.getTime()) * NANOS_PER_MS;
  const time = typeof value === 'string' ? parseTimestamp(value) : secondsAndNanos(value);
  return time === undefined ? undefined : nanosOf(time);
}

function secondsAndNanos(value: unknown): { seconds: bigint; nanos: number } | undefined {
  if (!isObject(value)) return undefined;
  const { seconds, nanos = 0 } = value as { seconds?: unknown; nanos?: unknown };
  const text = integerText(seconds);
  if (!/^-?\d{1,20}$/.test(text) || typeof nanos !== 'number' || !Number.isInteger(nanos)) return undefined;
  return { seconds: BigInt(text), nanos };
}
