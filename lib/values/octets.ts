// Octets as Node's Buffer, which can decode them to text: the same memory under another class; and new memory.

/** `bytes[start, end)`, without a copy. */
export function bufferOf(bytes: Uint8Array, start = 0, end: number = bytes.length): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}

/**
 * New memory that is written before it is read: where there is Buffer it holds whatever was there before, since clearing a
 * mebibyte costs as much as copying one. It is never part of Buffer's pool.
 */
export function unwrittenOctets(size: number): Uint8Array {
  return typeof globalThis.Buffer === 'function' ? Buffer.allocUnsafeSlow(size) : new Uint8Array(size);
}
