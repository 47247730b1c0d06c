// What a call needs of the client it belongs to. Types only.

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

/** Who waits for a method or for what its request needs: a call, or one who only asks. */
export interface MethodWaiter {
  readonly options: { readonly waitForReady: boolean | undefined };
  /** Resolves when it does not wait any more. */
  readonly ended: Promise<unknown>;
  readonly isDone: boolean;
}

/** A method as its client calls it. */
export interface BoundMethod {
  readonly method: Method;
  /** The constant request head for calls with the client's own metadata. */
  readonly head: RequestHead;
  /** The schema of it came from the server itself. */
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
  /** The one in force. */
  readonly serviceConfig: CheckedServiceConfig | undefined;
  readonly retries: RetryContext;
  /** A head for calls whose own metadata replaces some of the client's. */
  headFor(target: BoundMethod, fields: FieldList): RequestHead;
  /** The method for calls with messages of JSON; itself where it has no such. Throws why it cannot have them. */
  withJson(target: BoundMethod): BoundMethod;
  readonly stats: CallStats;
  /** What watches a call, as soon as its method is known or it has failed without; undefined where nobody does. */
  watch(method: Method | string, isTimed: boolean, startMs: number): CallRecorder | undefined;
  /** Why the last connection attempt failed, or an empty text while there is a connection. */
  lastFailure(): string;
  /** What a call waits for that has no stream yet. */
  waitsFor(): ChannelWait;
  onCallEnd(call: RunningCall): void;
  /**
   * The method, once the server has told of what a request needs that could not be encoded; undefined where the server
   * is not to be asked. Rejects with the error, or the reason why the server could not be asked.
   */
  provideFor(error: unknown, target: BoundMethod, call: MethodWaiter): Promise<BoundMethod> | undefined;
  /** A call of a method that the server told of ended with UNIMPLEMENTED. */
  onUnimplemented(target: BoundMethod): void;
  /** Whether the type of a method's reply has a field of that name, its own or its JSON name. */
  replyHas(method: Method, field: string): boolean;
  /** Reads the google.rpc.Status that a failed call's trailers hold. */
  decodeDetails(status: Uint8Array): ErrorDetails;
}
