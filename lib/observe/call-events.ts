// The events of calls on node:diagnostics_channel. Names and payloads are public and documented in
// docs/observability.md.

import diagnosticsChannel from 'node:diagnostics_channel';
import type { TypedChannel } from '../channel/connection/connection-events.ts';
import type { CallAttempt, CallObserver, ObservedCall } from './observed-call.ts';

/** `stubless:call.start` and `stubless:call.end`. */
export interface CallEvent {
  /** The call, the same object in all of its events. */
  readonly call: ObservedCall;
}

/** `stubless:call.attempt` (one begins), `call.stream` (it has a stream), `call.headers`, and `call.attempt.end`. */
export interface CallAttemptEvent {
  /** The call, the same object in all of its events. */
  readonly call: ObservedCall;
  /** The attempt, the same object in all of its events. */
  readonly attempt: CallAttempt;
}

/** `stubless:call.message`: a message was sent or received. */
export interface CallMessageEvent extends CallAttemptEvent {
  /** Which way the message went. */
  readonly direction: 'sent' | 'received';
  /** The size of the message on the wire in octets: after compression, without framing. */
  readonly octets: number;
}

const start: TypedChannel<CallEvent> = diagnosticsChannel.channel('stubless:call.start');
const attempts: TypedChannel<CallAttemptEvent> = diagnosticsChannel.channel('stubless:call.attempt');
const streams: TypedChannel<CallAttemptEvent> = diagnosticsChannel.channel('stubless:call.stream');
const headers: TypedChannel<CallAttemptEvent> = diagnosticsChannel.channel('stubless:call.headers');
const messages: TypedChannel<CallMessageEvent> = diagnosticsChannel.channel('stubless:call.message');
const attemptEnd: TypedChannel<CallAttemptEvent> = diagnosticsChannel.channel('stubless:call.attempt.end');
const end: TypedChannel<CallEvent> = diagnosticsChannel.channel('stubless:call.end');

/** Whether anybody subscribes to the events of calls. */
export function areCallsWatched(): boolean {
  return (
    end.hasSubscribers ||
    start.hasSubscribers ||
    headers.hasSubscribers ||
    messages.hasSubscribers ||
    attempts.hasSubscribers ||
    attemptEnd.hasSubscribers ||
    streams.hasSubscribers
  );
}

/** Publishes what happens to a call. (Node reports what a subscriber throws; it does not get here.) */
export const CALL_DIAGNOSTICS: CallObserver = {
  onStart(call) {
    if (start.hasSubscribers) start.publish({ call });
  },
  onAttempt(call, attempt) {
    if (attempts.hasSubscribers) attempts.publish({ call, attempt });
  },
  onStream(call, attempt) {
    if (streams.hasSubscribers) streams.publish({ call, attempt });
  },
  onHeaders(call, attempt) {
    if (headers.hasSubscribers) headers.publish({ call, attempt });
  },
  onMessage(call, attempt, direction, octets) {
    if (messages.hasSubscribers) messages.publish({ call, attempt, direction, octets });
  },
  onAttemptEnd(call, attempt) {
    if (attemptEnd.hasSubscribers) attemptEnd.publish({ call, attempt });
  },
  onEnd(call) {
    if (end.hasSubscribers) end.publish({ call });
  },
};
