// Scalars as text format and .proto files spell them: quoted text and bytes, floats. Knows no fields.

import { shortestFloat } from '../codec/json/shortest-float.ts';
import type { TokenSource } from './tokenizer.ts';

const NAMED: ReadonlyMap<number, string> = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [34, '\\"'],
  [92, '\\\\'],
]);

const octal = (octet: number): string => `\\${octet.toString(8).padStart(3, '0')}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what has to be escaped
const ESCAPED_IN_TEXT = /[\u0000-\u001f"\\\u007f]/g;

/** Text in quotes. Characters that are not ASCII stay as they are. */
export function stringLiteral(text: string): string {
  const escaped = text.replace(ESCAPED_IN_TEXT, (char) => {
    const code = char.charCodeAt(0);
    return NAMED.get(code) ?? octal(code);
  });
  return `"${escaped}"`;
}

const QUOTE = 34;
const LONGEST_ESCAPE = 4;

let octetLiterals: readonly Uint8Array[] | undefined;

/** How each octet is written in quotes, in ASCII. */
function literalsOfOctets(): readonly Uint8Array[] {
  octetLiterals ??= Array.from({ length: 256 }, (_, octet) => {
    const isPlain = octet >= 32 && octet <= 126;
    const text = NAMED.get(octet) ?? (isPlain ? String.fromCharCode(octet) : octal(octet));
    return Uint8Array.from(text, (char) => char.charCodeAt(0));
  });
  return octetLiterals;
}

const ascii = new TextDecoder();

/** Bytes in quotes, all in ASCII. */
export function bytesLiteral(bytes: Uint8Array): string {
  const literals = literalsOfOctets();
  const out = new Uint8Array(bytes.length * LONGEST_ESCAPE + 2);
  let end = 0;
  out[end++] = QUOTE;
  for (let i = 0; i < bytes.length; i++) {
    const literal = literals[bytes[i]];
    for (let j = 0; j < literal.length; j++) out[end++] = literal[j];
  }
  out[end++] = QUOTE;
  return ascii.decode(out.subarray(0, end));
}

/** A number, or inf, -inf, nan; for a float, the fewest digits that read back as the same. */
export function numberLiteral(value: number, isFloat: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  return String(isFloat ? shortestFloat(value) : value);
}

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "'": 39,
  '?': 63,
  '\\': 92,
};
const ESCAPE =
  /\\(?:([abtnvfr"'?\\])|([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;
const encoder = new TextEncoder();
/** UTF-8 takes at most this many octets for a UTF-16 unit; no escape stands for more octets than it has characters. */
const MOST_OCTETS_A_UNIT = 3;

/** What the strings of a text may contain. */
type StringRules = Pick<TokenSource, 'hasRawOctets' | 'hasSurrogateEscapes' | 'octets'>;

/** What is between the quotes, as octets; or the offset of a malformed escape. */
export function unescapeOctets(text: string, rules: StringRules): Uint8Array | number {
  if (!text.includes('\\')) return rules.octets(text);
  const out = new Uint8Array(text.length * MOST_OCTETS_A_UNIT);
  let end = 0;
  for (let at = 0; at < text.length; ) {
    const slash = text.indexOf('\\', at);
    const plainEnd = slash < 0 ? text.length : slash;
    if (plainEnd > at && rules.hasRawOctets) {
      const octets = rules.octets(text.slice(at, plainEnd));
      out.set(octets, end);
      end += octets.length;
    } else if (plainEnd > at) {
      end += encoder.encodeInto(text.slice(at, plainEnd), out.subarray(end)).written;
    }
    if (slash < 0) break;
    ESCAPE.lastIndex = slash;
    const match = ESCAPE.exec(text);
    if (match === null) return slash;
    at = ESCAPE.lastIndex;
    const [, simple, octets, hex] = match;
    if (simple !== undefined) out[end++] = SIMPLE[simple];
    else if (octets !== undefined) out[end++] = Number.parseInt(octets, 8) & 255;
    else if (hex !== undefined) out[end++] = Number.parseInt(hex, 16);
    else {
      const codePoint = codePointOf(match);
      if (codePoint > MAX_CODE_POINT || (isSurrogate(codePoint) && !rules.hasSurrogateEscapes)) return slash;
      const low = isSurrogate(codePoint) ? lowSurrogateAt(text, at) : 0;
      if (low > 0 && codePoint < LOW_SURROGATES) {
        end += encoder.encodeInto(String.fromCharCode(codePoint, low), out.subarray(end)).written;
        at = ESCAPE.lastIndex;
      } else if (isSurrogate(codePoint)) {
        for (const octet of octetsOfSurrogate(codePoint)) out[end++] = octet;
      } else end += encoder.encodeInto(String.fromCodePoint(codePoint), out.subarray(end)).written;
    }
  }
  return out.slice(0, end);
}

const MAX_CODE_POINT = 0x10ffff;
const LOW_SURROGATES = 0xdc00;

const isSurrogate = (codePoint: number): boolean => codePoint >= 0xd800 && codePoint <= 0xdfff;

/** The code point of a `\u` or `\U` escape. */
const codePointOf = ([, , , , short, long]: RegExpExecArray): number => Number.parseInt(short ?? long, 16);

/** The second half of a surrogate pair, if an escape spells one here; 0 if not. Moves ESCAPE past it. */
function lowSurrogateAt(text: string, at: number): number {
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(text);
  const codePoint = match === null ? 0 : codePointOf(match);
  return isSurrogate(codePoint) && codePoint >= LOW_SURROGATES ? codePoint : 0;
}

/** As protoc writes a lone half, in octets that are not UTF-8. */
function octetsOfSurrogate(half: number): readonly number[] {
  return [0xe0 | (half >> 12), 0x80 | ((half >> 6) & 0x3f), 0x80 | (half & 0x3f)];
}
