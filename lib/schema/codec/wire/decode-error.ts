import { StatusCode, type StatusCodeValue } from '../../../values/status.ts';

/**
 * Bytes that are not a message of the type they should be. The message names the type, the field path and the offset.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';

  /** The status of a call that ends because of it. */
  get status(): StatusCodeValue {
    return StatusCode.INTERNAL;
  }
}

/** Bytes that would become larger than allowed; there may be nothing else wrong with them. */
export class DecodedSizeError extends DecodeError {
  override get status(): StatusCodeValue {
    return StatusCode.RESOURCE_EXHAUSTED;
  }
}
