// Converts octets to text and back, one character per octet. Header fields are octets (RFC 9110 §5.5), mostly ASCII;
// TextDecoder has no such encoding (to it, 'latin1' means windows-1252).

/** Up to this length, joining characters is faster than one call with an array of them. */
const SHORT = 12;
/** How many arguments one call gets, which engines limit. */
const PIECE = 4096;

export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  if (end - start <= SHORT) {
    for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
    return text;
  }
  for (let i = start; i < end; i += PIECE) {
    text += String.fromCharCode.apply(
      null,
      bytes.subarray(i, Math.min(i + PIECE, end)) as unknown as number[],
    );
  }
  return text;
}

/** From this length on, the platform's own encoder is worth the call. */
const LONG = 48;
const encoder = new TextEncoder();
/** How much memory is kept for `latin1Octets`; longer texts get their own. */
const KEPT_OCTETS = 16_384;
let scratch = new Uint8Array(256);

/** Writes one octet per character at `at`; returns the position after them. */
export function encodeLatin1(text: string, out: Uint8Array, at: number): number {
  const { length } = text;
  // For ASCII, UTF-8 has the same octets; if not all of the text fits, it is not ASCII.
  if (length >= LONG && encoder.encodeInto(text, out.subarray(at, at + length)).read === length) {
    return at + length;
  }
  for (let i = 0; i < length; i++) out[at + i] = text.charCodeAt(i);
  return at + length;
}

/** The characters of `text` as octets, at the beginning of the memory returned, which is valid until the next call. */
export function latin1Octets(text: string): Uint8Array {
  const { length } = text;
  let octets = scratch;
  if (length > octets.length) {
    octets = new Uint8Array(length);
    if (length <= KEPT_OCTETS) scratch = octets;
  }
  encodeLatin1(text, octets, 0);
  return octets;
}
