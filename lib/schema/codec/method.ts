// A method of a service, ready to be called: what its path is, how many messages go each way, and the codecs.

/** How many messages go each way. */
export type Cardinality = 'unary_unary' | 'unary_stream' | 'stream_unary' | 'stream_stream';

/** That of a method by which of its sides stream. */
export function cardinalityOf(requestStream: boolean, responseStream: boolean): Cardinality {
  return `${requestStream ? 'stream' : 'unary'}_${responseStream ? 'stream' : 'unary'}`;
}
/** The form of messages on the wire. */
export type CodecName = 'proto' | 'json';

/** Turns one message type's values into bytes and back. */
export interface MessageCodec {
  /** Full name, `helloworld.HelloRequest`. */
  readonly typeName: string;
  /**
   * Checks and encodes a value in one pass. TypeError or RangeError, naming the path, when it does not fit.
   * The first `prefix` octets of the result are left free for the caller (gRPC's message header).
   * Its memory is the caller's to read for as long as it likes: nothing else is ever written there.
   */
  encode(value: unknown, prefix: number): EncodedMessage;
  /**
   * Decodes `bytes[start, end)`, copying what it keeps; with `isOwn` the memory is the message's alone, so that a large part
   * of it may be kept as it is. Throws a `DecodeError` when they are not such a message.
   */
  decode(bytes: Uint8Array, start: number, end: number, isOwn?: boolean): object;
  /** Whether a value is a message that it decoded, or would decode so; absent if the codec cannot tell. */
  isMessage?(value: object): boolean;
}

/** The outcome of `encode`: one reused object, to be read before the next call of `encode`. */
export interface EncodedMessage {
  /** The memory that holds it, probably together with other messages. */
  readonly bytes: Uint8Array;
  /** Where it begins: `prefix` free octets, then the message, up to `end`. */
  readonly start: number;
  readonly end: number;
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
  /** Its codecs are the user's own functions, or those of modules that the user loaded. */
  readonly isForeign?: boolean | undefined;
  /** Built when first asked for. */
  readonly request: MessageCodec;
  readonly reply: MessageCodec;
  /** What these codecs make of messages; absent: protobuf's wire format. */
  readonly codec?: 'json' | undefined;
  /**
   * The same method with codecs of ProtoJSON, made when first asked for; absent where it is always the wire format.
   * SchemaError where the codecs are functions of a module's, which know no other form.
   */
  readonly json?: Method | undefined;
}
