// ProtoJSON text as octets, going out: names, texts, numbers and brackets, into the encoder's buffer. A comma stands behind
// every member and element, and the closing bracket takes the place of the last one. Knows nothing of messages. Hot.

import { Encoder } from '../encoder.ts';
import type { FieldPlan } from '../plan.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;
const MAX_INT32 = 2147483647;
const BILLION = 1_000_000_000;
const BILLION_DIGITS = 9;
/** Below this many UTF-16 units a loop beats the call into native code. */
const SHORT_TEXT = 24;
/** What JSON has to escape, where lone surrogates were refused. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const ESCAPED = /["\\\u0000-\u001f]/;

export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;

const textEncoder = new TextEncoder();

/** A field's name as a member of an object begins: `"name":`. */
export function jsonOctetsOf(field: FieldPlan): Uint8Array {
  field.jsonOctets ??= textEncoder.encode(`${JSON.stringify(field.jsonName)}:`);
  return field.jsonOctets;
}

export class JsonEncoder extends Encoder {
  /** An opening bracket. */
  open(bracket: number): void {
    this.ensure(1);
    this.octet(bracket);
  }

  /** Behind a member or an element. */
  comma(): void {
    this.ensure(1);
    this.octet(COMMA);
  }

  /** A closing bracket, in place of the comma behind what it closes. */
  close(bracket: number): void {
    if (this.buf[this.pos - 1] === COMMA) this.pos--;
    this.ensure(1);
    this.octet(bracket);
  }

  /** `"name":` */
  name(field: FieldPlan): void {
    this.raw(field.jsonOctets ?? jsonOctetsOf(field));
  }

  /** `"key":`; false for a lone surrogate. */
  key(text: string): boolean {
    if (!this.text(text)) return false;
    this.ensure(1);
    this.octet(0x3a);
    return true;
  }

  /** Text in quotes. Gives false for text that UTF-8 cannot hold (lone surrogates). */
  text(text: string): boolean {
    const { length } = text;
    if (length < SHORT_TEXT) {
      this.ensure(SHORT_TEXT + 2);
      const { buf } = this;
      let at = this.pos;
      buf[at++] = QUOTE;
      let i = 0;
      for (; i < length; i++) {
        const unit = text.charCodeAt(i);
        if (unit < SPACE || unit >= DELETE || unit === QUOTE || unit === BACKSLASH) break;
        buf[at++] = unit;
      }
      if (i === length) {
        buf[at++] = QUOTE;
        this.pos = at;
        return true;
      }
    }
    if (ESCAPED.test(text)) {
      // JSON.stringify escapes lone surrogates as well, so that they are looked for here.
      const start = this.pos;
      const isSound = this.utf8(text);
      this.pos = start;
      return isSound && this.utf8(JSON.stringify(text));
    }
    this.ensure(2);
    this.octet(QUOTE);
    if (!this.utf8(text)) return false;
    this.ensure(1);
    this.octet(QUOTE);
    return true;
  }

  /** ASCII text as it is. */
  ascii(text: string): void {
    const { length } = text;
    if (length >= SHORT_TEXT) {
      this.utf8(text);
      return;
    }
    this.ensure(SHORT_TEXT);
    const { buf } = this;
    let at = this.pos;
    for (let i = 0; i < length; i++) buf[at++] = text.charCodeAt(i);
    this.pos = at;
  }

  /** The same in quotes. */
  quotedAscii(text: string): void {
    this.ensure(1);
    this.octet(QUOTE);
    this.ascii(text);
    this.ensure(1);
    this.octet(QUOTE);
  }

  /** A safe integer; -0 is 0. */
  integer(value: number): void {
    this.ensure(SHORT_TEXT);
    let rest = value;
    if (value < 0) {
      this.octet(MINUS);
      rest = -value;
    }
    if (rest > MAX_INT32) {
      // Two parts that 31 bits hold.
      const high = Math.floor(rest / BILLION);
      this.#digits(high, 1);
      this.#digits(rest - high * BILLION, BILLION_DIGITS);
      return;
    }
    this.#digits(rest, 1);
  }

  /** The digits of an integer of 31 bits, with zeros before them up to `least` digits. Ensured by the caller. */
  #digits(value: number, least: number): void {
    let count = least;
    if (least === 1) {
      count =
        value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10_000 ? 4 : value < 100_000 ? 5 : 6;
      if (value >= 1_000_000) {
        count =
          value < 10_000_000
            ? 7
            : value < 100_000_000
              ? 8
              : value < BILLION
                ? BILLION_DIGITS
                : BILLION_DIGITS + 1;
      }
    }
    const { buf } = this;
    const end = this.pos + count;
    let rest = value | 0;
    for (let at = end - 1; at >= this.pos; at--) {
      const tenth = (rest / 10) | 0;
      buf[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.pos = end;
  }

  /** The same in quotes, as 64-bit integers are. */
  quotedInteger(value: number): void {
    this.ensure(SHORT_TEXT);
    this.octet(QUOTE);
    this.integer(value);
    this.ensure(1);
    this.octet(QUOTE);
  }
}
