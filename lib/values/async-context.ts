// The async context in which a call, a client or a resolver was made, which is what AsyncLocalStorage and
// OpenTelemetry look at. The user's callbacks run in it, whichever socket or timer triggered them. It is captured only
// if there is such a callback, since it costs an object.
//
// Which callbacks run in which context (spec/values/async-context.spec.ts checks those of a call):
// - where the call was made: credentials (rpc/call-credentials.ts), the user's own compressions
//   (call/method-config.ts), codecs of other libraries and reports of calls that nobody awaited (call/wire-call.ts),
//   `return` of a request iterable (call/request-writer.ts), subscribers of stubless:call.… and telemetry
//   (observe/call-recorder.ts), interceptors (interceptors/interceptor-run.ts), and their iterables of replies
//   (interceptors/given-replies.ts);
// - where the client or its channel was made: resolvers (channel/naming/name-resolution.ts), dials and the sockets
//   that they open (channel/connections.ts), health watches with their credentials (client/client-calls.ts);
// - where they were registered: listeners of a channel's state (channel/connectivity.ts).

import { AsyncResource } from 'node:async_hooks';

export class AsyncContext {
  readonly #resource: AsyncResource;

  private constructor() {
    this.#resource = new AsyncResource('STUBLESS');
  }

  /** The context of the code that is running now. */
  static capture(): AsyncContext {
    return new AsyncContext();
  }

  /** Calls `callback` in this context, and returns or throws what it does. */
  run<T>(callback: () => T): T {
    return this.#resource.runInAsyncScope(callback);
  }
}
