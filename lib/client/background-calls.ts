// The calls that a client makes for itself: of the reflection service, and of the health service for its channel. They have
// what the client's calls have, but for what is meant for these alone: time limits, interceptors, compression, policies.

import { Stream } from '../call/call.ts';
import type { CallContext } from '../call/call-context.ts';
import type { CallSettings, CheckedCallOptions } from '../call/call-options.ts';
import { WireCall } from '../call/wire-call.ts';
import type { CheckedReflectionOptions } from '../catalog/reflection-options.ts';
import type { RequestHeads } from '../catalog/request-heads.ts';
import type { HealthCheck } from '../channel/connection/subchannel.ts';
import type { Transport } from '../rpc/transport.ts';
import { AsyncContext } from '../values/async-context.ts';
import { HEALTH_WATCH } from './health.ts';
import { HealthWatch } from './health-watch.ts';
import { rawMethod } from './raw-method.ts';

export class BackgroundCalls {
  readonly #context: CallContext;
  readonly #options: CheckedCallOptions;
  readonly #heads: RequestHeads;
  /** The async context that made the client: they belong to no call. */
  readonly #asyncContext = AsyncContext.capture();

  /** @param defaults the options of the client's calls */
  constructor(context: CallContext, defaults: CheckedCallOptions, heads: RequestHeads) {
    // A service config's entry for all methods is not meant for these calls, which live as long as there may be something
    // to ask or to hear.
    this.#context = { ...context, serviceConfig: () => undefined };
    const settings = {
      ...defaults.settings,
      policy: undefined,
      idleTimeoutMs: Infinity,
      // A server that does not know the client's compression can still tell its schema and its health.
      compression: undefined,
      codec: undefined,
    };
    this.#options = { ...defaults, timeoutMs: Infinity, settings };
    this.#heads = heads;
  }

  /** Watches the server at the other end of a connection, with the client's metadata and credentials. */
  watchHealth(
    serviceName: string,
    transport: Transport,
    onHealth: Parameters<HealthCheck['watch']>[1],
  ): HealthWatch {
    const head = this.#heads.of(HEALTH_WATCH);
    const context = { ...this.#context, transport, onCallEnd: () => {} };
    const open = (): Stream => {
      const started = new WireCall(context, HEALTH_WATCH.path, this.#with({ waitForReady: false }));
      started.begin({ method: HEALTH_WATCH, head, isReflected: false }, serviceName, false);
      return new Stream(started);
    };
    return this.#asyncContext.run(() => new HealthWatch(serviceName, open, onHealth));
  }

  #with(settings: Partial<CallSettings>): CheckedCallOptions {
    return { ...this.#options, settings: { ...this.#options.settings, ...settings } };
  }

  /**
   * A call of the reflection service, with the metadata meant for it and none of the client's.
   * @param onStarted told of the call before it begins
   */
  reflection(
    path: string,
    waitForReady: boolean,
    { fields, credentials, limits }: CheckedReflectionOptions,
    onStarted: (call: WireCall) => void,
  ): WireCall {
    const settings = { credentials, waitForReady, maxReceiveMessageBytes: limits.maxBytes };
    const started = new WireCall(this.#context, path, this.#with(settings));
    onStarted(started);
    const method = rawMethod(path, 'stream_stream');
    started.begin({ method, head: this.#heads.of(method, fields), isReflected: false }, undefined, true);
    return started;
  }
}
