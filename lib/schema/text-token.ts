// Cuts text format into tokens (protobuf.dev/reference/protobuf/textformat-spec, "Lexical elements") and says where
// one stands. Knows no messages.

import { unescapeOctets } from './text-literal.ts';

export type TextToken =
  | { readonly kind: 'end'; readonly at: number }
  | { readonly kind: 'word'; readonly at: number; readonly text: string }
  | { readonly kind: 'integer'; readonly at: number; readonly value: bigint; readonly isDecimal: boolean }
  | { readonly kind: 'float'; readonly at: number; readonly value: number }
  | { readonly kind: 'string'; readonly at: number; readonly value: Uint8Array }
  | { readonly kind: 'symbol'; readonly at: number; readonly text: string };

const GAP = /(?:[ \t\n\v\f\r]+|#[^\n]*)*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const HEX = /0[xX][0-9A-Fa-f]+(?![A-Za-z0-9_.])/y;
const OCTAL = /0[0-7]+(?![A-Za-z0-9_.])/y;
const DECIMAL = /(?:0|[1-9][0-9]*)(?![A-Za-z0-9_.])/y;
const FLOAT =
  /(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+(?=[fF]))[fF]?(?![A-Za-z0-9_.])/y;
const STRING = /"((?:[^"\\\n]|\\[^\n])*)"|'((?:[^'\\\n]|\\[^\n])*)'/y;
const SYMBOLS = '{}<>[]:;,-./%+~';

export class TextTokens {
  readonly #text: string;
  #at = 0;
  /** The current token. */
  token: TextToken = { kind: 'end', at: 0 };

  constructor(text: string) {
    this.#text = text;
    this.next();
  }

  /** Moves to the next token. */
  next(): void {
    GAP.lastIndex = this.#at;
    GAP.exec(this.#text);
    const at = GAP.lastIndex;
    this.#at = at;
    this.token = at >= this.#text.length ? { kind: 'end', at } : this.#read(at);
  }

  #read(at: number): TextToken {
    const word = this.#match(WORD, at);
    if (word !== undefined) return { kind: 'word', at, text: word[0] };
    const integer = this.#match(HEX, at) ?? this.#match(OCTAL, at) ?? this.#match(DECIMAL, at);
    if (integer !== undefined) {
      const [text] = integer;
      const isDecimal = !/^0./.test(text);
      const value = BigInt(/^0[0-7]/.test(text) ? `0o${text.slice(1)}` : text);
      return { kind: 'integer', at, value, isDecimal };
    }
    const float = this.#match(FLOAT, at);
    if (float !== undefined) return { kind: 'float', at, value: Number(float[0].replace(/[fF]$/, '')) };
    const char = this.#text[at];
    if (char === '"' || char === "'") return this.#string(at);
    if (/[0-9]/.test(char)) throw this.error(at, 'found a number that is none');
    if (!SYMBOLS.includes(char)) {
      throw this.error(at, `found ${JSON.stringify(char)}, which cannot stand outside strings`);
    }
    this.#at = at + 1;
    return { kind: 'symbol', at, text: char };
  }

  #string(at: number): TextToken {
    const match = this.#match(STRING, at);
    if (match === undefined) throw this.error(at, 'this string is not closed on its line');
    const value = unescapeOctets(match[1] ?? match[2]);
    if (typeof value === 'number') {
      throw this.error(at + 1 + value, 'found an escape that strings cannot have');
    }
    return { kind: 'string', at, value };
  }

  #match(pattern: RegExp, at: number): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  isSymbol(text: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === text;
  }

  /** Moves past the symbol if it is the current token. */
  takeSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.next();
    return true;
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.expected(`'${text}'`);
  }

  /** A word, which the caller asks for by its meaning. */
  word(what: string): string {
    const { token } = this;
    if (token.kind !== 'word') throw this.expected(what);
    this.next();
    return token.text;
  }

  expected(what: string): TypeError {
    const { token } = this;
    const found =
      token.kind === 'end'
        ? 'the end'
        : token.kind === 'string'
          ? 'a string'
          : token.kind === 'integer' || token.kind === 'float'
            ? String(token.value)
            : `'${token.text}'`;
    return this.error(token.at, `found ${found}, expected ${what}`);
  }

  error(at: number, message: string): TypeError {
    return new TypeError(`${this.#place(at)}: ${message}`);
  }

  rangeError(at: number, message: string): RangeError {
    return new RangeError(`${this.#place(at)}: ${message}`);
  }

  #place(at: number): string {
    const before = this.#text.slice(0, at).split('\n');
    return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
  }
}
