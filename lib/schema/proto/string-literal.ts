// What a quoted string of a .proto file stands for. Escapes can spell any octet, so that a literal is text
// or, where an octet above 0x7f was spelled, bytes.

import type { Tokenizer } from './tokenizer.ts';

/** Text; or bytes when an escape spelled an octet that need not be UTF-8. */
export type StringValue = string | Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  "'": "'",
  '"': '"',
};
// In the order of trial; three octal digits, one or two hexadecimal ones, as protoc's tokenizer has them.
const OCTAL = /[0-7]{1,3}/y;
const HEX = /[xX]([0-9A-Fa-f]{1,2})/y;
const UNICODE = /u([0-9A-Fa-f]{4})|U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})/y;

/** The value of the current STRING token. */
export function literalValue(tokens: Tokenizer): StringValue {
  const text = tokens.source.text.slice(tokens.start + 1, tokens.end - 1);
  if (!text.includes('\\')) return text;
  const pieces: StringValue[] = [];
  let isBytes = false;
  let i = 0;
  while (i < text.length) {
    const next = text.indexOf('\\', i);
    const slash = next < 0 ? text.length : next;
    if (slash > i) pieces.push(text.slice(i, slash));
    if (slash === text.length) break;
    const simple = SIMPLE_ESCAPES[text[slash + 1]];
    if (simple !== undefined) {
      pieces.push(simple);
      i = slash + 2;
      continue;
    }
    const octet = octetAt(text, slash + 1);
    if (octet !== undefined) {
      if (octet.value > 0x7f) isBytes = true;
      pieces.push(octet.value > 0x7f ? Uint8Array.of(octet.value & 0xff) : String.fromCharCode(octet.value));
      i = octet.end;
      continue;
    }
    UNICODE.lastIndex = slash + 1;
    const match = UNICODE.exec(text);
    if (match === null)
      throw tokens.errorAt(tokens.start + 1 + slash, 'found an escape that strings cannot have');
    pieces.push(codePointText(Number.parseInt(match[1] ?? match[2], 16)));
    i = UNICODE.lastIndex;
  }
  return isBytes ? joinBytes(pieces) : pieces.join('');
}

function octetAt(text: string, at: number): { value: number; end: number } | undefined {
  OCTAL.lastIndex = at;
  const octal = OCTAL.exec(text);
  if (octal !== null) return { value: Number.parseInt(octal[0], 8), end: OCTAL.lastIndex };
  HEX.lastIndex = at;
  const hex = HEX.exec(text);
  if (hex !== null) return { value: Number.parseInt(hex[1], 16), end: HEX.lastIndex };
  return undefined;
}

/** Halves of a surrogate pair are kept as they are: two `\u` escapes in a row make one character. */
function codePointText(codePoint: number): string {
  return codePoint > 0xffff ? String.fromCodePoint(codePoint) : String.fromCharCode(codePoint);
}

function joinBytes(pieces: readonly StringValue[]): Uint8Array {
  const chunks = pieces.map(bytesOf);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Adjacent literals are one string. */
export function concatenate(pieces: readonly StringValue[]): StringValue {
  return pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : joinBytes(pieces);
}

export function bytesOf(value: StringValue): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

/** Octets that are no UTF-8 become U+FFFD. */
export function textOf(value: StringValue): string {
  return typeof value === 'string' ? value : decoder.decode(value);
}

const C_ESCAPES: ReadonlyMap<number, string> = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [34, '\\"'],
  [39, "\\'"],
  [92, '\\\\'],
]);

/** How descriptor.proto writes the default of a bytes field. */
export function cEscape(value: StringValue): string {
  let text = '';
  for (const octet of bytesOf(value)) {
    const named = C_ESCAPES.get(octet);
    if (named !== undefined) text += named;
    else if (octet < 32 || octet > 126) text += `\\${octet.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(octet);
  }
  return text;
}
