// The tokenizer with the questions a parser asks: take this if it is there, expect that or fail with
// `found …, expected …`. Messages quote the offending token at most, and that only when it is a word, a number
// or a sign of at most MAX_QUOTED characters: what is loaded by mistake may be somebody's secret.

import type { SchemaError } from '../../errors.ts';
import { concatenate, literalValue, type StringValue, textOf } from './string-literal.ts';
import { END, FLOAT, INTEGER, STRING, SYMBOL, Tokenizer, WORD } from './tokenizer.ts';

export const SEMICOLON = 59;
export const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;
export const OPEN_BRACKET = 91;
export const CLOSE_BRACKET = 93;
export const OPEN_PAREN = 40;
export const CLOSE_PAREN = 41;
export const LESS = 60;
export const GREATER = 62;
export const EQUALS = 61;
export const COMMA = 44;
export const COLON = 58;
export const DOT = 46;
export const SLASH = 47;
export const MINUS = 45;

const MAX_QUOTED = 40;
const MAX_QUOTED_NAME = 200;
export const MAX_INT32 = 2147483647;
const MAX_INT32_DIGITS = 10;
const ZERO = 48;

export class TokenStream extends Tokenizer {
  isSymbol(code: number): boolean {
    return this.code === code;
  }

  isWord(word: string): boolean {
    return this.word === word;
  }

  takeSymbol(code: number): boolean {
    if (this.code !== code) return false;
    this.next();
    return true;
  }

  takeWord(word: string): boolean {
    if (this.word !== word) return false;
    this.next();
    return true;
  }

  expectSymbol(code: number): void {
    if (this.code !== code) throw this.expected(`'${String.fromCharCode(code)}'`);
    this.next();
  }

  expectWord(word: string): void {
    if (this.word !== word) throw this.expected(`'${word}'`);
    this.next();
  }

  identifier(what: string): string {
    if (this.kind !== WORD) throw this.expected(what);
    const { word } = this;
    this.next();
    return word;
  }

  /** `a.b.c`, or `.a.b.c`. */
  qualifiedName(what: string): string {
    let name = '';
    if (this.takeSymbol(DOT)) name = '.';
    name += this.identifier(what);
    while (this.takeSymbol(DOT)) name += `.${this.identifier('an identifier')}`;
    return name;
  }

  /** One literal, or several in a row. */
  string(what: string): StringValue {
    if (this.kind !== STRING) throw this.expected(what);
    const first = literalValue(this);
    this.next();
    if (this.kind !== STRING) return first;
    const pieces = [first];
    while (this.kind === STRING) {
      pieces.push(literalValue(this));
      this.next();
    }
    return concatenate(pieces);
  }

  plainString(what: string): string {
    return textOf(this.string(what));
  }

  /** An integer from 0 to 2^31 - 1. */
  int32(what: string): number {
    if (this.kind === INTEGER && this.end - this.start < MAX_INT32_DIGITS) {
      // Most numbers of a schema are small and decimal: read without BigInt.
      const text = this.text();
      if (text.charCodeAt(0) !== ZERO) {
        this.next();
        return Number(text);
      }
    }
    return Number(this.integer(what, MAX_INT32));
  }

  /** An integer from -2^31 to 2^31 - 1. */
  signedInt32(what: string): number {
    if (!this.takeSymbol(MINUS)) return this.int32(what);
    return -Number(this.integer(what, MAX_INT32 + 1)) | 0;
  }

  integer(what: string, max: number | bigint): bigint {
    if (this.kind !== INTEGER) throw this.expected(what);
    const value = integerValue(this.text());
    if (value > max) throw this.errorHere(`found ${this.found()}, expected a number up to ${max}`);
    this.next();
    return value;
  }

  /** A number of any spelling, `inf` or `nan`, without its sign. */
  float(): number {
    const value = this.#float();
    this.next();
    return value;
  }

  #float(): number {
    if (this.word === 'inf') return Number.POSITIVE_INFINITY;
    if (this.word === 'nan') return Number.NaN;
    if (this.kind === FLOAT) return Number(this.text());
    if (this.kind !== INTEGER) throw this.expected('a number');
    return Number(integerValue(this.text()));
  }

  errorHere(message: string): SchemaError {
    return this.errorAt(this.start, message);
  }

  expected(what: string): SchemaError {
    return this.errorHere(`found ${this.found()}, expected ${what}`);
  }

  /** What the current token is, in words that are safe to print. */
  found(): string {
    if (this.kind === END) return 'the end of the file';
    if (this.kind === STRING) return 'a string';
    if (this.kind === SYMBOL) return `'${String.fromCharCode(this.code)}'`;
    if (this.end - this.start > MAX_QUOTED) return this.kind === WORD ? 'a long word' : 'a long number';
    return `'${this.text()}'`;
  }
}

/** A name as messages show it, from a file whose syntax was right: then it is a schema and no secret. */
export function quoted(name: string, instead = 'a long name'): string {
  return name.length <= MAX_QUOTED_NAME ? `'${name}'` : instead;
}

/** Decimal, `0x` hexadecimal or `0` octal digits, as the tokenizer lets them through. */
export function integerValue(text: string): bigint {
  const isOctal = text.length > 1 && text.charCodeAt(0) === ZERO && (text.charCodeAt(1) | 32) !== 120;
  return BigInt(isOctal ? `0o${text}` : text);
}
