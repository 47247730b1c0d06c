// The calls of one client: the channel they use, their defaults, and when each of them begins: at once, when its schema
// has been loaded, or when the server's addresses are known. Knows no protocol, and nothing of the public API.

import { Call } from '../call/call.ts';
import type { BoundMethod, CallContext } from '../call/call-context.ts';
import { type CallOptions, type CheckedCallOptions, checkCallOptions } from '../call/call-options.ts';
import { refuseOverPlaintext } from '../call/credentials-options.ts';
import type { Interceptor } from '../call/interceptor.ts';
import { RunningCalls } from '../call/running-calls.ts';
import { WireCall } from '../call/wire-call.ts';
import { MethodCatalog } from '../catalog/method-catalog.ts';
import { RequestHeads } from '../catalog/request-heads.ts';
import { Channel } from '../channel/channel.ts';
import type { HealthCheck } from '../channel/connection/subchannel.ts';
import type { ChainEnd } from '../interceptors/chain.ts';
import { chainEnd } from '../interceptors/chain-end.ts';
import { InterceptorStep } from '../interceptors/interceptor-step.ts';
import { CallStats } from '../observe/call-stats.ts';
import { checkNames } from '../protocols/reserved-names.ts';
import { DeadlineQueue } from '../rpc/deadline-queue.ts';
import { ReplayBudget } from '../rpc/replay-buffer.ts';
import { RetryContext } from '../rpc/retry/retry-context.ts';
import type { Transport } from '../rpc/transport.ts';
import type { Cardinality, Method } from '../schema/codec/method.ts';
import { decodeErrorDetails } from '../schema/registry/error-details.ts';
import { AbortGroups } from '../values/abort-groups.ts';
import { KEEP_ALIVE_TIMERS, REAL_CLOCK } from '../values/clock.ts';
import { CardinalityError } from '../values/errors.ts';
import { untilSettled } from '../values/waits.ts';
import { BackgroundCalls } from './background-calls.ts';
import { callWatching } from './call-watching.ts';
import { ChannelPolicies } from './channel-policy.ts';
import { makeChannel, type SpelledTarget } from './client-channel.ts';
import type { CheckedClientOptions } from './client-options.ts';
import { ClosingGrace, DEFAULT_GRACE_MS, isGrace } from './closing-grace.ts';
import { healthError } from './health.ts';
import { ALWAYS_HEALTHY } from './health-watch.ts';
import { forgetClient, watchClient } from './unclosed-client.ts';
import { whenNamed } from './wait-for-ready.ts';

type StartedCall = WireCall | InterceptorStep;

interface MadeCall {
  readonly started: StartedCall;
  /** What the caller has of it. */
  readonly call: Call;
}

export class ClientCalls {
  readonly channel: Channel;
  readonly catalog: MethodCatalog;
  readonly stats: CallStats = new CallStats();
  readonly #options: CheckedClientOptions;
  readonly #defaults: CheckedCallOptions;
  readonly #context: CallContext;
  readonly #running = new RunningCalls<StartedCall>();
  readonly #heads: RequestHeads;
  readonly #background: BackgroundCalls;
  #chainEnd: ChainEnd | undefined;
  /** Whether a service config may yet come with the server's addresses, which are not known so far. */
  #awaitsNaming: boolean;
  #closing: Promise<void> | undefined;
  /** Set while the client is closing and calls still run. */
  #grace: ClosingGrace | undefined;

  /**
   * @param place another client's channel to share, or the target to make one for
   * @param site the stack that made the client, if stacks are captured
   */
  constructor(place: Channel | SpelledTarget, options: CheckedClientOptions, site: string | undefined) {
    this.#options = options;
    this.#defaults = { ...options.call, fields: undefined };
    const { balancing } = options;
    const policies = new ChannelPolicies(
      balancing,
      options.serviceConfig,
      ClientCalls.#healthChecksOf(new WeakRef(this)),
    );
    const isShared = place instanceof Channel;
    if (isShared && options.protocol.needsHttp2 && place.httpVersion !== '2') {
      throw new TypeError(
        `gRPC needs HTTP/2, and the connections of this channel may be of HTTP/1.1 (httpVersion '${place.httpVersion}'): make the client that it comes from with httpVersion '2'`,
      );
    }
    this.channel = isShared ? place : makeChannel(place, options, policies);
    this.#awaitsNaming = !isShared && (balancing.serviceConfigFromDns || balancing.resolver !== undefined);
    if (options.call.settings.credentials !== undefined) this.#checkConfidential();
    if (options.reflection.credentials !== undefined) this.#checkConfidential();
    checkNames(options.protocol, options.reflection.fields);
    this.#checkFields(options.call);
    this.channel.retain();
    // We watch this object rather than the client: code that still awaits one of its calls is not done with it.
    watchClient(this, this.channel, site);
    const { target } = this.channel;
    this.#heads = new RequestHeads({
      protocol: options.protocol,
      scheme: target.scheme,
      authority: options.authority ?? target.authority,
      pathPrefix: target.pathPrefix,
      userAgent: options.userAgent,
      acceptEncoding: options.call.settings.compressions.acceptEncoding,
      metadata: options.call.fields ?? [],
    });
    this.catalog = new MethodCatalog({
      values: options.values,
      reflection: options.reflection,
      heads: this.#heads,
      server: target.text,
      isHalfDuplex: () => !options.protocol.isFullDuplex || !this.channel.isHttp2,
      openStream: (path, waitForReady) =>
        this.#background.reflection(path, waitForReady, options.reflection, (call) =>
          this.#running.add(call),
        ),
      connection: () => this.channel.connectionNumber,
      now: REAL_CLOCK.now,
    });
    this.#context = this.#contextOfCalls(policies);
    this.#background = new BackgroundCalls(this.#context, this.#defaults, this.#heads);
  }

  /** The client, as its calls see it. */
  #contextOfCalls(policies: ChannelPolicies): CallContext {
    const { channel, catalog } = this;
    const { retryBuffers, serviceConfig, telemetry, captureStacks } = this.#options;
    const budget = new ReplayBudget(retryBuffers.perCall, retryBuffers.total);
    const retries = new RetryContext(budget, serviceConfig?.retryThrottling, KEEP_ALIVE_TIMERS, Math.random);
    // Bound, not a closure: that would hold the client for as long as its connections live.
    policies.onThrottling = retries.setThrottling.bind(retries);
    const transport = this.#over(channel);
    return {
      transport,
      stats: this.stats,
      watch: callWatching(channel.target, transport, telemetry),
      deadlines: new DeadlineQueue(REAL_CLOCK),
      signals: new AbortGroups(),
      captureStacks,
      serviceConfig: () => policies.config,
      retries,
      headFor: ({ head, method }, fields) => this.#heads.without(head, method, fields),
      withJson: (target) => catalog.withJson(target),
      waitsFor: () => channel.waitsFor,
      lastFailure: () => (channel.state === 'ready' ? '' : channel.lastFailure),
      onCallEnd: (call) => {
        this.#running.remove(call as StartedCall);
        if (this.#running.size === 0) this.#grace?.end();
      },
      provideFor: (error, target, call) => catalog.provideFor(error, target, call),
      replyHas: (method, field) => catalog.replyHas(method, field),
      onUnimplemented: (target) => catalog.doubt(target),
      decodeDetails: (status) => decodeErrorDetails(status, catalog.registry),
    };
  }

  /** What gives streams in the client's protocol. */
  #over(transport: Transport): Transport {
    return this.#options.protocol.over(transport, this.#options.call.settings.compressions);
  }

  /** Whether calls wait for a connection by default, however long it takes. */
  get waitForReady(): boolean {
    return this.#defaults.settings.waitForReady === true;
  }

  get codec(): 'json' | undefined {
    return this.#defaults.settings.codec;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Calls a method by its name.
   * @param wanted the only cardinality allowed; undefined for any
   * @param isOpen whether to leave the request stream open
   */
  call(
    name: string,
    fields: unknown,
    options: CallOptions | undefined,
    wanted: Cardinality | undefined,
    isOpen: boolean,
  ): Call {
    const { started, call } = this.#make(name, options);
    if (started.isDone) return call;
    try {
      const target = this.catalog.now(name);
      if (target === undefined) void this.#beginLater(started, name, fields, wanted, isOpen);
      else this.#begin(started, checked(target, wanted), fields, isOpen);
    } catch (error) {
      started.failWith(error);
    }
    return call;
  }

  /** Calls a method that has already been looked up. */
  callBound(target: BoundMethod, fields: unknown, options: CallOptions | undefined, isOpen: boolean): Call {
    const { started, call } = this.#make(target.method.path, options);
    if (started.isDone) return call;
    try {
      this.#begin(started, target, fields, isOpen);
    } catch (error) {
      started.failWith(error);
    }
    return call;
  }

  /** Calls the health service. */
  health(method: Method, service: string, options: CallOptions | undefined): Call {
    return this.callBound(this.catalog.targetOf(method), service, options, false);
  }

  /** What that fails with. */
  healthError(error: unknown, method: Method): unknown {
    return healthError(error, method, this.#context.decodeDetails);
  }

  /**
   * Refuses new calls, gives running ones the grace to end, then cancels them and releases the channel.
   * @param graceMs undefined for the default; a second call can only shorten the first one's
   */
  close(graceMs: number | undefined): Promise<void> {
    if (graceMs !== undefined && !isGrace(graceMs)) {
      return Promise.reject(
        new RangeError(`graceMs must be a number of milliseconds of at least 0, not ${String(graceMs)}`),
      );
    }
    forgetClient(this);
    // A second call without a time of its own, say by `await using`, keeps the first one's.
    if (this.#closing === undefined) this.#closing = this.#close(graceMs ?? DEFAULT_GRACE_MS);
    else if (graceMs !== undefined) this.#grace?.shorten(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    if (this.#running.size > 0 && graceMs > 0) {
      this.#grace = new ClosingGrace(graceMs);
      await untilSettled(this.#grace.over, 'close', `calls of a client of ${this.channel.target.text}`);
    }
    for (const call of this.#running.toArray()) call.close();
    this.channel.release();
  }

  /** Static, and holding the client weakly: connections must not keep the calls of a dropped client alive. */
  static #healthChecksOf(self: WeakRef<ClientCalls>): (serviceName: string) => HealthCheck {
    return (serviceName) => {
      const calls = self.deref();
      if (calls === undefined) return ALWAYS_HEALTHY;
      return {
        watch: (transport, onHealth) =>
          calls.#background.watchHealth(serviceName, calls.#over(transport), onHealth),
      };
    };
  }

  /** Starts a call, as soon as the service config for its method can be known. */
  #begin(started: StartedCall, target: BoundMethod, fields: unknown, isOpen: boolean, isLate = false): void {
    if (this.#awaitsNaming && this.channel.addresses.length > 0) this.#awaitsNaming = false;
    // If too many wait already, the channel refuses this one: it does the counting.
    const waits = this.#awaitsNaming && !started.isDone && this.channel.hasRoomToWait;
    if (waits) void this.#beginNamed(started, target, fields, isOpen);
    else started.begin(target, fields, isOpen, isLate);
  }

  /** Starts a call once the server's addresses are known, with which a service config may come. */
  async #beginNamed(
    started: StartedCall,
    target: BoundMethod,
    fields: unknown,
    isOpen: boolean,
  ): Promise<void> {
    started.keepSite();
    started.awaitAddresses(target.method);
    await whenNamed(this.channel, started.options.settings.waitForReady === true, started.ended);
    try {
      started.begin(target, fields, isOpen, true);
    } catch (error) {
      started.failWith(error);
    }
  }

  /** Starts a call whose schema is still being loaded, or has to be fetched. */
  async #beginLater(
    started: StartedCall,
    name: string,
    fields: unknown,
    wanted: Cardinality | undefined,
    isOpen: boolean,
  ): Promise<void> {
    started.keepSite();
    started.expectUnary();
    try {
      const target = await this.catalog.later(name, started);
      if (target !== undefined) this.#begin(started, checked(target, wanted), fields, isOpen, true);
    } catch (error) {
      started.failWith(error);
    }
  }

  /** TypeError if credentials would be sent over plaintext, and that is not allowed. */
  #checkConfidential(): void {
    const { target } = this.channel;
    if (target.scheme === 'https' || target.address.kind === 'unix') return;
    if (!this.#options.allowCredentialsOverPlaintext) refuseOverPlaintext(target.text);
  }

  #checkOptions(options: CallOptions | undefined): CheckedCallOptions {
    const checked = checkCallOptions(options, this.#defaults);
    if (options?.credentials !== undefined) this.#checkConfidential();
    this.#checkFields(checked);
    return checked;
  }

  /** TypeError for metadata of names that the client's protocol uses itself. */
  #checkFields({ fields, settings }: CheckedCallOptions): void {
    const { protocol } = this.#options;
    if (protocol.reserves === undefined) return;
    checkNames(protocol, fields);
    for (const one of settings.credentials ?? []) if (typeof one !== 'function') checkNames(protocol, one);
  }

  #intercepted(
    name: string,
    interceptors: readonly Interceptor[],
    checked: CheckedCallOptions,
    options: CallOptions | undefined,
  ): InterceptorStep {
    this.#chainEnd ??= chainEnd(
      this.#context,
      (given) => this.#checkOptions(given),
      (given) => this.#checkFields(given),
      this.#running,
    );
    return new InterceptorStep(this.#chainEnd, name, interceptors, checked, options);
  }

  /** A call that is to begin, or has failed already. */
  #make(name: string, options: CallOptions | undefined): MadeCall {
    let checked = this.#defaults;
    let mistake: unknown;
    if (options !== undefined) {
      try {
        checked = this.#checkOptions(options);
      } catch (error) {
        mistake = error;
      }
    }
    const { interceptors } = checked.settings;
    const started =
      interceptors === undefined
        ? new WireCall(this.#context, String(name), checked)
        : this.#intercepted(String(name), interceptors, checked, options);
    const call = new Call(started);
    if (started.isDone) return { started, call };
    this.#running.add(started);
    if (mistake !== undefined) started.failWith(mistake);
    else if (this.#closing !== undefined) started.close();
    return { started, call };
  }
}

/** CardinalityError if the method does not have the cardinality that the caller asked for. */
function checked(target: BoundMethod, wanted: Cardinality | undefined): BoundMethod {
  const { method } = target;
  if (wanted === undefined || method.cardinality === wanted) return target;
  const right = method.cardinality.replace(/_(.)/, (_, initial: string) => initial.toUpperCase());
  throw new CardinalityError(
    `${method.fullName} is ${method.cardinality}, not ${wanted}: use client.${right}, or client.request, which makes calls of every kind`,
  );
}
