// What happened at a test server: a record for each call, for a test to look at, written as the call runs. Bounded, so
// that a load test may use the server too. It must not know how a call goes.

import type { DynamicMessage } from '../call/typed-calls.ts';
import type { ProtocolName } from '../protocols/protocol.ts';
import type { Metadata } from '../values/metadata.ts';
import { type StatusCodeName, type StatusCodeValue, statusCodeName } from '../values/status.ts';

/** How many calls are kept: the latest ones. */
const MAX_RECORDED_CALLS = 1000;
/** How many messages of a call are kept, each way: the first ones. */
const MAX_RECORDED_MESSAGES = 100;

/** A call that came to the server. */
export interface RecordedCall {
  /** `helloworld.Greeter.SayHello`, whether or not the server has such a method. */
  readonly method: string;
  readonly metadata: Metadata;
  readonly peer: string;
  /** What the client spoke. Its handler sees no difference. */
  readonly protocol: ProtocolName;
  /** What its messages were encoded as. */
  readonly codec: 'proto' | 'json';
  readonly httpVersion: '1.1' | '2';
  /** `GET` only if a client of Connect calls a method without side effects that way. */
  readonly httpMethod: 'POST' | 'GET';
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

/** What is known of a call when it begins. */
export type CallBeginning = Pick<
  RecordedCall,
  'method' | 'metadata' | 'peer' | 'timeoutMs' | 'protocol' | 'codec' | 'httpVersion' | 'httpMethod'
>;

interface MutableRecord extends RecordedCall {
  readonly requests: unknown[];
  readonly replies: unknown[];
  status: RecordedCall['status'];
  error: unknown;
}

/** Writes the record of one call. */
export class CallRecording {
  readonly #record: MutableRecord;
  #onEnded: () => void = () => {};

  constructor(beginning: CallBeginning) {
    const ended = new Promise<void>((resolve) => {
      this.#onEnded = resolve;
    });
    this.#record = {
      ...beginning,
      requests: [],
      replies: [],
      status: undefined,
      error: undefined,
      ended,
    };
  }

  get call(): RecordedCall {
    return this.#record;
  }

  onRequest(message: unknown): void {
    keepFirst(this.#record.requests, message);
  }

  onReply(message: unknown): void {
    keepFirst(this.#record.replies, message);
  }

  onError(error: unknown): void {
    this.#record.error = error;
  }

  onStatus(code: StatusCodeValue, details: string): void {
    this.#record.status = { code, codeName: statusCodeName(code), details };
  }

  /** Behind the status: wakes who waits for the end. */
  onEnded(): void {
    this.#onEnded();
  }
}

function keepFirst(messages: unknown[], message: unknown): void {
  if (messages.length < MAX_RECORDED_MESSAGES) messages.push(message);
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
