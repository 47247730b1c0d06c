// What is loaded and can be called: takes file descriptors from every kind of source, and gives methods and
// codecs by name. Adding checks and indexes; types are linked when a call first reaches them.

import { SchemaError } from '../errors.ts';
import { decodeWith, encodeWith } from './codec.ts';
import { type CodecService, refuseOtherMethods } from './codec-service.ts';
import type { FileDescriptorProto } from './descriptor.ts';
import { INPUT_FIELDS, INPUT_JSON, INPUT_JSON_LENIENT } from './encoder.ts';
import { InputCodec } from './foreign-message.ts';
import { messageToJson, type ToJsonOptions } from './json.ts';
import { planOf } from './message-class.ts';
import type { Cardinality, MessageCodec, Method } from './method.ts';
import { MethodIndex } from './method-index.ts';
import { Model } from './model.ts';
import { symbolSuggestion } from './nearest.ts';
import { withOwnNames } from './own-file-names.ts';
import { messageToObject } from './plain-object.ts';
import { type Plan, PlanSet, type ValueShape, valueShape } from './plan.ts';
import { meaningOf } from './same-definition.ts';
import {
  type Definition,
  definitionsOf,
  type FileDefinition,
  resolveType,
  type ServiceDefinition,
  SymbolStage,
  SymbolTable,
} from './symbol-table.ts';
import { checkDefinition, checkFile } from './validate.ts';
import type { ValueOptions } from './value-options.ts';
import { preparePlan } from './well-known.ts';
import { isGenuine } from './well-known-kind.ts';

/** A method as `services` lists it. */
export interface MethodInfo {
  readonly name: string;
  readonly fullName: string;
  readonly path: string;
  readonly cardinality: Cardinality;
  readonly requestType: string;
  readonly replyType: string;
}

/** A service as `services` lists it. */
export interface ServiceInfo {
  /** `Greeter` */
  readonly name: string;
  /** `helloworld.Greeter` */
  readonly fullName: string;
  readonly methods: readonly MethodInfo[];
  /** Why it cannot be called, where a server lists it but its schema cannot be had; it has no methods then. */
  readonly unavailable?: string;
}

/** What a source of schema gives: files with all that they import, and where they came from, for errors. */
export interface DescriptorSource {
  readonly files: readonly FileDescriptorProto[];
  readonly origin: string;
  /** Services that it has without descriptors. */
  readonly services?: readonly CodecService[] | undefined;
}

export interface FromJsonOptions {
  /** Pass over fields and enum names that the schema does not know instead of refusing them. Default false. */
  readonly ignoreUnknown?: boolean | undefined;
}

/** What only the registry's own callers set. */
export interface RegistryInternals {
  /** Keep unknown fields with decoded messages, and write them again. */
  readonly keepUnknown?: boolean;
}

export class Registry {
  readonly #table: SymbolTable = new SymbolTable();
  readonly #model: Model = new Model(this.#table);
  readonly #plans: PlanSet;
  readonly #codecs: Map<string, MessageCodec> = new Map();
  readonly #methods: MethodIndex = new MethodIndex();
  readonly #services: Map<string, ServiceInfo> = new Map();
  /** Those of the services that have no descriptors. */
  readonly #codecServices: Map<string, CodecService> = new Map();

  /** The value options that it was made with. */
  readonly options: ValueOptions;

  /** The value options are fixed for a registry's life: one type has one codec. */
  constructor(options: ValueOptions = {}, internals: RegistryInternals = {}) {
    this.options = options;
    const shape = valueShape(options, internals.keepUnknown === true);
    this.#plans = new PlanSet(this.#model, shape, preparePlan);
  }

  /**
   * Takes files with all that they import (unless loaded before). Either all of them or, with a SchemaError
   * that names file and symbol, none. A file or symbol that is there already must mean the same as before.
   * `origin` says in errors where they came from. Services that `isOffered` refuses can be looked up, not called.
   */
  add(
    files: readonly FileDescriptorProto[],
    origin: string,
    isOffered: (service: string) => boolean = () => true,
  ): void {
    this.addSources([{ files, origin }], isOffered);
  }

  /**
   * The same for several sources: all of them or none. File names are those of their source: two sources may each
   * have a different file of one name.
   */
  addSources(
    sources: readonly DescriptorSource[],
    isOffered: (service: string) => boolean = () => true,
  ): void {
    const stage = new SymbolStage(this.#table);
    const added: Definition[] = [];
    const repeated: [Definition, Definition][] = [];
    for (const source of sources) stageSource(source, stage, added, repeated);
    refuseImportCycles(stage);
    for (const definition of added) {
      checkDefinition(definition, stage);
      if (definition.kind === 'message' && !isGenuine(definition.fullName, definition.proto)) {
        const { file, fullName } = definition;
        throw new SchemaError(
          `${file.proto.name}: ${fullName} is not the well-known type of that name (from ${file.origin})`,
        );
      }
    }
    for (const [present, definition] of repeated) {
      const same =
        present.kind === definition.kind && meaningOf(present, stage) === meaningOf(definition, stage);
      if (!same) refuseContradiction(present.file, definition);
    }
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

  /** A service whose methods bring their own codecs; one with descriptors is better. */
  #addCodecService(service: CodecService): void {
    const { name, fullName, methods } = service;
    if (this.#services.has(fullName)) return;
    this.#codecServices.set(fullName, service);
    for (const method of methods) this.#methods.add(method);
    this.#services.set(fullName, { name, fullName, methods: methods.map(infoOf) });
  }

  /** Lets a service be called that was added without being offered. */
  offer(service: string): void {
    const definition = this.#table.get(service);
    if (definition?.kind !== 'service') return;
    if (!this.#services.has(service) || this.#codecServices.has(service)) this.#addService(definition);
  }

  #addService(definition: ServiceDefinition): void {
    const { fullName, proto } = definition;
    if (this.#codecServices.delete(fullName)) this.#methods.remove(fullName);
    const methods: MethodInfo[] = [];
    for (const method of proto.method ?? []) {
      const requestType = this.#typeName(method.inputType, fullName);
      const replyType = this.#typeName(method.outputType, fullName);
      const requestStream = method.clientStreaming === true;
      const responseStream = method.serverStreaming === true;
      const info: MethodInfo = {
        name: method.name,
        fullName: `${fullName}.${method.name}`,
        path: `/${fullName}/${method.name}`,
        cardinality: `${requestStream ? 'stream' : 'unary'}_${responseStream ? 'stream' : 'unary'}`,
        requestType,
        replyType,
      };
      methods.push(info);
      this.#methods.add(
        new LoadedMethod(info, fullName, method.options?.['idempotencyLevel'], (name) => this.message(name)),
      );
    }
    this.#services.set(fullName, { name: proto.name, fullName, methods });
  }

  #typeName(name: string, scope: string): string {
    return resolveType(this.#table, name, scope)?.fullName ?? name;
  }

  /** The method that a name means. SchemaError when it means none, or more than one. */
  method(name: string, scope: string = ''): Method {
    return this.#methods.find(name, scope);
  }

  get hasMethods(): boolean {
    return this.#methods.size > 0;
  }

  get services(): readonly ServiceInfo[] {
    return [...this.#services.values()];
  }

  /** What is loaded, with names, features and presence worked out. */
  get model(): Model {
    return this.#model;
  }

  /** How values look, complete. */
  get shape(): ValueShape {
    return this.#plans.shape;
  }

  /** The files taken so far, in the order they came. */
  get files(): readonly FileDescriptorProto[] {
    return [...this.#table.files.values()].map((file) => file.proto);
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

  /** What to do for a symbol of which a generated module has the code and not the definition. */
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

  /** What the codec of a message type runs on, for other forms of its messages. SchemaError when it is not loaded. */
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

  /** The full name of a decoded message's type. */
  typeOf(reply: object): string | undefined {
    return planOf(reply)?.typeName;
  }

  /** A decoded message as plain objects all the way down. */
  toObject(reply: unknown): unknown {
    return messageToObject(reply);
  }

  /**
   * Canonical ProtoJSON of a decoded message, or of `fields` of the type named. TypeError for what ProtoJSON
   * cannot hold (a Timestamp after 9999, an Any of a type not loaded); JSON.stringify shows that as it is.
   */
  toJson(value: unknown, typeName?: string, options?: ToJsonOptions): unknown {
    if (typeName === undefined) {
      const plan = typeof value === 'object' && value !== null ? planOf(value) : undefined;
      if (plan === undefined) throw new TypeError('toJson needs a decoded message, or the name of its type');
      return messageToJson(plan, value, true, options);
    }
    const plan = this.plan(typeName);
    if (typeof value === 'object' && value !== null && planOf(value) === plan)
      return messageToJson(plan, value, true, options);
    const { bytes, start, end } = encodeWith(plan, value, 0, INPUT_FIELDS);
    return messageToJson(plan, decodeWith(plan, bytes, start, end), true, options);
  }

  /** The message that a ProtoJSON document (parsed) describes. */
  fromJson(typeName: string, json: unknown, options: FromJsonOptions = {}): unknown {
    const plan = this.plan(typeName);
    const input = options.ignoreUnknown === true ? INPUT_JSON_LENIENT : INPUT_JSON;
    const { bytes, start, end } = encodeWith(plan, json, 0, input);
    return decodeWith(plan, bytes, start, end);
  }
}

/** A method whose codecs are made when it is first called. */
class LoadedMethod implements Method {
  readonly name: string;
  readonly service: string;
  readonly fullName: string;
  readonly path: string;
  readonly cardinality: Cardinality;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly idempotency: Method['idempotency'];
  readonly #requestType: string;
  readonly #replyType: string;
  readonly #codec: (typeName: string) => MessageCodec;
  #request: MessageCodec | undefined;
  #reply: MessageCodec | undefined;

  constructor(info: MethodInfo, service: string, level: unknown, codec: (typeName: string) => MessageCodec) {
    this.name = info.name;
    this.service = service;
    this.fullName = info.fullName;
    this.path = info.path;
    this.cardinality = info.cardinality;
    this.requestStream = info.cardinality.startsWith('stream');
    this.responseStream = info.cardinality.endsWith('stream');
    this.idempotency =
      level === 'NO_SIDE_EFFECTS' ? 'no_side_effects' : level === 'IDEMPOTENT' ? 'idempotent' : 'unknown';
    this.#requestType = info.requestType;
    this.#replyType = info.replyType;
    this.#codec = codec;
  }

  get request(): MessageCodec {
    this.#request ??= this.#codec(this.#requestType);
    return this.#request;
  }

  get reply(): MessageCodec {
    this.#reply ??= this.#codec(this.#replyType);
    return this.#reply;
  }
}

const DESCRIPTOR_PROTO = 'google/protobuf/descriptor.proto';

function infoOf({ name, fullName, path, cardinality, request, reply }: Method): MethodInfo {
  return { name, fullName, path, cardinality, requestType: request.typeName, replyType: reply.typeName };
}

function stageSource(
  { files, origin }: DescriptorSource,
  stage: SymbolStage,
  added: Definition[],
  repeated: [Definition, Definition][],
): void {
  for (const proto of files) checkFile({ proto, origin });
  for (const proto of withOwnNames(files, stage)) {
    const file: FileDefinition = { proto, origin };
    const twin = stage.file(proto.name);
    if (twin !== undefined && twin.proto === proto) continue;
    // Each compiler ships its own edition of it; the first serves for all, as only options are described there.
    if (twin !== undefined && proto.name === DESCRIPTOR_PROTO) continue;
    if (twin === undefined) stage.files.set(proto.name, file);
    for (const definition of definitionsOf(file)) {
      const present = stage.get(definition.fullName);
      if (present !== undefined) {
        if (present.file === file) refuseTwice(definition);
        repeated.push([present, definition]);
      } else {
        if (twin !== undefined && definition.parent === undefined) refuseContradiction(twin, definition);
        stage.symbols.set(definition.fullName, definition);
        added.push(definition);
      }
    }
  }
}

function refuseTwice({ file, fullName }: Definition): never {
  throw new SchemaError(`${file.proto.name}: ${fullName} is defined twice (from ${file.origin})`);
}

function refuseContradiction(present: FileDefinition, { file, fullName }: Definition): never {
  throw new SchemaError(
    `${file.proto.name}: ${fullName} (from ${file.origin}) contradicts its definition in ` +
      `${present.proto.name} (from ${present.origin})`,
  );
}

/** Imports that lead back to their own file. Iterative: a chain of imports can be long. */
function refuseImportCycles(stage: SymbolStage): void {
  const done = new Set<string>();
  for (const start of stage.files.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const pending: { name: string; leave: boolean }[] = [{ name: start, leave: false }];
    for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
      const { name, leave } = step;
      if (leave) {
        path.pop();
        onPath.delete(name);
        done.add(name);
        continue;
      }
      if (onPath.has(name)) {
        const cycle = [...path.slice(path.indexOf(name)), name];
        throw new SchemaError(`${name}: imports itself: ${cycle.join(' imports ')}`);
      }
      if (done.has(name)) continue;
      path.push(name);
      onPath.add(name);
      pending.push({ name, leave: true });
      for (const next of stage.files.get(name)?.proto.dependency ?? [])
        pending.push({ name: next, leave: false });
    }
  }
}
