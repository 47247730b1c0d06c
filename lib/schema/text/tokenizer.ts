// Cuts .proto files and text format into tokens, one at a time and without making an object for each: the current token
// is in the fields `kind`, `start`, `end`, `word` and `code`. White space and comments fall between tokens
// (proto/syntax/comments.ts reads those gaps when comments are asked for).
// Rules: protobuf.dev "Lexical elements", and protoc's io/tokenizer.cc where that is silent.

/** The text to be cut, what is particular to its language, and how a mistake in it is reported. */
export interface TokenSource {
  readonly text: string;
  /** Whether comments begin with `//` (or C's other opening), or with `#`. */
  readonly commentStyle: 'c' | 'shell';
  /** Whether `1f` is a number. */
  readonly hasFloatSuffix: boolean;
  /** Whether escapes may spell halves of surrogate pairs. */
  readonly hasSurrogateEscapes: boolean;
  /** What errors call its end. */
  readonly endName: string;
  /** Whether some of it stands for octets that are not UTF-8. */
  readonly hasRawOctets: boolean;
  /** The octets of a part of a string, without its escapes. */
  octets(text: string): Uint8Array;
  /** How an error names the character at an offset where no token can begin. */
  characterAt(offset: number): string;
  /** A word or a number as an error may show it. */
  shown(text: string, isWord: boolean): string;
  error(offset: number, message: string): Error;
  /** The same for a value that is too large or too deep. */
  rangeError(offset: number, message: string): Error;
}

export const END = 0;
export const WORD = 1;
export const INTEGER = 2;
export const FLOAT = 3;
export const STRING = 4;
export const SYMBOL = 5;
export type TokenKind =
  | typeof END
  | typeof WORD
  | typeof INTEGER
  | typeof FLOAT
  | typeof STRING
  | typeof SYMBOL;

const SPACE_CLASS = 1;
const LETTER_CLASS = 2;
const DIGIT_CLASS = 4;
const HEX_CLASS = 8;

const CLASSES: Uint8Array = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(128);
  for (const c of ' \t\n\v\f\r') table[c.charCodeAt(0)] = SPACE_CLASS;
  for (let c = 97; c <= 122; c++) table[c] = table[c - 32] = LETTER_CLASS;
  for (let c = 48; c <= 57; c++) table[c] = DIGIT_CLASS | HEX_CLASS;
  for (const c of 'abcdefABCDEF') table[c.charCodeAt(0)] |= HEX_CLASS;
  table[95] = LETTER_CLASS;
  return table;
}

const QUOTE = 34;
const APOSTROPHE = 39;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const BACKSLASH = 92;
const NEWLINE = 10;
const HASH = 35;
const SMALL_F = 102;
const TO_LOWER_CASE = 32;

export class Tokenizer {
  readonly source: TokenSource;
  readonly #text: string;
  readonly #hasShellComments: boolean;
  readonly #hasFloatSuffix: boolean;
  kind: TokenKind = END;
  /** Offsets of the current token; `previousEnd` is where the one before it ended. */
  start = 0;
  end = 0;
  previousEnd = 0;
  /** The text of a WORD, else ''. */
  word = '';
  /** The character code of a SYMBOL, else 0. */
  code = 0;

  constructor(source: TokenSource) {
    this.source = source;
    this.#text = source.text;
    this.#hasShellComments = source.commentStyle === 'shell';
    this.#hasFloatSuffix = source.hasFloatSuffix;
    // A byte order mark is allowed at the start of a file, and nowhere else.
    if (this.#text.charCodeAt(0) === 0xfeff) this.end = 1;
  }

  /** Moves to the next token. */
  next(): void {
    const text = this.#text;
    this.previousEnd = this.end;
    this.word = '';
    this.code = 0;
    let i = this.#skipGap(this.end);
    this.start = i;
    if (i >= text.length) {
      this.end = i;
      this.kind = END;
      return;
    }
    const c = text.charCodeAt(i);
    const kind = c < 128 ? CLASSES[c] : 0;
    if ((kind & LETTER_CLASS) !== 0) {
      do i++;
      while ((CLASSES[text.charCodeAt(i)] & (LETTER_CLASS | DIGIT_CLASS)) !== 0);
      this.end = i;
      this.kind = WORD;
      this.word = text.slice(this.start, i);
    } else if ((kind & DIGIT_CLASS) !== 0) {
      this.#number(i, c);
    } else if (c === QUOTE || c === APOSTROPHE) {
      this.#string(i, c);
    } else if (c === DOT && (CLASSES[text.charCodeAt(i + 1)] & DIGIT_CLASS) !== 0) {
      if (this.kind === WORD && this.previousEnd === i)
        throw this.errorAt(i, 'a space is missing before the number');
      this.#number(i, c);
    } else {
      if (c < 32 || c >= 127)
        throw this.errorAt(i, `found ${this.source.characterAt(i)}, which is not allowed outside strings`);
      this.end = i + 1;
      this.kind = SYMBOL;
      this.code = c;
    }
  }

  /** The text of the current token. */
  text(): string {
    return this.#text.slice(this.start, this.end);
  }

  /** Continues at an offset. */
  seek(offset: number): void {
    this.end = offset;
    this.kind = END;
    this.next();
  }

  errorAt(offset: number, message: string): Error {
    return this.source.error(offset, message);
  }

  #skipGap(from: number): number {
    const text = this.#text;
    let i = from;
    for (;;) {
      const c = text.charCodeAt(i);
      if (CLASSES[c] === SPACE_CLASS) {
        i++;
      } else if (this.#hasShellComments) {
        if (c !== HASH) return i;
        i = text.indexOf('\n', i + 1) + 1;
        if (i === 0) return text.length;
      } else if (c === SLASH && text.charCodeAt(i + 1) === SLASH) {
        i = text.indexOf('\n', i + 2) + 1;
        if (i === 0) return text.length;
      } else if (c === SLASH && text.charCodeAt(i + 1) === STAR) {
        const close = text.indexOf('*/', i + 2);
        if (close < 0) throw this.errorAt(i, "this comment is never closed, expected '*/'");
        const nested = text.indexOf('/*', i + 2);
        // `/*/` inside a comment is its end, not another start.
        if (nested >= 0 && nested < close - 1) throw this.errorAt(nested, 'block comments cannot be nested');
        i = close + 2;
      } else {
        return i;
      }
    }
  }

  #number(start: number, first: number): void {
    const text = this.#text;
    let i = start + 1;
    this.kind = INTEGER;
    if (first === ZERO && (text.charCodeAt(i) | 32) === 120) {
      const digits = i + 1;
      i = this.#skip(digits, HEX_CLASS);
      if (i === digits) throw this.errorAt(start, "found '0x' without hexadecimal digits");
    } else if (first === ZERO && (CLASSES[text.charCodeAt(i)] & DIGIT_CLASS) !== 0) {
      i = this.#skip(i, DIGIT_CLASS);
      if (/[89]/.test(text.slice(start, i))) throw this.errorAt(start, 'found 8 or 9 in an octal number');
    } else {
      if (first === DOT) this.kind = FLOAT;
      i = this.#skip(i, DIGIT_CLASS);
      if (first !== DOT && text.charCodeAt(i) === DOT) {
        this.kind = FLOAT;
        i = this.#skip(i + 1, DIGIT_CLASS);
      }
      if ((text.charCodeAt(i) | 32) === 101) {
        this.kind = FLOAT;
        const sign = text.charCodeAt(i + 1);
        const digits = sign === PLUS || sign === MINUS ? i + 2 : i + 1;
        i = this.#skip(digits, DIGIT_CLASS);
        if (i === digits) throw this.errorAt(start, 'found a number with an empty exponent');
      }
      if (this.#hasFloatSuffix && (text.charCodeAt(i) | TO_LOWER_CASE) === SMALL_F) {
        this.kind = FLOAT;
        i++;
      }
    }
    if ((CLASSES[text.charCodeAt(i)] & LETTER_CLASS) !== 0)
      throw this.errorAt(i, 'a space is missing after the number');
    if (text.charCodeAt(i) === DOT) throw this.errorAt(i, 'this number cannot have a decimal point here');
    this.end = i;
  }

  #skip(from: number, kind: number): number {
    let i = from;
    while ((CLASSES[this.#text.charCodeAt(i)] & kind) !== 0) i++;
    return i;
  }

  #string(start: number, quote: number): void {
    const text = this.#text;
    for (let i = start + 1; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === quote) {
        this.end = i + 1;
        this.kind = STRING;
        return;
      }
      if (c === NEWLINE) throw this.errorAt(start, 'this string is not closed before the end of its line');
      // text-literal.ts knows what escapes mean; here only a quote after a backslash matters.
      if (c === BACKSLASH && text.charCodeAt(i + 1) !== NEWLINE) i++;
    }
    throw this.errorAt(start, `this string is not closed before ${this.source.endName}`);
  }
}
