// grpc-message: percent-encoded UTF-8. Source: grpc doc/PROTOCOL-HTTP2.md, "Status-Message".

/**
 * The text of a grpc-message field. Lenient, as the specification demands: a `%` without two hex digits stays, and
 * octets that are not UTF-8 become U+FFFD; nothing in it can make a call fail.
 */
export function decodeGrpcMessage(value: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(value)) return value;
  // A field has one latin1 character per octet, so unescaped UTF-8 is decoded correctly as well.
  const octets = new Uint8Array(value.length);
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    let octet = value.charCodeAt(i) & 0xff;
    if (octet === 0x25 && i + 2 < value.length) {
      const high = hexDigit(value.charCodeAt(i + 1));
      const low = hexDigit(value.charCodeAt(i + 2));
      if (high >= 0 && low >= 0) {
        octet = (high << 4) | low;
        i += 2;
      }
    }
    octets[length++] = octet;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets.subarray(0, length));
}

/** Percent-encodes what is not printable ASCII, and `%` itself. */
export function encodeGrpcMessage(text: string): string {
  const octets = /^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
  return octets.replace(/[^\x20-\x24\x26-\x7e]/g, percentEncoded);
}

function percentEncoded(octet: string): string {
  return `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return -1;
}
