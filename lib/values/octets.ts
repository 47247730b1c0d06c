// Octets as Node's Buffer, which can decode them to text: the same memory under another class.

/** `bytes[start, end)`, without a copy. */
export function bufferOf(bytes: Uint8Array, start = 0, end: number = bytes.length): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}
