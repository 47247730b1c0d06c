// What must never be seen, whatever happens.

import type { Oracle } from './oracle.ts';

/** No exception, no rejection that nobody caught. */
export const nothingEscapes: Oracle = {
  name: 'nothing escapes',
  promise: 'docs/promises.md 10: never an uncaught exception or an unhandled rejection from inside',
  *find({ uncaught, calls }) {
    for (const error of uncaught) yield `uncaught: ${error instanceof Error ? error.stack : String(error)}`;
    for (const { plan, strange } of calls)
      if (strange !== undefined) yield `call ${plan.id} rejected with ${String(strange)}`;
  },
};

/** The client keeps to HTTP/2. */
export const keepsToHttp2: Oracle = {
  name: 'keeps to HTTP/2',
  promise: 'RFC 9113',
  *find({ breaches }) {
    yield* breaches;
  },
};

/** Replies are those of their requests, and OK means that the server said so. */
export const repliesBelong: Oracle = {
  name: 'replies belong',
  promise: 'docs/promises.md 4: OK only when it is',
  *find({ calls, probes, attempts }) {
    for (const { plan, replies, code } of [...calls, ...probes]) {
      for (const [i, reply] of replies.entries()) {
        if (!reply.startsWith(`${plan.id}.${i}@`)) yield `call ${plan.id} got ${reply} as reply ${i}`;
      }
      if (code !== 0) continue;
      if (!attempts.some((one) => one.call === plan.id && one.outcome === 'ok'))
        yield `call ${plan.id} ended with OK, and no server said so`;
      const wanted = plan.shape === 'bidi' ? plan.requests : plan.replies;
      if (replies.length !== wanted)
        yield `call ${plan.id} ended with OK and ${replies.length} replies, not ${wanted}`;
    }
    for (const { call, messages, outcome } of attempts) {
      for (const [i, message] of messages.entries()) {
        if (message !== `${call}.${i}`)
          yield `a server got ${message} as message ${i} of call ${call} (${outcome})`;
      }
    }
  },
};
