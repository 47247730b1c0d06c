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

/** Writes one octet a character at `at`; returns the position behind them. */
export function encodeLatin1(text: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) out[at++] = text.charCodeAt(i);
  return at;
}
