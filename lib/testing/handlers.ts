// What a test server's methods are: plain functions by the method's name, whose shape follows its cardinality.

import type { DynamicMessage, MethodName, MethodTypes, Untyped } from '../call/typed-calls.ts';
import type { Cardinality } from '../schema/codec/method.ts';
import type { Metadata } from '../values/metadata.ts';

/** One call, as its handler sees it. */
export interface ServerCall {
  /** `helloworld.Greeter.SayHello` */
  readonly method: string;
  readonly cardinality: Cardinality;
  /** The request's metadata. */
  readonly metadata: Metadata;
  /**
   * Aborts when nobody is waiting for the reply any more, with an RpcError CANCELLED or DEADLINE_EXCEEDED as its
   * reason.
   */
  readonly signal: AbortSignal;
  /** When the client gives up; undefined if it set no deadline. */
  readonly deadline: Date | undefined;
  /** The client's `:authority`. */
  readonly authority: string;
  /** The client's address; `memory` for one in this process. */
  readonly peer: string;
  /** What is sent before the first reply; changes after that are not sent. */
  readonly headers: Metadata;
  /** What is sent after the last reply. */
  readonly trailers: Metadata;
  /** Sends the headers now instead of with the first reply. */
  sendHeaders(): void;
}

/** A message, or what becomes one. */
type Eventual<T> = T | PromiseLike<T>;

/** Messages to send: an array, a generator, or anything else that can be iterated. */
export type Replies<T> = Iterable<T> | AsyncIterable<T>;

/** A reply as a handler gives it: fields that it leaves out have their defaults. */
export type ReplyFields<T> = T extends
  | Uint8Array
  | bigint
  | Date
  | string
  | number
  | boolean
  | null
  | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly ReplyFields<Item>[]
    : T extends object
      ? { readonly [Field in keyof T]?: ReplyFields<T[Field]> | undefined }
      : T;

/** One request, one reply. */
export type UnaryHandler<Request, Reply> = (request: Request, call: ServerCall) => Eventual<Reply>;
/** One request, a stream of replies: usually an async generator. */
export type ServerStreamHandler<Request, Reply> = (
  request: Request,
  call: ServerCall,
) => Eventual<Replies<Reply>>;
/** A stream of requests, one reply. */
export type ClientStreamHandler<Request, Reply> = (
  requests: AsyncIterable<Request>,
  call: ServerCall,
) => Eventual<Reply>;
/** Streams both ways. */
export type BidiHandler<Request, Reply> = (
  requests: AsyncIterable<Request>,
  call: ServerCall,
) => Eventual<Replies<Reply>>;

type HandlerOfTypes<T extends MethodTypes> = T['cardinality'] extends 'unary_unary'
  ? UnaryHandler<T['request'], ReplyFields<T['reply']>>
  : T['cardinality'] extends 'unary_stream'
    ? ServerStreamHandler<T['request'], ReplyFields<T['reply']>>
    : T['cardinality'] extends 'stream_unary'
      ? ClientStreamHandler<T['request'], ReplyFields<T['reply']>>
      : BidiHandler<T['request'], ReplyFields<T['reply']>>;

/** The handler of one method. */
export type HandlerOf<S, M extends MethodName<S>> = string extends keyof S
  ? (request: DynamicMessage, call: ServerCall) => unknown
  : S[M] extends MethodTypes
    ? HandlerOfTypes<S[M]>
    : never;

/** Handlers by method, in any spelling that a client takes; a method without one is UNIMPLEMENTED. */
export type Handlers<S extends object = Untyped> = {
  readonly [M in MethodName<S>]?: HandlerOf<S, M> | undefined;
};

/** A handler whose messages are known only at run time. */
export type AnyHandler = (request: DynamicMessage, call: ServerCall) => unknown;
