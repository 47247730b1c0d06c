// What happened at a test server: a record of each call, for tests to inspect. Bounded, so that load tests can use the
// server too.

import type { DynamicMessage } from '../call/typed-calls.ts';
import type { Metadata } from '../values/metadata.ts';
import type { StatusCodeName, StatusCodeValue } from '../values/status.ts';

/** How many calls are kept: the latest ones. */
const MAX_RECORDED_CALLS = 1000;
/** How many messages of a call are kept, each way: the first ones. */
export const MAX_RECORDED_MESSAGES = 100;

/** A call that came to the server. */
export interface RecordedCall {
  /** `helloworld.Greeter.SayHello`, whether or not the server has such a method. */
  readonly method: string;
  readonly metadata: Metadata;
  readonly peer: string;
  /** The client's timeout in milliseconds; undefined when it set no deadline. */
  readonly timeoutMs: number | undefined;
  /** The requests that its handler read: the first 100. */
  readonly requests: readonly DynamicMessage[];
  /** The replies that were sent, as the handler gave them: the first 100. */
  readonly replies: readonly DynamicMessage[];
  /** How it ended, as the server sees it; undefined while it runs. */
  readonly status:
    | { readonly code: StatusCodeValue; readonly codeName: StatusCodeName; readonly details: string }
    | undefined;
  /** What the handler threw, or what was wrong with its reply. */
  readonly error: unknown;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

export class CallLog {
  #calls: RecordedCall[] = [];

  get calls(): readonly RecordedCall[] {
    return [...this.#calls];
  }

  add(call: RecordedCall): void {
    this.#calls.push(call);
    if (this.#calls.length > MAX_RECORDED_CALLS) this.#calls.shift();
  }

  clear(): void {
    this.#calls = [];
  }
}
