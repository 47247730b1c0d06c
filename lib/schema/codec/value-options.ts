// How values look to the user: proto-loader's option names and values, with our defaults.

/** See docs/values.md for where these differ from @grpc/proto-loader. */
export interface ValueOptions {
  /** Field names as in the .proto instead of their JSON names. Default false. */
  readonly keepCase?: boolean | undefined;
  /** What 64-bit integers become: `BigInt` (default), `String` or `Number` (unsafe values are then refused). */
  readonly longs?: BigIntConstructor | StringConstructor | NumberConstructor | undefined;
  /** What enum values become: `String` (names, default) or `Number`. */
  readonly enums?: StringConstructor | NumberConstructor | undefined;
  /** What bytes become: `Buffer` (default on Node; a Uint8Array elsewhere), `Array`, or `String` for base64. */
  readonly bytes?: BufferConstructor | ArrayConstructor | StringConstructor | undefined;
  /** Fields without presence are own properties with their default when unset. Default true. */
  readonly defaults?: boolean | undefined;
  /** Empty arrays for unset repeated fields even when `defaults` is false. Default false. */
  readonly arrays?: boolean | undefined;
  /** Empty objects for unset maps even when `defaults` is false. Default false. */
  readonly objects?: boolean | undefined;
  /** A property with the oneof's name that holds the name of its set member. Default false. */
  readonly oneofs?: boolean | undefined;
  /**
   * Refuse a field that comes with a wire type other than the schema's. Default false: it counts as an unknown field, as
   * in other implementations, and a warning asks whether the schema is a different version.
   */
  readonly strictWireTypes?: boolean | undefined;
  /**
   * The most memory, by estimate, that one decoded message may take, in bytes; a call whose reply needs more ends with
   * RESOURCE_EXHAUSTED. Default 128 MiB (134,217,728), or 32 times the message's size if that is more; `Infinity` for no
   * limit.
   */
  readonly maxDecodedBytes?: number | undefined;
  /**
   * The longest text that `toJsonString` makes of one message, in characters; longer ones are a RangeError. Default 32 Mi
   * (33,554,432); `Infinity` for no limit.
   */
  readonly maxJsonCharacters?: number | undefined;
}
