// What to tell a program that mistakes a call, or its stream of replies, for the reply, because it forgot to await or
// to loop. It knows the lifecycle behind a call, but not the call's classes.

import { reportMissingAwait } from '../values/warnings.ts';
import type { CallLifecycle } from './call-lifecycle.ts';

/** What people try who expect an event emitter, or who take a stream for an array. */
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
 * What to write instead of a member that a call does not have; undefined if it is not a known mistake.
 * @param isStream whether the object is the Stream that the call was awaited to
 * @param asked returns the stack of the access
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

/** What to write instead of `for (… of call)`. */
export function mistakenForArray(call: CallLifecycle): string {
  if (call.streamsReplies === false) {
    return `a call is not iterable: await its reply, const reply = await ${request(call)}`;
  }
  return `a call cannot be iterated like an array, because its replies arrive over time: loop over them, ${loop(call)}, or take them all with await call.toArray()`;
}

function aboutField(call: CallLifecycle, name: string): string {
  if (call.streamsReplies === true) {
    return `${call.method} streams its replies, so there is no single reply to read '${name}' from: loop over them, ${loop(call, `reply.${name}`)}, or take them all with await call.toArray()`;
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
 * The schema is still being loaded, so whether the name is a field is not yet known: if it turns out to be one, a
 * warning follows at the end of the call, with the line that accessed it.
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
