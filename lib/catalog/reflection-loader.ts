// When a client asks its server for a schema, and who waits for the answer: calls that need the same thing share one
// request, which is cancelled when none of them is left. What to ask for and keep is up to schema/reflection.

import type { WireCall } from '../call/wire-call.ts';
import type { Method } from '../schema/codec/method.ts';
import { type ExtensionNumber, keyOfExtension } from '../schema/descriptors/extension-number.ts';
import { parseMethodName } from '../schema/descriptors/method-name.ts';
import { parentScope } from '../schema/descriptors/names.ts';
import { provideIntrospection } from '../schema/print/provided-introspection.ts';
import type { InvokeOptions } from '../schema/reflection/invoke.ts';
import type { LayeredRegistry } from '../schema/reflection/layered-registry.ts';
import { nearServices } from '../schema/reflection/near-services.ts';
import { NoReflection, ReflectionLost } from '../schema/reflection/reflection-errors.ts';
import type { Reflector } from '../schema/reflection/reflector.ts';
import { missingIn, recode, verbatimBytes } from '../schema/registry/any-types.ts';
import { ResolvedDetails } from '../schema/registry/error-details.ts';
import type { Registry } from '../schema/registry/registry.ts';
import { SchemaError } from '../values/errors.ts';
import { advice } from '../values/options/option-words.ts';
import { RpcError } from '../values/rpc-error.ts';
import { StatusCode } from '../values/status.ts';
import { shortenedList } from '../values/text/shortened-text.ts';
import type { CheckedReflectionOptions } from './reflection-options.ts';
import { reflectionStream } from './reflection-stream.ts';
import { SharedRequest } from './shared-request.ts';

/** How long a call waits for one answer when a known schema is only being checked again. */
const CHECK_TIMEOUT_MS = 2000;
const MAX_LISTED = 10;
/** How many types `resolve` asks for, and how deeply nested. */
const MAX_ANY_TYPES = 100;
const MAX_ANY_ROUNDS = 10;
/** A field, method or enum value is asked for by its own name, then by the names of what contains it. */
const MAX_MEMBER_LEVELS = 3;

export interface ReflectionLoaderSetup {
  readonly schema: LayeredRegistry;
  readonly options: CheckedReflectionOptions;
  /** What errors call the server. */
  readonly server: string;
  /** Begins a call and leaves its request stream open. */
  openStream(path: string, waitForReady: boolean): WireCall;
  /** Its requests have to be complete before replies come. */
  isHalfDuplex(): boolean;
  /** The number of the connection that a call would use now. */
  connection(): number;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  /** Whether anything was loaded other than by reflection. */
  hasLoaded(): boolean;
}

/** Whoever waits for a schema. */
export interface SchemaWaiter {
  readonly waitForReady: boolean;
  /** Resolves when it no longer waits. */
  readonly ended: Promise<unknown>;
}

export class ReflectionLoader {
  readonly #setup: ReflectionLoaderSetup;
  /** Requests on their way, by what they ask for. */
  readonly #running: Map<string, SharedRequest<readonly string[]>> = new Map();
  #reflector: Reflector | undefined;

  constructor(setup: ReflectionLoaderSetup) {
    this.#setup = setup;
  }

  /** Whether a method's name certainly means the known method, so that the server need not be asked. */
  knows(name: string, scope: string | undefined): boolean {
    const { schema } = this.#setup;
    let method: Method;
    try {
      method = schema.current.method(name, scope);
    } catch (error) {
      if (error instanceof SchemaError) return false;
      throw error;
    }
    if (!schema.isReflected(schema.current.find(method.service))) return true;
    return this.#reflector?.isComplete === true || parseMethodName(name).service === method.service;
  }

  /** Whether a reflected service must be checked again before its next call. */
  isDue(service: string): boolean {
    return this.#reflector?.isDue(service) === true;
  }

  /** A call of a service ended with UNIMPLEMENTED. */
  doubt(service: string): void {
    this.#reflector?.doubt(service);
  }

  /** Fetches what a method's name needs; returns the services that the server listed, if it was asked for them. */
  provide(name: string, waiter: SchemaWaiter): Promise<readonly string[] | undefined> {
    const { service, isPath } = parseMethodName(name);
    const key = `${isPath ? '/' : ''}${service}`;
    return this.#share(key, waiter, async (signal) => {
      const reflector = await this.#ready();
      return reflector.fetchService(service, isPath, this.#invokeOptions(signal, waiter.waitForReady));
    });
  }

  /** Checks whether a service's schema has changed. Fails only if the waiter does. */
  async check(service: string, waiter: SchemaWaiter): Promise<void> {
    await this.#share(`again ${service}`, waiter, async (signal) => {
      const options = this.#invokeOptions(signal, false);
      const timeoutMs = Math.min(options.timeoutMs, CHECK_TIMEOUT_MS);
      await this.#reflector?.checkAgain(service, { ...options, timeoutMs });
      return [];
    });
  }

  /** Fetches all services, or only these. */
  async fetchAll(
    services: readonly string[] | undefined,
    signal: AbortSignal,
    waitForReady: boolean,
  ): Promise<void> {
    const reflector = await this.#ready();
    try {
      await reflector.fetchAll(services, this.#invokeOptions(signal, waitForReady));
    } catch (error) {
      throw explained(error);
    }
  }

  /**
   * The same message, after decoding Any values and extensions that only the server knew. All details of one error
   * share one `details`.
   */
  async resolve(
    message: unknown,
    signal: AbortSignal,
    waitForReady: boolean,
    details: ResolvedDetails = new ResolvedDetails(),
  ): Promise<unknown> {
    const { schema } = this.#setup;
    const asked = new Set<string>();
    let resolved = message;
    for (let round = 0; round < MAX_ANY_ROUNDS; round++) {
      const missing = missingIn(resolved);
      if (missing === undefined) break;
      const bytes = verbatimBytes(resolved, missing.isJson);
      if (bytes === undefined) break;
      const mayAsk = (key: string): boolean =>
        !asked.has(key) && this.#reflector?.isAbsent(key) !== true && asked.size < MAX_ANY_TYPES;
      const take = (key: string): boolean => mayAsk(key) && asked.add(key) !== undefined;
      const { current } = schema;
      const types = missing.types.filter((name) => current.find(name) === undefined && take(name));
      const extensions = missing.extensions.filter(
        (one) => !isLoaded(current, one) && take(keyOfExtension(one)),
      );
      await this.#fetch(types, extensions, signal, waitForReady);
      const before = resolved;
      resolved = recode(schema.current, before, bytes, missing.isJson, details);
      if (resolved === before || (types.length === 0 && extensions.length === 0)) break;
    }
    return resolved;
  }

  /** Fetches what is missing; returns the reasons for symbols that the server did not supply. */
  async #fetch(
    symbols: readonly string[],
    extensions: readonly ExtensionNumber[],
    signal: AbortSignal,
    waitForReady: boolean,
  ): Promise<ReadonlyMap<string, string>> {
    if (symbols.length === 0 && extensions.length === 0) return new Map();
    const reflector = await this.#ready();
    const options = this.#invokeOptions(signal, waitForReady);
    try {
      if (extensions.length > 0) await reflector.fetchExtensions(extensions, options);
      return symbols.length === 0 ? new Map() : await reflector.fetchSymbols(symbols, options);
    } catch (error) {
      throw explained(error);
    }
  }

  /** Fetches a symbol, or what contains it if it is a member; returns the reason if that fails. */
  async fetchSymbol(
    name: string,
    isThere: () => boolean,
    signal: AbortSignal,
    waitForReady: boolean,
  ): Promise<string | undefined> {
    let reason: string | undefined;
    let symbol = name;
    for (let level = 0; level < MAX_MEMBER_LEVELS && symbol !== ''; level++) {
      const failures = await this.#fetch([symbol], [], signal, waitForReady);
      if (isThere()) return undefined;
      reason ??= failures.get(symbol);
      symbol = parentScope(symbol);
    }
    return reason;
  }

  /** Whether the server might know a symbol: false if it has said that it does not. */
  mayKnow(symbol: string): boolean {
    return this.#reflector?.isAbsent(symbol) !== true;
  }

  /** Fetches a symbol that a call's request needs. Calls that need the same symbol share one request. */
  async provideSymbol(symbol: string, waiter: SchemaWaiter): Promise<void> {
    await this.#share(`symbol ${symbol}`, waiter, async (signal) => {
      const reflector = await this.#ready();
      await reflector.fetchSymbols([symbol], this.#invokeOptions(signal, waiter.waitForReady));
      return [];
    });
  }

  /** The error of a call whose method is unknown even after the server was asked. */
  unknown(name: string, error: unknown, listed: readonly string[] | undefined): unknown {
    const { schema, server, hasLoaded } = this.#setup;
    if (error instanceof NoReflection) {
      const loaded = hasLoaded() ? 'it is not in what was loaded' : 'nothing is loaded';
      return new SchemaError(
        `there is no method '${name}': ${loaded}, and ${withAdvice(error, advice().loadFiles)}`,
        { cause: error.cause },
      );
    }
    if (!(error instanceof SchemaError) || listed === undefined) return error;
    if (listed.includes(name)) {
      return new SchemaError(
        `'${name}' is a service; name one of its methods as well, such as '${name}/Method' (${server} was asked by reflection)`,
      );
    }
    const { service, method } = parseMethodName(name);
    const unavailable = schema.services.filter((one) => one.unavailable !== undefined);
    const wanted = unavailable.find(
      ({ fullName }) => service !== '' && (fullName === service || fullName.endsWith(`.${service}`)),
    );
    if (wanted !== undefined) {
      return new SchemaError(
        `there is no method '${name}': ${server} has the service ${wanted.fullName}, but its schema cannot be had: ${wanted.unavailable}`,
      );
    }
    if (!schema.current.hasMethods) {
      const list =
        listed.length === 0 ? 'lists no services' : `has the services ${shortenedList(listed, MAX_LISTED)}`;
      return new SchemaError(`there is no method '${name}': ${server} ${list}`);
    }
    if (error.message.includes('is ambiguous')) return error;
    const hasHint = error.message.includes('did you mean');
    const near = hasHint ? '' : this.#nearest(service, method, listed);
    const has = hasHint || near !== '' ? '' : ` and has ${shortenedList(listed, MAX_LISTED)}`;
    const lacking =
      unavailable.length === 0
        ? ''
        : `; the schema of ${shortenedList(unavailable, MAX_LISTED, ({ fullName }) => fullName)} cannot be had`;
    return new SchemaError(`${error.message}${near} (${server} was asked by reflection${has}${lacking})`);
  }

  /** The method of that name in a service whose name is nearly the one that was meant. */
  #nearest(service: string, method: string, listed: readonly string[]): string {
    const near = nearServices(service, listed).map((one) => `${one}/${method}`);
    const known = near.filter((one) => this.knows(one, undefined));
    return known.length === 0 ? '' : `; did you mean ${known.map((one) => `'${one}'`).join(' or ')}?`;
  }

  #share(
    name: string,
    waiter: SchemaWaiter,
    work: (signal: AbortSignal) => Promise<readonly string[]>,
  ): Promise<readonly string[] | undefined> {
    // Waiters that wait for a connection must not fail along with those that do not.
    const key = waiter.waitForReady ? `ready ${name}` : name;
    let shared = this.#running.get(key);
    if (shared === undefined) {
      const made: SharedRequest<readonly string[]> = new SharedRequest(work, () => {
        if (this.#running.get(key) === made) this.#running.delete(key);
      });
      this.#running.set(key, made);
      shared = made;
    }
    return shared.join(waiter.ended);
  }

  #invokeOptions(signal: AbortSignal, waitForReady: boolean): InvokeOptions {
    const { options, isHalfDuplex } = this.#setup;
    return { signal, waitForReady, timeoutMs: options.timeoutMs, isHalfDuplex: isHalfDuplex() };
  }

  async #ready(): Promise<Reflector> {
    if (this.#reflector !== undefined) return this.#reflector;
    // Imported on first use: programs that bring their own schema never pay for it.
    const module = await import('../schema/reflection/reflector.ts');
    await provideIntrospection();
    const { schema, options, server, openStream, connection, now } = this.#setup;
    this.#reflector ??= new module.Reflector({
      invoke: (path, invokeOptions) =>
        reflectionStream(openStream(path, invokeOptions.waitForReady), invokeOptions),
      schema,
      limits: options.limits,
      version: options.version,
      server,
      now,
      connection,
    });
    return this.#reflector;
  }
}

/**
 * The error for a direct request, by `reflect` or `resolve`: the status of the reflection call, or what to do instead.
 */
function explained(error: unknown): unknown {
  if (error instanceof ReflectionLost) return error.cause;
  if (!(error instanceof NoReflection)) return error;
  return new SchemaError(withAdvice(error, advice().loadAllFiles), { cause: error.cause });
}

/** What this side made of an answer has advice already. */
function withAdvice({ message, cause }: NoReflection, remedy: string): string {
  const isAdvised =
    RpcError.is(cause) && cause.origin === 'client' && cause.code !== StatusCode.UNIMPLEMENTED;
  return `${message}; ${isAdvised ? 'or ' : ''}${remedy}`;
}

function isLoaded({ model }: Registry, { containingType, extensionNumber }: ExtensionNumber): boolean {
  return model.extension(containingType, extensionNumber) !== undefined;
}
