// When a client asks its server for schema, and who waits for it: calls that need the same share one question, which
// ends early when none of them is left. What is asked and kept is schema/reflection's.

import type { CallCore } from './call-core.ts';
import { SchemaError } from './errors.ts';
import type { CheckedReflectionOptions } from './options/reflection-options.ts';
import { reflectionStream } from './reflection-stream.ts';
import { anyTypesOf, recode, verbatimBytes } from './schema/any-types.ts';
import type { LayeredRegistry } from './schema/layered-registry.ts';
import type { Method } from './schema/method.ts';
import type { InvokeOptions } from './schema/reflection/invoke.ts';
import { NoReflection, ReflectionLost } from './schema/reflection/reflection-errors.ts';
import type { Reflector } from './schema/reflection/reflector.ts';
import { nearServices, serviceOfName } from './schema/reflection/service-name.ts';
import { SharedWork } from './shared-work.ts';

/** How long a call waits for one answer when a schema that it has is only checked again. */
const CHECK_TIMEOUT_MS = 2000;
const MAX_LISTED = 10;
/** How many types `resolve` asks for, and how deep in each other. */
const MAX_ANY_TYPES = 100;
const MAX_ANY_ROUNDS = 10;

export interface ReflectedSchemaSetup {
  readonly schema: LayeredRegistry;
  readonly options: CheckedReflectionOptions;
  /** How errors call the server. */
  readonly server: string;
  /** Begins a call with its request stream open. */
  openStream(path: string, waitForReady: boolean): CallCore;
  /** The number of the connection that a call would use now. */
  connection(): number;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  /** Whether anything was loaded that is not reflection's. */
  hasLoaded(): boolean;
}

/** Who waits for a schema. */
export interface SchemaWaiter {
  readonly waitForReady: boolean;
  /** Resolves when it does not wait any more. */
  readonly ended: Promise<unknown>;
}

export class ReflectedSchema {
  readonly #setup: ReflectedSchemaSetup;
  /** Questions on their way. */
  readonly #running: Map<string, SharedWork<readonly string[]>> = new Map();
  #reflector: Reflector | undefined;

  constructor(setup: ReflectedSchemaSetup) {
    this.#setup = setup;
  }

  /** Whether a method's name means what it seems to, so that nobody needs to be asked. */
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
    return this.#reflector?.isComplete === true || serviceOfName(name).service === method.service;
  }

  /** Whether a reflected service must be checked again before its next call. */
  isDue(service: string): boolean {
    return this.#reflector?.isDue(service) === true;
  }

  /** A call of a service ended with UNIMPLEMENTED. */
  doubt(service: string): void {
    this.#reflector?.doubt(service);
  }

  /** Fetches what a method's name needs; gives the services that the server listed, if it was asked for them. */
  provide(name: string, waiter: SchemaWaiter): Promise<readonly string[] | undefined> {
    const { service, isFullName } = serviceOfName(name);
    const key = `${isFullName ? '/' : ''}${service}`;
    return this.#share(key, waiter, async (signal) => {
      const reflector = await this.#ready();
      return reflector.fetchService(service, isFullName, this.#invokeOptions(signal, waiter.waitForReady));
    });
  }

  /** Checks a service again. Fails only with the waiter. */
  async check(service: string, waiter: SchemaWaiter): Promise<void> {
    await this.#share(`again ${service}`, waiter, async (signal) => {
      const options = this.#invokeOptions(signal, false);
      const timeoutMs = Math.min(options.timeoutMs, CHECK_TIMEOUT_MS);
      await this.#reflector?.checkAgain(service, { ...options, timeoutMs });
      return [];
    });
  }

  /** Fetches all services, or these. */
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

  /** The same message, with Any values decoded whose types the server knows and this client did not. */
  async resolve(message: unknown, signal: AbortSignal, waitForReady: boolean): Promise<unknown> {
    const { schema } = this.#setup;
    const asked = new Set<string>();
    let resolved = message;
    for (let round = 0; round < MAX_ANY_ROUNDS; round++) {
      const bytes = verbatimBytes(resolved);
      if (bytes === undefined) break;
      const { current } = schema;
      const types = anyTypesOf(resolved).filter(
        (name) => current.find(name) === undefined && !asked.has(name),
      );
      const wanted = types.slice(0, MAX_ANY_TYPES - asked.size);
      for (const name of wanted) asked.add(name);
      if (wanted.length > 0) await this.#fetchTypes(wanted, signal, waitForReady);
      resolved = recode(schema.current, resolved, bytes);
      if (wanted.length === 0) break;
    }
    return resolved;
  }

  async #fetchTypes(names: readonly string[], signal: AbortSignal, waitForReady: boolean): Promise<void> {
    const reflector = await this.#ready();
    try {
      await reflector.fetchTypes(names, this.#invokeOptions(signal, waitForReady));
    } catch (error) {
      throw explained(error);
    }
  }

  /** The error of a call whose method is unknown, though the server was asked. */
  unknown(name: string, error: unknown, listed: readonly string[] | undefined): unknown {
    const { schema, server, hasLoaded } = this.#setup;
    if (error instanceof NoReflection) {
      const loaded = hasLoaded() ? 'it is not in what was loaded' : 'nothing is loaded';
      return new SchemaError(
        `there is no method '${name}': ${loaded}, and ${error.message}; load its schema with client.load('….proto')`,
        { cause: error.cause },
      );
    }
    if (!(error instanceof SchemaError) || listed === undefined) return error;
    const { service } = serviceOfName(name);
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
      const list = listed.length === 0 ? 'lists no services' : `has the services ${shortList(listed)}`;
      return new SchemaError(`there is no method '${name}': ${server} ${list}`);
    }
    if (error.message.includes('is ambiguous')) return error;
    const hasHint = error.message.includes('did you mean');
    const near = hasHint ? '' : this.#nearest(name, service, listed);
    const has = hasHint || near !== '' ? '' : ` and has ${shortList(listed)}`;
    const lacking =
      unavailable.length === 0
        ? ''
        : `; the schema of ${shortList(unavailable.map(({ fullName }) => fullName))} cannot be had`;
    return new SchemaError(`${error.message}${near} (${server} was asked by reflection${has}${lacking})`);
  }

  /** The method of that name in a service whose name is nearly the one that was meant. */
  #nearest(name: string, service: string, listed: readonly string[]): string {
    const method = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('.')) + 1);
    const near = nearServices(service, listed).map((one) => `${one}/${method}`);
    const known = near.filter((one) => this.knows(one, undefined));
    return known.length === 0 ? '' : `; did you mean ${known.map((one) => `'${one}'`).join(' or ')}?`;
  }

  #share(
    name: string,
    waiter: SchemaWaiter,
    work: (signal: AbortSignal) => Promise<readonly string[]>,
  ): Promise<readonly string[] | undefined> {
    // Those that wait for a connection must not fail with those that do not.
    const key = waiter.waitForReady ? `ready ${name}` : name;
    let shared = this.#running.get(key);
    if (shared === undefined) {
      const made: SharedWork<readonly string[]> = new SharedWork(work, () => {
        if (this.#running.get(key) === made) this.#running.delete(key);
      });
      this.#running.set(key, made);
      shared = made;
    }
    return shared.join(waiter.ended);
  }

  #invokeOptions(signal: AbortSignal, waitForReady: boolean): InvokeOptions {
    return { signal, waitForReady, timeoutMs: this.#setup.options.timeoutMs };
  }

  async #ready(): Promise<Reflector> {
    if (this.#reflector !== undefined) return this.#reflector;
    // Imported when first needed: programs that bring their schema never pay for it.
    const module = await import('./schema/reflection/reflector.ts');
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

/** What went wrong, for one who asked for it outright: with the status of the call that asked, or what to do. */
function explained(error: unknown): unknown {
  if (error instanceof ReflectionLost) return error.cause;
  if (!(error instanceof NoReflection)) return error;
  return new SchemaError(`${error.message}; load the schema from files: client.load('….proto')`, {
    cause: error.cause,
  });
}

function shortList(names: readonly string[]): string {
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : '';
  return names.slice(0, MAX_LISTED).join(', ') + more;
}
