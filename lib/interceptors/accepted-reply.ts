// Turns what an interceptor returns into the replies of its call: messages of the method's type, in whatever form they
// were returned.

import type { MessageCodec, Method } from '../schema/codec/method.ts';
import { messageOf } from '../values/realm.ts';

/** The interceptor that returned it. */
interface Giver {
  /** Its name in errors. */
  readonly who: string;
  /** Whether it has called next. */
  readonly hasGoneOn: boolean;
}

/**
 * An interceptor's reply; one that it made itself becomes a message of the method's type. Throws if it does not fit.
 */
export function acceptedReply(value: unknown, method: Method, from: Giver): unknown {
  const { reply: codec } = method;
  if (!isReply(value, codec.typeName)) throw notGiven('a reply', value, method, from);
  if (isMessageOf(codec, value)) return value;
  try {
    const { bytes, start, end } = codec.encode(value, 0);
    const reply: unknown = codec.decode(bytes, start, end);
    // Only now may the codec of a loaded module know which objects are its own.
    return isMessageOf(codec, value) ? value : reply;
  } catch (error) {
    const text = messageOf(error);
    throw new TypeError(`${from.who} returned a reply that is not of type ${codec.typeName}: ${text}`, {
      cause: error,
    });
  }
}

/** The error of an interceptor that returned something else than was needed. */
export function notGiven(wanted: string, value: unknown, { path }: Method, from: Giver): TypeError {
  const hint = from.hasGoneOn ? 'did it forget to return what next returned?' : 'it did not call next';
  return new TypeError(`${from.who} returned ${String(value)} where ${path} needs ${wanted}; ${hint}`);
}

/** The single reply in what an interceptor returned: the value itself, or the only one that its generator yields. */
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
    `${who} returned ${count === 0 ? 'no reply' : 'several replies'} for ${path}, which has one`,
  );
}

/** The iterator of replies; undefined if the value is not iterable. */
export function iteratorOf(value: unknown): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Symbol.asyncIterator in value) return (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  if (Symbol.iterator in value) return (value as Iterable<unknown>)[Symbol.iterator]();
  return undefined;
}

function isReply(value: unknown, typeName: string): boolean {
  // ProtoJSON's null is a Value, and never a reply of another type.
  if (value === null) return typeName === 'google.protobuf.Value';
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

function isMessageOf(codec: MessageCodec, value: unknown): boolean {
  return typeof value === 'object' && value !== null && codec.isMessage?.(value) === true;
}

/** Lets a generator that nobody will read clean up. */
export async function leaveUnread(result: unknown): Promise<void> {
  try {
    await iteratorOf(result)?.return?.();
  } catch {
    // As in GivenReplies.leave: there is nobody left to tell.
  }
}
