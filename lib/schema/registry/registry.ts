// What is loaded and can be called: takes file descriptors from every kind of source, and gives methods and codecs by
// name. Adding a file checks and indexes it; its types are linked when a call first reaches them.

import { SchemaError } from '../../values/errors.ts';
import { symbolSuggestion } from '../../values/nearest-names.ts';
import { decodeWith, wireEncoder } from '../codec/codec.ts';
import { INPUT_JSON, INPUT_JSON_LENIENT } from '../codec/encoder.ts';
import { InputCodec } from '../codec/foreign-message.ts';
import {
  messageToJson,
  messageToJsonText,
  type ToJsonOptions,
  type ToJsonTextOptions,
} from '../codec/json/json.ts';
import { JsonCodec } from '../codec/json/json-codec.ts';
import { planOf } from '../codec/message-class.ts';
import type { MessageCodec, Method } from '../codec/method.ts';
import { messageToObject } from '../codec/plain-object.ts';
import { type Plan, PlanSet } from '../codec/plan.ts';
import type { ValueOptions } from '../codec/value-options.ts';
import { type ValueShape, valueShape } from '../codec/value-shape.ts';
import { preparePlan } from '../codec/well-known/well-known.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { Model } from '../descriptors/model.ts';
import {
  type Definition,
  type FileDefinition,
  type ServiceDefinition,
  SymbolTable,
} from '../descriptors/symbol-table.ts';
import { type CodecService, refuseOtherMethods } from './codec-service.ts';
import { infoOf, LoadedMethod, methodInfos, type ServiceInfo } from './loaded-method.ts';
import { MethodIndex } from './method-index.ts';
import { type DescriptorSource, stageSources } from './source-stage.ts';
import type { FileIndex, UnreadFiles } from './unread-files.ts';

/** Options of `fromJson` and `fromJsonString`. */
export interface FromJsonOptions {
  /** Skip fields and enum names that the schema does not know instead of refusing them. Default false. */
  readonly ignoreUnknown?: boolean | undefined;
}

/** What only the registry's own callers set. */
export interface RegistryInternals {
  /** Keep unknown fields with decoded messages, and write them back. Default true. */
  readonly keepUnknown?: boolean;
}

export class Registry {
  readonly #table: SymbolTable = new SymbolTable();
  readonly #model: Model = new Model(this.#table);
  readonly #plans: PlanSet;
  readonly #codecs: Map<string, MessageCodec> = new Map();
  readonly #jsonCodecs: Map<string, MessageCodec> = new Map();
  readonly #methods: MethodIndex = new MethodIndex();
  readonly #services: Map<string, ServiceInfo> = new Map();
  /** Those of the services that have no descriptors. */
  readonly #codecServices: Map<string, CodecService> = new Map();
  /** Of a large set, what no call has needed so far. */
  #unread: UnreadFiles | undefined;

  /** The value options that it was created with. */
  readonly options: ValueOptions;

  /** The value options are fixed for a registry's life: one type has one codec. */
  constructor(options: ValueOptions = {}, internals: RegistryInternals = {}) {
    this.options = options;
    const shape = valueShape(options, internals.keepUnknown !== false);
    this.#plans = new PlanSet(this.#model, shape, preparePlan);
  }

  /**
   * Adds files, which come with all that they import (unless loaded before): either all of them or, with a SchemaError
   * that names file and symbol, none. A file or symbol that is already there must mean the same as before. `origin` says
   * in errors where they came from. Services that `isOffered` refuses can be looked up, but not called.
   */
  add(
    files: readonly FileDescriptorProto[],
    origin: string,
    isOffered: (service: string) => boolean = () => true,
  ): void {
    this.addSources([{ files, origin }], isOffered);
  }

  /**
   * The same for several sources: all of them or none. File names belong to their source: two sources may each have a
   * different file of the same name.
   */
  addSources(
    sources: readonly DescriptorSource[],
    isOffered: (service: string) => boolean = () => true,
  ): void {
    // Files of different sources are compared, so both have to be read.
    this.#unread?.readAll();
    const isFirst = this.#table.files.size === 0 && this.#services.size === 0;
    const index = isFirst && sources.length === 1 ? sources[0].index : undefined;
    this.#addRead(index === undefined ? sources.map(withIndexed) : sources, isOffered);
    if (index !== undefined) this.#readLater(sources[0], index, isOffered);
  }

  #readLater(source: DescriptorSource, index: FileIndex, isOffered: (service: string) => boolean): void {
    const { origin } = index;
    this.#unread = index.unread({
      add: (files) => this.#addRead([{ files, origin }], isOffered),
      checkAll: (files) =>
        void stageSources([{ ...source, files: [...source.files, ...files] }], new SymbolTable()),
    });
    this.#table.unread = this.#unread;
  }

  #addRead(sources: readonly DescriptorSource[], isOffered: (service: string) => boolean): void {
    const { stage, added } = stageSources(sources, this.#table);
    const services = sources.flatMap((source) => source.services ?? []);
    for (const service of services) {
      const present = this.#codecServices.get(service.fullName);
      if (present !== undefined) refuseOtherMethods(present, service);
    }
    this.#table.commit(stage);
    for (const definition of added) {
      if (definition.kind === 'service' && isOffered(definition.fullName)) this.#addService(definition);
    }
    for (const service of services) this.#addCodecService(service);
  }

  /** Adds a service whose methods bring their own codecs, unless one with descriptors is there. */
  #addCodecService(service: CodecService): void {
    const { name, fullName, methods } = service;
    if (this.#services.has(fullName)) return;
    this.#codecServices.set(fullName, service);
    for (const method of methods) this.#methods.add(method);
    this.#services.set(fullName, { name, fullName, methods: methods.map(infoOf) });
  }

  /** Makes a service callable that was added without being offered. */
  offer(service: string): void {
    const definition = this.#table.get(service);
    if (definition?.kind !== 'service') return;
    if (!this.#services.has(service) || this.#codecServices.has(service)) this.#addService(definition);
  }

  #addService(definition: ServiceDefinition): void {
    const { fullName, proto } = definition;
    if (this.#codecServices.delete(fullName)) this.#methods.remove(fullName);
    const infos = methodInfos(definition, this.#table);
    const codecOf = (name: string): MessageCodec => this.message(name);
    const jsonCodecOf = (name: string): MessageCodec => this.jsonMessage(name);
    for (const [i, info] of infos.entries()) {
      const level = proto.method?.[i].options?.['idempotencyLevel'];
      this.#methods.add(new LoadedMethod(info, fullName, level, codecOf, jsonCodecOf));
    }
    this.#services.set(
      fullName,
      Object.freeze({ name: proto.name, fullName, methods: Object.freeze(infos) }),
    );
  }

  /** The method that a name means. Throws SchemaError when it means none, or more than one. */
  method(name: string, scope: string = ''): Method {
    this.#unread?.readMethod(name);
    try {
      return this.#methods.find(name, scope);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      throw this.#unread?.fault ?? error;
    }
  }

  get hasMethods(): boolean {
    return this.#methods.size > 0 || this.#unread?.hasServices === true;
  }

  get services(): readonly ServiceInfo[] {
    const listed = this.#unread?.isPartial === true ? this.#unread.services() : undefined;
    if (listed === undefined) {
      this.#unread?.readAll();
      return [...this.#services.values()];
    }
    const names = new Set(listed.map(({ fullName }) => fullName));
    return [...[...this.#services.values()].filter(({ fullName }) => !names.has(fullName)), ...listed];
  }

  /** What is loaded, with names, features and presence worked out. */
  get model(): Model {
    return this.#model;
  }

  /** How values look: the value options, complete. */
  get shape(): ValueShape {
    return this.#plans.shape;
  }

  /** The files taken so far, in the order they came. */
  get files(): readonly FileDescriptorProto[] {
    return [...this.#table.files.values()].map((file) => file.proto);
  }

  /** Those of the files that something has needed; all of them, except of a large descriptor set. */
  get readFiles(): readonly FileDescriptorProto[] {
    return [...this.#table.readFiles.values()].map((file) => file.proto);
  }

  /** The file of a name, and where it came from. */
  file(name: string): FileDefinition | undefined {
    return this.#table.files.get(name);
  }

  /** The definition of a symbol, by its full name. */
  find(fullName: string): Definition | undefined {
    return this.#table.get(fullName);
  }

  /** The codec of a message type, by its full name. */
  message(fullName: string): MessageCodec {
    let codec = this.#codecs.get(fullName);
    if (codec === undefined) {
      codec = new InputCodec(this.plan(fullName), (name) => this.message(name));
      this.#codecs.set(fullName, codec);
    }
    return codec;
  }

  /** The codec of a message type for ProtoJSON, by its full name. */
  jsonMessage(fullName: string): MessageCodec {
    let codec = this.#jsonCodecs.get(fullName);
    if (codec === undefined) {
      codec = new JsonCodec(this.plan(fullName), (name) => this.message(name));
      this.#jsonCodecs.set(fullName, codec);
    }
    return codec;
  }

  /** What to do about a symbol for which a generated module has code but no definition. */
  remedyFor(symbol: string): string | undefined {
    for (const { fullName, methods, remedy } of this.#codecServices.values()) {
      const isOwn =
        symbol === fullName ||
        methods.some((method) => {
          const { request, reply } = method;
          return symbol === method.fullName || symbol === request.typeName || symbol === reply.typeName;
        });
      if (isOwn) return `the definition of '${symbol}' is not loaded, only code for it: ${remedy}`;
    }
    return undefined;
  }

  /**
   * What the codec of a message type runs on, for other forms of its messages. Throws SchemaError if it is not loaded.
   */
  plan(fullName: string): Plan {
    const plan = this.#plans.find(fullName);
    if (plan !== undefined) return plan;
    const remedy = this.remedyFor(fullName);
    if (remedy !== undefined) throw new SchemaError(remedy);
    const names = [...this.#table.symbols.values()]
      .filter((d) => d.kind === 'message')
      .map((d) => d.fullName);
    throw new SchemaError(`message type '${fullName}' is not loaded${symbolSuggestion(fullName, names)}`);
  }

  /** The same; undefined when it is not loaded. */
  findPlan(fullName: string): Plan | undefined {
    return this.#plans.find(fullName);
  }

  /**
   * A value of a type as a decoded message, and the plan to print it by: for an error detail its own plan, which knows
   * more types than are loaded here. Plain fields are encoded and decoded first, whatever their size: they are the
   * caller's, not a server's.
   */
  printable(fullName: string, value: unknown): { readonly plan: Plan; readonly message: unknown } {
    const own = typeof value === 'object' && value !== null ? planOf(value) : undefined;
    if (own?.set.spansSchemas === true && own.typeName === fullName) return { plan: own, message: value };
    const plan = this.plan(fullName);
    if (own === plan) return { plan, message: value };
    const { bytes, start, end } = this.message(fullName).encode(value, 0);
    return { plan, message: decodeWith(plan, bytes, start, end, Infinity) };
  }

  /** The full name of a decoded message's type. */
  typeOf(reply: object): string | undefined {
    return planOf(reply)?.typeName;
  }

  /** A decoded message as plain objects all the way down. */
  toObject(reply: unknown): unknown {
    return messageToObject(reply);
  }

  /**
   * Canonical ProtoJSON of a decoded message, or of fields of the named type. Throws TypeError for what ProtoJSON cannot
   * hold (a Timestamp after 9999, an Any of a type that is not loaded); JSON.stringify shows that as it is.
   */
  toJson(value: unknown, typeName?: string, options?: ToJsonOptions): unknown {
    if (typeName === undefined) {
      const plan = typeof value === 'object' && value !== null ? planOf(value) : undefined;
      if (plan === undefined) throw new TypeError('toJson needs a decoded message, or the name of its type');
      return messageToJson(plan, value, true, options);
    }
    const { plan, message } = this.printable(typeName, value);
    return messageToJson(plan, message, true, options);
  }

  /** ProtoJSON text of a message of the named type, given as `toJson` takes it. */
  toJsonText(value: unknown, typeName: string, options?: ToJsonTextOptions): string {
    const { plan, message } = this.printable(typeName, value);
    return messageToJsonText(plan, message, options);
  }

  /** The message that a ProtoJSON document describes; the document as JSON.parse or parseJson returns it. */
  fromJson(typeName: string, json: unknown, options: FromJsonOptions = {}): unknown {
    const plan = this.plan(typeName);
    const input = options.ignoreUnknown === true ? INPUT_JSON_LENIENT : INPUT_JSON;
    const { bytes, start, end } = wireEncoder.encode(plan, json, 0, input);
    return decodeWith(plan, bytes, start, end, Infinity);
  }
}

/** A source with all of its files. */
function withIndexed(source: DescriptorSource): DescriptorSource {
  const { index, files } = source;
  if (index === undefined) return source;
  return { ...source, files: [...files, ...index.decode(index.all)], index: undefined };
}
