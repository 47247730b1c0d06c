// An OpenAPI document (3.1) of the loaded services: what transcoding proxies make of google.api.http annotations, and what
// servers of the Connect protocol take. Streams have no form in it; the document says what it leaves out.

import { SchemaError } from '../../values/errors.ts';
import { freeName } from '../../values/free-name.ts';
import { symbolSuggestion } from '../../values/nearest-names.ts';
import type { MethodDescriptorProto } from '../descriptors/descriptor-types.ts';
import { resolveType, type ServiceDefinition } from '../descriptors/symbol-table.ts';
import { Definitions } from '../json-schema/definitions.ts';
import { DocumentSize } from '../json-schema/document-size.ts';
import type { Registry } from '../registry/registry.ts';
import { CONNECT_ERROR_SCHEMA, STATUS_SCHEMA } from './error-schema.ts';
import { httpRulesOf } from './http-rule.ts';
import {
  CONNECT_ERROR,
  connectGet,
  connectPost,
  type DescribedMethod,
  httpOperation,
  STATUS,
} from './operations.ts';
import { Paths } from './paths.ts';

const VERSION = '3.1.0';
/** Of a document that is given none. */
const DEFAULT_API_VERSION = '0.0.0';
/** gRPC's own services are described only by name. */
const OWN_PACKAGE = 'grpc.';

/** Options of `openApi`. */
export interface OpenApiOptions {
  /** Full names of the services to describe. Default all, but for gRPC's own (health, reflection). */
  readonly services?: readonly string[] | undefined;
  /**
   * `http` for the paths of google.api.http annotations, `connect` for those of the Connect protocol. Default `all`:
   * both.
   */
  readonly paths?: 'all' | 'http' | 'connect' | undefined;
  /** The title of the API. Default the names of its services. */
  readonly title?: string | undefined;
  /** The version of the API. Default `0.0.0`. */
  readonly version?: string | undefined;
  /** URL of the server. Default none: whoever reads the document knows it. */
  readonly server?: string | undefined;
}

/** An OpenAPI document, as plain data. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

/** The document. Throws SchemaError for a service that is not loaded, and where there is nothing to describe. */
export function openApi(registry: Registry, options: OpenApiOptions = {}): OpenApiDocument {
  return new OpenApiWriter(registry, options).document(servicesOf(registry, options.services));
}

function servicesOf(registry: Registry, names: readonly string[] | undefined): ServiceDefinition[] {
  const all = [...registry.model.table.symbols.values()].filter((one) => one.kind === 'service');
  if (names === undefined) {
    // What a server's descriptors merely come with is not its own.
    const offered = new Set(registry.services.map(({ fullName }) => fullName));
    const services = all.filter(({ fullName }) => offered.has(fullName) && !fullName.startsWith(OWN_PACKAGE));
    if (services.length === 0) throw new SchemaError('there is no service to describe: none is loaded');
    return services;
  }
  return names.map((name) => {
    const service = all.find(({ fullName }) => fullName === name);
    if (service !== undefined) return service;
    const near = symbolSuggestion(
      name,
      all.map(({ fullName }) => fullName),
    );
    throw new SchemaError(`service '${name}' is not loaded${near}`);
  });
}

class OpenApiWriter {
  readonly #registry: Registry;
  readonly #options: OpenApiOptions;
  readonly #definitions: Definitions;
  readonly #paths: Paths = new Paths();
  readonly #ids: Set<string> = new Set();
  readonly #leftOut: string[] = [];

  constructor(registry: Registry, options: OpenApiOptions) {
    this.#registry = registry;
    this.#options = options;
    const place = (name: string): string => `#/components/schemas/${name}`;
    const form = { isInput: false, protoNames: false, isContract: true, place };
    const more = new Map([
      [STATUS, STATUS_SCHEMA],
      [CONNECT_ERROR, CONNECT_ERROR_SCHEMA],
    ]);
    this.#definitions = new Definitions(registry, form, more);
  }

  document(services: readonly ServiceDefinition[]): OpenApiDocument {
    const names = services.map(({ proto }) => proto.name);
    const size = new DocumentSize(
      'the OpenAPI document',
      'describe fewer services, by their names, in documents of their own',
    );
    const tags = services.map((service) => {
      const isAlone = names.filter((name) => name === service.proto.name).length === 1;
      const id = isAlone ? service.proto.name : service.fullName.replaceAll('.', '_');
      for (const [i, proto] of (service.proto.method ?? []).entries())
        this.#method(service, proto, i, id, size);
      const description: unknown = this.#definitions.notes.ofDefinition(service)['description'];
      return { name: service.fullName, ...(description === undefined ? {} : { description }) };
    });
    const schemas = this.#definitions.within(size);
    const { title = names.join(', '), version = DEFAULT_API_VERSION, server } = this.#options;
    const description = this.#said();
    return {
      openapi: VERSION,
      info: { title, version, ...(description === '' ? {} : { description }) },
      ...(server === undefined ? {} : { servers: [{ url: server }] }),
      tags,
      paths: this.#paths.document(),
      components: { schemas },
    };
  }

  #said(): string {
    if (this.#leftOut.length === 0) return '';
    return `Left out:\n\n${this.#leftOut.map((line) => `- ${line}`).join('\n')}`;
  }

  #method(
    service: ServiceDefinition,
    proto: MethodDescriptorProto,
    index: number,
    serviceId: string,
    size: DocumentSize,
  ): void {
    const path = `/${service.fullName}/${proto.name}`;
    if (proto.clientStreaming === true || proto.serverStreaming === true) {
      this.#leaveOut(path, 'a streaming method cannot be called with plain HTTP and JSON', size);
      return;
    }
    const planOf = (name: string) => {
      const type = resolveType(this.#registry.model.table, name, service.fullName)?.fullName ?? name;
      return this.#definitions.plan(type);
    };
    const method: DescribedMethod = {
      service: service.fullName,
      proto,
      notes: this.#definitions.notes.ofMethod(service, index),
      request: planOf(proto.inputType),
      reply: planOf(proto.outputType),
      id: `${serviceId}_${proto.name}`,
    };
    const { paths = 'all' } = this.#options;
    if (paths !== 'connect') this.#http(method, path, size);
    if (paths !== 'http') this.#connect(method, path, size);
  }

  #http(method: DescribedMethod, path: string, size: DocumentSize): void {
    const { bindings, problems } = httpRulesOf(method.proto.options);
    for (const problem of problems) this.#leaveOut(path, problem, size);
    if (bindings.length + problems.length === 0 && this.#options.paths === 'http') {
      this.#leaveOut(path, 'it has no google.api.http annotation', size);
    }
    for (const binding of bindings) {
      const place = this.#paths.place(binding.template, binding.method);
      if (place === undefined) {
        const shown = `${binding.method.toUpperCase()} ${binding.template.path}`;
        this.#leaveOut(path, `another method has ${shown} already`, size);
        continue;
      }
      const operation = httpOperation(
        this.#definitions,
        method,
        binding,
        place.template,
        this.#id(method.id),
      );
      if (typeof operation === 'string') this.#leaveOut(path, operation, size);
      else {
        size.take(operation);
        place.set(operation);
      }
    }
  }

  #connect(method: DescribedMethod, path: string, size: DocumentSize): void {
    const { options } = method.proto;
    const id = `${method.id}_connect`;
    const post = connectPost(this.#definitions, method, this.#id(id));
    size.take(post);
    this.#paths.set(path, 'post', post);
    if (options?.['idempotencyLevel'] !== 'NO_SIDE_EFFECTS') return;
    const get = connectGet(this.#definitions, method, this.#id(`${id}_get`));
    size.take(get);
    this.#paths.set(path, 'get', get);
  }

  #leaveOut(path: string, why: string, size: DocumentSize): void {
    const line = `\`${path}\`: ${why}`;
    size.take(line);
    this.#leftOut.push(line);
  }

  /** Ids are unique in a document. */
  #id(wanted: string): string {
    const id = freeName(wanted, (one) => this.#ids.has(one), '_');
    this.#ids.add(id);
    return id;
  }
}
