// JSON text as octets, coming in: strings, numbers, brackets and white space, strictly as RFC 8259 has them, and the state of
// one decode. Linear in the octets; says where it is wrong by field and octet, and shows nothing of the text, as there may
// be secrets in it. Knows nothing of messages but which fields of those around were set. Hot.

import { MAX_JSON_LEVELS } from '../../../values/text/json-text.ts';
import { Decoder } from '../decoder.ts';
import type { FieldPlan, Plan } from '../plan.ts';
import { DecodeError } from '../wire/decode-error.ts';
import type { TrailSegment } from '../wire/wire-reader.ts';
import { isWellFormed } from '../wire/wire-writer.ts';

export const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const LETTER_F = 0x66;

/** As many digits as every double holds exactly. */
const EXACT_DIGITS = 15;
/** A number as JSON has it. */
export const JSON_NUMBER: RegExp = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** How often, on average, an octet may be looked at before it is read: where Any values have their '@type' last. */
const MAX_LOOKS = 4;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

export class JsonDecoder extends Decoder {
  /** Where the text ends. */
  end = 0;
  /** One bit for each field and oneof of the messages that are being read, one message behind the other. */
  #marks: Int32Array = new Int32Array(64);
  #marksEnd = 0;
  /** Octets that may still be looked at ahead. */
  #looks = 0;

  beginJson(bytes: Uint8Array, start: number, end: number, typeName: string, maxDecodedBytes?: number): void {
    this.begin(bytes, start, end, typeName, maxDecodedBytes);
    this.end = end;
    this.#marksEnd = 0;
    this.#looks = (end - start) * MAX_LOOKS;
    if (BYTE_ORDER_MARK.every((octet, i) => bytes[start + i] === octet && start + i < end)) this.pos += 3;
  }

  override fail(problem: string, field?: TrailSegment | undefined): never {
    throw new DecodeError(`not a valid JSON form of ${this.where(field)}: ${problem}`);
  }

  /** What was expected where something else is. */
  expected(what: string, field?: TrailSegment | undefined): never {
    return this.fail(`expected ${what}, found ${this.#found()}`, field);
  }

  #found(): string {
    const octet = this.peek();
    if (octet < 0) return 'the end';
    if (octet === QUOTE) return 'a string';
    if (octet === OPEN_OBJECT) return 'an object';
    if (octet === OPEN_LIST) return 'an array';
    if (octet === MINUS || (octet >= ZERO && octet <= NINE)) return 'a number';
    if (octet === LETTER_N) return 'null';
    if (octet === LETTER_T || octet === LETTER_F) return 'true or false';
    return octet > SPACE && octet < 0x7f ? `'${String.fromCharCode(octet)}'` : `octet ${octet}`;
  }

  /** Moves past white space; the octet that follows, -1 at the end. */
  peek(): number {
    const { buf, end } = this;
    let at = this.pos;
    for (; at < end; at++) {
      const octet = buf[at];
      if (octet > SPACE || (octet !== SPACE && octet !== 0x0a && octet !== 0x0d && octet !== 0x09)) {
        this.pos = at;
        return octet;
      }
    }
    this.pos = at;
    return -1;
  }

  /** Takes an opening bracket. */
  open(bracket: number, what: string, field?: TrailSegment | undefined): void {
    if (this.peek() !== bracket) this.expected(what, field);
    this.pos++;
  }

  /** Whether an element or member follows the opening bracket; takes the closing one if not. */
  isFirst(close: number): boolean {
    if (this.peek() !== close) return true;
    this.pos++;
    return false;
  }

  /** Whether another one follows; takes the comma or the closing bracket. */
  isNext(close: number): boolean {
    const octet = this.peek();
    if (octet === COMMA) {
      this.pos++;
      return true;
    }
    if (octet !== close) this.expected(`',' or '${String.fromCharCode(close)}'`);
    this.pos++;
    return false;
  }

  /** Takes a name and colon if they are this very octets, `"name":`. */
  takesName(name: Uint8Array): boolean {
    const { buf, pos } = this;
    const { length } = name;
    if (pos + length > this.end) return false;
    for (let i = 1; i < length; i++) if (buf[pos + i] !== name[i]) return false;
    if (buf[pos] !== QUOTE) return false;
    this.pos = pos + length;
    return true;
  }

  /** Takes the name of a member, and the colon. */
  name(): string {
    if (this.peek() !== QUOTE) this.expected('a property name in double quotes');
    const name = this.string();
    if (this.peek() !== COLON) this.expected("':'");
    this.pos++;
    return name;
  }

  /** Takes a string; the octet here is its quote. */
  string(field: TrailSegment = NO_FIELD): string {
    const { buf, end } = this;
    const start = this.pos + 1;
    let hasEscapes = false;
    let at = start;
    for (; at < end; at++) {
      const octet = buf[at];
      if (octet === QUOTE) break;
      if (octet < SPACE) {
        this.pos = at;
        this.fail('a control character in a string is written as an escape', fieldOf(field));
      }
      if (octet === BACKSLASH) {
        hasEscapes = true;
        at++;
      }
    }
    if (at >= end) this.fail('a string is not closed', fieldOf(field));
    this.pos = start;
    const text = this.text(at, true, field);
    this.pos = at + 1;
    return hasEscapes ? this.#unescaped(text, start, field) : text;
  }

  #unescaped(text: string, start: number, field: TrailSegment): string {
    let plain: unknown;
    try {
      plain = JSON.parse(`"${text}"`);
    } catch {
      this.pos = start;
      this.fail('a string has an escape that JSON does not have', fieldOf(field));
    }
    if (typeof plain !== 'string' || !isWellFormed(plain)) {
      this.pos = start;
      this.fail('a string has a lone surrogate', fieldOf(field));
    }
    return plain;
  }

  /** Takes `true`, `false` or `null`; false where something else is. */
  word(word: string): boolean {
    const { buf, pos } = this;
    if (pos + word.length > this.end) return false;
    for (let i = 0; i < word.length; i++) if (buf[pos + i] !== word.charCodeAt(i)) return false;
    this.pos = pos + word.length;
    return true;
  }

  /** Takes `null` if it is here. */
  isNull(): boolean {
    return this.peek() === LETTER_N && this.word('null');
  }

  /** Takes an integer of few digits; NaN, and nothing taken, for every other number and all else. */
  plainInteger(): number {
    const { buf, end, pos } = this;
    let at = pos;
    const isNegative = at < end && buf[at] === MINUS;
    if (isNegative) at++;
    const first = at;
    let value = 0;
    while (at < end && buf[at] >= ZERO && buf[at] <= NINE) value = value * 10 + buf[at++] - ZERO;
    const digits = at - first;
    if (digits === 0 || digits > EXACT_DIGITS || (digits > 1 && buf[first] === ZERO)) return Number.NaN;
    if (at < end && (buf[at] === POINT || buf[at] === LOWER_E || buf[at] === UPPER_E)) return Number.NaN;
    this.pos = at;
    return isNegative ? -value : value;
  }

  /** Takes any number, as text. */
  numberText(field: TrailSegment | undefined, what: string): string {
    const { buf, end, pos } = this;
    let at = pos;
    while (at < end && isOfNumber(buf[at])) at++;
    if (at === pos) this.expected(what, field);
    const text = this.text(at, false, NO_FIELD);
    if (!JSON_NUMBER.test(text)) {
      this.pos = pos;
      this.fail('a malformed number', field);
    }
    return text;
  }

  /** Passes over a value of any kind. */
  skipValue(level = 0): void {
    if (level > MAX_JSON_LEVELS)
      this.fail(`arrays and objects nest more than ${MAX_JSON_LEVELS} levels deep`);
    switch (this.peek()) {
      case OPEN_OBJECT:
        this.pos++;
        if (!this.isFirst(CLOSE_OBJECT)) return;
        do {
          this.name();
          this.skipValue(level + 1);
        } while (this.isNext(CLOSE_OBJECT));
        return;
      case OPEN_LIST:
        this.pos++;
        if (!this.isFirst(CLOSE_LIST)) return;
        do this.skipValue(level + 1);
        while (this.isNext(CLOSE_LIST));
        return;
      case QUOTE:
        this.string();
        return;
      case LETTER_T:
        if (this.word('true')) return;
        break;
      case LETTER_F:
        if (this.word('false')) return;
        break;
      case LETTER_N:
        if (this.word('null')) return;
        break;
      default:
        this.numberText(undefined, 'a value');
        return;
    }
    this.fail('expected a value');
  }

  /** Notes that so many octets were looked at ahead of being read. */
  looked(octets: number): void {
    this.#looks -= octets;
    if (this.#looks < 0)
      this.fail("'@type' stands behind the fields of too many Any values within each other");
  }

  /** Begins a message's marks; gives where they are. */
  openMarks(plan: Plan): number {
    const base = this.#marksEnd;
    const end = base + ((plan.fields.length + plan.oneofKeys.length + 31) >>> 5);
    if (end > this.#marks.length) {
      const larger = new Int32Array(end * 2);
      larger.set(this.#marks);
      this.#marks = larger;
    }
    for (let i = base; i < end; i++) this.#marks[i] = 0;
    this.#marksEnd = end;
    return base;
  }

  closeMarks(base: number): void {
    this.#marksEnd = base;
  }

  /** Sets a mark; whether it was set before. */
  mark(base: number, index: number): boolean {
    const at = base + (index >>> 5);
    const bit = 1 << (index & 31);
    const before = this.#marks[at];
    this.#marks[at] = before | bit;
    return (before & bit) !== 0;
  }

  /** A property that an object has twice. */
  twice(field: FieldPlan): never {
    return this.fail(`the object has the property '${field.jsonName}' twice`, field);
  }
}

/** Where a text is in no field. */
const NO_FIELD: TrailSegment = { key: '' };

const fieldOf = (field: TrailSegment): TrailSegment | undefined => (field === NO_FIELD ? undefined : field);

function isOfNumber(octet: number): boolean {
  return (
    (octet >= ZERO && octet <= NINE) ||
    octet === MINUS ||
    octet === 0x2b ||
    octet === POINT ||
    octet === LOWER_E ||
    octet === UPPER_E
  );
}
