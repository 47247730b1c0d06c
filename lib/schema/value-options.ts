// How values look to the user: proto-loader's option names and values, with our defaults.

/** See docs/values.md for where these differ from @grpc/proto-loader. */
export interface ValueOptions {
  /** Field names as the .proto has them instead of their JSON names. Default false. */
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
}
