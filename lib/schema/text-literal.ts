// Scalars as the text format and .proto files spell them: quoted text and bytes, floats. Knows no fields.

const NAMED: ReadonlyMap<number, string> = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [34, '\\"'],
  [92, '\\\\'],
]);

const octal = (octet: number): string => `\\${octet.toString(8).padStart(3, '0')}`;

/** Text in quotes. What is not ASCII stays as it is. */
export function stringLiteral(text: string): string {
  let out = '';
  for (const char of text) {
    const code = char.charCodeAt(0);
    out += NAMED.get(code) ?? (code < 32 || code === 127 ? octal(code) : char);
  }
  return `"${out}"`;
}

/** Bytes in quotes, all in ASCII. */
export function bytesLiteral(bytes: Uint8Array): string {
  let out = '';
  for (const octet of bytes) {
    out += NAMED.get(octet) ?? (octet < 32 || octet > 126 ? octal(octet) : String.fromCharCode(octet));
  }
  return `"${out}"`;
}

/** A number, or inf, -inf, nan; of a float the fewest digits that read back as the same. */
export function numberLiteral(value: number, isFloat: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  if (!isFloat) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === Math.fround(value)) return String(shorter);
  }
  return String(value);
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
const PLAIN = /[^\\]+/y;

/** What stands between the quotes, as octets; the offset of an escape that there is not when it is wrong. */
export function unescapeOctets(text: string): Uint8Array | number {
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  let at = 0;
  while (at < text.length) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text);
    if (plain !== null) {
      pieces.push(encoder.encode(plain[0]));
      at = PLAIN.lastIndex;
      continue;
    }
    ESCAPE.lastIndex = at;
    const match = ESCAPE.exec(text);
    if (match === null) return at;
    const [, simple, octets, hex, short, long] = match;
    const codePoint = Number.parseInt(short ?? long ?? '0', 16);
    if (simple !== undefined) pieces.push(Uint8Array.of(SIMPLE[simple]));
    else if (octets !== undefined) pieces.push(Uint8Array.of(Number.parseInt(octets, 8) & 255));
    else if (hex !== undefined) pieces.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else if (codePoint > 0x10ffff) return at;
    // Halves of a surrogate pair are no characters, two in a row neither (the conformance suite has it so).
    else if (codePoint >= 0xd800 && codePoint <= 0xdfff) return at;
    else pieces.push(encoder.encode(String.fromCodePoint(codePoint)));
    at = ESCAPE.lastIndex;
  }
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    out.set(piece, end);
    end += piece.length;
  }
  return out;
}
