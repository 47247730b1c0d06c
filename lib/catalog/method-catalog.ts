// What a client can call: what it has loaded, what its server's reflection offers, and which method a name means in
// these. A call gets a known method at once, and waits if schemas are being loaded or the server has to be asked.

import type { BoundMethod, MethodWaiter } from '../call/call-context.ts';
import { LostSchema } from '../call/lost-schema.ts';
import type { LoadSource } from '../call/typed-calls.ts';
import { clientOutcome } from '../rpc/outcome.ts';
import type { Method } from '../schema/codec/method.ts';
import { missingSymbol } from '../schema/codec/missing-symbol.ts';
import type { ValueOptions } from '../schema/codec/value-options.ts';
import { isDescriptorProtoProvided } from '../schema/descriptors/bundled-descriptor-proto.ts';
import type { SchemaDifference } from '../schema/descriptors/schema-difference.ts';
import type { Description } from '../schema/print/description.ts';
import { provideIntrospection } from '../schema/print/provided-introspection.ts';
import { LayeredRegistry } from '../schema/reflection/layered-registry.ts';
import { ReflectionLost } from '../schema/reflection/reflection-errors.ts';
import type { ResolvedDetails } from '../schema/registry/error-details.ts';
import type { ServiceInfo } from '../schema/registry/loaded-method.ts';
import type { Registry } from '../schema/registry/registry.ts';
import { SchemaError } from '../values/errors.ts';
import { advice } from '../values/options/option-words.ts';
import { isUrl, messageOf } from '../values/realm.ts';
import { untilSettled } from '../values/waits.ts';
import { checkLoadOptions, type LoadOptions } from './load-options.ts';
import { ReflectionLoader, type ReflectionLoaderSetup } from './reflection-loader.ts';
import {
  type CheckedReflectionOptions,
  checkReflectOptions,
  type ReflectOptions,
} from './reflection-options.ts';
import type { RequestHeads } from './request-heads.ts';
import { findSymbol } from './symbol-lookup.ts';
import { DEFAULT_VALUES } from './value-option-checks.ts';

/** How to recognise an error that already explains a method's name, because it is nearly a loaded one, or ambiguous. */
const EXPLAINED = /did you mean|is ambiguous|^service \S+ has no method|^'\S+' is a service/;

/** How many types and extensions the server is asked for on account of one value. */
const MAX_SYMBOLS_A_VALUE = 100;

export interface MethodCatalogSetup
  extends Pick<ReflectionLoaderSetup, 'server' | 'openStream' | 'isHalfDuplex' | 'connection' | 'now'> {
  readonly values: ValueOptions;
  readonly reflection: CheckedReflectionOptions;
  readonly heads: RequestHeads;
}

export class MethodCatalog {
  readonly #setup: MethodCatalogSetup;
  readonly #layers: LayeredRegistry;
  readonly #reflection: ReflectionLoader;
  #values: ValueOptions;
  #scope: string | undefined;
  /** Methods looked up since the last load, by the name that was used. */
  readonly #targets = new Map<string, BoundMethod>();
  readonly #loading = new Set<Promise<unknown>>();
  /** The errors of failed loads, by source, unless a later load of the same source succeeded. */
  readonly #failedLoads: Map<unknown, unknown> = new Map();
  #hasLoaded = false;

  constructor(setup: MethodCatalogSetup) {
    this.#setup = setup;
    this.#values = setup.values;
    this.#layers = new LayeredRegistry(this.#values, () => this.#targets.clear());
    this.#reflection = new ReflectionLoader({
      ...setup,
      schema: this.#layers,
      options: setup.reflection,
      hasLoaded: () => this.#hasLoaded,
    });
  }

  /** Everything known so far. */
  get registry(): Registry {
    return this.#layers.current;
  }

  get services(): readonly ServiceInfo[] {
    return this.#layers.services;
  }

  get differences(): readonly SchemaDifference[] {
    return this.#layers.differences;
  }

  /** The error of a lookup, replaced if we know why the server's schema lacks the symbol. */
  explained(symbol: string, error: unknown): unknown {
    if (!(error instanceof SchemaError) || typeof symbol !== 'string') return error;
    const why = this.#layers.whyMissing(symbol);
    return why === undefined
      ? error
      : new SchemaError(`${why.symbol}: its schema cannot be had: ${why.reason}`, { cause: error });
  }

  load(source: LoadSource, options: LoadOptions | undefined): Promise<void> {
    const loading = this.#load(source, options);
    const key = isUrl(source) ? source.href : source;
    loading.then(
      () => this.#failedLoads.delete(key),
      (error: unknown) => this.#failedLoads.set(key, error),
    );
    return this.#whileLoading(loading);
  }

  reflect(options: ReflectOptions | undefined, waitForReady: boolean): Promise<void> {
    return this.#whileLoading(this.#reflect(options, waitForReady));
  }

  resolve(
    reply: unknown,
    signal: AbortSignal,
    waitForReady: boolean,
    details?: ResolvedDetails,
  ): Promise<unknown> {
    return this.#reflection.resolve(reply, signal, waitForReady, details);
  }

  /** Describes a symbol, asking the server for one that is not loaded. */
  async symbol(name: string, signal: AbortSignal, waitForReady: boolean): Promise<Description> {
    await Promise.allSettled(this.#loading);
    return findSymbol(this.registry, name, {
      server: this.#setup.server,
      registry: () => this.registry,
      fetch: (symbol, isThere) => this.#reflection.fetchSymbol(symbol, isThere, signal, waitForReady),
      explained: (error) => this.explained(name, error),
    });
  }

  /** The result of `work`, which runs again each time the server has supplied a type or extension that it needs. */
  async resolving<T>(work: () => T, signal: AbortSignal, waitForReady: boolean): Promise<T> {
    await Promise.allSettled(this.#loading);
    for (let asked = 0; ; asked++) {
      try {
        return work();
      } catch (error) {
        const symbol = this.#toAskFor(error);
        if (symbol === undefined || asked >= MAX_SYMBOLS_A_VALUE) throw error;
        await this.#fetchFor(error, () =>
          this.#reflection.fetchSymbol(symbol, () => true, signal, waitForReady),
        );
        if (this.registry.find(symbol) === undefined) throw error;
      }
    }
  }

  /**
   * The method of a call whose request needs a type or extension that is not loaded, once the server has supplied it;
   * undefined if the server should not be asked. Rejects with the request's error if the server does not know it.
   */
  provideFor(error: unknown, target: BoundMethod, call: MethodWaiter): Promise<BoundMethod> | undefined {
    const { mode } = this.#setup.reflection;
    if (mode === 'never' || (mode === 'auto' && !target.isReflected)) return undefined;
    const symbol = this.#toAskFor(error);
    return symbol === undefined ? undefined : this.#provide(symbol, error, target, call);
  }

  async #provide(
    symbol: string,
    error: unknown,
    target: BoundMethod,
    { options, ended }: MethodWaiter,
  ): Promise<BoundMethod> {
    const waiter = { waitForReady: options.settings.waitForReady === true, ended };
    try {
      await this.#fetchFor(error, () => this.#reflection.provideSymbol(symbol, waiter));
    } catch (failure) {
      throw forCalls(failure);
    }
    if (this.registry.find(symbol) === undefined) throw error;
    return this.targetOf(this.registry.method(target.method.path));
  }

  /** The symbol that is not loaded according to the error, if the server may know it. */
  #toAskFor(error: unknown): string | undefined {
    const symbol = missingSymbol(error);
    // If it has been loaded by now, asking for it would not help.
    if (symbol === undefined || this.registry.find(symbol) !== undefined) return undefined;
    return this.#reflection.mayKnow(symbol) ? symbol : undefined;
  }

  /** Asks the server. If that has no reflection, throws the original error instead, which explains more. */
  async #fetchFor(error: unknown, fetch: () => Promise<unknown>): Promise<void> {
    try {
      await fetch();
    } catch (failure) {
      throw failure instanceof SchemaError ? error : failure;
    }
  }

  /** The server does not implement a method from its own schema, which may therefore have changed. */
  doubt(target: BoundMethod): void {
    this.#reflection.doubt(target.method.service);
  }

  /** Whether a method's reply type has a field with this name or JSON name. */
  replyHas({ reply }: Method, name: string): boolean {
    const { registry } = this;
    if (registry.find(reply.typeName)?.kind !== 'message') return false;
    return registry
      .plan(reply.typeName)
      .fields.some(({ field, jsonName }) => field.name === name || jsonName === name);
  }

  /** A method in the form that calls take. */
  targetOf(method: Method): BoundMethod {
    const service = this.#layers.hasReflected ? this.#layers.current.find(method.service) : undefined;
    return {
      method,
      head: this.#setup.heads.of(method),
      isReflected: this.#layers.isReflected(service),
      json: undefined,
    };
  }

  /** A method for calls with messages of JSON; itself where it is always the wire format. Throws why it cannot have them. */
  withJson(target: BoundMethod): BoundMethod {
    const { json } = target.method;
    if (json === undefined) return target;
    target.json ??= { method: json, head: this.#setup.heads.of(json), isReflected: target.isReflected };
    return target.json;
  }

  /** The method with this name, if it can be called now; undefined if it takes `later`. Throws if the name is wrong. */
  now(name: string): BoundMethod | undefined {
    return this.#loading.size === 0 ? this.#ready(name) : undefined;
  }

  /** The method, after loads have ended and the server was asked if necessary; undefined if the call has ended. */
  async later(name: string, call: MethodWaiter): Promise<BoundMethod | undefined> {
    const outcomes = await Promise.allSettled(this.#loading);
    const failed = outcomes.find((one) => one.status === 'rejected');
    const waiter = { waitForReady: call.options.settings.waitForReady === true, ended: call.ended };
    try {
      const target = this.#targets.get(name);
      if (target?.isReflected && this.#reflection.isDue(target.method.service)) {
        await this.#reflection.check(target.method.service, waiter);
      }
      if (call.isDone) return undefined;
      const ready = this.#ready(name);
      if (ready !== undefined) return ready;
    } catch (error) {
      // A failed load that the call waited for explains more than "unknown name".
      throw failed === undefined ? forCalls(error) : failed.reason;
    }
    if (failed !== undefined) throw failed.reason;
    let listed: readonly string[] | undefined;
    try {
      listed = await this.#reflection.provide(name, waiter);
      return call.isDone ? undefined : this.#lookUp(name);
    } catch (error) {
      throw forCalls(this.#reflection.unknown(name, error, listed));
    }
  }

  #whileLoading(loading: Promise<void>): Promise<void> {
    untilSettled(loading, 'schema', `what a client of ${this.#setup.server} loads`);
    this.#loading.add(loading);
    const done = loading.finally(() => {
      this.#loading.delete(loading);
    });
    // The calls that need the schema report a failure; nobody has to await the load itself.
    done.catch(() => {});
    return done;
  }

  async #load(source: LoadSource, options: LoadOptions | undefined): Promise<void> {
    const { includeDirs, package: scope, maxUnpackedBytes, isLazy, values } = checkLoadOptions(options);
    if (values !== undefined) this.#useValues(values);
    // Imported on first use: programs that get their schema another way never pay for it. descriptor.proto comes along,
    // because `describe` needs it for reading options and cannot wait.
    const { loadSources } = await import('../schema/sources/load-source.ts');
    const sources = await loadSources(source, { includeDirs, maxUnpackedBytes, isLazy });
    // Only now: Jest cannot link two modules at a time that import the same.
    await provideIntrospection();
    this.#layers.load(sources);
    this.#hasLoaded = true;
    if (scope !== undefined) this.#scope = scope;
  }

  async #reflect(options: ReflectOptions | undefined, waitForReady: boolean): Promise<void> {
    const { services, package: scope, signal } = checkReflectOptions(options);
    await this.#reflection.fetchAll(services, signal, waitForReady);
    if (!isDescriptorProtoProvided()) await import('../schema/proto/load-proto.ts');
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

  #ready(name: string): BoundMethod | undefined {
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
    // A program that loads files, even if that fails, does not mean to ask the server.
    if (mode === 'auto' && (this.#hasLoaded || this.#failedLoads.size > 0)) return false;
    return !this.#reflection.knows(name, this.#scope);
  }

  #lookUp(name: string): BoundMethod {
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
        `the method name must be a string such as 'SayHello', not ${JSON.stringify(name) ?? String(name)}`,
      );
    }
    const failure = [...this.#failedLoads.values()].at(-1);
    const failed = this.#failedLoads.size === 0 ? '' : ` (a load failed: ${messageOf(failure)})`;
    if (!this.registry.hasMethods) {
      const text =
        failed === ''
          ? `there is no method '${name}': nothing is loaded; ${advice().loadFirst}`
          : `there is no method '${name}'${failed}`;
      throw this.explained(name, new SchemaError(text, { cause: failure }));
    }
    try {
      return this.registry.method(name, this.#scope);
    } catch (error) {
      // If the loaded schema explains the name, an old failure elsewhere would only mislead.
      const explained = this.explained(name, error);
      if (explained !== error) throw explained;
      if (failed === '' || !(error instanceof SchemaError) || EXPLAINED.test(error.message)) throw error;
      throw new SchemaError(`${error.message}${failed}`, { cause: failure });
    }
  }
}

/** The failure in the form that calls take: if the server cannot be asked, they end with a status. */
function forCalls(error: unknown): unknown {
  if (!(error instanceof ReflectionLost)) return error;
  const { code, details } = error.failure;
  return new LostSchema(clientOutcome(code, `cannot load the schema: ${details}`, error.cause));
}
