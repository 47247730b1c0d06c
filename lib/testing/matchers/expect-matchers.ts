// Matchers as `expect.extend` of Jest and Vitest takes them.

import {
  checkFailure,
  checkReceived,
  checkReply,
  type FailureOptions,
  type ReceivedOptions,
  type ReplyOptions,
  type Verdict,
} from './verdicts.ts';

/** What a matcher gives. */
export interface MatcherResult {
  /** Whether the assertion holds. */
  readonly pass: boolean;
  /** Why it fails; where a test wants the opposite, why that fails. */
  readonly message: () => string;
}

/** Matchers for `expect.extend`, which takes no interface for its record of functions. */
export type Matchers = {
  /**
   * The call fails with this status: a code or its name, a list of them, or `{ code, message, details }`. Takes a call, a
   * promise, a function that makes one, or an RpcError.
   */
  toFailWith(received: unknown, status?: unknown, options?: FailureOptions): Promise<MatcherResult>;
  /** The reply, or the list of a stream's replies, matches the pattern. Takes a call, a promise or a reply. */
  toReplyWith(received: unknown, pattern: unknown, options?: ReplyOptions): Promise<MatcherResult>;
  /** The test server received a call of the method, with a request that matches the pattern if there is one. */
  toHaveReceived(
    received: unknown,
    method: string,
    pattern?: unknown,
    options?: ReceivedOptions,
  ): MatcherResult;
};

const resultOf = ({ pass, message }: Verdict): MatcherResult => ({ pass, message: () => message });

/** The matchers: `expect.extend(matchers)`. */
export const matchers: Matchers = {
  async toFailWith(received, status, options) {
    return resultOf(await checkFailure(received, status, options));
  },
  async toReplyWith(received, pattern, options) {
    return resultOf(await checkReply(received, pattern, options));
  },
  toHaveReceived(received, method, pattern, options) {
    return resultOf(checkReceived(received, method, pattern, options));
  },
};

/** The matchers as `expect(…)` has them, for a declaration of your framework's types. */
export interface StublessMatchers {
  /**
   * The call fails with this status: a code or its name, a list of them, or `{ code, message, details }`. Of a call, a
   * promise, a function that makes one, or an RpcError. Await it.
   */
  toFailWith(status?: unknown, options?: FailureOptions): Promise<void>;
  /** The reply, or the list of a stream's replies, matches the pattern. Of a call, a promise or a reply. Await it. */
  toReplyWith(pattern: unknown, options?: ReplyOptions): Promise<void>;
  /** The test server received a call of the method, with a request that matches the pattern if there is one. */
  toHaveReceived(method: string, pattern?: unknown, options?: ReceivedOptions): void;
}
