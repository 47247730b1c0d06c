// Client: load a schema, call any method by name. What it does with its schema is inherited (catalog/schema-view.ts); here
// are its calls, which it only delegates (client-calls.ts), and its connections.

import type { Call } from '../call/call.ts';
import type { CallOptions } from '../call/call-options.ts';
import type {
  CallOf,
  DynamicService,
  MethodName,
  RequestOf,
  ServiceName,
  ServiceOf,
  Untyped,
} from '../call/typed-calls.ts';
import { SchemaView } from '../catalog/schema-view.ts';
import { Channel } from '../channel/channel.ts';
import type { ClientStats } from '../observe/call-stats.ts';
import { startDebugLog } from '../observe/debug-log.ts';
import type { Cardinality } from '../schema/codec/method.ts';
import { inspectedAs, shown } from '../values/inspect.ts';
import { refuseChannelOptions } from './channel-policy.ts';
import { ClientCalls } from './client-calls.ts';
import { type ClientOptions, checkClientOptions } from './client-options.ts';
import { dynamicService } from './dynamic-service.ts';
import { HEALTH_CHECK, HEALTH_WATCH, type HealthReply, type HealthStatus } from './health.ts';
import { type RawMethod, rawCalls, rawMethod } from './raw-method.ts';
import { type ReadyOptions, whenReady } from './wait-for-ready.ts';

/**
 * A gRPC client without stubs: schemas are loaded at run time and methods called by name. All calls share one
 * HTTP/2 connection, which is made at the first call.
 *
 * Errors: TypeError or RangeError for a wrong target or option. Calls never throw; they reject.
 */
export class Client<S extends object = Untyped> extends SchemaView implements AsyncDisposable {
  readonly #calls: ClientCalls;

  /**
   * A client of the server at a host and port. Nothing connects until the first call.
   * Plaintext unless `options.tls` says otherwise.
   * @param host a name or an IP address, IPv6 with or without brackets
   * @param port 1 to 65535
   * @param options defaults for the calls and settings of the connection; docs/options.md lists them all
   * @throws TypeError for an unknown option or one of the wrong kind, RangeError for one out of range or a wrong port
   */
  constructor(host: string, port: number, options?: ClientOptions);
  /**
   * A client of the server, or the servers, that a target names. Nothing connects until the first call.
   * @param target `host:port`, `https://host/prefix`, `dns:///name:port`, `unix:/path` and others: docs/connections.md.
   *   `https://` and `grpcs://` mean TLS; any other target is plaintext unless `options.tls` says otherwise
   * @param options as above
   * @throws TypeError for a malformed target or an unknown option, RangeError for an option out of range
   */
  constructor(target: string, options?: ClientOptions);
  /**
   * A client on another client's channel: each has its own schema and defaults, but they use the same connections. The
   * channel closes with the last client that uses it.
   * @param channel the other client's `channel`
   * @param options defaults for the calls; the channel's own options (`tls`, `keepalive`, …) were set when it was made
   * @throws TypeError for an option that belongs to the channel
   */
  constructor(channel: Channel, options?: ClientOptions);
  constructor(where: string | Channel, portOrOptions?: number | ClientOptions, options?: ClientOptions) {
    startDebugLog();
    const hasPort =
      typeof portOrOptions === 'number' || (typeof portOrOptions === 'string' && typeof where === 'string');
    const given = hasPort || portOrOptions === undefined ? options : (portOrOptions as ClientOptions);
    const checked = checkClientOptions(given);
    const isShared = where instanceof Channel;
    if (isShared) refuseChannelOptions(given);
    const place = isShared ? where : { where, port: hasPort ? (portOrOptions as number) : undefined };
    const site = checked.captureStacks ? new Error('made').stack : undefined;
    const calls = new ClientCalls(place, checked, site);
    super(calls);
    this.#calls = calls;
  }

  /**
   * Calls a method with its whole request: one message, or an iterable of messages for a request stream. Never throws;
   * see `Call` for what it may reject with.
   * @param method `SayHello`, `Greeter/SayHello`, `helloworld.Greeter.SayHello` or `/helloworld.Greeter/SayHello`
   * @param fields an object with the request's fields, or an iterable of them; an empty message, or none, by default
   * @param options timeout, metadata, signal and more; they default to the options of the client
   */
  request<M extends MethodName<S>>(method: M, fields?: RequestOf<S, M>, options?: CallOptions): CallOf<S, M>;
  request(method: string, fields?: unknown, options?: CallOptions, callback?: unknown): Call {
    // Other libraries take a callback here; checked as options, it is refused.
    const given = callback === undefined ? options : (callback as CallOptions);
    return this.#calls.call(method, fields, given, undefined, false);
  }

  /** Calls a method and leaves its request stream open for `write` and `end`. */
  open<M extends MethodName<S>>(method: M, options?: CallOptions): CallOf<S, M> {
    return this.#calls.call(method, undefined, options, undefined, true) as CallOf<S, M>;
  }

  /** As `request`, but rejects with a CardinalityError unless the method takes one request and returns one reply. */
  unaryUnary<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#calls.call(method, fields, options, 'unary_unary', false) as CallOf<S, M>;
  }

  /** As `request`, but rejects with a CardinalityError unless the method takes one request and streams replies. */
  unaryStream<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#calls.call(method, fields, options, 'unary_stream', false) as CallOf<S, M>;
  }

  /** As `request`, but rejects with a CardinalityError unless the method streams requests and returns one reply. */
  streamUnary<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#calls.call(method, fields, options, 'stream_unary', false) as CallOf<S, M>;
  }

  /** As `request`, but rejects with a CardinalityError unless the method streams both ways. */
  streamStream<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#calls.call(method, fields, options, 'stream_stream', false) as CallOf<S, M>;
  }

  /**
   * A service as an object with its methods: `client.service('helloworld.Greeter').SayHello({ name: 'you' })`. Its
   * methods are looked up when they are called; it has no `then`.
   * @param name the service's full name, or the last part of it
   * @throws TypeError unless the name is a non-empty string
   */
  service<N extends ServiceName<S>>(name: N): ServiceOf<S, N>;
  service(name: string): DynamicService {
    return dynamicService(
      name,
      () => this.services,
      (method, fields, options) => this.#calls.call(method, fields, options, undefined, false),
    );
  }

  /**
   * A method to call without a schema, bytes in and bytes out: `client.raw('/pkg.Service/Method', { cardinality:
   * 'unary_unary' })(bytes)`. Errors: TypeError for a malformed path, an unknown cardinality or idempotency.
   *
   * @param options `idempotency` is what the method's `idempotency_level` would say: whether a call that may have run is
   * retried, and whether `idempotentGet` makes it a GET. Default `unknown`, which is neither.
   */
  raw(
    path: string,
    options: {
      readonly cardinality: Cardinality;
      readonly idempotency?: 'unknown' | 'no_side_effects' | 'idempotent' | undefined;
    },
  ): RawMethod {
    const target = this.#calls.catalog.targetOf(rawMethod(path, options?.cardinality, options?.idempotency));
    return rawCalls((fields, callOptions, isOpen) =>
      this.#calls.callBound(target, fields, callOptions, isOpen),
    );
  }

  /**
   * Asks the server for the health of a service (grpc.health.v1), by its full name; '' (the default) means the server
   * as a whole. Errors: RpcError, with NOT_FOUND if the server does not know the service, and UNIMPLEMENTED if it has
   * no health service. Source: grpc doc/health-checking.md.
   */
  async check(service: string = '', options?: CallOptions): Promise<HealthStatus> {
    try {
      const reply = await this.#calls.health(HEALTH_CHECK, service, options);
      return (reply as HealthReply).status;
    } catch (error) {
      throw this.#calls.healthError(error, HEALTH_CHECK);
    }
  }

  /**
   * The health of a service (grpc.health.v1): its current state, then each change, until the loop is left. '' (the
   * default) means the server as a whole. Errors: RpcError, with UNIMPLEMENTED if the server has no health service.
   */
  async *watch(service: string = '', options?: CallOptions): AsyncGenerator<HealthStatus, void, undefined> {
    try {
      for await (const reply of this.#calls.health(HEALTH_WATCH, service, options))
        yield (reply as HealthReply).status;
    } catch (error) {
      throw this.#calls.healthError(error, HEALTH_WATCH);
    }
  }

  /** Counts since the client was made. The octets are counted by the channel, so clients that share one share them. */
  stats(): ClientStats {
    return this.#calls.stats.snapshot(this.#calls.channel.octets);
  }

  /** The client's connections, to inspect or to share: `new Client(client.channel)`. */
  get channel(): Channel {
    return this.#calls.channel;
  }

  /**
   * Connects, and resolves when the channel is ready, redialling for as long as it takes. Rejects with a `TimeoutError`
   * (a DOMException) after `timeoutMs` milliseconds (default no limit), with the signal's reason, or when the client
   * closes.
   */
  async waitForReady(options?: ReadyOptions): Promise<void> {
    await whenReady(this.#calls.channel, options);
  }

  /**
   * Refuses new calls at once, gives running ones `graceMs` milliseconds (default 5,000) to finish, then cancels them,
   * and closes the connection unless other clients share it. May be called again, with a shorter `graceMs` to end
   * sooner. Rejects with a RangeError unless `graceMs` is at least 0.
   */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void> {
    return this.#calls.close(options?.graceMs);
  }

  /** Closes the client, with 5 s for running calls, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

inspectedAs(Client.prototype, (client) => {
  const { channel, services } = client;
  const methods = services.reduce((count, service) => count + service.methods.length, 0);
  const { target, state } = channel;
  return shown(client.constructor.name, { target: target.text, state, services: services.length, methods });
});
