// Any value as short text for one line: of bounded length and made in bounded time, however large the value, and safe to
// print, whoever sent it. It must not know patterns.

import { isRegExp } from 'node:util/types';
import { isBytes, isDate, isMap } from '../../values/realm.ts';
import { escapeJson, escapeText } from '../../values/text/escaped-text.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import { toBase64 } from '../codec/decode-scalar.ts';
import { messageToJson } from '../codec/json/json.ts';
import { planOf } from '../codec/message-class.ts';
import type { Plan } from '../codec/plan.ts';
import { typeNameOfUrl } from '../descriptors/names.ts';
import { ANY, DURATION, TIMESTAMP } from '../descriptors/well-known-kind.ts';
import { isFieldSet } from './message-fields.ts';

/** How much of a value is shown, in characters, about. */
const MAX_SHOWN = 120;
/** How much of one text is shown. */
export const MAX_SHOWN_TEXT = 60;
/** How much of a text that two have in common is shown before they differ. */
const SHOWN_BEFORE = 20;
const MAX_SHOWN_OCTETS = 24;
const MAX_SHOWN_DIGITS = 40;
const MAX_LEVELS = 6;
const MORE = '…';

/** What an unset field is called. */
export const NOT_SET = 'nothing';

/** Text in quotes, its beginning if it is long. */
export function shownText(text: string): string {
  return text.length <= MAX_SHOWN_TEXT
    ? quoted(text)
    : `${quoted(`${text.slice(0, MAX_SHOWN_TEXT)}${MORE}`)} (${text.length} characters)`;
}

const quoted = (text: string): string => escapeJson(JSON.stringify(text));

/** Two texts that differ, each where it begins to differ if they are long. */
export function shownTexts(expected: string, actual: string): readonly [string, string] {
  if (expected.length <= MAX_SHOWN_TEXT && actual.length <= MAX_SHOWN_TEXT) {
    return [quoted(expected), quoted(actual)];
  }
  const end = Math.min(expected.length, actual.length);
  let at = 0;
  while (at < end && expected.charCodeAt(at) === actual.charCodeAt(at)) at++;
  const from = at <= MAX_SHOWN_TEXT / 2 ? 0 : at - SHOWN_BEFORE;
  return [excerpt(expected, from), excerpt(actual, from)];
}

function excerpt(text: string, from: number): string {
  const part = text.slice(from, from + MAX_SHOWN_TEXT);
  const shown = `${from > 0 ? MORE : ''}${part}${from + part.length < text.length ? MORE : ''}`;
  return `${quoted(shown)} (${text.length} characters)`;
}

/** `4 bytes, AQIDBA==` */
export function shownBytes(bytes: Uint8Array): string {
  const count = `${bytes.length} ${bytes.length === 1 ? 'byte' : 'bytes'}`;
  if (bytes.length === 0) return count;
  const more = bytes.length > MAX_SHOWN_OCTETS ? MORE : '';
  return `${count}, ${toBase64(bytes.subarray(0, MAX_SHOWN_OCTETS))}${more}`;
}

export function shownNumber(value: number | bigint): string {
  if (Object.is(value, -0)) return '-0';
  const digits = String(value);
  return digits.length > MAX_SHOWN_DIGITS ? `an integer of ${digits.length} digits` : digits;
}

/** A key of a map or a member of a Struct, as a path and an object show it. */
export function shownKey(key: string): string {
  return /^[A-Za-z_@$][\w@$]{0,40}$/.test(key) ? key : quoted(shortened(key));
}

/** Any value: `{ name: "x", items: [1, 2, …] }`. */
export function shownValue(value: unknown): string {
  return new Shower().value(value, 0);
}

/** Shows one value, until it has shown enough. */
class Shower {
  #left = MAX_SHOWN;

  #take(text: string): string {
    this.#left -= text.length;
    return text;
  }

  value(value: unknown, level: number): string {
    if (typeof value !== 'object' || value === null) return this.#take(shownScalar(value));
    if (isBytes(value)) return this.#take(shownBytes(value));
    if (isDate(value))
      return this.#take(Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString());
    if (isRegExp(value)) return this.#take(escapeText(shortened(String(value), MAX_SHOWN_TEXT)));
    if (level >= MAX_LEVELS) return this.#take(MORE);
    if (Array.isArray(value)) return this.#list(value, level);
    const plan = planOf(value);
    if (plan?.wellKnown === TIMESTAMP || plan?.wellKnown === DURATION) {
      const text = messageToJson(plan, value, false);
      if (typeof text === 'string') return this.#take(text);
    }
    return this.#members(fieldsOf(plan, value), value, level);
  }

  #list(list: readonly unknown[], level: number): string {
    const parts: string[] = [];
    for (const item of list) {
      if (this.#left <= 0) {
        parts.push(`${MORE} ${list.length - parts.length} more`);
        break;
      }
      parts.push(this.value(item, level + 1));
    }
    return `[${parts.join(', ')}]`;
  }

  #members(plan: Plan | undefined, value: object, level: number): string {
    const parts: string[] = [];
    for (const [key, item] of isMap(value) ? value : membersOf(value)) {
      if (!isShown(plan, String(key), item)) continue;
      if (this.#left <= 0) {
        parts.push(MORE);
        break;
      }
      const name = this.#take(shownKey(String(key)));
      parts.push(`${name}: ${this.value(item, level + 1)}`);
    }
    return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
  }
}

/** What says which members are set: of an Any the type of its content. */
function fieldsOf(plan: Plan | undefined, value: object): Plan | undefined {
  if (plan?.wellKnown !== ANY) return plan;
  const { '@type': typeUrl } = value as { '@type'?: unknown };
  return typeof typeUrl === 'string' ? plan.set.find(typeNameOfUrl(typeUrl)) : plan;
}

/** One after the other, as a value may have millions. */
function* membersOf(value: object): Generator<[string, unknown]> {
  for (const key in value) {
    if (Object.hasOwn(value, key)) yield [key, (value as Record<string, unknown>)[key]];
  }
}

function isShown(plan: Plan | undefined, key: string, item: unknown): boolean {
  const field = plan?.names.get(key);
  return field === undefined ? item !== undefined : isFieldSet(field, item);
}

/** A value without members. */
function shownScalar(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return shownText(value);
    case 'number':
    case 'bigint':
      return shownNumber(value);
    case 'undefined':
      return NOT_SET;
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}
