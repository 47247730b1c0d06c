// The client of a server's reflection service: decides which symbols a method's name needs, remembers what is known of them
// and since when, and puts files into the schema. It is given an `Invoke`, a clock and a count of connections; who waits
// for it, and for how long, is not its concern.

import { SchemaError } from '../../values/errors.ts';
import { type ExtensionNumber, keyOfExtension } from '../descriptors/extension-number.ts';
import { isDottedName } from '../descriptors/names.ts';
import { collectExtensionsOf, extensibleTypes, type PresentExtensions } from './extensions.ts';
import { collectExtensions, collectFiles } from './file-collection.ts';
import { MAX_NAME_LENGTH } from './file-names.ts';
import type { Invoke, InvokeOptions } from './invoke.ts';
import type { LayeredRegistry } from './layered-registry.ts';
import { Budget, type ReflectionLimits } from './limits.ts';
import { nearServices } from './near-services.ts';
import { RecentNames } from './recent-names.ts';
import { NoReflection, ReflectionLost } from './reflection-errors.ts';
import { type KnownServer, ReflectionSession, type ReflectionVersion } from './session.ts';

/** Reflected symbols older than this are checked again after a new connection is made. */
export const MAX_SYMBOL_AGE_MS: number = 5 * 60_000;
/** How long one answer about extensions may take: the schema is useful without them. */
const EXTENSIONS_TIMEOUT_MS = 2000;

export interface ReflectorSetup {
  readonly invoke: Invoke;
  readonly schema: LayeredRegistry;
  readonly limits: ReflectionLimits;
  /** The only version to speak; undefined to find out. */
  readonly version?: ReflectionVersion | undefined;
  /** What errors call the server: its host and port. */
  readonly server: string;
  /** The time in milliseconds, by a clock that only goes forward. */
  now(): number;
  /** The number of the connection that a call would use now. */
  connection(): number;
}

/** What is known about a reflected service. */
interface ServiceState {
  readonly checkedMs: number;
  /** A call of it has ended with UNIMPLEMENTED since it was checked. */
  isDoubted: boolean;
  /** A doubt was followed up and nothing had changed: on this connection it is not raised again so soon. */
  isTrusted: boolean;
}

export class Reflector {
  readonly #setup: ReflectorSetup;
  readonly #server: KnownServer;
  readonly #services: Map<string, ServiceState> = new Map();
  /** Those that must be checked again before their next call. */
  readonly #due: Set<string> = new Set();
  /** Symbols and extensions that the server does not know. */
  readonly #absent: RecentNames;
  /** The connection for which all of this was last checked. */
  #connection: number;
  /** All services were listed and resolved, so that it is known which short names are unique. */
  #isComplete = false;

  constructor(setup: ReflectorSetup) {
    this.#setup = setup;
    const { server, version } = setup;
    this.#server = { name: server, version, isVersionFixed: version !== undefined };
    this.#connection = setup.connection();
    this.#absent = new RecentNames(setup);
  }

  /** Fetches everything that the server has, replacing what it said before; or only these services. */
  async fetchAll(only: readonly string[] | undefined, options: InvokeOptions): Promise<void> {
    await this.#inSession(options, async (session, budget) => {
      const services = only ?? (await this.#list(session, budget));
      const failures = await this.#fetch(session, services, [], budget, only === undefined);
      if (only === undefined) {
        this.#isComplete = true;
        return;
      }
      const [missing] = failures;
      if (missing !== undefined) {
        throw new SchemaError(`${this.#setup.server}: service ${missing[0]} cannot be had: ${missing[1]}`);
      }
    });
  }

  /**
   * Fetches what the methods of a service need, or of any service whose name ends with this; with '' of all services.
   * Returns the services that the server lists, if it had to be asked for them.
   */
  async fetchService(name: string, isFullName: boolean, options: InvokeOptions): Promise<readonly string[]> {
    return this.#inSession(options, async (session, budget) => {
      if (isFullName || name.includes('.')) {
        const failures = await this.#fetch(session, [name], [], budget, false);
        if (failures.size === 0) return [];
      }
      const listed = await this.#list(session, budget);
      let wanted = listed.filter(
        (service) => name === '' || service === name || service.endsWith(`.${name}`),
      );
      if (wanted.length === 0) wanted = nearServices(name, listed);
      await this.#fetch(
        session,
        wanted.filter((service) => !this.#isFresh(service)),
        listed,
        budget,
        false,
      );
      if (name === '') this.#isComplete = true;
      return listed;
    });
  }

  /**
   * Fetches symbols by full name; returns the reasons for those that cannot be had, which are not asked for again soon.
   */
  async fetchSymbols(names: readonly string[], options: InvokeOptions): Promise<ReadonlyMap<string, string>> {
    const wanted = names.filter((name) => name.length <= MAX_NAME_LENGTH && isDottedName(name));
    return this.#inSession(options, async (session, budget) => {
      const failures = await this.#fetch(session, wanted, [], budget, false);
      for (const name of failures.keys()) this.#absent.add(name);
      return failures;
    });
  }

  /** Whether the server said recently that it does not know something. */
  isAbsent(key: string): boolean {
    return this.#absent.has(key);
  }

  /** Fetches the files of extensions by number. Those that cannot be had are left out. */
  async fetchExtensions(extensions: readonly ExtensionNumber[], options: InvokeOptions): Promise<void> {
    const { schema, server } = this.#setup;
    await this.#inSession(options, async (session, budget) => {
      const { files, gaps } = await collectExtensions(session, extensions, this.#present(false), budget);
      if (files.length > 0) schema.reflect(files, [], `the reflection of ${server}`, false, gaps);
    });
    const { hasExtension } = this.#present(false);
    for (const one of extensions) if (!hasExtension(one)) this.#absent.add(keyOfExtension(one));
  }

  /** Asks again about a service that may have changed. If that fails, it stays as it is. */
  async checkAgain(service: string, options: InvokeOptions): Promise<void> {
    const { schema } = this.#setup;
    const wasDoubted = this.#services.get(service)?.isDoubted === true;
    const before = schema.current;
    try {
      await this.#inSession(options, async (session, budget) => {
        const failures = await this.#fetch(session, [service], [], budget, false, true);
        if (!failures.has(service)) return;
        const listed = await this.#list(session, budget);
        if (listed.includes(service)) throw new SchemaError(`${service}: ${failures.get(service)}`);
        schema.forget(service);
        this.#services.delete(service);
        this.#due.delete(service);
        this.#isComplete = false;
      });
    } catch (error) {
      if (options.signal.aborted) throw error;
      // The server cannot be asked now, but it described the service before: its methods may still work.
      this.#mark(service);
    }
    const state = this.#services.get(service);
    if (state !== undefined) state.isTrusted = wasDoubted && schema.current === before;
  }

  /** Whether all services are known, so that a short name means what it seems to. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether a service should be asked about again before a call of it. */
  isDue(service: string): boolean {
    // Called before every call: usually two comparisons.
    const connection = this.#setup.connection();
    if (connection !== this.#connection) this.#onNewConnection(connection);
    return this.#due.size > 0 && this.#due.has(service);
  }

  #onNewConnection(connection: number): void {
    this.#connection = connection;
    for (const [service, state] of this.#services) {
      state.isTrusted = false;
      if (this.#isOld(state)) this.#due.add(service);
    }
  }

  /** A call of a method of this service ended with UNIMPLEMENTED. */
  doubt(service: string): void {
    const state = this.#services.get(service);
    if (state === undefined || (state.isTrusted && !this.#isOld(state))) return;
    state.isDoubted = true;
    this.#due.add(service);
  }

  async #inSession<T>(
    options: InvokeOptions,
    work: (session: ReflectionSession, budget: Budget) => Promise<T>,
  ): Promise<T> {
    const budget = new Budget(this.#setup.limits);
    const session = new ReflectionSession(this.#setup.invoke, options, this.#server, budget);
    try {
      return await work(session, budget);
    } finally {
      session.close();
    }
  }

  async #list(session: ReflectionSession, budget: Budget): Promise<string[]> {
    const [answer] = await session.ask([{ listServices: '*' }]);
    if (answer.kind !== 'services') {
      const why = answer.kind === 'error' ? answer.message : 'it answered with files';
      throw new NoReflection(`${this.#setup.server} does not list its services: ${why}`, {
        cause: answer.kind === 'error' ? answer.cause : undefined,
      });
    }
    budget.checkServices(answer.names.length);
    // Some servers name them as descriptors do, with a leading dot.
    const names = answer.names.map((name) => name.replace(/^\./, ''));
    return [...new Set(names.filter((name) => name.length <= MAX_NAME_LENGTH && isDottedName(name)))];
  }

  /**
   * Fetches symbols into the schema; returns those that could not be had, with the reason. Services that the server
   * listed are marked as unavailable for that reason.
   */
  async #fetch(
    session: ReflectionSession,
    symbols: readonly string[],
    listed: readonly string[],
    budget: Budget,
    isAll: boolean,
    isAgain = false,
  ): Promise<ReadonlyMap<string, string>> {
    if (symbols.length === 0 && !isAll) return NONE;
    const { schema, server } = this.#setup;
    const present = this.#present(isAll || isAgain);
    const { files, failures, gaps } = await collectFiles(session, symbols, present, budget);
    if (files.length > 0 || isAll) schema.reflect(files, symbols, `the reflection of ${server}`, isAll, gaps);
    await this.#fetchExtensionsOf(extensibleTypes(files), session.options, budget);
    if (isAll) {
      this.#services.clear();
      this.#due.clear();
    }
    for (const symbol of symbols) {
      if (!failures.has(symbol) && schema.current.find(symbol)?.kind === 'service') this.#mark(symbol);
    }
    if (isAll || listed.length > 0) schema.markUnavailable(failures);
    return failures;
  }

  /** Fetches what extends these types. A failure here must not cost the rest of the schema. */
  async #fetchExtensionsOf(types: readonly string[], options: InvokeOptions, budget: Budget): Promise<void> {
    if (types.length === 0) return;
    const { schema, server } = this.#setup;
    const timeoutMs = Math.min(options.timeoutMs, EXTENSIONS_TIMEOUT_MS);
    const session = new ReflectionSession(
      this.#setup.invoke,
      { ...options, timeoutMs },
      this.#server,
      budget,
    );
    try {
      const { files, gaps } = await collectExtensionsOf(types, session, this.#present(false), budget);
      if (files.length > 0) schema.reflect(files, [], `the reflection of ${server}`, false, gaps);
    } catch (error) {
      if (options.signal.aborted) throw error;
      if (!(error instanceof SchemaError || error instanceof ReflectionLost)) throw error;
    } finally {
      session.close();
    }
  }

  #mark(service: string): void {
    this.#services.set(service, { checkedMs: this.#setup.now(), isDoubted: false, isTrusted: false });
    this.#due.delete(service);
  }

  #isOld(state: ServiceState): boolean {
    return this.#setup.now() - state.checkedMs > MAX_SYMBOL_AGE_MS;
  }

  #isFresh(service: string): boolean {
    const state = this.#services.get(service);
    return state !== undefined && !this.#due.has(service) && !this.#isOld(state);
  }

  /** What need not be asked for: what was loaded, and what was reflected unless it is to be fetched again. */
  #present(isAnew: boolean): PresentExtensions {
    const { schema, server } = this.#setup;
    const { current } = schema;
    return {
      server,
      sent: (name) => schema.reflectedFile(name),
      file: (name) => {
        const sent = schema.reflectedFile(name);
        if (sent !== undefined) return isAnew ? undefined : sent;
        return current.file(name)?.proto;
      },
      fileOf: (symbol) => {
        const found = current.find(symbol);
        return found === undefined || (isAnew && schema.isReflected(found))
          ? undefined
          : found.file.proto.name;
      },
      hasExtension: ({ containingType, extensionNumber }) =>
        current.model.extension(containingType, extensionNumber) !== undefined,
    };
  }
}

const NONE: ReadonlyMap<string, string> = new Map();
