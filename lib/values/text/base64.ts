// Base64 text of any length to octets, without regular expressions with a repeated group, which would run out of stack.
// Strict for users' values, tolerant for ProtoJSON.

const OTHER_THAN_BASE64 = /[^A-Za-z0-9+/]/;
const OTHER_THAN_EITHER = /[^A-Za-z0-9+/_-]/;

/**
 * The octets of base64 text in either alphabet, with or without padding, as ProtoJSON allows; undefined if malformed.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  const body = withoutPadding(text);
  if (body === undefined || OTHER_THAN_EITHER.test(body)) return undefined;
  return decoded(body);
}

/** The octets of base64 text in its canonical form (RFC 4648 §4, §3.5); undefined for any other form. */
export function fromCanonicalBase64(text: string): Uint8Array | undefined {
  const body = withoutPadding(text);
  if (body === undefined || text.length % 4 !== 0 || OTHER_THAN_BASE64.test(body)) return undefined;
  return hasSpareBits(body) ? undefined : decoded(body);
}

/** Padding must be complete or absent, and a single character beyond whole groups holds no octet. */
function withoutPadding(text: string): string | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (padding > 0 && text.length % 4 !== 0) return undefined;
  const body = padding === 0 ? text : text.slice(0, -padding);
  return body.length % 4 === 1 ? undefined : body;
}

/** Whether the last character has non-zero bits beyond the last whole octet. */
function hasSpareBits(body: string): boolean {
  const last = body.charAt(body.length - 1);
  if (body.length % 4 === 2) return !'AQgw'.includes(last);
  return body.length % 4 === 3 && !'AEIMQUYcgkosw048'.includes(last);
}

function decoded(body: string): Uint8Array {
  // Buffer reads both alphabets; replacing characters first would take many times as long.
  if (typeof globalThis.Buffer === 'function') return Buffer.from(body, 'base64');
  const standard = body.split('-').join('+').split('_').join('/');
  return Uint8Array.from(atob(standard), (char) => char.charCodeAt(0));
}
