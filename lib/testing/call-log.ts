// What happened at a test server: a record for each call, for a test to look at. Bounded, so that a load test may use
// the server too.

import type { DynamicMessage } from '../call/typed-calls.ts';
import type { Metadata } from '../values/metadata.ts';
import type { StatusCodeName, StatusCodeValue } from '../values/status.ts';

/** The latest calls that are kept. */
const MAX_RECORDED_CALLS = 1000;
/** The first messages of a call that are kept, each way. */
export const MAX_RECORDED_MESSAGES = 100;

/** A call that came to the server. */
export interface RecordedCall {
  /** `helloworld.Greeter.SayHello`, or the path where the server has no such method. */
  readonly method: string;
  readonly metadata: Metadata;
  readonly peer: string;
  /** Milliseconds that the client gave it; undefined when it set no deadline. */
  readonly timeoutMs: number | undefined;
  /** The requests that its handler took. The first 100. */
  readonly requests: readonly DynamicMessage[];
  /** The replies that were sent, as the handler gave them. The first 100. */
  readonly replies: readonly DynamicMessage[];
  /** How it ended, seen from the server; undefined while it runs. */
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
