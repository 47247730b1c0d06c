// What the interceptors around one call share, and what goes from one to the next: the call on its way in, the options
// of what they begin, and the replies of their own making. It holds no state of a call.

import type { AbortGroups } from './abort-group.ts';
import type { CallFace } from './call-face.ts';
import type { CallTarget } from './call-host.ts';
import type { Interceptor } from './interceptor.ts';
import { type InterceptedCall, interceptedMethod } from './interceptor.ts';
import { Metadata } from './metadata.ts';
import type { CallOptions } from './options/call-options.ts';
import type { DeadlineQueue } from './rpc/deadline.ts';
import type { RunningCall } from './running-calls.ts';
import type { Method } from './schema/method.ts';

/** The client, as its intercepted calls see it. */
export interface InterceptionHost {
  readonly deadlines: DeadlineQueue;
  readonly signals: AbortGroups;
  onCallEnd(call: RunningCall): void;
  /** A call on the wire. Its mistakes are its outcome. */
  startCall(target: CallTarget, request: unknown, options: CallOptions, startedMs: number): CallFace;
}

/** The interceptors around one call of the user's. */
export interface Chain {
  readonly interceptors: readonly Interceptor[];
  /** When the call was made. */
  readonly startedMs: number;
  /** The timeout that the caller gave. */
  readonly timeoutMs: number | undefined;
  /** When the caller's deadline passes. */
  deadlineMs: number;
}

/** An interceptor in errors. */
export function nameOf({ interceptors }: Chain, index: number): string {
  const name = interceptors[index]?.name;
  if (name === undefined) return 'what they go on to';
  return name === '' ? `interceptor ${index + 1}` : `the interceptor '${name}'`;
}

/** What an interceptor sees of a call. A copy: what one changes must not be there when an outer one goes on again. */
export function outgoing(method: Method, given: CallOptions, request: unknown): InterceptedCall {
  const { metadata, interceptors: _, ...options } = given;
  const isStream = method.requestStream;
  return {
    method: interceptedMethod(method),
    metadata: new Metadata(metadata),
    options,
    message: isStream ? undefined : (request ?? {}),
    messages: (isStream ? request : undefined) as AsyncIterable<unknown>,
  };
}

/** The options of what an interceptor goes on to. TypeError when it gave `next` no call. */
export function innerOptions(given: InterceptedCall, who: string): CallOptions {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${who} called next with ${String(given)}: give it the call, or a copy of it`);
  }
  return { ...given.options, metadata: new Metadata(given.metadata) };
}

/**
 * When the call on the wire counts as begun, and its timeout: the caller's own goes on counting from where it began,
 * one that an interceptor set counts from now and ends with the caller's.
 */
export function timing(
  { startedMs, timeoutMs, deadlineMs }: Chain,
  options: CallOptions,
): { readonly startedMs: number; readonly timeoutMs: number | undefined } {
  const wanted = options.timeoutMs;
  if (wanted === timeoutMs) return { startedMs, timeoutMs };
  const nowMs = performance.now();
  const leftMs = Math.max(deadlineMs - nowMs, Number.MIN_VALUE);
  return {
    startedMs: nowMs,
    timeoutMs: wanted === undefined || (typeof wanted === 'number' && wanted > leftMs) ? leftMs : wanted,
  };
}

/** A reply as an interceptor gave it; one of its own making becomes one of the method's type. Throws when it does not fit. */
export function replyOf(value: unknown, { reply: codec }: Method, who: string): unknown {
  if (!isReply(value, codec.typeName)) throw new NoReply();
  if (typeof value === 'object' && value !== null && !isPlain(value)) return value;
  try {
    const { bytes, start, end } = codec.encode(value, 0);
    return codec.decode(bytes, start, end);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new TypeError(`${who} gave a reply that is no ${codec.typeName}: ${text}`, { cause: error });
  }
}

/** What was given can be no reply at all. */
export class NoReply extends Error {}

/** The one reply in what an interceptor gave: itself, or the only one that its generator gives. */
export async function onlyReply(result: unknown, { path }: Method, who: string): Promise<unknown> {
  const isGenerator = typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
  if (!isGenerator) return result;
  let reply: unknown;
  let count = 0;
  for await (const one of result as AsyncIterable<unknown>) {
    reply = one;
    if (++count > 1) break;
  }
  if (count === 1) return reply;
  throw new TypeError(
    `${who} gave ${count === 0 ? 'no reply' : 'several replies'} for ${path}, which has one`,
  );
}

/** The iterator of replies; undefined where they are no iterable. */
export function iteratorOf(value: unknown): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Symbol.asyncIterator in value) return (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  if (Symbol.iterator in value) return (value as Iterable<unknown>)[Symbol.iterator]();
  return undefined;
}

function isReply(value: unknown, typeName: string): boolean {
  // ProtoJSON's null is a Value, and a reply of no other type.
  if (value === null) return typeName === 'google.protobuf.Value';
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}

/** Lets a generator that nobody will read clean up. */
export async function leaveUnread(result: unknown): Promise<void> {
  try {
    await iteratorOf(result)?.return?.();
  } catch {
    // As in ReplyFeed.leave: nobody is there to be told.
  }
}
