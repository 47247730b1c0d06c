// What there is to know of a call that is watched: by diagnostics, by telemetry, or for its timing. Types only.

import type { ConnectTiming, Peer } from '../rpc/transport.ts';
import type { Cardinality } from '../schema/codec/method.ts';
import type { Metadata } from '../values/metadata.ts';
import type { StatusCodeName, StatusCodeValue } from '../values/status.ts';

/**
 * When a call reached each stage, in milliseconds since it was made, by a monotonic clock; undefined until then. With
 * several attempts, the times are those of the last.
 */
export interface CallTiming {
  /** When the call was made, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Its method was known: loads and reflection were done. */
  readonly methodMs: number | undefined;
  /** It had a stream on a connection: lookup, connecting, credentials and queueing were done. */
  readonly streamMs: number | undefined;
  /** Its whole request was handed to the connection. */
  readonly sentMs: number | undefined;
  /** The response's headers arrived. */
  readonly headersMs: number | undefined;
  /** The first message of the response was complete. */
  readonly firstMessageMs: number | undefined;
  /** It ended. */
  readonly endMs: number | undefined;
  /** How many attempts were made. */
  readonly attempts: number;
  /** How the connection was made, if the call waited for that. */
  readonly connect: ConnectTiming | undefined;
}

/** One attempt of a call: one stream. */
export interface CallAttempt {
  /** 1 for the first. */
  readonly number: number;
  /** Milliseconds from the start of the call. */
  readonly startMs: number;
  /** It had a stream; this and the others in milliseconds from the start of the call, undefined until then. */
  readonly streamMs: number | undefined;
  /** Its whole request was handed to the connection. */
  readonly sentMs: number | undefined;
  /** The response's headers arrived. */
  readonly headersMs: number | undefined;
  /** The first message of the response was complete. */
  readonly firstMessageMs: number | undefined;
  /** It ended. */
  readonly endMs: number | undefined;
  /** The other end; undefined before it has a stream. */
  readonly peer: Peer | undefined;
  /** Messages sent so far. */
  readonly sentMessages: number;
  /** Octets of the messages, compressed where they are, without gRPC's and HTTP/2's framing. */
  readonly sentBytes: number;
  /** Messages received so far. */
  readonly receivedMessages: number;
  /** Octets of these, likewise. */
  readonly receivedBytes: number;
  /** How it ended; undefined before. */
  readonly code: StatusCodeValue | undefined;
  /** The same by name. */
  readonly codeName: StatusCodeName | undefined;
}

/** A watched call. All of its events have the same object, whose members change as the call goes on. */
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
  /** When it reached each stage. */
  readonly timing: CallTiming;
  /** Its attempts so far, the first one first. */
  readonly attempts: readonly CallAttempt[];
  /** The other end of the last attempt. */
  readonly peer: Peer | undefined;
  /** The metadata sent, without that of the option `credentials`; the caller's own may contain secrets. */
  readonly requestMetadata: Metadata | undefined;
  /** Empty until it is there. */
  readonly headers: Metadata | undefined;
  /** How it ended; undefined before. */
  readonly code: StatusCodeValue | undefined;
  /** The same by name. */
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
