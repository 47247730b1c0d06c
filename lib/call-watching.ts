// Whether anybody watches a client's calls, and who: asked once a call, so it must cost next to nothing when nobody does.

import { areCallsWatched, CALL_DIAGNOSTICS } from './call-diagnostics.ts';
import { CallWatch } from './call-watch.ts';
import type { CallObserver } from './observed-call.ts';
import type { Transport } from './rpc/transport.ts';
import type { Method } from './schema/method.ts';

/** Makes an observer for each call, since a call's has state of its own. */
export type CallObserverFactory = (method: Method | string) => CallObserver;

export interface CallWatchingSetup {
  readonly transport: Transport;
  /** The target in what is told. */
  readonly target: string;
  readonly telemetry: CallObserverFactory | undefined;
}

/** The `watch` of a client's calls. */
export function callWatching({
  transport,
  target,
  telemetry,
}: CallWatchingSetup): (method: Method | string, isTimed: boolean, startMs: number) => CallWatch | undefined {
  return (method, isTimed, startMs) => {
    const isTold = areCallsWatched();
    if (!isTold && !isTimed && telemetry === undefined) return undefined;
    const observers: CallObserver[] = [];
    if (telemetry !== undefined) observers.push(telemetry(method));
    if (isTold) observers.push(CALL_DIAGNOSTICS);
    return new CallWatch(method, target, transport, observers, startMs);
  };
}
