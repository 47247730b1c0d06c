// What a client can do with its schema, as its users see it: loads and reflection, what a name means, descriptions, types,
// files, and messages as bytes, JSON and text. Client extends it by calls (client/client.ts); it makes none itself.

import { withSite } from '../call/call-failure.ts';
import type { DynamicMessage, LoadSource } from '../call/typed-calls.ts';
import { describeValue } from '../schema/codec/encoder.ts';
import type { ToJsonOptions, ToJsonTextOptions } from '../schema/codec/json/json.ts';
import type { MessageCodec } from '../schema/codec/method.ts';
import { type UnknownField, unknownFieldsOf } from '../schema/codec/unknown-field-list.ts';
import type { SchemaDifference } from '../schema/descriptors/schema-difference.ts';
import type { WriteJsonSchemasOptions } from '../schema/json-schema/json-schema.ts';
import type { JsonSchema, JsonSchemaOptions } from '../schema/json-schema/schema-form.ts';
import type { OpenApiDocument, OpenApiOptions } from '../schema/openapi/open-api.ts';
import type { Description, MethodDescription } from '../schema/print/description.ts';
import { describe, fromText, readIntrospection, typesOf } from '../schema/print/provided-introspection.ts';
import type { WriteProtosOptions } from '../schema/print/write-schema.ts';
import { ResolvedDetails } from '../schema/registry/error-details.ts';
import type { ServiceInfo } from '../schema/registry/loaded-method.ts';
import type { FromJsonOptions, Registry } from '../schema/registry/registry.ts';
import { type ToTextOptions, toText } from '../schema/text/text-format.ts';
import { SchemaError } from '../values/errors.ts';
import { explainMissing } from '../values/missing-member.ts';
import { isBytes } from '../values/realm.ts';
import { type ErrorDetail, RpcError } from '../values/rpc-error.ts';
import { parseJson } from '../values/text/json-text.ts';
import { missingOfClient } from './client-mistakes.ts';
import type { LoadOptions } from './load-options.ts';
import type { MethodCatalog } from './method-catalog.ts';
import { findMethod } from './method-lookup.ts';
import { checkResolveOptions, type ReflectOptions, type ResolveOptions } from './reflection-options.ts';
import {
  checkEncodingOptions,
  checkFromJsonOptions,
  checkToJsonOptions,
  checkToJsonTextOptions,
  checkToTextOptions,
  checkWriteProtosOptions,
  type EncodingOptions,
} from './schema-options.ts';

/** The client whose schema it is. */
export interface SchemaOwner {
  readonly catalog: MethodCatalog;
  /** Whether reflection waits for a connection, however long it takes. */
  readonly waitForReady: boolean;
  /** What messages are as bytes by default; undefined for the wire format. */
  readonly codec: 'json' | undefined;
  /** Whether the client was closed: nothing more is loaded then. */
  readonly isClosed: boolean;
}

export abstract class SchemaView {
  readonly #owner: SchemaOwner;

  /** @internal */
  constructor(owner: SchemaOwner) {
    this.#owner = owner;
  }

  /** @internal What a client has loaded. */
  static registryOf(client: SchemaView): Registry {
    return client.#catalog.registry;
  }

  /** @internal What an object has loaded; undefined for anything but a client. */
  static servicesOf(object: object): readonly ServiceInfo[] | undefined {
    return #owner in object ? object.services : undefined;
  }

  get #catalog(): MethodCatalog {
    return this.#owner.catalog;
  }

  get #waitForReady(): boolean {
    return this.#owner.waitForReady;
  }

  /**
   * Loads .proto files with their imports, or any other kind of schema, and recognises which kind it is; several loads
   * add up. Calls made before it has finished wait for it. Imports are looked up in `includeDirs`, around the
   * importing file, and among the bundled schemas; see docs/sources.md. Errors: SchemaError with file, line and
   * symbol; with `lazy`, whatever first needs a faulty file of a large set throws it. A load that fails leaves what was
   * loaded before unchanged.
   */
  load(source: LoadSource, options?: LoadOptions): Promise<this> {
    return this.#loaded(this.#owner.isClosed ? refusedOf('load') : this.#catalog.load(source, options));
  }

  /**
   * Loads everything that the server's reflection service offers, replacing what it offered before. Where this differs
   * from a loaded schema, the loaded one wins (`schemaDifferences`). Calls made before it has finished wait for it.
   * Errors: SchemaError if the server has no reflection service or sends too much, RpcError if it cannot be reached. A
   * service whose schema the server does not provide is not an error: `services` lists it with the reason.
   */
  reflect(options?: ReflectOptions): Promise<this> {
    return this.#loaded(
      this.#owner.isClosed ? refusedOf('reflect') : this.#catalog.reflect(options, this.#waitForReady),
    );
  }

  /**
   * The method that a call by this name would reach. Waits for loads, and asks the server's reflection service if a
   * call would, but calls nothing else. Errors: SchemaError with the nearest names, RpcError if the server cannot be
   * asked.
   */
  async method(name: string, options?: ResolveOptions): Promise<MethodDescription> {
    return findMethod(this.#catalog, name, checkResolveOptions(options), this.#waitForReady);
  }

  /**
   * Describes a symbol as `describe` does, and asks the server's reflection service for one that is not loaded: a
   * message, enum, service, extension, or a member of one. Errors: SchemaError with the nearest names and the server's
   * answer, RpcError if it cannot be asked.
   */
  symbol(name: string, options?: ResolveOptions): Promise<Description> {
    return this.#catalog.symbol(name, checkResolveOptions(options), this.#waitForReady);
  }

  /**
   * Runs a function that encodes or reads messages, such as `() => client.encode(type, fields)`, and returns its
   * result. If it fails because the type of an Any or an extension is not loaded, the server's reflection service is
   * asked for it and the function runs again, for at most 100 types. Errors: the function's own, RpcError if the
   * server cannot be asked.
   */
  resolving<T>(work: () => T, options?: ResolveOptions): Promise<T> {
    return this.#catalog.resolving(work, checkResolveOptions(options), this.#waitForReady);
  }

  /**
   * Decodes those Any values and extensions of a reply whose types were not loaded, after fetching the types from the
   * server's reflection service. Types unknown to the server stay `{ '@type', value: bytes }`. Given an RpcError, it
   * decodes the error's `errorDetails` and returns the same error. Errors: as for `reflect`.
   */
  async resolve<T>(reply: T, options?: ResolveOptions): Promise<T> {
    const signal = checkResolveOptions(options);
    const limits = new ResolvedDetails();
    const resolved = (value: unknown): Promise<unknown> =>
      this.#catalog.resolve(value, signal, this.#waitForReady, limits);
    if (!(reply instanceof RpcError)) return (await resolved(reply)) as T;
    const details: ErrorDetail[] = [];
    // One after the other, since the next one's type may be known by then.
    for (const detail of reply.errorDetails) details.push((await resolved(detail)) as ErrorDetail);
    RpcError.replaceDetails(reply, details, limits.problem);
    return reply;
  }

  /** The loaded services, with their methods, cardinalities and message types. */
  get services(): readonly ServiceInfo[] {
    return this.#catalog.services;
  }

  /** The full names of all loaded top-level definitions: messages, enums, services and extensions. */
  get symbols(): readonly string[] {
    return this.#catalog.registry.files.flatMap((file) =>
      [file.messageType, file.enumType, file.service, file.extension].flatMap((list) =>
        (list ?? []).map(({ name }) => (file.package ? `${file.package}.${name}` : name)),
      ),
    );
  }

  /**
   * Describes a symbol (a service, method, message, field, extension, enum, enum value or package), given by its full
   * name or an unambiguous short one: its comments, options and members, its .proto source (`proto`) and, for messages
   * and methods, a request to fill in as JSON (`template`). Errors: SchemaError with the nearest names.
   */
  describe(symbol: string): Description {
    return this.#explained(symbol, (registry) => describe(registry, symbol));
  }

  /**
   * TypeScript declarations of everything loaded, as the text of a .d.ts file. Saved as `services.d.ts`, it types a
   * client: `import type { Services } from './services.js'; new Client<Services>(…)`.
   */
  types(): string {
    return typesOf(this.#catalog.registry);
  }

  /** Writes everything loaded as one binary FileDescriptorSet, imports first, as protoc's --descriptor_set_out does. */
  async writeProtoset(path: string): Promise<void> {
    readIntrospection();
    const { writeProtoset } = await import('../schema/print/write-schema.ts');
    await writeProtoset(this.#catalog.registry.files, path);
  }

  /**
   * Writes each loaded file as .proto source, with comments and options, into a directory, and returns the names.
   * Errors: SchemaError, with nothing written, for a name that is not a plain `.proto` name below the directory, and
   * for an existing file that differs, unless `overwrite` is set.
   */
  async writeProtos(directory: string, options?: WriteProtosOptions): Promise<readonly string[]> {
    checkWriteProtosOptions(options);
    readIntrospection();
    const { writeProtos } = await import('../schema/print/write-schema.ts');
    return writeProtos(this.#catalog.registry.files, directory, options);
  }

  /**
   * JSON Schema (draft 2020-12) of a loaded message or enum, or of a method's request, given by its full name or an
   * unambiguous short one: what `fromJson` accepts or, with `direction: 'output'`, what `toJson` gives. Errors:
   * SchemaError with the nearest names, and for a schema of more than 32 Mi characters.
   */
  async jsonSchema(symbol: string, options?: JsonSchemaOptions): Promise<JsonSchema> {
    const { jsonSchema } = await import('./schema-documents.ts');
    return this.#explained(symbol, (registry) => jsonSchema(registry, symbol, options));
  }

  /**
   * Writes the JSON Schema of each loaded message and enum into a directory, as `package.Type.json`, and returns the
   * names. The files refer to each other. Errors: SchemaError, with nothing written, for names that are one file on some
   * systems, and for an existing file that differs, unless `overwrite` is set.
   */
  async writeJsonSchemas(directory: string, options?: WriteJsonSchemasOptions): Promise<readonly string[]> {
    const { writeJsonSchemas } = await import('./schema-documents.ts');
    return writeJsonSchemas(this.#catalog.registry, directory, options);
  }

  /**
   * An OpenAPI document (3.1) of the loaded services: the paths of google.api.http annotations, and those of the Connect
   * protocol. Its description says what it leaves out, such as streams. Errors: SchemaError for a service that is not
   * loaded, and for a document of more than 32 Mi characters.
   */
  async openApi(options?: OpenApiOptions): Promise<OpenApiDocument> {
    const { openApi } = await import('./schema-documents.ts');
    return openApi(this.#catalog.registry, options);
  }

  /**
   * The canonical ProtoJSON of a message, given as a reply or as `fields`; `type` is its full name. TypeError for what
   * ProtoJSON cannot express, such as an Any whose type is not loaded.
   */
  toJson(type: string, value: unknown, options?: ToJsonOptions): unknown {
    checkToJsonOptions(options);
    return this.#explained(type, (registry) => registry.toJson(value, type, options));
  }

  /**
   * The result of `toJson` as text, on one line or indented. Negative zero is written as -0, which JSON.stringify
   * would not do. Errors: as for `toJson`, and a RangeError for more than `values.maxJsonCharacters`.
   */
  toJsonString(type: string, value: unknown, options?: ToJsonTextOptions): string {
    checkToJsonTextOptions(options);
    return this.#explained(type, (registry) => registry.toJsonText(value, type, options));
  }

  /**
   * The message that a parsed ProtoJSON document describes. Unknown fields and enum names are refused unless
   * `ignoreUnknown` is set. Errors: TypeError or RangeError with the path. A 64-bit number beyond 2^53 is refused,
   * because JSON.parse has rounded it; `fromJsonString` reads it exactly.
   */
  fromJson(type: string, json: unknown, options?: FromJsonOptions): DynamicMessage {
    checkFromJsonOptions(options);
    return this.#explained(type, (registry) => registry.fromJson(type, json, options)) as DynamicMessage;
  }

  /**
   * The message that the text of a ProtoJSON document describes: as `fromJson`, but with every number exact. Errors:
   * TypeError or RangeError with the path; SyntaxError with line and column for text that is not JSON, and for an
   * object with two properties of the same name.
   */
  fromJsonString(type: string, text: string, options?: FromJsonOptions): DynamicMessage {
    if (typeof text !== 'string') throw new TypeError(`fromJsonString takes text, not ${typeof text}`);
    return this.fromJson(type, parseJson(text), options);
  }

  /**
   * The bytes of a message, given as a reply or as `fields`, in the client's `codec` or another. Errors: TypeError or
   * RangeError with the path.
   */
  encode(type: string, value: unknown, options?: EncodingOptions): Uint8Array {
    const { bytes, start, end } = this.#codecOf(type, options).encode(value, 0);
    return bytes.slice(start, end);
  }

  /**
   * The message that the bytes encode, in the client's `codec` or another. Errors: TypeError for anything but a
   * Uint8Array; an Error that says where they are malformed.
   */
  decode(type: string, bytes: Uint8Array, options?: EncodingOptions): DynamicMessage {
    if (!isBytes(bytes)) throw new TypeError(`decode takes bytes, a Uint8Array, not ${describeValue(bytes)}`);
    return this.#codecOf(type, options).decode(bytes, 0, bytes.length);
  }

  #codecOf(type: string, options: EncodingOptions | undefined): MessageCodec {
    const isJson = checkEncodingOptions(options, this.#owner.codec) === 'json';
    return this.#explained(type, (registry) =>
      isJson ? registry.jsonMessage(type) : registry.message(type),
    );
  }

  /** A message, given as a reply or as `fields`, in protobuf text format. */
  toText(type: string, value: unknown, options?: ToTextOptions): string {
    checkToTextOptions(options);
    return this.#explained(type, (registry) => toText(registry, type, value, options));
  }

  /**
   * The fields of a decoded message (not of messages within it) that its schema does not know, in the order in which
   * they came. They stay with the message, and are sent with it when it is passed as `fields`. Errors: TypeError for a
   * call or a promise.
   */
  unknownFields(message: object): readonly UnknownField[] {
    if (message === null || message === undefined) {
      throw new TypeError(`unknownFields takes a decoded message, not ${String(message)}`);
    }
    if (typeof Reflect.get(Object(message), 'then') === 'function') {
      throw new TypeError('unknownFields takes a decoded message, not a call or promise; await it first');
    }
    return unknownFieldsOf(message);
  }

  /** The message that a document in text format describes. Errors: TypeError or RangeError with line and column. */
  fromText(type: string, text: string): DynamicMessage {
    return this.#explained(type, (registry) => fromText(registry, type, text)) as DynamicMessage;
  }

  /** Where the server's schema, as far as it was fetched, differs from the loaded one, which takes precedence. */
  get schemaDifferences(): readonly SchemaDifference[] {
    return this.#catalog.differences;
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

  /** Looks something up; if it is missing because the server has no schema for it, the error says so. */
  #explained<T>(symbol: string, look: (registry: Registry) => T): T {
    const catalog = this.#catalog;
    try {
      return look(catalog.registry);
    } catch (error) {
      throw catalog.explained(symbol, error);
    }
  }
}

explainMissing(SchemaView.prototype, (object, name) => {
  const services = SchemaView.servicesOf(object);
  return services === undefined ? undefined : missingOfClient(name, services);
});

function refusedOf(what: string): Promise<never> {
  return Promise.reject(new SchemaError(`${what}: the client was closed; make another with new Client(…)`));
}
