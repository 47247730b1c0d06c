// What is said to a program that takes a call, or its stream of replies, for the reply: it forgot to await, or to loop.
// It knows calls by what is behind them, and no classes.

import { reportMissingAwait } from '../values/warnings.ts';
import type { CallLifecycle } from './call-lifecycle.ts';

/** What people look for who come from emitters of events, or take a stream for an array. */
const OF_EMITTERS: ReadonlySet<string> = new Set(['on', 'once', 'addListener', 'addEventListener']);
const OF_ARRAYS: ReadonlySet<string> = new Set([
  'map',
  'filter',
  'forEach',
  'reduce',
  'find',
  'some',
  'every',
  'slice',
]);

/** `replies[0]`. (`length` is what programs ask any object for: see values/missing-member.ts.) */
const INDEX = /^\d+$/;

/**
 * What to write in place of a member that a call does not have; undefined where it is no mistake that is known.
 * @param isStream the call was awaited already, and gave its stream
 * @param asked gives the stack of who asks
 */
export function mistakenForReply(
  call: CallLifecycle,
  name: string,
  isStream: boolean,
  asked: () => string,
): string | undefined {
  const isField = call.replyHas(name);
  if (isField === undefined) warnWhenKnown(call, name, asked());
  else if (isField) return aboutField(call, name);
  if (OF_EMITTERS.has(name)) return aboutEvents(call, name);
  if ((OF_ARRAYS.has(name) || INDEX.test(name)) && (isStream || call.streamsReplies === true)) {
    return `the replies of ${call.method} are not an array and have no '${name}': loop over them, ${loop(call)}, or take them all with await call.toArray()`;
  }
  return undefined;
}

/** What to write in place of `for (… of call)`. */
export function mistakenForArray(call: CallLifecycle): string {
  if (call.streamsReplies === false) {
    return `a call is not iterable: await its reply, const reply = await ${request(call)}`;
  }
  return `a call is not iterable as an array is: its replies come with time, ${loop(call)}, or all at once with await call.toArray()`;
}

function aboutField(call: CallLifecycle, name: string): string {
  if (call.streamsReplies === true) {
    return `${call.method} streams its replies, so there is no one reply to read '${name}' of: loop over them, ${loop(call, `reply.${name}`)}, or take them all with await call.toArray()`;
  }
  return `'${name}' is a field of the reply of ${call.method}, and this is the call: await it first, const reply = await ${request(call)}; reply.${name}`;
}

function aboutEvents(call: CallLifecycle, name: string): string {
  const instead =
    call.streamsReplies === true
      ? `loop over its replies, ${loop(call)}`
      : call.streamsReplies === false
        ? `await its reply, const reply = await ${request(call)}`
        : `await its reply, or loop over its replies, ${loop(call)}`;
  return `a call has no '${name}', and emits no events: ${instead}; (await call.status).codeName tells how it ended`;
}

/**
 * The schema, which says what is a field, is still on its way: a warning at the end of the call, with the line that asked,
 * unless it was none.
 */
function warnWhenKnown(call: CallLifecycle, name: string, stack: string): void {
  void call.ended.then(() => {
    if (call.replyHas(name) !== true) return;
    reportMissingAwait(aboutField(call, name), stack);
  });
}

function request({ method }: CallLifecycle): string {
  return `client.request('${method.slice(method.lastIndexOf('/') + 1)}', …)`;
}

function loop(call: CallLifecycle, body = '…'): string {
  return `for await (const reply of ${request(call)}) ${body}`;
}
