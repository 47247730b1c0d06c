/** Bytes that are not a message of the type they should be. The message names the type, the field path and the offset. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}
