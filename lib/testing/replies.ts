// Turns what a handler gave into the replies of its method, or says in plain words what is wrong with it.

import type { Method } from '../schema/codec/method.ts';
import { isMap, isObject } from '../values/realm.ts';

/** A handler gave something that its method cannot send: a mistake in the test. */
export class WrongReply extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WrongReply';
  }
}

/**
 * The replies, one by one. Ends early, and closes the handler's iterable, when `ended` resolves.
 * Throws WrongReply when the handler does not have the method's cardinality.
 */
export async function* repliesOf(
  method: Method,
  given: unknown,
  ended: Promise<void>,
): AsyncGenerator<unknown, void, undefined> {
  const iterator = iteratorOf(given);
  if (!method.responseStream) {
    if (iterator !== undefined && !isMessage(given)) {
      throw new WrongReply(
        `${method.fullName} has one reply: its handler must return a ${method.reply.typeName}, not an iterable (use an async function instead of a generator)`,
      );
    }
    if (given === undefined || given === null) {
      throw new WrongReply(
        `the handler of ${method.fullName} returned ${String(given)} instead of a ${method.reply.typeName}; an empty one is {}`,
      );
    }
    yield given;
    return;
  }
  if (iterator === undefined) {
    throw new WrongReply(
      `${method.fullName} streams replies: its handler must return an array or a generator of ${method.reply.typeName}, not ${describe(given)}`,
    );
  }
  let isExhausted = false;
  try {
    for (;;) {
      // Waiting for a reply that nobody wants any more would keep the call for ever.
      const next = await Promise.race([iterator.next(), ended]);
      if (next === undefined) return;
      if (next.done === true) {
        isExhausted = true;
        return;
      }
      yield await next.value;
    }
  } catch (error) {
    isExhausted = true;
    throw error;
  } finally {
    // Not awaited: a generator that is waiting for something returns only once that arrives.
    if (!isExhausted) Promise.resolve(iterator.return?.()).catch(() => {}); // its caller is gone
  }
}

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

function iteratorOf(value: unknown): AnyIterator | undefined {
  if (!isObject(value)) return undefined;
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = value as {
    [Symbol.asyncIterator]?: () => AnyIterator;
    [Symbol.iterator]?: () => AnyIterator;
  };
  if (typeof async === 'function') return async.call(value);
  return typeof sync === 'function' ? sync.call(value) : undefined;
}

/** Some well-known types are given as what can be iterated: a ListValue as an array, a BytesValue as bytes. */
function isMessage(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value) || isMap(value);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'a single object (put it in an array)' : typeof value;
}
