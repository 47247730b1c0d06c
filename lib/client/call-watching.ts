// Whether anybody watches a client's calls, and who: checked for each call, so it must cost next to nothing if nobody
// does.

import type { Target } from '../channel/target/target.ts';
import { areCallsWatched, CALL_DIAGNOSTICS } from '../observe/call-events.ts';
import { CallRecorder } from '../observe/call-recorder.ts';
import type { CallObserver } from '../observe/observed-call.ts';
import { Telemetry } from '../observe/telemetry/telemetry.ts';
import type { CheckedTelemetry } from '../observe/telemetry/telemetry-options.ts';
import type { Transport } from '../rpc/transport.ts';
import type { Method } from '../schema/codec/method.ts';
import { VERSION } from '../values/version.ts';

/** What `CallContext.watch` is for a client of this target. */
export function callWatching(
  target: Target,
  transport: Transport,
  options: CheckedTelemetry | undefined,
): (method: Method | string, isTimed: boolean, startMs: number) => CallRecorder | undefined {
  const telemetry = options === undefined ? undefined : new Telemetry(options, VERSION, uriOf(target));
  return (method, isTimed, startMs) => {
    const isTold = areCallsWatched();
    if (!isTold && !isTimed && telemetry === undefined) return undefined;
    const observers: CallObserver[] = [];
    if (telemetry !== undefined) observers.push(telemetry.observe());
    if (isTold) observers.push(CALL_DIAGNOSTICS);
    return new CallRecorder(method, target.text, transport, observers, startMs);
  };
}

/** The canonical form of a target, with its scheme. Source: grpc doc/naming.md. */
function uriOf({ text, forResolver: { scheme } }: Target): string {
  return scheme !== 'dns' || /^(?:dns|ipv4|ipv6):/.test(text) ? text : `dns:///${text}`;
}
