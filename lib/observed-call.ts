// What there is to know of a call that is watched: by diagnostics, by telemetry, or for its timing. Types only.

import type { Metadata } from './metadata.ts';
import type { ConnectTiming, Peer } from './rpc/transport.ts';
import type { Cardinality } from './schema/method.ts';
import type { StatusCodeName, StatusCodeValue } from './status.ts';

/**
 * When a call reached what, in milliseconds since it was made, from a monotonic clock; undefined for what has not come.
 * Of a call that was tried several times, the times are those of its last attempt.
 */
export interface CallTiming {
  /** When the call was made, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Its method was known: loads and reflection were over. */
  readonly methodMs: number | undefined;
  /** It had a stream on a connection: name look-up, connecting, credentials and queueing were over. */
  readonly streamMs: number | undefined;
  /** All of its request was handed to the connection. */
  readonly sentMs: number | undefined;
  /** The response's headers were there. */
  readonly headersMs: number | undefined;
  /** The first message of the response was there, whole. */
  readonly firstMessageMs: number | undefined;
  /** It was over. */
  readonly endMs: number | undefined;
  /** How many times it was tried. */
  readonly attempts: number;
  /** How the connection was made, where the call waited for that. */
  readonly connect: ConnectTiming | undefined;
}

/** One try of a call: one stream. */
export interface CallAttempt {
  /** 1 for the first. */
  readonly number: number;
  /** Milliseconds from the start of the call. */
  readonly startMs: number;
  readonly streamMs: number | undefined;
  readonly sentMs: number | undefined;
  readonly headersMs: number | undefined;
  readonly firstMessageMs: number | undefined;
  readonly endMs: number | undefined;
  readonly peer: Peer | undefined;
  readonly sentMessages: number;
  /** Octets of the messages, compressed where they are, without gRPC's and HTTP/2's framing. */
  readonly sentBytes: number;
  readonly receivedMessages: number;
  readonly receivedBytes: number;
  /** How it ended; undefined before. */
  readonly code: StatusCodeValue | undefined;
  readonly codeName: StatusCodeName | undefined;
}

/** A call that is watched. The same object in all that is told of it; its members change as it goes on. */
export interface ObservedCall {
  /** Counts the calls that were watched in this process. */
  readonly id: number;
  /** `/helloworld.Greeter/SayHello`, or the name that was asked for where no method was found. */
  readonly method: string;
  /** undefined where no method was found. */
  readonly cardinality: Cardinality | undefined;
  /** Made by `client.raw`: the method's name is the program's, not a schema's. */
  readonly isRaw: boolean;
  /** The target of the client's channel, `dns:///localhost:50051` or the like. */
  readonly target: string;
  readonly timing: CallTiming;
  readonly attempts: readonly CallAttempt[];
  readonly peer: Peer | undefined;
  /** What an attempt sends as metadata; with `authorization` and other secrets. */
  readonly requestMetadata: Metadata | undefined;
  /** Empty until it is there. */
  readonly headers: Metadata | undefined;
  readonly code: StatusCodeValue | undefined;
  readonly codeName: StatusCodeName | undefined;
  /** The text of the status. */
  readonly details: string | undefined;
  /** Who decided the status. */
  readonly origin: 'server' | 'client' | undefined;
}

/** Who is told of a watched call, as it happens. What it throws would be the call's failure: it must not. */
export interface CallObserver {
  onStart?(call: ObservedCall): void;
  /** Fields for an attempt's request, beside its own. */
  fields?(): readonly string[];
  onAttempt?(call: ObservedCall, attempt: CallAttempt): void;
  /** An attempt has its stream. */
  onStream?(call: ObservedCall, attempt: CallAttempt): void;
  onHeaders?(call: ObservedCall, attempt: CallAttempt): void;
  onMessage?(call: ObservedCall, attempt: CallAttempt, direction: 'sent' | 'received', octets: number): void;
  onAttemptEnd?(call: ObservedCall, attempt: CallAttempt): void;
  onEnd?(call: ObservedCall): void;
}
