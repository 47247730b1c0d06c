// Client: load a schema, call any method by name. It wires schema, rpc and channel together and knows no protocol.

import { AbortGroups } from './abort-group.ts';
import { Call, Stream } from './call.ts';
import { CallCore } from './call-core.ts';
import type { CallHost, CallTarget } from './call-host.ts';
import { CallStats, type ClientStats } from './call-stats.ts';
import { callWatching } from './call-watching.ts';
import { CallableSchema } from './callable-schema.ts';
import { Channel } from './channel/channel.ts';
import type { HealthCheck } from './channel/subchannel.ts';
import { ChannelPolicies, refuseChannelOptions } from './channel-policy.ts';
import type {
  CallOf,
  DynamicMessage,
  DynamicService,
  LoadSource,
  MethodName,
  RequestOf,
  Untyped,
} from './client-types.ts';
import { CLOCK, RETRY_TIMERS } from './clock.ts';
import { startDebugLog } from './debug-log.ts';
import { dynamicService } from './dynamic-service.ts';
import { CardinalityError, SchemaError } from './errors.ts';
import { HEALTH_CHECK, HEALTH_WATCH, type HealthReply, type HealthStatus } from './health.ts';
import { ALWAYS_HEALTHY, HealthWatch } from './health-watch.ts';
import { inspectedAs, shown } from './inspected.ts';
import { InterceptedCore } from './intercepted-core.ts';
import { interceptionHost } from './interception-host.ts';
import type { Interceptor } from './interceptor.ts';
import type { InterceptionHost } from './interceptor-chain.ts';
import { LoadedSchema } from './loaded-schema.ts';
import { makeChannel } from './make-channel.ts';
import { findMethod } from './method-lookup.ts';
import { type CallOptions, type CheckedCallOptions, checkCallOptions } from './options/call-options.ts';
import {
  type CheckedClientOptions,
  type ClientOptions,
  checkClientOptions,
} from './options/client-options.ts';
import { refuseOverPlaintext } from './options/credentials-options.ts';
import type { LoadOptions } from './options/load-options.ts';
import {
  checkResolveOptions,
  type ReflectOptions,
  type ResolveOptions,
} from './options/reflection-options.ts';
import { rawMethod } from './raw-method.ts';
import { type ReadyOptions, whenReady } from './readiness.ts';
import { RequestHeads } from './request-heads.ts';
import { DeadlineQueue } from './rpc/deadline.ts';
import { clientOutcome } from './rpc/outcome.ts';
import { ReplayBudget } from './rpc/replay-buffer.ts';
import { RetryContext } from './rpc/retry-context.ts';
import { RunningCalls } from './running-calls.ts';
import type { MethodDescription } from './schema/description.ts';
import { decodeErrorDetails } from './schema/error-details.ts';
import type { Cardinality, Method } from './schema/method.ts';
import { ReflectionLost } from './schema/reflection/reflection-errors.ts';
import { forgetClient, watchClient } from './unclosed-client.ts';

/** A method of bytes, made by `client.raw`. */
export interface RawMethod {
  (
    message?: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Call<Uint8Array, DynamicMessage, DynamicMessage>;
  /** With the request stream left open for `write` and `end`. */
  open(options?: CallOptions): Call<Uint8Array, DynamicMessage, DynamicMessage>;
}

/**
 * A gRPC client without stubs: schemas are loaded at run time and methods called by name. All calls share one
 * HTTP/2 connection, which is made at the first of them.
 *
 * Errors: TypeError or RangeError for a target or option that is wrong. Calls never throw; they reject.
 */
export class Client<S extends object = Untyped> extends LoadedSchema implements AsyncDisposable {
  readonly #channel: Channel;
  readonly #options: CheckedClientOptions;
  readonly #callDefaults: CheckedCallOptions;
  readonly #host: CallHost;
  readonly #calls = new RunningCalls<CallCore | InterceptedCore>();
  readonly #heads: RequestHeads;
  readonly #schema: CallableSchema;
  readonly #stats = new CallStats();
  #interception: InterceptionHost | undefined;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(host: string, port: number, options?: ClientOptions);
  constructor(target: string, options?: ClientOptions);
  constructor(channel: Channel, options?: ClientOptions);
  constructor(where: string | Channel, portOrOptions?: number | ClientOptions, options?: ClientOptions) {
    super(() => this.#schema);
    startDebugLog();
    const hasPort =
      typeof portOrOptions === 'number' || (typeof portOrOptions === 'string' && typeof where === 'string');
    const given = hasPort || portOrOptions === undefined ? options : (portOrOptions as ClientOptions);
    this.#options = checkClientOptions(given);
    const { balancing, serviceConfig } = this.#options;
    const policies = new ChannelPolicies(
      balancing,
      serviceConfig,
      Client.#healthChecksOf(new WeakRef<Client>(this)),
    );
    if (where instanceof Channel) {
      refuseChannelOptions(given);
      this.#channel = where;
    } else {
      const port = hasPort ? (portOrOptions as number) : undefined;
      this.#channel = makeChannel(where, port, this.#options, policies);
    }
    if (this.#options.call.credentials !== undefined) this.#checkConfidential();
    if (this.#options.reflection.credentials !== undefined) this.#checkConfidential();
    this.#channel.retain();
    watchClient(this, this.#channel, this.#options.captureStacks ? new Error('made').stack : undefined);
    this.#callDefaults = { ...this.#options.call, fields: undefined };
    const { target } = this.#channel;
    this.#heads = new RequestHeads({
      scheme: target.scheme,
      authority: this.#options.authority ?? target.authority,
      pathPrefix: target.pathPrefix,
      userAgent: this.#options.userAgent,
      acceptEncoding: this.#options.call.compressions.acceptEncoding,
      metadata: this.#options.call.fields ?? [],
    });
    this.#schema = new CallableSchema({
      values: this.#options.values,
      reflection: this.#options.reflection,
      heads: this.#heads,
      server: target.text,
      openStream: (path, waitForReady) => this.#openReflection(path, waitForReady),
      connection: () => this.#channel.connectionNumber,
      now: CLOCK.now,
    });
    const calls = this.#calls;
    const { retryBuffers } = this.#options;
    const budget = new ReplayBudget(retryBuffers.perCall, retryBuffers.total);
    const retries = new RetryContext(budget, serviceConfig?.retryThrottling, RETRY_TIMERS, Math.random);
    // Bound, not a closure: that would hold this client for as long as its connections live.
    policies.onThrottling = retries.setThrottling.bind(retries);
    this.#host = {
      transport: this.#channel,
      stats: this.#stats,
      watch: callWatching(this.#channel, this.#options.telemetry),
      deadlines: new DeadlineQueue(CLOCK),
      signals: new AbortGroups(),
      captureStacks: this.#options.captureStacks,
      get serviceConfig() {
        return policies.config;
      },
      retries,
      headFor: ({ head, method }, fields) => this.#heads.without(head, method, fields),
      isConnected: () => this.#channel.state === 'ready',
      lastFailure: () => (this.#channel.state === 'ready' ? '' : this.#channel.lastFailure),
      onCallEnd: (call) => {
        calls.remove(call as CallCore | InterceptedCore);
        if (calls.size === 0) this.#onIdle?.();
      },
      onUnimplemented: (target) => this.#schema.doubt(target),
      decodeDetails: (status) => decodeErrorDetails(status, this.#schema.registry),
    };
  }

  /**
   * Loads .proto files with what they import, or descriptors of any other form, told apart by what they are; several
   * loads add up. Calls made before it has finished wait for it.
   * Imports are looked for in `includeDirs`, beside the file, and among the bundled well-known ones.
   * Errors: SchemaError with file, line and symbol. A load that fails leaves what was loaded before.
   */
  load(source: LoadSource, options?: LoadOptions): Promise<this> {
    return this.#loaded(this.#closed('load') ?? this.#schema.load(source, options));
  }

  /**
   * Loads everything that the server's reflection service tells, in place of what it told before; what was loaded
   * from files holds where the two differ (`schemaDifferences`). Calls made before it has finished wait for it.
   * Errors: SchemaError when the server has no reflection or sends too much, RpcError when it cannot be reached. A
   * service whose schema cannot be had is none: `services` lists it with the reason.
   */
  reflect(options?: ReflectOptions): Promise<this> {
    const waitForReady = this.#callDefaults.waitForReady === true;
    return this.#loaded(this.#closed('reflect') ?? this.#schema.reflect(options, waitForReady));
  }

  /**
   * Calls a method with its whole request: one message, or an iterable of messages for a request stream.
   * @param method `SayHello`, `Greeter/SayHello`, `helloworld.Greeter.SayHello` or `/helloworld.Greeter/SayHello`
   */
  request<M extends MethodName<S>>(method: M, fields?: RequestOf<S, M>, options?: CallOptions): CallOf<S, M> {
    return this.#call(method, fields, options, undefined, false) as CallOf<S, M>;
  }

  /** Calls a method and leaves its request stream open for `write` and `end`. */
  open<M extends MethodName<S>>(method: M, options?: CallOptions): CallOf<S, M> {
    return this.#call(method, undefined, options, undefined, true) as CallOf<S, M>;
  }

  /** `request`, and a CardinalityError unless the method has one request and one reply. */
  unaryUnary<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#call(method, fields, options, 'unary_unary', false) as CallOf<S, M>;
  }

  /** `request`, and a CardinalityError unless the method has one request and streams replies. */
  unaryStream<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#call(method, fields, options, 'unary_stream', false) as CallOf<S, M>;
  }

  /** `request`, and a CardinalityError unless the method streams requests and has one reply. */
  streamUnary<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#call(method, fields, options, 'stream_unary', false) as CallOf<S, M>;
  }

  /** `request`, and a CardinalityError unless the method streams both ways. */
  streamStream<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#call(method, fields, options, 'stream_stream', false) as CallOf<S, M>;
  }

  /**
   * A service as an object with its methods: `client.service('helloworld.Greeter').SayHello({ name: 'you' })`.
   * Its methods are looked up when they are called; it has no `then`.
   */
  service(name: string): DynamicService {
    if (typeof name !== 'string' || name === '') {
      throw new TypeError(
        `a service's name is a text such as 'helloworld.Greeter', not ${JSON.stringify(name) ?? String(name)}`,
      );
    }
    return dynamicService(
      name,
      () => this.services.find(({ fullName }) => fullName === name || fullName.endsWith(`.${name}`)),
      (method, fields, options) => this.#call(method, fields, options, undefined, false),
    );
  }

  /** A method without a schema, bytes in and bytes out: `client.raw('/pkg.Service/Method', { cardinality: 'unary_unary' })(bytes)`. */
  raw(path: string, options: { readonly cardinality: Cardinality }): RawMethod {
    const target = this.#schema.targetOf(rawMethod(path, options?.cardinality));
    const start = (fields: unknown, callOptions: CallOptions | undefined, isOpen: boolean) =>
      this.#start(target.method.path, callOptions, (core) => core.begin(target, fields, isOpen)) as Call<
        Uint8Array,
        DynamicMessage,
        DynamicMessage
      >;
    const method = (message?: unknown, callOptions?: CallOptions) => start(message, callOptions, false);
    return Object.assign(method, {
      open: (callOptions?: CallOptions) => start(undefined, callOptions, true),
    });
  }

  /**
   * What a method's name means, as a call would find it: waits for loads, and asks the server's reflection if a call
   * would. Nothing is called. Errors: SchemaError with the nearest names, RpcError when the server cannot be asked.
   */
  async method(name: string, options?: ResolveOptions): Promise<MethodDescription> {
    return findMethod(
      this.#schema,
      name,
      checkResolveOptions(options),
      this.#callDefaults.waitForReady === true,
    );
  }

  /**
   * The same reply, in which Any values of types that are not loaded have been decoded by what the server's
   * reflection tells; those that it does not know stay `{ '@type', value: bytes }`.
   * Errors: as `reflect`.
   */
  async resolve<T>(reply: T, options?: ResolveOptions): Promise<T> {
    const signal = checkResolveOptions(options);
    return (await this.#schema.resolve(reply, signal, this.#callDefaults.waitForReady === true)) as T;
  }

  /**
   * Asks by grpc.health.v1 whether a service is fit to be called, by its full name; '' (the default) for the server as a
   * whole. Errors: RpcError, NOT_FOUND where the server does not know the service, UNIMPLEMENTED where it has no health
   * service. Source: grpc doc/health-checking.md.
   */
  async check(service: string = '', options?: CallOptions): Promise<HealthStatus> {
    const reply = await this.#health(HEALTH_CHECK, service, options);
    return (reply as HealthReply).status;
  }

  /**
   * Tells by grpc.health.v1 whether a service is fit to be called: now, and at each change, until the loop is left.
   * Errors: RpcError, UNIMPLEMENTED where the server has no health service.
   */
  async *watch(service: string = '', options?: CallOptions): AsyncGenerator<HealthStatus, void, undefined> {
    for await (const reply of this.#health(HEALTH_WATCH, service, options))
      yield (reply as HealthReply).status;
  }

  /** Counts of what the client has done since it was made; those of its channel's sockets are shared with who shares it. */
  stats(): ClientStats {
    return this.#stats.snapshot(this.#channel.octets);
  }

  /** The connection, to look at or to share: `new Client(client.channel)`. */
  get channel(): Channel {
    return this.#channel;
  }

  /**
   * Resolves when the connection is ready, dialling again for as long as it takes.
   * Rejects with a `TimeoutError` (a DOMException) after `timeoutMs` (default none), with the signal's reason, or
   * when the client closes.
   */
  async waitForReady(options?: ReadyOptions): Promise<void> {
    await whenReady(this.#channel, options);
  }

  /**
   * Refuses new calls at once, gives running ones `graceMs` (default 5,000) to finish, then cancels them, and closes
   * the connection unless other clients share it. Idempotent.
   */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void> {
    const graceMs = options?.graceMs ?? 5000;
    if (typeof graceMs !== 'number' || !(graceMs >= 0)) {
      return Promise.reject(
        new RangeError(`graceMs must be a number of milliseconds from 0, not ${String(graceMs)}`),
      );
    }
    forgetClient(this);
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(graceMs: number): Promise<void> {
    if (this.#calls.size > 0 && graceMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = graceMs === Infinity ? undefined : setTimeout(resolve, Math.min(graceMs, 0x7fffffff));
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const call of this.#calls.toArray()) call.close();
    this.#channel.release();
  }

  /** How `load` and `reflect` fail once the client is closed. */
  #closed(what: string): Promise<never> | undefined {
    if (this.#closing === undefined) return undefined;
    return Promise.reject(new SchemaError(`${what}: the client was closed; make another with new Client(…)`));
  }

  /** What `load` and `reflect` give: the client, and no rejection that somebody has to handle. */
  #loaded(loading: Promise<void>): Promise<this> {
    const done = loading.then(() => this);
    done.catch(() => {});
    return done;
  }

  #health(method: Method, service: string, options: CallOptions | undefined): Call {
    const target = this.#schema.targetOf(method);
    return this.#start(method.path, options, (core) => core.begin(target, service, false));
  }

  /** A function of its own, that holds the client weakly: connections must not keep alive a client that was dropped. */
  static #healthChecksOf(self: WeakRef<Client>): (serviceName: string) => HealthCheck {
    return (serviceName) => {
      const client = self.deref();
      return client === undefined ? ALWAYS_HEALTHY : client.#healthCheckOf(serviceName);
    };
  }

  /** The watch of the channel on the servers it has connections to: without the metadata of the client's calls. */
  #healthCheckOf(serviceName: string): HealthCheck {
    return {
      watch: (transport, onHealth) => {
        const head = this.#heads.of(HEALTH_WATCH, []);
        const open = (): Stream => {
          const host = { ...this.#host, serviceConfig: undefined, transport, onCallEnd: () => {} };
          const core = new CallCore(host, HEALTH_WATCH.path, {
            ...this.#callDefaults,
            credentials: undefined,
            compression: undefined,
            policy: undefined,
            timeoutMs: Infinity,
            idleTimeoutMs: Infinity,
            waitForReady: false,
          });
          core.begin({ method: HEALTH_WATCH, head, isReflected: false }, serviceName, false);
          return new Stream(core);
        };
        return new HealthWatch(serviceName, open, onHealth);
      },
    };
  }

  /** A call of the reflection service: with the metadata meant for it, and none of the client's. */
  #openReflection(path: string, waitForReady: boolean): CallCore {
    const { fields, credentials, limits } = this.#options.reflection;
    // What a service config says of all methods is not meant for it: it lives as long as there may be questions.
    const core = new CallCore({ ...this.#host, serviceConfig: undefined }, path, {
      ...this.#callDefaults,
      credentials,
      policy: undefined,
      timeoutMs: Infinity,
      idleTimeoutMs: Infinity,
      waitForReady,
      maxReceiveMessageBytes: limits.maxBytes,
      // A server that cannot read what the client's calls send still tells its schema.
      compression: undefined,
    });
    this.#calls.add(core);
    const method = rawMethod(path, 'stream_stream');
    core.begin({ method, head: this.#heads.of(method, fields), isReflected: false }, undefined, true);
    return core;
  }

  #call(
    name: string,
    fields: unknown,
    options: CallOptions | undefined,
    wanted: Cardinality | undefined,
    isOpen: boolean,
  ): Call {
    return this.#start(name, options, (core) => {
      const target = this.#schema.now(name);
      if (target === undefined) void this.#callLater(core, name, fields, wanted, isOpen);
      else core.begin(checked(target, wanted), fields, isOpen);
    });
  }

  /** A call whose schema is being loaded, or has to be asked for. */
  async #callLater(
    core: CallCore | InterceptedCore,
    name: string,
    fields: unknown,
    wanted: Cardinality | undefined,
    isOpen: boolean,
  ): Promise<void> {
    core.expectUnary();
    try {
      const target = await this.#schema.later(name, core);
      if (target !== undefined) core.begin(checked(target, wanted), fields, isOpen, true);
    } catch (error) {
      if (error instanceof ReflectionLost) {
        const { code, details } = error.failure;
        core.abandon(clientOutcome(code, `cannot load the schema: ${details}`, error.cause));
      } else core.refuse(error);
    }
  }

  /** TypeError where credentials would be sent for others to read, and that was not allowed. */
  #checkConfidential(): void {
    const { target } = this.#channel;
    if (target.scheme === 'https' || target.address.kind === 'unix') return;
    if (!this.#options.allowCredentialsOverPlaintext) refuseOverPlaintext(target.text);
  }

  #checkOptions(options: CallOptions | undefined): CheckedCallOptions {
    const checked = checkCallOptions(options, this.#callDefaults);
    if (options?.credentials !== undefined) this.#checkConfidential();
    return checked;
  }

  #intercepted(
    name: string,
    interceptors: readonly Interceptor[],
    checked: CheckedCallOptions,
    options: CallOptions | undefined,
  ): InterceptedCore {
    this.#interception ??= interceptionHost(this.#host, (given) => this.#checkOptions(given), this.#calls);
    return new InterceptedCore(this.#interception, name, interceptors, checked, options);
  }

  #start(
    name: string,
    options: CallOptions | undefined,
    begin: (core: CallCore | InterceptedCore) => void,
  ): Call {
    let checked = this.#callDefaults;
    let mistake: unknown;
    if (options !== undefined) {
      try {
        checked = this.#checkOptions(options);
      } catch (error) {
        mistake = error;
      }
    }
    const { interceptors } = checked;
    const core =
      interceptors === undefined
        ? new CallCore(this.#host, String(name), checked)
        : this.#intercepted(String(name), interceptors, checked, options);
    const call = new Call(core);
    if (core.isDone) return call;
    this.#calls.add(core);
    if (mistake !== undefined) core.refuse(mistake);
    else if (this.#closing !== undefined) core.close();
    else {
      try {
        begin(core);
      } catch (error) {
        core.refuse(error);
      }
    }
    return call;
  }
}

inspectedAs(Client.prototype, (client) => {
  const { channel, services } = client;
  const methods = services.reduce((count, service) => count + service.methods.length, 0);
  const { target, state } = channel;
  return shown(client.constructor.name, { target: target.text, state, services: services.length, methods });
});

inspectedAs(Channel.prototype, (channel) => {
  const { target, state, openStreams, queuedCalls } = channel;
  return shown(channel.constructor.name, { target: target.text, state, openStreams, queuedCalls });
});

/** CardinalityError when the caller asked for another one than the method has. */
function checked(target: CallTarget, wanted: Cardinality | undefined): CallTarget {
  const { method } = target;
  if (wanted === undefined || method.cardinality === wanted) return target;
  throw new CardinalityError(`${method.fullName} is ${method.cardinality}, not ${wanted}`);
}
