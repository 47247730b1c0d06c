// Client: load a schema, call any method by name. It only delegates, to its calls (ClientCalls) and its schema
// (SchemaView).

import type { Call } from '../call/call.ts';
import { withSite } from '../call/call-failure.ts';
import type { CallOptions } from '../call/call-options.ts';
import type {
  CallOf,
  DynamicMessage,
  DynamicService,
  LoadSource,
  MethodName,
  RequestOf,
  ServiceName,
  ServiceOf,
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
import type { WriteJsonSchemasOptions } from '../schema/json-schema/json-schema.ts';
import type { JsonSchema, JsonSchemaOptions } from '../schema/json-schema/schema-form.ts';
import type { OpenApiDocument, OpenApiOptions } from '../schema/openapi/open-api.ts';
import type { Description, MethodDescription } from '../schema/print/description.ts';
import type { WriteProtosOptions } from '../schema/print/write-schema.ts';
import type { ServiceInfo } from '../schema/registry/loaded-method.ts';
import type { FromJsonOptions, Registry } from '../schema/registry/registry.ts';
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
    this.#calls = new ClientCalls(place, checked, site);
    this.#schema = new SchemaView(this.#calls);
  }

  /** @internal What a client has loaded. */
  static registryOf(client: Client): Registry {
    return client.#calls.catalog.registry;
  }

  /** @internal What an object has loaded; undefined for anything but a client. */
  static servicesOf(object: object): readonly ServiceInfo[] | undefined {
    return #schema in object ? object.#schema.services : undefined;
  }

  /**
   * Loads .proto files with their imports, or any other kind of schema, and recognises which kind it is; several loads
   * add up. Calls made before it has finished wait for it. Imports are looked up in `includeDirs`, around the
   * importing file, and among the bundled schemas; see docs/sources.md. Errors: SchemaError with file, line and
   * symbol. A load that fails leaves what was loaded before unchanged.
   */
  load(source: LoadSource, options?: LoadOptions): Promise<this> {
    return this.#loaded(this.#schema.load(source, options));
  }

  /**
   * Loads everything that the server's reflection service offers, replacing what it offered before. Where this differs
   * from a loaded schema, the loaded one wins (`schemaDifferences`). Calls made before it has finished wait for it.
   * Errors: SchemaError if the server has no reflection service or sends too much, RpcError if it cannot be reached. A
   * service whose schema the server does not provide is not an error: `services` lists it with the reason.
   */
  reflect(options?: ReflectOptions): Promise<this> {
    return this.#loaded(this.#schema.reflect(options));
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
   * The method that a call by this name would reach. Waits for loads, and asks the server's reflection service if a
   * call would, but calls nothing else. Errors: SchemaError with the nearest names, RpcError if the server cannot be
   * asked.
   */
  method(name: string, options?: ResolveOptions): Promise<MethodDescription> {
    return this.#schema.method(name, options);
  }

  /**
   * Describes a symbol as `describe` does, and asks the server's reflection service for one that is not loaded: a
   * message, enum, service, extension, or a member of one. Errors: SchemaError with the nearest names and the server's
   * answer, RpcError if it cannot be asked.
   */
  symbol(name: string, options?: ResolveOptions): Promise<Description> {
    return this.#schema.symbol(name, options);
  }

  /**
   * Runs a function that encodes or reads messages, such as `() => client.encode(type, fields)`, and returns its
   * result. If it fails because the type of an Any or an extension is not loaded, the server's reflection service is
   * asked for it and the function runs again, for at most 100 types. Errors: the function's own, RpcError if the
   * server cannot be asked.
   */
  resolving<T>(work: () => T, options?: ResolveOptions): Promise<T> {
    return this.#schema.resolving(work, options);
  }

  /**
   * Decodes those Any values and extensions of a reply whose types were not loaded, after fetching the types from the
   * server's reflection service. Types unknown to the server stay `{ '@type', value: bytes }`. Given an RpcError, it
   * decodes the error's `errorDetails` and returns the same error. Errors: as for `reflect`.
   */
  resolve<T>(reply: T, options?: ResolveOptions): Promise<T> {
    return this.#schema.resolve(reply, options);
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

  /** The loaded services, with their methods, cardinalities and message types. */
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
   * TypeScript declarations of everything loaded, as the text of a .d.ts file. Saved as `services.d.ts`, it types a
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
   * Writes each loaded file as .proto source, with comments and options, into a directory, and returns the names.
   * Errors: SchemaError, with nothing written, for a name that is not a plain `.proto` name below the directory, and
   * for an existing file that differs, unless `overwrite` is set.
   */
  writeProtos(directory: string, options?: WriteProtosOptions): Promise<readonly string[]> {
    return this.#schema.writeProtos(directory, options);
  }

  /**
   * JSON Schema (draft 2020-12) of a loaded message or enum, or of a method's request, given by its full name or an
   * unambiguous short one: what `fromJson` accepts or, with `direction: 'output'`, what `toJson` gives. Errors:
   * SchemaError with the nearest names, and for a schema of more than 32 Mi characters.
   */
  jsonSchema(symbol: string, options?: JsonSchemaOptions): Promise<JsonSchema> {
    return this.#schema.jsonSchema(symbol, options);
  }

  /**
   * Writes the JSON Schema of each loaded message and enum into a directory, as `package.Type.json`, and returns the
   * names. The files refer to each other. Errors: SchemaError, with nothing written, for names that are one file on some
   * systems, and for an existing file that differs, unless `overwrite` is set.
   */
  writeJsonSchemas(directory: string, options?: WriteJsonSchemasOptions): Promise<readonly string[]> {
    return this.#schema.writeJsonSchemas(directory, options);
  }

  /**
   * An OpenAPI document (3.1) of the loaded services: the paths of google.api.http annotations, and those of the Connect
   * protocol. Its description says what it leaves out, such as streams. Errors: SchemaError for a service that is not
   * loaded, and for a document of more than 32 Mi characters.
   */
  openApi(options?: OpenApiOptions): Promise<OpenApiDocument> {
    return this.#schema.openApi(options);
  }

  /**
   * The canonical ProtoJSON of a message, given as a reply or as `fields`; `type` is its full name. TypeError for what
   * ProtoJSON cannot express, such as an Any whose type is not loaded.
   */
  toJson(type: string, value: unknown, options?: ToJsonOptions): unknown {
    return this.#schema.toJson(type, value, options);
  }

  /**
   * The result of `toJson` as text, on one line or indented. Negative zero is written as -0, which JSON.stringify
   * would not do. Errors: as for `toJson`, and a RangeError for more than `values.maxJsonCharacters`.
   */
  toJsonString(type: string, value: unknown, options?: ToJsonTextOptions): string {
    return this.#schema.toJsonString(type, value, options);
  }

  /**
   * The message that a parsed ProtoJSON document describes. Unknown fields and enum names are refused unless
   * `ignoreUnknown` is set. Errors: TypeError or RangeError with the path. A 64-bit number beyond 2^53 is refused,
   * because JSON.parse has rounded it; `fromJsonString` reads it exactly.
   */
  fromJson(type: string, json: unknown, options?: FromJsonOptions): DynamicMessage {
    return this.#schema.fromJson(type, json, options);
  }

  /**
   * The message that the text of a ProtoJSON document describes: as `fromJson`, but with every number exact. Errors:
   * TypeError or RangeError with the path; SyntaxError with line and column for text that is not JSON, and for an
   * object with two properties of the same name.
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
   * The message that the bytes encode, in the client's `codec` or another. Errors: TypeError for anything but a
   * Uint8Array; an Error that says where they are malformed.
   */
  decode(type: string, bytes: Uint8Array, options?: EncodingOptions): DynamicMessage {
    return this.#schema.decode(type, bytes, options);
  }

  /** A message, given as a reply or as `fields`, in protobuf text format. */
  toText(type: string, value: unknown, options?: ToTextOptions): string {
    return this.#schema.toText(type, value, options);
  }

  /**
   * The fields of a decoded message (not of messages within it) that its schema does not know, in the order in which
   * they came. They stay with the message, and are sent with it when it is passed as `fields`. Errors: TypeError for a
   * call or a promise.
   */
  unknownFields(message: object): readonly UnknownField[] {
    return this.#schema.unknownFields(message);
  }

  /** The message that a document in text format describes. Errors: TypeError or RangeError with line and column. */
  fromText(type: string, text: string): DynamicMessage {
    return this.#schema.fromText(type, text);
  }

  /** Where the server's schema, as far as it was fetched, differs from the loaded one, which takes precedence. */
  get schemaDifferences(): readonly SchemaDifference[] {
    return this.#schema.schemaDifferences;
  }

  /**
   * What `load` and `reflect` return: resolves to the client; a rejection that nobody handles is not an unhandled one.
   */
  #loaded(loading: Promise<void>): Promise<this> {
    const site = new Error('called');
    const done = loading.then(
      () => this,
      (error: unknown) => {
        throw withSite(error, site);
      },
    );
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
