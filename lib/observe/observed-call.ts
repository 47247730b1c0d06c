// What can be known about a watched call, by diagnostics, by telemetry, or for its timing. Types only.

import type { ConnectTiming, Peer } from '../rpc/transport.ts';
import type { Cardinality } from '../schema/codec/method.ts';
import type { Metadata } from '../values/metadata.ts';
import type { StatusCodeName, StatusCodeValue } from '../values/status.ts';

/**
 * When a call reached each stage, in milliseconds since it was made, on a monotonic clock; undefined until then. With
 * several attempts, the times are those of the last one.
 */
export interface CallTiming {
  /** When the call was made, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Its method was known: loads and reflection were done. */
  readonly methodMs: number | undefined;
  /** It had a stream on a connection: name lookup, connecting, credentials and queueing were done. */
  readonly streamMs: number | undefined;
  /** Its whole request was handed to the connection. */
  readonly sentMs: number | undefined;
  /** The response's headers arrived. */
  readonly headersMs: number | undefined;
  /** The first message of the response was complete. */
  readonly firstMessageMs: number | undefined;
  /** The call ended. */
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
  /** When the attempt began, in milliseconds since the call was made. */
  readonly startMs: number;
  /**
   * It had a stream. This and the following times are in milliseconds since the call was made, undefined until then.
   */
  readonly streamMs: number | undefined;
  /** Its whole request was handed to the connection. */
  readonly sentMs: number | undefined;
  /** The response's headers arrived. */
  readonly headersMs: number | undefined;
  /** The first message of the response was complete. */
  readonly firstMessageMs: number | undefined;
  /** The attempt ended. */
  readonly endMs: number | undefined;
  /** The server's end of the connection; undefined until the attempt has a stream. */
  readonly peer: Peer | undefined;
  /** How many messages it has sent so far. */
  readonly sentMessages: number;
  /** The size of these messages in octets: after compression, without the framing of gRPC and HTTP/2. */
  readonly sentBytes: number;
  /** How many messages it has received so far. */
  readonly receivedMessages: number;
  /** The size of these messages in octets, likewise. */
  readonly receivedBytes: number;
  /** The status code that it ended with; undefined before. */
  readonly code: StatusCodeValue | undefined;
  /** The name of the code. */
  readonly codeName: StatusCodeName | undefined;
}

/** A watched call. All of its events carry the same object, whose members change as the call goes on. */
export interface ObservedCall {
  /** A number, unique among the watched calls of this process. */
  readonly id: number;
  /** `/helloworld.Greeter/SayHello`, or the name that the caller used if no method was found. */
  readonly method: string;
  /** How many messages go each way; undefined if no method was found. */
  readonly cardinality: Cardinality | undefined;
  /** Whether it was made by `client.raw`, so that the method's name comes from the program rather than a schema. */
  readonly isRaw: boolean;
  /** The target of the client's channel, such as `dns:///localhost:50051`. */
  readonly target: string;
  /** When it reached each stage. */
  readonly timing: CallTiming;
  /** Its attempts so far, in order. */
  readonly attempts: readonly CallAttempt[];
  /** The server's end of the last attempt's connection. */
  readonly peer: Peer | undefined;
  /** The metadata sent, without that of the `credentials` option; the caller's own metadata may contain secrets. */
  readonly requestMetadata: Metadata | undefined;
  /** The response's headers; empty until they arrive, undefined before the first attempt. */
  readonly headers: Metadata | undefined;
  /** The status code that it ended with; undefined before. */
  readonly code: StatusCodeValue | undefined;
  /** The name of the code. */
  readonly codeName: StatusCodeName | undefined;
  /** The text of the status. */
  readonly details: string | undefined;
  /** Whether the server or this side decided the status. */
  readonly origin: 'server' | 'client' | undefined;
}

/** Is told of a watched call as it happens. It must not throw, because that would fail the call. */
export interface CallObserver {
  onStart?(call: ObservedCall): void;
  /** Fields to add to an attempt's request. */
  fields?(): readonly string[];
  onAttempt?(call: ObservedCall, attempt: CallAttempt): void;
  /** An attempt has its stream. */
  onStream?(call: ObservedCall, attempt: CallAttempt): void;
  onHeaders?(call: ObservedCall, attempt: CallAttempt): void;
  onMessage?(call: ObservedCall, attempt: CallAttempt, direction: 'sent' | 'received', octets: number): void;
  onAttemptEnd?(call: ObservedCall, attempt: CallAttempt): void;
  onEnd?(call: ObservedCall): void;
}
