// JSON text to values, without losing what JSON.parse loses: digits that JavaScript's numbers cannot hold, and the
// first of two properties with the same name. Linear in the length of the text. Errors give line and column, and show
// no more of the text than one character, since it may contain secrets. Knows nothing of messages.

import { decimalOf, isWhole } from './exact-decimal.ts';
import { shortened } from './shortened-text.ts';
import { placeOf } from './text-place.ts';

/** How deeply lists and objects may be nested; messages allow only 100 levels. */
export const MAX_JSON_LEVELS = 1000;

/**
 * A number in a JSON document that a JavaScript number would change: beyond 2^53, beyond the range of a double, or
 * with a fraction that rounding would lose. As a number it is the nearest double.
 */
export class JsonNumber extends Number {
  readonly #text: string;

  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  /** The number as it was written. */
  override toString(): string {
    return this.#text;
  }
}

/** What is wrong with a JSON text, and where; lines and columns count from 1. */
export class JsonSyntaxError extends SyntaxError {
  readonly line: number;
  readonly column: number;
  /** The message without the place. */
  readonly problem: string;

  constructor(line: number, column: number, problem: string) {
    super(`${line}:${column}: ${problem}`);
    this.line = line;
    this.column = column;
    this.problem = problem;
  }
}

/**
 * The value that the text describes, as from JSON.parse, but with a JsonNumber for numbers that would not be exact.
 * `firstLine` and `firstColumn` are where it begins (default 1), for text that is part of a longer one. A byte order mark at
 * the start is skipped. JsonSyntaxError for text that is not JSON, nests more than MAX_JSON_LEVELS deep, or has an
 * object with two properties of the same name.
 */
export function parseJson(text: string, firstLine = 1, firstColumn = 1): unknown {
  return new JsonReader(text, firstLine, firstColumn).document();
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
/** A decimal of up to so many digits survives conversion to a double. */
const EXACT_DIGITS = 15;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

class JsonReader {
  readonly #text: string;
  readonly #firstLine: number;
  readonly #firstColumn: number;
  #at = 0;
  #level = 0;

  constructor(text: string, firstLine: number, firstColumn: number) {
    this.#text = text;
    this.#firstLine = firstLine;
    this.#firstColumn = firstColumn;
  }

  document(): unknown {
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
    const value = this.#value();
    if (this.#next() !== undefined) throw this.#expected('the end');
    return value;
  }

  /** Skips white space; returns the character that follows. */
  #next(): string | undefined {
    const text = this.#text;
    for (;;) {
      const char = text[this.#at];
      if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') return char;
      this.#at++;
    }
  }

  #value(): unknown {
    switch (this.#next()) {
      case '{':
        return this.#object();
      case '[':
        return this.#list();
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      case "'":
        throw this.#expected('a value; strings are in double quotes');
      default:
        return this.#number();
    }
  }

  #word(word: string, value: unknown): unknown {
    if (!this.#text.startsWith(word, this.#at)) throw this.#expected('a value');
    this.#at += word.length;
    return value;
  }

  #number(): number | JsonNumber {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#expected('a value');
    this.#at += match[0].length;
    return numberOf(match[0]);
  }

  #open(): void {
    if (++this.#level > MAX_JSON_LEVELS) {
      throw this.#error(this.#at, `lists and objects nest more than ${MAX_JSON_LEVELS} levels deep`);
    }
    this.#at++;
  }

  #close(): void {
    this.#level--;
    this.#at++;
  }

  #list(): unknown[] {
    const list: unknown[] = [];
    this.#open();
    if (this.#next() !== ']') {
      do list.push(this.#value());
      while (this.#continues(']'));
    }
    this.#close();
    return list;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#open();
    if (this.#next() !== '}') {
      do this.#member(object);
      while (this.#continues('}'));
    }
    this.#close();
    return object;
  }

  /** Whether another element follows. Stops before the closing bracket. */
  #continues(close: ']' | '}'): boolean {
    const char = this.#next();
    if (char === close) return false;
    if (char !== ',') throw this.#expected(`',' or '${close}'`);
    this.#at++;
    if (this.#next() === close) throw this.#error(this.#at, `the last ',' before '${close}' is one too many`);
    return true;
  }

  #member(object: Record<string, unknown>): void {
    if (this.#next() !== '"') throw this.#expected('a property name in double quotes');
    const at = this.#at;
    const name = this.#string();
    if (Object.hasOwn(object, name)) {
      throw this.#error(at, `duplicate property ${JSON.stringify(shortened(name))}`);
    }
    if (this.#next() !== ':') throw this.#expected("':'");
    this.#at++;
    const value = this.#value();
    // A plain assignment would change the prototype.
    if (name === '__proto__') {
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    } else object[name] = value;
  }

  #string(): string {
    const text = this.#text;
    const open = this.#at;
    let hasEscapes = false;
    for (let at = open + 1; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.#at = at + 1;
        return hasEscapes ? (JSON.parse(text.slice(open, at + 1)) as string) : text.slice(open + 1, at);
      }
      if (unit < SPACE) throw this.#controlCharacter(at);
      if (unit !== BACKSLASH) continue;
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) throw this.#error(at, 'expected an escape such as \\n or \\u0041');
      hasEscapes = true;
      // Skips the escaped character, which may be a quote.
      at++;
    }
    throw this.#error(open, "this string is not closed: expected '\"' at its end");
  }

  #controlCharacter(at: number): JsonSyntaxError {
    return this.#error(at, 'a control character in a string must be written as an escape: \\n, \\t, \\u…');
  }

  #expected(what: string): JsonSyntaxError {
    const char = this.#text[this.#at];
    return this.#error(this.#at, `expected ${what}, found ${shownCharacter(char)}`);
  }

  #error(at: number, problem: string): JsonSyntaxError {
    const { line, column } = placeOf(this.#text, at);
    // The lines behind the first begin where those of the whole text do.
    const before = line === 1 ? this.#firstColumn - 1 : 0;
    return new JsonSyntaxError(this.#firstLine + line - 1, before + column, problem);
  }
}

/** Shows only one character, because a whole word might be a secret. */
function shownCharacter(char: string | undefined): string {
  if (char === undefined) return 'the end';
  if (char > ' ' && char < '\u007f') return char === "'" ? `"'"` : `'${char}'`;
  return `U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function numberOf(text: string): number | JsonNumber {
  const number = Number(text);
  if (text.length <= EXACT_DIGITS && !text.includes('e') && !text.includes('E')) return number;
  // A double with a fraction can only come from a number with a fraction, which no integer field accepts anyway.
  if (Number.isFinite(number) && !Number.isInteger(number)) return number;
  const decimal = decimalOf(text);
  const isExact = Number.isSafeInteger(number) && isWhole(decimal) && (number !== 0 || decimal.digits === '');
  return isExact ? number : new JsonNumber(text);
}
