// Octets to text and back, one character an octet. Header fields are octets (RFC 9110 §5.5), mostly ASCII;
// TextDecoder has no such encoding ('latin1' means windows-1252 to it).

/** Below this, joining characters is faster than a call with an array of them. */
const SHORT = 12;
/** Arguments of one call: engines limit how many there may be. */
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

/** From this length on the platform's own encoder is faster, though it has to be called. */
const LONG = 48;
const encoder = new TextEncoder();
/** Memory that is kept for `latin1Octets`; what is longer gets its own. */
const KEPT_OCTETS = 16_384;
let scratch = new Uint8Array(256);

/** Writes one octet a character at `at`; returns the position behind them. */
export function encodeLatin1(text: string, out: Uint8Array, at: number): number {
  const { length } = text;
  // UTF-8 of ASCII is the same octets; what is longer was not ASCII.
  if (length >= LONG && encoder.encodeInto(text, out.subarray(at, at + length)).read === length) {
    return at + length;
  }
  for (let i = 0; i < length; i++) out[at + i] = text.charCodeAt(i);
  return at + length;
}

/** The characters of `text` as octets, at the beginning of memory that is valid until the next call. */
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
