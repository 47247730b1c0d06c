// A call of the reflection service as schema/reflection wants it: bytes each way on a call of this client, and its
// end as a value. Knows nothing of what is asked.

import type { WireCall } from '../call/wire-call.ts';
import type {
  InvokeOptions,
  ReflectionStream,
  StreamFailure,
  StreamStep,
} from '../schema/reflection/invoke.ts';
import { timerMs } from '../values/clock.ts';
import { called } from '../values/options/option-words.ts';
import { RpcError } from '../values/rpc-error.ts';
import { StatusCode } from '../values/status.ts';

/** How long a server may take to end a stream that we have ended. */
const CLOSE_TIMEOUT_MS = 1000;

/** Wraps a call that was begun with its request stream open; aborting the signal cancels it. */
export function reflectionStream(core: WireCall, options: InvokeOptions): ReflectionStream {
  const { signal, timeoutMs } = options;
  let isLate = false;
  const onAbort = (): void => core.cancel(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  void core.ended.then(() => signal.removeEventListener('abort', onAbort));
  // It is read here and nowhere else; its failures are told by `receive`.
  core.reader.lock();
  return {
    send(request) {
      // A write fails only when the call does, and `receive` tells that.
      core.write(request, true, options.isHalfDuplex === true).catch(() => {});
    },
    async receive() {
      const timer =
        timeoutMs === Infinity
          ? undefined
          : setTimeout(() => {
              isLate = true;
              core.cancel('no answer in time');
            }, timerMs(timeoutMs));
      try {
        return await nextStep(core);
      } catch (error) {
        const late = `its reflection service gave no answer within ${called('reflection.timeoutMs', timeoutMs)}`;
        return { kind: 'end', failure: isLate ? lateFailure(late, error) : failureOf(core, error) };
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      if (core.isDone) return;
      // Everything is answered: an abort after that is no reason to cancel the stream.
      signal.removeEventListener('abort', onAbort);
      if (options.isHalfDuplex !== true) core.write(undefined, false, true).catch(() => {});
      // An open stream keeps the process alive, so one that the server does not end is cut off.
      const timer = setTimeout(() => core.cancel('the server did not end the stream'), CLOSE_TIMEOUT_MS);
      timer.unref();
      void core.ended.then(() => clearTimeout(timer));
      void drain(core);
    },
  };
}

async function nextStep(core: WireCall): Promise<StreamStep> {
  const { value, done } = await core.reader.next();
  if (!done) return { kind: 'message', bytes: value as Uint8Array };
  const ok = { code: 0, codeName: 'OK', details: '', isFromServer: true, error: undefined } as const;
  return { kind: 'end', failure: { ...ok, kind: 'status' } };
}

/** Reads what may still come, so that the end is seen. */
async function drain(core: WireCall): Promise<void> {
  try {
    while (!(await core.reader.next()).done);
  } catch {
    // All that was asked has been answered: how the stream ends changes nothing.
  }
}

function lateFailure(details: string, cause: unknown): StreamFailure {
  const error = RpcError.of('DEADLINE_EXCEEDED', details, { cause });
  const { code, codeName } = error;
  return { kind: 'late', code, codeName, details, isFromServer: false, error };
}

function failureOf(core: WireCall, error: unknown): StreamFailure {
  if (!(error instanceof RpcError)) throw error;
  const { code, codeName, details, origin } = error;
  const failure = { code, codeName, details, isFromServer: origin === 'server', error };
  if (origin === 'server') return { ...failure, kind: 'status' };
  if (code === StatusCode.CANCELLED) return { ...failure, kind: 'cancelled' };
  if (code === StatusCode.UNAVAILABLE) {
    return { ...failure, kind: core.peer === undefined ? 'unconnected' : 'lost' };
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
