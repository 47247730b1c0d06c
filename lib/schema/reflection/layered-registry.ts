// The schema of a client in its two layers: what was loaded, which always wins, and what the server's reflection said,
// which newer answers replace. Provides one registry of both, and a new one when a layer changes in a way that makes the
// old one wrong. Running calls keep the codecs of the registry with which they began.

import { SchemaError } from '../../values/errors.ts';
import type { ValueOptions } from '../codec/value-options.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { servicesOf } from '../descriptors/file-symbols.ts';
import { lastPart, parentScope, symbolName } from '../descriptors/names.ts';
import type { SchemaDifference } from '../descriptors/schema-difference.ts';
import type { Definition } from '../descriptors/symbol-table.ts';
import { symbolsOf } from '../descriptors/symbol-table.ts';
import type { ServiceInfo } from '../registry/loaded-method.ts';
import type { Registry } from '../registry/registry.ts';
import {
  type Loads,
  registryOf,
  SHARED_SCHEMAS,
  type SharedSchema,
  type SharedSchemas,
} from '../registry/shared-schemas.ts';
import type { DescriptorSource } from '../registry/source-stage.ts';
import { rootCauses } from './root-causes.ts';
import { fitToLoaded, type LoadedLayer } from './server-layer.ts';

export class LayeredRegistry {
  #values: ValueOptions;
  #current: Registry;
  /** What `#current` is of, while other clients may have it, too. */
  #shared: SharedSchema | undefined;
  readonly #schemas: SharedSchemas;
  #loads: Loads = [];
  /** The server's files by name, as it sent them; the newest last. */
  #reflected: Map<string, FileDescriptorProto> = new Map();
  #differences: Map<string, SchemaDifference> = new Map();
  /** Services that the server offers; its files may define others too. */
  #offered: Set<string> = new Set();
  /** Services that cannot be called, with the reason. */
  #unavailable: Map<string, string> = new Map();
  /** What is missing from the server's files, by the file's name. */
  #gaps: Map<string, string> = new Map();
  /** Why symbols of the server's files are missing. */
  #broken: ReadonlyMap<string, string> = new Map();
  #origin = '';
  readonly #onChange: () => void;

  /** `onChange` is called when names that were looked up before may mean something else. */
  constructor(
    values: ValueOptions = {},
    onChange: () => void = () => {},
    schemas: SharedSchemas = SHARED_SCHEMAS,
  ) {
    this.#values = values;
    this.#onChange = onChange;
    this.#schemas = schemas;
    this.#shared = schemas.of(values, []);
    this.#current = this.#shared.registry;
  }

  /** The current registry of both layers. */
  get current(): Registry {
    return this.#current;
  }

  get hasReflected(): boolean {
    return this.#reflected.size > 0;
  }

  get differences(): readonly SchemaDifference[] {
    return [...this.#differences.values()];
  }

  /** All services, including those that reflection lists without a schema, which have no methods. */
  get services(): readonly ServiceInfo[] {
    const services = this.#current.services;
    if (this.#unavailable.size === 0) return services;
    const missing = Array.from(this.#unavailable, ([fullName, unavailable]): ServiceInfo => {
      return { name: lastPart(fullName), fullName, methods: [], unavailable };
    });
    return [...services, ...missing];
  }

  /**
   * Why the server's schema lacks what a name refers to: a service that it lists, a symbol of a faulty file, or a member
   * of one; by full or short name. Undefined if no reason is known.
   */
  whyMissing(name: string): { readonly symbol: string; readonly reason: string } | undefined {
    const wanted = symbolName(name);
    for (const symbol of [wanted, parentScope(wanted)]) {
      if (symbol === '') continue;
      for (const reasons of [this.#unavailable, this.#broken]) {
        const reason = reasons.get(symbol);
        if (reason !== undefined) return { symbol, reason };
        for (const [fullName, why] of reasons) {
          if (fullName.endsWith(`.${symbol}`)) return { symbol: fullName, reason: why };
        }
      }
    }
    return undefined;
  }

  /** Whether a definition of the current registry came from reflection. */
  isReflected(definition: Definition | undefined): boolean {
    return definition !== undefined && definition.file.origin === this.#origin;
  }

  /** The server's file of that name, as it sent it. */
  reflectedFile(name: string): FileDescriptorProto | undefined {
    return this.#reflected.get(name);
  }

  /** Changes the value options. Only while there is no schema. */
  useValues(values: ValueOptions): void {
    this.#values = values;
    this.#use(this.#schemas.of(values, []));
  }

  /** Adds what was loaded. If that throws, nothing changes. */
  load(sources: readonly DescriptorSource[]): void {
    const loads = [...this.#loads, sources];
    if (this.#reflected.size > 0) {
      this.#build(this.#reflected, loads);
      this.#loads = loads;
    } else this.#use(this.#schemas.of(this.#values, loads, this.#shared));
    this.#onChange();
  }

  /**
   * Adds what reflection said, with everything that it imports, and offers these services; with `isAll`, this replaces
   * what it said before. Never throws: services of faulty files are listed as unavailable.
   */
  reflect(
    files: readonly FileDescriptorProto[],
    services: readonly string[],
    origin: string,
    isAll: boolean,
    gaps: ReadonlyMap<string, string> = NO_REASONS,
  ): void {
    this.#origin = origin;
    if (isAll) this.#gaps = new Map();
    for (const { name } of files) this.#gaps.delete(name);
    for (const [name, reason] of gaps) this.#gaps.set(name, reason);
    const offered = new Set(isAll ? services : [...this.#offered, ...services]);
    const next = isAll ? new Map<string, FileDescriptorProto>() : new Map(this.#reflected);
    for (const file of files) {
      next.delete(file.name);
      next.set(file.name, file);
    }
    const isAddition = this.#isAddition(next) && [...this.#offered].every((service) => offered.has(service));
    this.#offered = offered;
    if (isAll) this.#unavailable = new Map();
    if (isAddition && this.#add(files)) this.#reflected = next;
    else this.#build(next, this.#loads);
    this.#onChange();
  }

  /** Lists services that the server has but whose schema cannot be had. */
  markUnavailable(reasons: ReadonlyMap<string, string>): void {
    for (const [service, reason] of reasons) {
      if (this.#current.find(service) === undefined) this.#unavailable.set(service, reason);
    }
  }

  /** Removes a service that the server no longer has. */
  forget(service: string): void {
    this.#unavailable.delete(service);
    if (!this.#offered.delete(service)) return;
    this.#build(this.#reflected, this.#loads);
    this.#onChange();
  }

  /** Whether everything that was reflected is still there, so that what is new can be added to the registry. */
  #isAddition(next: ReadonlyMap<string, FileDescriptorProto>): boolean {
    for (const [name, old] of this.#reflected) {
      const file = next.get(name);
      if (file === old) continue;
      if (file === undefined) return false;
      const symbols = new Set(symbolsOf(file));
      if (symbolsOf(old).some((symbol) => !symbols.has(symbol))) return false;
    }
    return true;
  }

  #add(files: readonly FileDescriptorProto[]): boolean {
    const fit = fitToLoaded(files, this.#loadedLayer(this.#current));
    try {
      this.#own().add(fit.files, this.#origin, this.#isOffered);
    } catch (error) {
      // It contradicts what was reflected before, or is faulty: building a new registry sorts that out.
      if (error instanceof SchemaError) return false;
      throw error;
    }
    for (const service of this.#offered) this.#current.offer(service);
    this.#took(fit.files, fit.differences);
    return true;
  }

  #took(files: readonly FileDescriptorProto[], differences: readonly SchemaDifference[]): void {
    for (const file of files) {
      for (const service of servicesOf(file)) this.#unavailable.delete(service);
    }
    for (const difference of differences) this.#differences.set(difference.symbol, difference);
  }

  /** Has what was loaded of a schema that other clients may have, too. */
  #use(schema: SharedSchema): void {
    this.#shared = schema;
    this.#current = schema.registry;
    // Those of the client that loaded it first, so that its files are all that is held.
    this.#loads = schema.loads;
  }

  /** The current registry, to be added to: no other client has it. */
  #own(): Registry {
    if (this.#shared?.claim() === false) this.#current = registryOf(this.#values, this.#loads);
    this.#shared = undefined;
    return this.#current;
  }

  /** A new registry of both layers. */
  #build(reflected: Map<string, FileDescriptorProto>, loads: Loads): void {
    const registry = registryOf(this.#values, loads);
    const fit = fitToLoaded([...reflected.values()].reverse(), {
      get: (name) => registry.find(name),
      file: (name) => registry.file(name)?.proto,
    });
    const failures = addEach(registry, fit.files, this.#origin, this.#isOffered);
    this.#current = registry;
    this.#shared = undefined;
    this.#reflected = reflected;
    this.#differences = new Map();
    this.#took(
      fit.files.filter((file) => !failures.has(file)),
      fit.differences,
    );
    const broken = new Map<string, string>();
    for (const [file, reason] of rootCauses(failures, this.#gaps)) {
      for (const symbol of symbolsOf(file)) broken.set(symbol, reason);
      for (const service of servicesOf(file)) {
        if (this.#offered.has(service)) this.#unavailable.set(service, reason);
      }
    }
    this.#broken = broken;
  }

  readonly #isOffered = (service: string): boolean => this.#offered.has(service);

  #loadedLayer(registry: Registry): LoadedLayer {
    return {
      get: (name) => {
        const found = registry.find(name);
        return this.isReflected(found) ? undefined : found;
      },
      file: (name) => {
        const file = registry.file(name);
        return file === undefined || file.origin === this.#origin ? undefined : file.proto;
      },
    };
  }
}

/** Adds the files together, or if that fails each one that can be added; returns the reasons for the others. */
function addEach(
  registry: Registry,
  files: readonly FileDescriptorProto[],
  origin: string,
  isOffered: (service: string) => boolean,
): ReadonlyMap<FileDescriptorProto, string> {
  const failures = new Map<FileDescriptorProto, string>();
  try {
    registry.add(files, origin, isOffered);
    return failures;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
  }
  for (const file of files) {
    try {
      registry.add([file], origin, isOffered);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      failures.set(file, error.message);
    }
  }
  return failures;
}

const NO_REASONS: ReadonlyMap<string, string> = new Map();
