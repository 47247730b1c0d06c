// Client: load a schema, call any method by name. What it is asked goes to its calls or to its schema.

import type { Call } from '../call/call.ts';
import type { CallOptions } from '../call/call-options.ts';
import type {
  CallOf,
  DynamicMessage,
  DynamicService,
  LoadSource,
  MethodName,
  RequestOf,
  Untyped,
} from '../call/typed-calls.ts';
import { missingOfClient } from '../catalog/client-mistakes.ts';
import type { LoadOptions } from '../catalog/load-options.ts';
import type { ReflectOptions, ResolveOptions } from '../catalog/reflection-options.ts';
import type { EncodingOptions } from '../catalog/schema-options.ts';
import { SchemaView } from '../catalog/schema-view.ts';
import { Channel } from '../channel/channel.ts';
import type { ClientStats } from '../observe/call-stats.ts';
import { startDebugLog } from '../observe/debug-log.ts';
import type { ToJsonOptions, ToJsonTextOptions } from '../schema/codec/json/json.ts';
import type { Cardinality } from '../schema/codec/method.ts';
import type { UnknownField } from '../schema/codec/unknown-field-list.ts';
import type { SchemaDifference } from '../schema/descriptors/schema-difference.ts';
import type { Description, MethodDescription } from '../schema/print/description.ts';
import type { WriteProtosOptions } from '../schema/print/write-schema.ts';
import type { ServiceInfo } from '../schema/registry/loaded-method.ts';
import type { FromJsonOptions } from '../schema/registry/registry.ts';
import type { ToTextOptions } from '../schema/text/text-format.ts';
import { inspectedAs, shown } from '../values/inspect.ts';
import { explainMissing } from '../values/missing-member.ts';
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
export class Client<S extends object = Untyped> implements AsyncDisposable {
  readonly #calls: ClientCalls;
  readonly #schema: SchemaView;

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
   * A client on another client's channel: each has its own schema and defaults, both use the same connections. The
   * channel closes with the last client that uses it.
   * @param channel what `otherClient.channel` gives
   * @param options defaults for the calls; what belongs to the channel (`tls`, `keepalive`, …) was set when it was made
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
    this.#calls = new ClientCalls(place, checked, site);
    this.#schema = new SchemaView(this.#calls);
  }

  /** @internal What an object has loaded; undefined for anything but a client. */
  static servicesOf(object: object): readonly ServiceInfo[] | undefined {
    return #schema in object ? object.#schema.services : undefined;
  }

  /**
   * Loads .proto files with their imports, or any other kind of schema, and recognises which it was given; several
   * loads add up. Calls made before it has finished wait for it. Imports are looked up in `includeDirs`, around the
   * importing file, and among the bundled schemas; see docs/sources.md. Errors: SchemaError with file, line and symbol.
   * A load that fails keeps what was loaded before.
   */
  load(source: LoadSource, options?: LoadOptions): Promise<this> {
    return this.#loaded(this.#schema.load(source, options));
  }

  /**
   * Loads everything that the server's reflection service offers, replacing what it offered before. Where it differs
   * from what was loaded, the load wins (`schemaDifferences`). Calls made before it has finished wait for it. Errors:
   * SchemaError when the server has no reflection or sends too much, RpcError when it cannot be reached. A service
   * whose schema the server does not give is not an error: `services` lists it with the reason.
   */
  reflect(options?: ReflectOptions): Promise<this> {
    return this.#loaded(this.#schema.reflect(options));
  }

  /**
   * Calls a method with its whole request: one message, or an iterable of messages for a request stream.
   * @param method `SayHello`, `Greeter/SayHello`, `helloworld.Greeter.SayHello` or `/helloworld.Greeter/SayHello`
   */
  request<M extends MethodName<S>>(method: M, fields?: RequestOf<S, M>, options?: CallOptions): CallOf<S, M>;
  request(method: string, fields?: unknown, options?: CallOptions, callback?: unknown): Call {
    // A callback where other libraries take one; it is refused as options are.
    const given = callback === undefined ? options : (callback as CallOptions);
    return this.#calls.call(method, fields, given, undefined, false);
  }

  /** Leaves the request stream open for `write` and `end`. */
  open<M extends MethodName<S>>(method: M, options?: CallOptions): CallOf<S, M> {
    return this.#calls.call(method, undefined, options, undefined, true) as CallOf<S, M>;
  }

  /** `request`, and a CardinalityError unless the method has one request and one reply. */
  unaryUnary<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#calls.call(method, fields, options, 'unary_unary', false) as CallOf<S, M>;
  }

  /** `request`, and a CardinalityError unless the method has one request and streams replies. */
  unaryStream<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#calls.call(method, fields, options, 'unary_stream', false) as CallOf<S, M>;
  }

  /** `request`, and a CardinalityError unless the method streams requests and has one reply. */
  streamUnary<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#calls.call(method, fields, options, 'stream_unary', false) as CallOf<S, M>;
  }

  /** `request`, and a CardinalityError unless the method streams both ways. */
  streamStream<M extends MethodName<S>>(
    method: M,
    fields?: RequestOf<S, M>,
    options?: CallOptions,
  ): CallOf<S, M> {
    return this.#calls.call(method, fields, options, 'stream_stream', false) as CallOf<S, M>;
  }

  /**
   * A service as an object with its methods: `client.service('helloworld.Greeter').SayHello({ name: 'you' })`.
   * Its methods are looked up when they are called; it has no `then`.
   */
  service(name: string): DynamicService {
    return dynamicService(
      name,
      () => this.services,
      (method, fields, options) => this.#calls.call(method, fields, options, undefined, false),
    );
  }

  /**
   * A method called without a schema, bytes in and bytes out: `client.raw('/pkg.Service/Method', { cardinality:
   * 'unary_unary' })(bytes)`.
   */
  raw(path: string, options: { readonly cardinality: Cardinality }): RawMethod {
    const target = this.#calls.catalog.targetOf(rawMethod(path, options?.cardinality));
    return rawCalls((fields, callOptions, isOpen) =>
      this.#calls.callBound(target, fields, callOptions, isOpen),
    );
  }

  /**
   * The method that a call of this name would reach. Waits for loads, and asks the server's reflection if a call would;
   * calls nothing. Errors: SchemaError with the nearest names, RpcError when the server cannot be asked.
   */
  method(name: string, options?: ResolveOptions): Promise<MethodDescription> {
    return this.#schema.method(name, options);
  }

  /**
   * Describes a symbol as `describe` does, asking the server's reflection for one that is not loaded: a message, enum,
   * service, extension, or a member of one. Errors: SchemaError with the nearest names and what the server said,
   * RpcError when it cannot be asked.
   */
  symbol(name: string, options?: ResolveOptions): Promise<Description> {
    return this.#schema.symbol(name, options);
  }

  /**
   * Runs a function of yours that encodes or reads messages, such as `() => client.encode(type, fields)`, and gives its
   * result. When it fails because the type of an Any or an extension is not loaded, the server's reflection is asked
   * for it and the function runs again, for at most 100 types. Errors: the function's own, RpcError when the server
   * cannot be asked.
   */
  resolving<T>(work: () => T, options?: ResolveOptions): Promise<T> {
    return this.#schema.resolving(work, options);
  }

  /**
   * The same reply with its Any values and extensions of types that are not loaded decoded: the types are fetched from
   * the server's reflection service. What that does not know stays `{ '@type', value: bytes }`. Given an RpcError, it
   * decodes the error's `errorDetails` and gives the same error.
   * Errors: as `reflect`.
   */
  resolve<T>(reply: T, options?: ResolveOptions): Promise<T> {
    return this.#schema.resolve(reply, options);
  }

  /**
   * Asks the server for the health of a service (grpc.health.v1), by its full name; '' (the default) means the server
   * as a whole. Errors: RpcError, NOT_FOUND where the server does not know the service, UNIMPLEMENTED where it has no
   * health service. Source: grpc doc/health-checking.md.
   */
  async check(service: string = '', options?: CallOptions): Promise<HealthStatus> {
    const reply = await this.#calls.health(HEALTH_CHECK, service, options);
    return (reply as HealthReply).status;
  }

  /**
   * The health of a service by grpc.health.v1: its state now, then each change, until the loop is left.
   * Errors: RpcError, UNIMPLEMENTED where the server has no health service.
   */
  async *watch(service: string = '', options?: CallOptions): AsyncGenerator<HealthStatus, void, undefined> {
    for await (const reply of this.#calls.health(HEALTH_WATCH, service, options))
      yield (reply as HealthReply).status;
  }

  /** Counts since the client was made. The octets are the channel's, so clients that share a channel share them. */
  stats(): ClientStats {
    return this.#calls.stats.snapshot(this.#calls.channel.octets);
  }

  /** The client's connections, to inspect or to share: `new Client(client.channel)`. */
  get channel(): Channel {
    return this.#calls.channel;
  }

  /**
   * Connects and resolves when the channel is ready, redialling for as long as it takes. Rejects with a `TimeoutError`
   * (a DOMException) after `timeoutMs` (default no limit), with the signal's reason, or when the client closes.
   */
  async waitForReady(options?: ReadyOptions): Promise<void> {
    await whenReady(this.#calls.channel, options);
  }

  /**
   * Refuses new calls at once, gives running ones `graceMs` (default 5,000) to finish, then cancels them, and closes
   * the connection unless other clients share it. May be called again, with a shorter `graceMs` to end sooner.
   */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void> {
    return this.#calls.close(options?.graceMs);
  }

  /** Closes the client, with 5 s for running calls, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What is loaded: services with their methods, cardinalities and message types. */
  get services(): readonly ServiceInfo[] {
    return this.#schema.services;
  }

  /** The full names of all loaded top-level definitions: messages, enums, services and extensions. */
  get symbols(): readonly string[] {
    return this.#schema.symbols;
  }

  /**
   * Describes a symbol (a service, method, message, field, extension, enum, enum value or package), given by its full
   * name or an unambiguous short one: its comments, options and members, its .proto source (`proto`) and, for messages
   * and methods, a request to fill in as JSON (`template`). Errors: SchemaError with the nearest names.
   */
  describe(symbol: string): Description {
    return this.#schema.describe(symbol);
  }

  /**
   * TypeScript declarations of everything loaded, as the text of a .d.ts file. Saved as `services.d.ts` it types a
   * client: `import type { Services } from './services.js'; new Client<Services>(…)`.
   */
  types(): string {
    return this.#schema.types();
  }

  /** Writes everything loaded as one binary FileDescriptorSet, imports first, as protoc's --descriptor_set_out does. */
  writeProtoset(path: string): Promise<void> {
    return this.#schema.writeProtoset(path);
  }

  /**
   * Writes each loaded file as .proto source, with comments and options, under its name into a directory; gives the
   * names. Errors: SchemaError, with nothing written, for a name that is not a plain `.proto` name below the directory,
   * and for an existing file that differs, unless `overwrite` is set.
   */
  writeProtos(directory: string, options?: WriteProtosOptions): Promise<readonly string[]> {
    return this.#schema.writeProtos(directory, options);
  }

  /**
   * The canonical ProtoJSON of a message, given as a reply or as `fields`; `type` is its full name. TypeError for what
   * ProtoJSON cannot express, such as an Any whose type is not loaded.
   */
  toJson(type: string, value: unknown, options?: ToJsonOptions): unknown {
    return this.#schema.toJson(type, value, options);
  }

  /**
   * The text of what toJson gives, on one line or indented; negative zero is the number -0, which JSON.stringify drops.
   */
  toJsonString(type: string, value: unknown, options?: ToJsonTextOptions): string {
    return this.#schema.toJsonString(type, value, options);
  }

  /**
   * The message that a parsed ProtoJSON document describes. Unknown fields and enum names are refused, unless
   * `ignoreUnknown` is set. Errors: TypeError or RangeError with the path; a 64-bit number beyond
   * 2^53 is refused, as JSON.parse has rounded it: fromJsonString reads it exactly.
   */
  fromJson(type: string, json: unknown, options?: FromJsonOptions): DynamicMessage {
    return this.#schema.fromJson(type, json, options);
  }

  /**
   * The message that the text of a ProtoJSON document describes: as fromJson, with every number exact. Errors:
   * TypeError or RangeError with the path; SyntaxError with line and column for what is not JSON, and for an object
   * with two properties of one name.
   */
  fromJsonString(type: string, text: string, options?: FromJsonOptions): DynamicMessage {
    return this.#schema.fromJsonString(type, text, options);
  }

  /**
   * The bytes of a message, given as a reply or as `fields`, in the client's `codec` or another. Errors: TypeError or
   * RangeError with the path.
   */
  encode(type: string, value: unknown, options?: EncodingOptions): Uint8Array {
    return this.#schema.encode(type, value, options);
  }

  /**
   * The message that bytes encode, in the client's `codec` or another. Errors: TypeError for anything but a Uint8Array;
   * an Error that says where they are malformed.
   */
  decode(type: string, bytes: Uint8Array, options?: EncodingOptions): DynamicMessage {
    return this.#schema.decode(type, bytes, options);
  }

  /** A message, given as a reply or as `fields`, in protobuf text format. */
  toText(type: string, value: unknown, options?: ToTextOptions): string {
    return this.#schema.toText(type, value, options);
  }

  /**
   * The fields of a decoded message (not of those in it) that its schema does not know, in the order they came. They
   * stay with the message, and are sent with it when it is given as `fields`. Errors: TypeError for a call or promise.
   */
  unknownFields(message: object): readonly UnknownField[] {
    return this.#schema.unknownFields(message);
  }

  /** The message that a document in text format describes. Errors: TypeError or RangeError with line and column. */
  fromText(type: string, text: string): DynamicMessage {
    return this.#schema.fromText(type, text);
  }

  /** Where the server's schema, as far as it was fetched, differs from the loaded one, which is in force. */
  get schemaDifferences(): readonly SchemaDifference[] {
    return this.#schema.schemaDifferences;
  }

  /** What `load` and `reflect` give: the client, and no rejection that somebody has to handle. */
  #loaded(loading: Promise<void>): Promise<this> {
    const done = loading.then(() => this);
    done.catch(() => {});
    return done;
  }
}

inspectedAs(Client.prototype, (client) => {
  const { channel, services } = client;
  const methods = services.reduce((count, service) => count + service.methods.length, 0);
  const { target, state } = channel;
  return shown(client.constructor.name, { target: target.text, state, services: services.length, methods });
});

explainMissing(Client.prototype, (object, name) => {
  const services = Client.servicesOf(object);
  return services === undefined ? undefined : missingOfClient(name, services);
});
