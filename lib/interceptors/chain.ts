// What the interceptors around one call share, and the call as each of them sees it on its way in. Holds no call state.

import type { BoundMethod, CallContext } from '../call/call-context.ts';
import type { CallLifecycle } from '../call/call-lifecycle.ts';
import type { CallOptions, CheckedCallOptions } from '../call/call-options.ts';
import { type InterceptedCall, type Interceptor, interceptedMethod } from '../call/interceptor.ts';
import type { OuterCall } from '../call/wire-call.ts';
import type { Method } from '../schema/codec/method.ts';
import { Metadata } from '../values/metadata.ts';

/** The client, as its intercepted calls see it. */
export interface ChainEnd {
  readonly context: CallContext;
  /** The call that an interceptor's `next` makes; a mistake in its argument becomes that call's outcome. */
  goOn(from: ChainLink, target: BoundMethod, given: InterceptedCall): CallLifecycle;
}

/** The interceptors around one of the user's calls, and that call. */
export interface Chain extends OuterCall {
  readonly interceptors: readonly Interceptor[];
  /** The timeout that the caller set. */
  readonly timeoutMs: number | undefined;
  /** When the caller's deadline passes. */
  readonly deadlineMs: number;
}

/** One interceptor's place in the chain, and the call that runs it. */
export interface ChainLink {
  readonly chain: Chain;
  readonly index: number;
  /** The interceptor's name in errors. */
  readonly who: string;
  readonly options: CheckedCallOptions;
  /** The options as given, before they were checked. */
  readonly given: CallOptions;
  readonly isDone: boolean;
  failure(): unknown;
}

/** An interceptor's name in errors. */
export function nameOf(interceptors: readonly Interceptor[], index: number): string {
  const name = interceptors[index]?.name;
  if (name === undefined) return 'the call itself';
  return name === '' ? `interceptor ${index + 1}` : `the interceptor '${name}'`;
}

/** What an interceptor sees of a call: a copy, as one's changes must be gone when an outer one calls `next` again. */
export function outgoing(method: Method, given: CallOptions, request: unknown): InterceptedCall {
  const options: Record<string, unknown> = {};
  for (const name in given) if (!IN_ITS_OWN_PLACE.has(name)) options[name] = given[name as keyof CallOptions];
  const isStream = method.requestStream;
  return {
    method: interceptedMethod(method),
    metadata: new Metadata(given.metadata),
    options,
    message: isStream ? undefined : (request ?? {}),
    messages: (isStream ? request : undefined) as AsyncIterable<unknown>,
  };
}

/** The call options that an interceptor does not see in `options`. */
export const IN_ITS_OWN_PLACE: ReadonlySet<string> = new Set(['metadata', 'interceptors']);
