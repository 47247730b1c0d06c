// What a call needs of the client it belongs to. Types only.

import type { AbortGroups } from './abort-group.ts';
import type { CallStats } from './call-stats.ts';
import type { CallWatch } from './call-watch.ts';
import type { DeadlineQueue } from './rpc/deadline.ts';
import type { RetryContext } from './rpc/retry-context.ts';
import type { CheckedServiceConfig } from './rpc/service-config.ts';
import type { FieldList, RequestHead, Transport } from './rpc/transport.ts';
import type { ErrorDetails } from './rpc-error.ts';
import type { RunningCall } from './running-calls.ts';
import type { Method } from './schema/method.ts';

/** A method as its client calls it. */
export interface CallTarget {
  readonly method: Method;
  /** The constant request head for calls with the client's own metadata. */
  readonly head: RequestHead;
  /** The schema of it came from the server itself. */
  readonly isReflected: boolean;
}

/** The client, as its calls see it. */
export interface CallHost {
  readonly transport: Transport;
  readonly deadlines: DeadlineQueue;
  readonly signals: AbortGroups;
  readonly captureStacks: boolean;
  /** The one in force. */
  readonly serviceConfig: CheckedServiceConfig | undefined;
  readonly retries: RetryContext;
  /** A head for calls whose own metadata replaces some of the client's. */
  headFor(target: CallTarget, fields: FieldList): RequestHead;
  readonly stats: CallStats;
  /** What watches a call, as soon as its method is known or it has failed without; undefined where nobody does. */
  watch(method: Method | string, isTimed: boolean, startMs: number): CallWatch | undefined;
  /** Why the last connection attempt failed, or an empty text while there is a connection. */
  lastFailure(): string;
  /** Whether the connection is ready: then what a call waits for is a stream. */
  isConnected(): boolean;
  onCallEnd(call: RunningCall): void;
  /** A call of a method that the server told of ended with UNIMPLEMENTED. */
  onUnimplemented(target: CallTarget): void;
  /** Reads the google.rpc.Status that a failed call's trailers hold. */
  decodeDetails(status: Uint8Array): ErrorDetails;
}
