// The tokenizer with the questions a parser asks: take this if it is there, expect that or fail with
// `found …, expected …`. Errors quote the offending token at most, and only as its source allows.

import { unescapeOctets } from './text-literal.ts';
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
export const MINUS = 45;

export const MAX_INT32 = 2147483647;
const MAX_INT32_DIGITS = 10;
const ZERO = 48;
const HEX_SIGN = 120;
/** More digits than any 64-bit integer has, in any base. */
const MAX_DIGITS = 24;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** What a string stands for: text, or octets if it has escapes, which can spell any. */
export type StringValue = string | Uint8Array;

export const NOT_UTF8: string = 'found octets that are not UTF-8 in a string, which must be text';

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
    const first = this.#literal();
    this.next();
    if (this.kind !== STRING) return first;
    const pieces = [first];
    while (this.kind === STRING) {
      pieces.push(this.#literal());
      this.next();
    }
    return pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : joined(pieces);
  }

  /** The value of the current STRING token. */
  #literal(): StringValue {
    const { source } = this;
    const text = source.text.slice(this.start + 1, this.end - 1);
    if (!text.includes('\\') && !source.hasRawOctets) return text;
    const value = unescapeOctets(text, source);
    if (typeof value === 'number') throw this.errorAt(this.start + 1 + value, 'found a malformed escape');
    return value;
  }

  plainString(what: string): string {
    const { start } = this;
    const text = textOf(this.string(what));
    if (text === undefined) throw this.errorAt(start, NOT_UTF8);
    return text;
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
    if (value === undefined || value > max)
      throw this.errorHere(`found ${this.found()}, expected a number up to ${max}`);
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
    if (this.kind === FLOAT) return Number(this.text().replace(/f$/i, ''));
    if (this.kind !== INTEGER) throw this.expected('a number');
    return Number(withoutOctalZero(this.text()));
  }

  errorHere(message: string): Error {
    return this.errorAt(this.start, message);
  }

  expected(what: string): Error {
    return this.errorHere(`found ${this.found()}, expected ${what}`);
  }

  /** What the current token is, in words that are safe to print. */
  found(): string {
    if (this.kind === END) return this.source.endName;
    if (this.kind === STRING) return 'a string';
    if (this.kind === SYMBOL) return `'${String.fromCharCode(this.code)}'`;
    return this.source.shown(this.text(), this.kind === WORD);
  }
}

/** The value of decimal, `0x` hexadecimal or `0` octal digits; undefined if it is more than any type holds. */
export function integerValue(text: string): bigint | undefined {
  const isHex = (text.charCodeAt(1) | 32) === HEX_SIGN;
  let start = isHex ? 2 : 0;
  while (text.charCodeAt(start) === ZERO && start < text.length - 1) start++;
  if (text.length - start > MAX_DIGITS) return undefined;
  return BigInt(withoutOctalZero(text));
}

/** Octal digits as JavaScript writes them; others unchanged. */
function withoutOctalZero(text: string): string {
  const isOctal = text.length > 1 && text.charCodeAt(0) === ZERO && (text.charCodeAt(1) | 32) !== HEX_SIGN;
  return isOctal ? `0o${text}` : text;
}

function joined(pieces: readonly StringValue[]): Uint8Array {
  const chunks = pieces.map(bytesOf);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

export function bytesOf(value: StringValue): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

/** Undefined for octets that are not UTF-8. */
export function textOf(value: StringValue): string | undefined {
  if (typeof value === 'string') return value;
  try {
    return utf8.decode(value);
  } catch {
    return undefined;
  }
}
