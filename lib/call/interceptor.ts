// What an interceptor is: a function around a call that sees the call on its way out and the outcome on its way back.
// Its types, and a method as it sees one; interceptors/interceptor-run.ts runs them. See docs/interceptors.md.

import type { Cardinality, Method } from '../schema/codec/method.ts';
import type { Metadata } from '../values/metadata.ts';
import type { Call } from './call.ts';
import type { CallOptions } from './call-options.ts';
import type { DynamicMessage } from './typed-calls.ts';

/** The method of a call. */
export interface InterceptedMethod {
  /** `SayHello` */
  readonly name: string;
  /** `helloworld.Greeter` */
  readonly service: string;
  /** `helloworld.Greeter.SayHello` */
  readonly fullName: string;
  /** `/helloworld.Greeter/SayHello` */
  readonly path: string;
  /** How many messages go each way, such as `unary_stream`. */
  readonly cardinality: Cardinality;
  /**
   * Whether the request is a stream: its messages are then in `messages`, otherwise the one message is in `message`.
   */
  readonly requestStream: boolean;
  /** Whether the reply is a stream of messages. */
  readonly responseStream: boolean;
  /** From the method's `idempotency_level` option. */
  readonly idempotency: 'unknown' | 'no_side_effects' | 'idempotent';
  /** The full name of the request's type, such as `helloworld.HelloRequest`; `bytes` for raw calls. */
  readonly requestType: string;
  /** The full name of the reply's type, likewise. */
  readonly replyType: string;
}

/** The options that a call was made with, to read or to change before `next`. */
export type InterceptedOptions = {
  -readonly [Name in keyof Omit<CallOptions, 'metadata' | 'interceptors'>]: CallOptions[Name];
};

/** A call on its way to the server. Change it, or pass a changed copy to `next`: `next({ ...call, message })`. */
export interface InterceptedCall {
  /** The method that is called. */
  readonly method: InterceptedMethod;
  /** The metadata of this call. The client's own is added later, except for names that are set here. */
  metadata: Metadata;
  /**
   * The options that the caller set; those left to their defaults are absent. A `timeoutMs` set here counts from
   * `next`; the caller's own deadline still applies.
   */
  options: InterceptedOptions;
  /** The request, if it is a single message; as the caller passed it, not yet checked. */
  message: DynamicMessage;
  /**
   * The requests, if they are a stream. They can be read only once, unless the caller passed an array or the like;
   * reading them slowly slows the caller down.
   */
  messages: AsyncIterable<DynamicMessage>;
}

/**
 * Passes the call on: to the next interceptor further in, and finally to the server. Each use makes a call of its own,
 * as `client.request` does, to be awaited, or iterated over if it streams replies, with `headers`, `trailers`,
 * `status` and `cancel`. Without an argument the call goes on as it is. Never throws: errors reject the call instead.
 */
export type Next = (call?: InterceptedCall) => Call<DynamicMessage, DynamicMessage, DynamicMessage>;

/**
 * A function around every call of a client (the client's `interceptors` option), or around one call (the call's
 * `interceptors` option). It decides what the caller gets:
 * - if it returns what `next` returned, awaited or not: the reply, headers, trailers and status as they came;
 * - if it returns a reply of its own, of the method's type (for a stream, an iterable of replies, such as an async
 *   generator): that reply;
 * - if it throws: the call fails with what it threw. An `RpcError` keeps its status.
 *
 * The caller's deadline, signal and `cancel` end the call whatever interceptors do, along with every call that they
 * began through `next`.
 */
export type Interceptor = (call: InterceptedCall, next: Next) => unknown;

const KNOWN = new WeakMap<Method, InterceptedMethod>();

/** A method as interceptors see it. */
export function interceptedMethod(method: Method): InterceptedMethod {
  let info = KNOWN.get(method);
  if (info === undefined) {
    const { name, service, fullName, path, cardinality, requestStream, responseStream, idempotency } = method;
    info = Object.freeze({
      name,
      service,
      fullName,
      path,
      cardinality,
      requestStream,
      responseStream,
      idempotency,
      requestType: method.request.typeName,
      replyType: method.reply.typeName,
    });
    KNOWN.set(method, info);
  }
  return info;
}
