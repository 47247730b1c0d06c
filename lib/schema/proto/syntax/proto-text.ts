// The octets of a .proto file as text, and back. protoc reads octets: a string may have some that are not UTF-8, and so
// may comments. Each of these becomes half of a surrogate pair, U+DC80 to U+DCFF, which no UTF-8 can spell, so that
// nothing is lost on the way (Python's surrogateescape).

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lax = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

const HALF = 0xdc00;
/** A lone half that stands for an octet; in a pair it is the second one. */
const RAW = /[\ud800-\udbff][\udc00-\udfff]|[\udc80-\udcff]/g;

export function decodeProtoText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    // Rare, and only then worth a look at each octet.
    return decodeWithRaw(bytes);
  }
}

function decodeWithRaw(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  for (let i = 0; i < bytes.length; ) {
    const length = bytes[i] < 0x80 ? 1 : sequenceLength(bytes, i);
    if (length > 0) {
      i += length;
      continue;
    }
    text += lax.decode(bytes.subarray(from, i)) + String.fromCharCode(HALF + bytes[i]);
    from = ++i;
  }
  return text + lax.decode(bytes.subarray(from));
}

/** How many octets the non-ASCII character here takes; 0 where they are not UTF-8 (RFC 3629, section 4). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const second = bytes[at + 1];
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (length === 0 || second === undefined || second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if (bytes[at + i] === undefined || bytes[at + i] >> 6 !== 2) return 0;
  return length;
}

/** The octet that one unit of the text stands for; undefined if it is a character. */
export function rawOctet(text: string): number | undefined {
  return text.length === 1 && isHalf(text.charCodeAt(0)) ? text.charCodeAt(0) - HALF : undefined;
}

/** Whether the unit here stands for an octet rather than for half a character. */
export function isRawAt(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return isHalf(text.charCodeAt(at)) && !(before >= 0xd800 && before < HALF);
}

/** Whether the text contains octets that are not UTF-8. */
export function hasRaw(text: string): boolean {
  for (const { 0: found } of text.matchAll(RAW)) if (found.length === 1) return true;
  return false;
}

function isHalf(code: number): boolean {
  return code >= HALF + 0x80 && code <= HALF + 0xff;
}

/** The text for people to read, with U+FFFD in place of such octets. */
export function withoutRaw(text: string): string {
  return text.replace(RAW, (found) => (found.length === 1 ? '\ufffd' : found));
}

/** The octets of a part of the text. */
export function octetsOf(text: string): Uint8Array {
  if (!hasRaw(text)) return encoder.encode(text);
  const octets: number[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(RAW)) {
    if (found.length > 1) continue;
    for (const octet of encoder.encode(text.slice(from, index))) octets.push(octet);
    octets.push(found.charCodeAt(0) - HALF);
    from = index + 1;
  }
  for (const octet of encoder.encode(text.slice(from))) octets.push(octet);
  return Uint8Array.from(octets);
}
