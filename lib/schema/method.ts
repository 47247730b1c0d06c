// A method of a service, ready to be called: what its path is, how many messages go each way, and the codecs.

/** How many messages go each way, as the field's standard names have it. */
export type Cardinality = 'unary_unary' | 'unary_stream' | 'stream_unary' | 'stream_stream';

/** Turns one message type's values into bytes and back. */
export interface MessageCodec {
  /** Full name, `helloworld.HelloRequest`. */
  readonly typeName: string;
  /**
   * Checks and encodes a value in one pass. TypeError or RangeError, naming the path, when it does not fit.
   * The first `prefix` octets of the result are left free for the caller (gRPC's message header).
   * The result may be a view of memory that the next `encode` of any codec reuses, unless `isOwned`.
   */
  encode(value: unknown, prefix: number): EncodedMessage;
  /** Decodes `bytes[start, end)`, copying what it keeps. Throws a `DecodeError` when it is no such message. */
  decode(bytes: Uint8Array, start: number, end: number): object;
}

/** The outcome of `encode`: one reused object, to be read before the next call of `encode`. */
export interface EncodedMessage {
  readonly bytes: Uint8Array;
  /** The message is `bytes[prefix, length)`. */
  readonly length: number;
  /** True when the memory is the receiver's to keep (large messages); false when it will be reused. */
  readonly isOwned: boolean;
}

export interface Method {
  /** `SayHello` */
  readonly name: string;
  /** Full name of its service, `helloworld.Greeter`. */
  readonly service: string;
  /** `helloworld.Greeter.SayHello` */
  readonly fullName: string;
  /** `/helloworld.Greeter/SayHello` */
  readonly path: string;
  readonly cardinality: Cardinality;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  /** From the `idempotency_level` option. */
  readonly idempotency: 'unknown' | 'no_side_effects' | 'idempotent';
  /** Built when first asked for. */
  readonly request: MessageCodec;
  readonly reply: MessageCodec;
}
