// What a client can call: its loads and its server's reflection, and the methods that names mean in them. A call gets
// its method at once when it is known, and waits when it is being loaded or the server has to be asked.

import type { CallTarget } from './call-host.ts';
import type { LoadSource } from './client-types.ts';
import { SchemaError } from './errors.ts';
import { checkLoadOptions, type LoadOptions } from './options/load-options.ts';
import {
  type CheckedReflectionOptions,
  checkReflectOptions,
  type ReflectOptions,
} from './options/reflection-options.ts';
import { DEFAULT_VALUES } from './options/value-options.ts';
import { ReflectedSchema, type ReflectedSchemaSetup } from './reflected-schema.ts';
import type { RequestHeads } from './request-heads.ts';
import { isDescriptorProtoProvided } from './schema/descriptor-proto.ts';
import { LayeredRegistry } from './schema/layered-registry.ts';
import type { Method } from './schema/method.ts';
import type { Registry, ServiceInfo } from './schema/registry.ts';
import type { SchemaDifference } from './schema/schema-difference.ts';
import type { ValueOptions } from './schema/value-options.ts';

/** What the errors about a method's name say when it is nearly one that is loaded, or more than one. */
const EXPLAINED = /did you mean|is ambiguous|^service \S+ has no method/;

export interface CallableSchemaSetup
  extends Pick<ReflectedSchemaSetup, 'server' | 'openStream' | 'connection' | 'now'> {
  readonly values: ValueOptions;
  readonly reflection: CheckedReflectionOptions;
  readonly heads: RequestHeads;
}

/** Who waits for a method: a call, or one who only asks. */
export interface MethodWaiter {
  readonly options: { readonly waitForReady: boolean | undefined };
  /** Resolves when it does not wait any more. */
  readonly ended: Promise<unknown>;
  readonly isDone: boolean;
}

export class CallableSchema {
  readonly #setup: CallableSchemaSetup;
  readonly #layers: LayeredRegistry;
  readonly #reflection: ReflectedSchema;
  #values: ValueOptions;
  #scope: string | undefined;
  /** Methods by the name they were asked for, since the last load. */
  readonly #targets = new Map<string, CallTarget>();
  readonly #loading = new Set<Promise<unknown>>();
  /** The loads that failed and were not made good by another of the same source, by their source. */
  readonly #failedLoads: Map<unknown, unknown> = new Map();
  #hasLoaded = false;

  constructor(setup: CallableSchemaSetup) {
    this.#setup = setup;
    this.#values = setup.values;
    this.#layers = new LayeredRegistry(this.#values, () => this.#targets.clear());
    this.#reflection = new ReflectedSchema({
      ...setup,
      schema: this.#layers,
      options: setup.reflection,
      hasLoaded: () => this.#hasLoaded,
    });
  }

  /** All that is known now. */
  get registry(): Registry {
    return this.#layers.current;
  }

  get services(): readonly ServiceInfo[] {
    return this.#layers.services;
  }

  get differences(): readonly SchemaDifference[] {
    return this.#layers.differences;
  }

  load(source: LoadSource, options: LoadOptions | undefined): Promise<void> {
    const loading = this.#load(source, options);
    const key = source instanceof URL ? source.href : source;
    loading.then(
      () => this.#failedLoads.delete(key),
      (error: unknown) => this.#failedLoads.set(key, error),
    );
    return this.#whileLoading(loading);
  }

  reflect(options: ReflectOptions | undefined, waitForReady: boolean): Promise<void> {
    return this.#whileLoading(this.#reflect(options, waitForReady));
  }

  resolve(reply: unknown, signal: AbortSignal, waitForReady: boolean): Promise<unknown> {
    return this.#reflection.resolve(reply, signal, waitForReady);
  }

  /** The server does not implement a method that it told of: its schema may be another by now. */
  doubt(target: CallTarget): void {
    this.#reflection.doubt(target.method.service);
  }

  /** A method as calls take it. */
  targetOf(method: Method): CallTarget {
    const service = this.#layers.hasReflected ? this.#layers.current.find(method.service) : undefined;
    return { method, head: this.#setup.heads.of(method), isReflected: this.#layers.isReflected(service) };
  }

  /** The method of a name, if it can be called now; undefined when `later` must be asked. Throws what is wrong with the name. */
  now(name: string): CallTarget | undefined {
    return this.#loading.size === 0 ? this.#ready(name) : undefined;
  }

  /** The method, when loads have ended and the server was asked if need be; undefined when the call has ended. */
  async later(name: string, call: MethodWaiter): Promise<CallTarget | undefined> {
    const outcomes = await Promise.allSettled(this.#loading);
    const failed = outcomes.find((one) => one.status === 'rejected');
    const waiter = { waitForReady: call.options.waitForReady === true, ended: call.ended };
    try {
      const target = this.#targets.get(name);
      if (target?.isReflected && this.#reflection.isDue(target.method.service)) {
        await this.#reflection.check(target.method.service, waiter);
      }
      if (call.isDone) return undefined;
      const ready = this.#ready(name);
      if (ready !== undefined) return ready;
    } catch (error) {
      // What it waited for is the better reason than that the name is unknown.
      throw failed === undefined ? error : failed.reason;
    }
    if (failed !== undefined) throw failed.reason;
    let listed: readonly string[] | undefined;
    try {
      listed = await this.#reflection.provide(name, waiter);
      return call.isDone ? undefined : this.#lookUp(name);
    } catch (error) {
      throw this.#reflection.unknown(name, error, listed);
    }
  }

  #whileLoading(loading: Promise<void>): Promise<void> {
    this.#loading.add(loading);
    const done = loading.finally(() => {
      this.#loading.delete(loading);
    });
    // The calls that need it tell of a failure; nobody has to await it.
    done.catch(() => {});
    return done;
  }

  async #load(source: LoadSource, options: LoadOptions | undefined): Promise<void> {
    const { includeDirs, package: scope, values } = checkLoadOptions(options);
    if (values !== undefined) this.#useValues(values);
    // Imported when first needed: programs that get their schema otherwise never pay for it.
    const { loadSources } = await import('./schema/sources/load-source.ts');
    const sources = await loadSources(source, { includeDirs });
    // What `describe` reads options by; it cannot wait for it.
    if (!isDescriptorProtoProvided()) await import('./schema/proto/bundled-protos.ts');
    this.#layers.load((registry) => registry.addSources(sources));
    this.#hasLoaded = true;
    if (scope !== undefined) this.#scope = scope;
  }

  async #reflect(options: ReflectOptions | undefined, waitForReady: boolean): Promise<void> {
    const { services, package: scope, signal } = checkReflectOptions(options);
    await this.#reflection.fetchAll(services, signal, waitForReady);
    if (!isDescriptorProtoProvided()) await import('./schema/proto/bundled-protos.ts');
    if (scope !== undefined) this.#scope = scope;
  }

  #useValues(values: ValueOptions): void {
    const inForce: ValueOptions = { ...DEFAULT_VALUES, ...this.#values };
    const wanted: ValueOptions = { ...inForce, ...values };
    const differing = (Object.keys(wanted) as (keyof ValueOptions)[]).find(
      (name) => wanted[name] !== inForce[name],
    );
    if (differing === undefined) return;
    if (this.#hasLoaded || this.#layers.hasReflected || this.#loading.size > 0) {
      throw new SchemaError(
        `the value option '${differing}' differs from the one in force: a client's messages have one form, set by its first load or its values option`,
      );
    }
    this.#values = wanted;
    this.#layers.useValues(wanted);
  }

  #ready(name: string): CallTarget | undefined {
    let target = this.#targets.get(name);
    if (target === undefined) {
      if (this.#asksServer(name)) return undefined;
      target = this.#lookUp(name);
    }
    return target.isReflected && this.#reflection.isDue(target.method.service) ? undefined : target;
  }

  #asksServer(name: string): boolean {
    const { mode } = this.#setup.reflection;
    if (mode === 'never' || typeof name !== 'string' || name === '') return false;
    // Who loads files, if in vain, does not mean to ask the server.
    if (mode === 'auto' && (this.#hasLoaded || this.#failedLoads.size > 0)) return false;
    return !this.#reflection.knows(name, this.#scope);
  }

  #lookUp(name: string): CallTarget {
    let target = this.#targets.get(name);
    if (target === undefined) {
      target = this.targetOf(this.#findMethod(name));
      this.#targets.set(name, target);
    }
    return target;
  }

  #findMethod(name: string): Method {
    if (typeof name !== 'string' || name === '') {
      throw new TypeError(
        `a method's name is a text such as 'SayHello', not ${JSON.stringify(name) ?? String(name)}`,
      );
    }
    const failure = [...this.#failedLoads.values()].at(-1);
    const failed = this.#failedLoads.size === 0 ? '' : ` (a load failed: ${messageOf(failure)})`;
    if (!this.registry.hasMethods) {
      throw new SchemaError(
        failed === ''
          ? `there is no method '${name}': nothing is loaded; call client.load('….proto') first`
          : `there is no method '${name}'${failed}`,
        { cause: failure },
      );
    }
    try {
      return this.registry.method(name, this.#scope);
    } catch (error) {
      // Where what was loaded explains the name, an old failure elsewhere would only mislead.
      if (failed === '' || !(error instanceof SchemaError) || EXPLAINED.test(error.message)) throw error;
      throw new SchemaError(`${error.message}${failed}`, { cause: failure });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
