// The async context of whoever made a call, a client or a resolver: what AsyncLocalStorage and OpenTelemetry look at. A
// callback of the user's runs in it, whichever socket or timer led there. Captured only where there is such a callback:
// it costs an object.
//
// Which callbacks run in whose context (spec/values/async-context.spec.ts holds those of a call to it):
// - in that of the call: credentials (rpc/call-credentials.ts), compressions of the user's own (call/method-config.ts),
//   codecs of other libraries and reports of calls that nobody awaited (call/wire-call.ts), `return` of a request
//   iterable (call/request-writer.ts), subscribers of stubless:call.… and telemetry (observe/call-recorder.ts),
//   interceptors (interceptors/interceptor-step.ts), and the replies that one gives (interceptors/given-replies.ts);
// - in that of whoever made the client or its channel: resolvers (channel/naming/name-resolution.ts), dials and the
//   sockets that they open (channel/connections.ts), health watches with their credentials (client/client-calls.ts);
// - in that of whoever registered it: listeners of a channel's state (channel/connectivity.ts).

import { AsyncResource } from 'node:async_hooks';

export class AsyncContext {
  readonly #resource: AsyncResource;

  private constructor() {
    this.#resource = new AsyncResource('STUBLESS');
  }

  /** That of the code that runs now. */
  static capture(): AsyncContext {
    return new AsyncContext();
  }

  /** Calls `callback` in it; what that gives or throws comes back. */
  run<T>(callback: () => T): T {
    return this.#resource.runInAsyncScope(callback);
  }
}
