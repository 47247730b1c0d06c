// What a call needs from the client it belongs to. Types only.

import type { ChannelWait } from '../channel/channel.ts';
import type { CallRecorder } from '../observe/call-recorder.ts';
import type { CallStats } from '../observe/call-stats.ts';
import type { DeadlineQueue } from '../rpc/deadline-queue.ts';
import type { RetryContext } from '../rpc/retry/retry-context.ts';
import type { CheckedServiceConfig } from '../rpc/service-config/service-config.ts';
import type { FieldList, RequestHead, Transport } from '../rpc/transport.ts';
import type { Method } from '../schema/codec/method.ts';
import type { AbortGroups } from '../values/abort-groups.ts';
import type { ErrorDetails } from '../values/rpc-error.ts';
import type { RunningCall } from './running-calls.ts';

/** Whatever waits for a method or for a type that its request needs: a call, or a lookup without one. */
export interface MethodWaiter {
  readonly options: { readonly settings: { readonly waitForReady: boolean | undefined } };
  /** Resolves when it no longer waits. */
  readonly ended: Promise<unknown>;
  readonly isDone: boolean;
}

/** A method as its client calls it. */
export interface BoundMethod {
  readonly method: Method;
  /** The ready-made request head of calls that send only the client's own metadata. */
  readonly head: RequestHead;
  /** Its schema came from the server, by reflection. */
  readonly isReflected: boolean;
  /** The same for calls with messages of JSON; made when the first one is called. */
  json?: BoundMethod | undefined;
}

/** The client, as its calls see it. */
export interface CallContext {
  readonly transport: Transport;
  readonly deadlines: DeadlineQueue;
  readonly signals: AbortGroups;
  readonly captureStacks: boolean;
  /** The service config in force. */
  serviceConfig(): CheckedServiceConfig | undefined;
  readonly retries: RetryContext;
  /** The head of a call whose own metadata replaces some of the client's. */
  headFor(target: BoundMethod, fields: FieldList): RequestHead;
  /** The method for calls with messages of JSON; itself where it has no such. Throws why it cannot have them. */
  withJson(target: BoundMethod): BoundMethod;
  readonly stats: CallStats;
  /** The recorder of a call, once its method is known or it has failed before that; undefined if nobody watches. */
  watch(method: Method | string, isTimed: boolean, startMs: number): CallRecorder | undefined;
  /** Why the last connection attempt failed; empty while there is a connection. */
  lastFailure(): string;
  /** What a call without a stream is waiting for. */
  waitsFor(): ChannelWait;
  onCallEnd(call: RunningCall): void;
  /**
   * The method, once the server has supplied the types that a request failed to encode without; undefined if the server
   * should not be asked. Rejects with the encoding error, or with the reason why the server could not be asked.
   */
  provideFor(error: unknown, target: BoundMethod, call: MethodWaiter): Promise<BoundMethod> | undefined;
  /** A call of a method known by reflection ended with UNIMPLEMENTED. */
  onUnimplemented(target: BoundMethod): void;
  /** Whether a method's reply type has a field with this name or JSON name. */
  replyHas(method: Method, field: string): boolean;
  /** Decodes the google.rpc.Status in the trailers of a failed call. */
  decodeDetails(status: Uint8Array): ErrorDetails;
}
