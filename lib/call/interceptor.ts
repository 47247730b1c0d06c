// The form of an interceptor: a function around a call, which sees it on its way out and its outcome on the way back.
// Types and their checks; how a chain runs is in interceptors/interceptor-step.ts. See docs/interceptors.md.

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
  readonly cardinality: Cardinality;
  /** Whether the request is a stream of messages: then `messages` holds them, otherwise `message` holds it. */
  readonly requestStream: boolean;
  /** Whether the reply is a stream of messages. */
  readonly responseStream: boolean;
  /** From the `idempotency_level` option. */
  readonly idempotency: 'unknown' | 'no_side_effects' | 'idempotent';
  /** Full name of the request's type, `helloworld.HelloRequest`; `bytes` for raw calls. */
  readonly requestType: string;
  readonly replyType: string;
}

/** The options a call was made with, to read or to change before `next`. */
export type InterceptedOptions = {
  -readonly [Name in keyof Omit<CallOptions, 'metadata' | 'interceptors'>]: CallOptions[Name];
};

/** A call on its way to the server. Change it, or give `next` a changed copy: `next({ ...call, message })`. */
export interface InterceptedCall {
  readonly method: InterceptedMethod;
  /** The metadata of this call. The client's own is added below it; a name that is set here replaces it there. */
  metadata: Metadata;
  /**
   * What the caller gave as options, and nothing for what it left to the defaults. A `timeoutMs` that is set here
   * counts from `next`; the caller's own deadline holds all the same.
   */
  options: InterceptedOptions;
  /** The request, where it is a single message; as the caller gave it, not checked yet. */
  message: DynamicMessage;
  /**
   * The requests, where they are a stream. They can be read once, unless the caller gave an array or the like; reading
   * them slowly slows the caller down.
   */
  messages: AsyncIterable<DynamicMessage>;
}

/**
 * Goes on: to the interceptor further in, then to the server. Each time it is called it makes a call of its own, as
 * `client.request` does: to be awaited, or iterated over where replies stream, with `headers`, `trailers`, `status`
 * and `cancel`. Without an argument the call goes on as it is. Never throws: what is wrong is the call's rejection.
 */
export type Next = (call?: InterceptedCall) => Call<DynamicMessage, DynamicMessage, DynamicMessage>;

/**
 * A function around each call of a client (`interceptors` of its options), or around one (`interceptors` of a call).
 * What it returns is what the caller gets:
 * - what `next` gave, awaited or not: reply, headers, trailers and status as they came;
 * - a reply of its own (of a stream: an iterable of replies, and an async generator is one), of the method's type;
 * - what it throws: the call fails with that. An `RpcError` keeps its status.
 *
 * The caller's deadline, its signal and `cancel` end the call whatever interceptors do, together with everything they
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
