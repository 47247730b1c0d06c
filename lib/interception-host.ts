// The inner end of a chain of interceptors: the calls on the wire that they come to, made as the client makes those
// without interceptors.

import { CallCore } from './call-core.ts';
import type { CallHost } from './call-host.ts';
import type { InterceptionHost } from './interceptor-chain.ts';
import type { CallOptions, CheckedCallOptions } from './options/call-options.ts';

/**
 * What a client's intercepted calls need of it.
 * @param check complete options; throws what is wrong with them
 */
export function interceptionHost(
  host: CallHost,
  check: (options: CallOptions | undefined) => CheckedCallOptions,
  running: { add(call: CallCore): void },
): InterceptionHost {
  return {
    deadlines: host.deadlines,
    signals: host.signals,
    onCallEnd: host.onCallEnd,
    startCall(target, request, options, startedMs) {
      let checked: CheckedCallOptions;
      let mistake: unknown;
      try {
        checked = check(options);
      } catch (error) {
        mistake = error;
        checked = check(undefined);
      }
      const core = new CallCore(host, target.method.path, checked, startedMs);
      if (core.isDone) return core;
      running.add(core);
      if (mistake === undefined) core.begin(target, request, false);
      else core.refuse(mistake);
      return core;
    },
  };
}
