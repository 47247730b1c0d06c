// What a client can do with its schema: loads and reflection, what a name means, descriptions, types, files, and
// messages as bytes, JSON and text. Client documents each of these functions under the same name. Makes no calls.

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
import { describe, fromText, typesOf } from '../schema/print/provided-introspection.ts';
import type { WriteProtosOptions } from '../schema/print/write-schema.ts';
import { ResolvedDetails } from '../schema/registry/error-details.ts';
import type { ServiceInfo } from '../schema/registry/loaded-method.ts';
import type { FromJsonOptions, Registry } from '../schema/registry/registry.ts';
import { type ToTextOptions, toText } from '../schema/text/text-format.ts';
import { SchemaError } from '../values/errors.ts';
import { isBytes } from '../values/realm.ts';
import { type ErrorDetail, RpcError } from '../values/rpc-error.ts';
import { parseJson } from '../values/text/json-text.ts';
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

export class SchemaView {
  readonly #owner: SchemaOwner;

  constructor(owner: SchemaOwner) {
    this.#owner = owner;
  }

  get #catalog(): MethodCatalog {
    return this.#owner.catalog;
  }

  get #waitForReady(): boolean {
    return this.#owner.waitForReady;
  }

  load(source: LoadSource, options?: LoadOptions): Promise<void> {
    return this.#owner.isClosed ? refusedOf('load') : this.#catalog.load(source, options);
  }

  reflect(options?: ReflectOptions): Promise<void> {
    return this.#owner.isClosed ? refusedOf('reflect') : this.#catalog.reflect(options, this.#waitForReady);
  }

  async method(name: string, options?: ResolveOptions): Promise<MethodDescription> {
    return findMethod(this.#catalog, name, checkResolveOptions(options), this.#waitForReady);
  }

  symbol(name: string, options?: ResolveOptions): Promise<Description> {
    return this.#catalog.symbol(name, checkResolveOptions(options), this.#waitForReady);
  }

  resolving<T>(work: () => T, options?: ResolveOptions): Promise<T> {
    return this.#catalog.resolving(work, checkResolveOptions(options), this.#waitForReady);
  }

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

  get services(): readonly ServiceInfo[] {
    return this.#catalog.services;
  }

  get symbols(): readonly string[] {
    return this.#catalog.registry.files.flatMap((file) =>
      [file.messageType, file.enumType, file.service, file.extension].flatMap((list) =>
        (list ?? []).map(({ name }) => (file.package ? `${file.package}.${name}` : name)),
      ),
    );
  }

  describe(symbol: string): Description {
    return this.#explained(symbol, (registry) => describe(registry, symbol));
  }

  types(): string {
    return typesOf(this.#catalog.registry);
  }

  async writeProtoset(path: string): Promise<void> {
    const { writeProtoset } = await import('../schema/print/write-schema.ts');
    await writeProtoset(this.#catalog.registry.files, path);
  }

  async writeProtos(directory: string, options?: WriteProtosOptions): Promise<readonly string[]> {
    checkWriteProtosOptions(options);
    const { writeProtos } = await import('../schema/print/write-schema.ts');
    return writeProtos(this.#catalog.registry.files, directory, options);
  }

  async jsonSchema(symbol: string, options?: JsonSchemaOptions): Promise<JsonSchema> {
    const { jsonSchema } = await import('./schema-documents.ts');
    return this.#explained(symbol, (registry) => jsonSchema(registry, symbol, options));
  }

  async writeJsonSchemas(directory: string, options?: WriteJsonSchemasOptions): Promise<readonly string[]> {
    const { writeJsonSchemas } = await import('./schema-documents.ts');
    return writeJsonSchemas(this.#catalog.registry, directory, options);
  }

  async openApi(options?: OpenApiOptions): Promise<OpenApiDocument> {
    const { openApi } = await import('./schema-documents.ts');
    return openApi(this.#catalog.registry, options);
  }

  toJson(type: string, value: unknown, options?: ToJsonOptions): unknown {
    checkToJsonOptions(options);
    return this.#explained(type, (registry) => registry.toJson(value, type, options));
  }

  toJsonString(type: string, value: unknown, options?: ToJsonTextOptions): string {
    checkToJsonTextOptions(options);
    return this.#explained(type, (registry) => registry.toJsonText(value, type, options));
  }

  fromJson(type: string, json: unknown, options?: FromJsonOptions): DynamicMessage {
    checkFromJsonOptions(options);
    return this.#explained(type, (registry) => registry.fromJson(type, json, options)) as DynamicMessage;
  }

  fromJsonString(type: string, text: string, options?: FromJsonOptions): DynamicMessage {
    if (typeof text !== 'string') throw new TypeError(`fromJsonString takes text, not ${typeof text}`);
    return this.fromJson(type, parseJson(text), options);
  }

  encode(type: string, value: unknown, options?: EncodingOptions): Uint8Array {
    const { bytes, start, end } = this.#codecOf(type, options).encode(value, 0);
    return bytes.slice(start, end);
  }

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

  toText(type: string, value: unknown, options?: ToTextOptions): string {
    checkToTextOptions(options);
    return this.#explained(type, (registry) => toText(registry, type, value, options));
  }

  unknownFields(message: object): readonly UnknownField[] {
    if (message === null || message === undefined) {
      throw new TypeError(`unknownFields takes a decoded message, not ${String(message)}`);
    }
    if (typeof Reflect.get(Object(message), 'then') === 'function') {
      throw new TypeError('unknownFields takes a decoded message, not a call or promise; await it first');
    }
    return unknownFieldsOf(message);
  }

  fromText(type: string, text: string): DynamicMessage {
    return this.#explained(type, (registry) => fromText(registry, type, text)) as DynamicMessage;
  }

  get schemaDifferences(): readonly SchemaDifference[] {
    return this.#catalog.differences;
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

function refusedOf(what: string): Promise<never> {
  return Promise.reject(new SchemaError(`${what}: the client was closed; make another with new Client(…)`));
}
