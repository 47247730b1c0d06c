// The value options, complete, as the codec wants them: how values look in JavaScript.

import { DEFAULT_MAX_JSON_CHARACTERS } from './json-length.ts';
import type { ValueOptions } from './value-options.ts';

/** What 64-bit integers become. */
export const LONG_BIGINT = 0;
export const LONG_STRING = 1;
const LONG_NUMBER = 2;

/** What bytes become. */
export const BYTES_BUFFER = 0;
export const BYTES_ARRAY = 1;
const BYTES_BASE64 = 2;

/** Plain integers and flags, as they are read for each field of each message. */
export interface ValueShape {
  readonly keepCase: boolean;
  readonly longs: number;
  readonly enumNames: boolean;
  readonly bytes: number;
  readonly defaults: boolean;
  readonly arrays: boolean;
  readonly objects: boolean;
  readonly oneofs: boolean;
  /** Unknown fields stay with the message, under a symbol (descriptors: options of extensions not loaded). */
  readonly keepUnknown: boolean;
  /** A field with another wire type than its own is refused instead of counting as unknown. */
  readonly strictWireTypes: boolean;
  /** How many bytes of memory one decoded message may take; undefined for the default. */
  readonly maxDecodedBytes: number | undefined;
  /** How many characters its JSON text may have. */
  readonly maxJsonCharacters: number;
}

export function valueShape(options: ValueOptions, keepUnknown: boolean): ValueShape {
  const longs = options.longs;
  const bytes: unknown = options.bytes;
  return {
    keepCase: options.keepCase === true,
    longs: longs === Number ? LONG_NUMBER : longs === String ? LONG_STRING : LONG_BIGINT,
    enumNames: options.enums !== Number,
    bytes: bytes === Array ? BYTES_ARRAY : bytes === String ? BYTES_BASE64 : BYTES_BUFFER,
    defaults: options.defaults !== false,
    arrays: options.arrays === true,
    objects: options.objects === true,
    oneofs: options.oneofs === true,
    keepUnknown,
    strictWireTypes: options.strictWireTypes === true,
    maxDecodedBytes: options.maxDecodedBytes,
    maxJsonCharacters: options.maxJsonCharacters ?? DEFAULT_MAX_JSON_CHARACTERS,
  };
}
