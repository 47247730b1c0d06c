// The entry point `stubless/testing/chai`: a plugin of chai, `use(matchers)`. Chai itself is the user's, and known here by
// what is needed of it.

import {
  checkFailure,
  checkReceived,
  checkReply,
  type FailureOptions,
  type ReceivedOptions,
  type ReplyOptions,
  type Verdict,
} from './verdicts.ts';

export { type SnapshotSerializer, snapshotSerializer } from './snapshot.ts';
export type { FailureOptions, ReceivedOptions, ReplyOptions };

declare global {
  namespace Chai {
    interface Assertion {
      /**
       * The call fails with this status: a code or its name, a list of them, or `{ code, message, details }`. Of a call, a
       * promise, a function that makes one, or an RpcError. Await it.
       */
      failWith(status?: unknown, options?: FailureOptions): Promise<void>;
      /** The reply, or the list of a stream's replies, matches the pattern. Of a call, a promise or a reply. Await it. */
      replyWith(pattern: unknown, options?: ReplyOptions): Promise<void>;
      /** The test server received a call of the method, with a request that matches the pattern if there is one. */
      haveReceived(method: string, pattern?: unknown, options?: ReceivedOptions): void;
    }
  }
}

/** What the plugin needs of chai. */
export interface ChaiLike {
  /** The class of assertions. */
  readonly Assertion: { readonly prototype: object };
  /** The class of failed assertions. */
  readonly AssertionError: {
    /** Makes one, whose stack begins at the caller. */
    new (message: string, props?: object, caller?: (this: object, ...args: never[]) => unknown): Error;
  };
}

/** What it needs of chai's utilities. */
export interface ChaiUtilities {
  /** What is kept with an assertion. */
  flag(assertion: object, name: string): unknown;
  /** Adds a method to assertions. */
  addMethod(prototype: object, name: string, method: (this: object, ...args: never[]) => unknown): void;
}

type Method = (this: object, ...args: never[]) => unknown;

/**
 * The plugin, for `use(matchers)`: `await expect(call).to.failWith('NOT_FOUND', { details })`,
 * `await expect(call).to.replyWith(pattern)`, `expect(server).to.haveReceived('SayHello', pattern)`.
 */
export function matchers(chai: ChaiLike, utils: ChaiUtilities): void {
  const subject = (assertion: object): unknown => utils.flag(assertion, 'object');
  const settle = (assertion: object, { pass, message }: Verdict, caller: Method): void => {
    if (pass !== (utils.flag(assertion, 'negate') === true)) return;
    const own = utils.flag(assertion, 'message');
    const text = typeof own === 'string' && own !== '' ? `${own}: ${message}` : message;
    throw new chai.AssertionError(text, { showDiff: false }, caller);
  };
  const add = (name: string, method: Method): void => utils.addMethod(chai.Assertion.prototype, name, method);
  add('failWith', async function failWith(this: object, status?: unknown, options?: FailureOptions) {
    settle(this, await checkFailure(subject(this), status, options), failWith);
  });
  add('replyWith', async function replyWith(this: object, pattern: unknown, options?: ReplyOptions) {
    settle(this, await checkReply(subject(this), pattern, options), replyWith);
  });
  add(
    'haveReceived',
    function haveReceived(this: object, method: string, pattern?: unknown, options?: ReceivedOptions) {
      settle(this, checkReceived(subject(this), method, pattern, options), haveReceived);
    },
  );
}
