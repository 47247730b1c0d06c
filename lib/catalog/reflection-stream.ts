// A call of the reflection service in the form that schema/reflection wants: bytes each way on one of this client's
// calls, and its end as a value. Does not know what is being asked.

import type { WireCall } from '../call/wire-call.ts';
import type {
  InvokeOptions,
  ReflectionStream,
  StreamFailure,
  StreamStep,
} from '../schema/reflection/invoke.ts';
import { LongTimer } from '../values/clock.ts';
import { called } from '../values/options/option-words.ts';
import { RpcError } from '../values/rpc-error.ts';
import { StatusCode } from '../values/status.ts';

/** How long a server may take to end a stream after we have ended our side. */
const CLOSE_TIMEOUT_MS = 1000;

/** Wraps a call whose request stream is open; aborting the signal cancels it. */
export function reflectionStream(call: WireCall, options: InvokeOptions): ReflectionStream {
  const { signal, timeoutMs } = options;
  let late: StreamFailure | undefined;
  const onAbort = (): void => call.cancel(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  void call.ended.then(() => signal.removeEventListener('abort', onAbort));
  // The call is read only here; `receive` reports its failures.
  call.reader.lock();
  return {
    send(request) {
      // A write fails only if the call does, and `receive` reports that.
      call.write(request, true, options.isHalfDuplex === true).catch(() => {});
    },
    async receive() {
      const timer =
        timeoutMs === Infinity
          ? undefined
          : new LongTimer(() => {
              late = lateFailure(call, timeoutMs);
              call.cancel('no answer in time');
            }, timeoutMs);
      try {
        return await nextStep(call);
      } catch (error) {
        return { kind: 'end', failure: late ?? failureOf(call, error) };
      } finally {
        timer?.clear();
      }
    },
    close() {
      if (call.isDone) return;
      // Everything has been answered, so a later abort is no reason to cancel the stream.
      signal.removeEventListener('abort', onAbort);
      if (options.isHalfDuplex !== true) call.write(undefined, false, true).catch(() => {});
      // An open stream keeps the process alive, so we cut off one that the server does not end.
      const timer = setTimeout(() => call.cancel('the server did not end the stream'), CLOSE_TIMEOUT_MS);
      timer.unref();
      void call.ended.then(() => clearTimeout(timer));
      void drain(call);
    },
  };
}

async function nextStep(call: WireCall): Promise<StreamStep> {
  const { value, done } = await call.reader.next();
  if (!done) return { kind: 'message', bytes: value as Uint8Array };
  const ok = { code: 0, codeName: 'OK', details: '', isFromServer: true, error: undefined } as const;
  return { kind: 'end', failure: { ...ok, kind: 'status' } };
}

/** Reads whatever may still come, so that the end is noticed. */
async function drain(call: WireCall): Promise<void> {
  try {
    while (!(await call.reader.next()).done);
  } catch {
    // Everything has been answered: how the stream ends no longer matters.
  }
}

/** A server that nobody could be connected with is not one whose reflection is slow. */
function lateFailure(call: WireCall, timeoutMs: number): StreamFailure {
  const limit = called('reflection.timeoutMs', timeoutMs);
  const { waitsUnsent } = call;
  const details =
    waitsUnsent === undefined
      ? `its reflection service gave no answer within ${limit}`
      : `${limit} passed before the server could be asked for its schema, ${waitsUnsent}`;
  const error = RpcError.of('DEADLINE_EXCEEDED', details);
  const { code, codeName } = error;
  const kind = waitsUnsent === undefined ? 'late' : 'unconnected';
  return { kind, code, codeName, details, isFromServer: false, error };
}

function failureOf(call: WireCall, error: unknown): StreamFailure {
  if (!(error instanceof RpcError)) throw error;
  const { code, codeName, details, origin } = error;
  const isForeign = call.outcome?.isForeign === true;
  const failure = { code, codeName, details, isFromServer: origin === 'server', error, isForeign };
  if (origin === 'server') return { ...failure, kind: 'status' };
  if (code === StatusCode.CANCELLED) return { ...failure, kind: 'cancelled' };
  if (code === StatusCode.UNAVAILABLE) {
    return { ...failure, kind: call.peer === undefined ? 'unconnected' : 'lost' };
  }
  if (code === StatusCode.RESOURCE_EXHAUSTED) {
    const isTooLarge = details.includes(called('maxReceiveMessageBytes'));
    return isTooLarge
      ? {
          ...failure,
          kind: 'too-large',
          details: details.replace(called('maxReceiveMessageBytes'), called('reflection.maxBytes')),
        }
      : { ...failure, kind: 'unconnected' };
  }
  return { ...failure, kind: 'status' };
}
