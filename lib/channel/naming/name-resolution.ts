// The addresses of a target: fixed ones, those of a host name, or a user's resolver's. Asks for them when the channel
// wants to connect and what is known is old, and tells of changes. It knows no connections.

import type { AsyncContext } from '../../values/async-context.ts';
import { called } from '../../values/options/option-words.ts';
import { messageOf } from '../../values/realm.ts';
import type { Failure } from '../connection/failure.ts';
import { describeSocketError } from '../socket/socket-errors.ts';
import { type Address, isIPv4, isIPv6, parseAddress, withoutRepeats } from '../target/address.ts';
import type { Target } from '../target/target.ts';
import { type Dns, lookUp, NODE_DNS } from './dns-resolver.ts';
import { type RefreshClock, RefreshSchedule } from './refresh-schedule.ts';
import type { Resolver, ResolverFactory } from './resolver.ts';

/** How names are looked up. */
export interface NameResolutionOptions {
  /** In place of what the target's scheme says. */
  readonly resolver?: ResolverFactory | undefined;
  /** From one look-up to the next. */
  readonly dnsMinIntervalMs: number;
  /** By itself; Infinity for never, undefined for what suits the policy. */
  readonly dnsRefreshIntervalMs?: number | undefined;
  /** Whether the TXT records of the name are looked up for a service config. */
  readonly serviceConfigFromDns: boolean;
  /** How long an answer may take; connecting has as long again. */
  readonly connectTimeoutMs: number;
  /** In place of node:dns, for specs. */
  readonly dns?: Dns | undefined;
}

/** A service config as it came with addresses. */
export type NamedConfig =
  | { readonly kind: 'txt'; readonly records: readonly (readonly string[])[] }
  | { readonly kind: 'json'; readonly json: unknown };

export interface NameResolutionListener {
  /** Whether all addresses are in use, so that new ones matter while all is well. */
  readonly usesAllAddresses: boolean;
  /**
   * Throws what is wrong with the config.
   * @param config undefined where none came
   */
  onAddresses(addresses: readonly Address[], config: NamedConfig | undefined): void;
  onFailure(failure: Failure): void;
}

/** An answer with more addresses than this is cut: each of them may become a connection. */
const MAX_ADDRESSES = 1000;

const DEFAULT_REFRESH_INTERVAL_MS = 60_000;

export class NameResolution {
  readonly #target: Target;
  readonly #options: NameResolutionOptions;
  readonly #context: AsyncContext;
  readonly #listener: NameResolutionListener;
  readonly #fixed: readonly Address[] | undefined;
  readonly #schedule: RefreshSchedule;
  #resolver: Resolver | undefined;
  /** Takes back the question that is put to DNS. */
  #question: AbortController | undefined;
  #isClosed = false;

  /** @param context in which a resolver of the user's runs, whichever call or loss it is asked for */
  constructor(
    target: Target,
    options: NameResolutionOptions,
    clock: RefreshClock,
    context: AsyncContext,
    listener: NameResolutionListener,
  ) {
    this.#target = target;
    this.#options = options;
    this.#context = context;
    this.#listener = listener;
    this.#fixed = options.resolver === undefined ? fixedAddresses(target) : undefined;
    this.#schedule = new RefreshSchedule(
      {
        minIntervalMs: options.dnsMinIntervalMs,
        // A connection that works stays where it is; only who uses all addresses has to hear of new ones.
        refreshIntervalMs: () =>
          options.dnsRefreshIntervalMs ??
          (listener.usesAllAddresses
            ? Math.max(DEFAULT_REFRESH_INTERVAL_MS, options.dnsMinIntervalMs)
            : Infinity),
        timeoutMs: options.connectTimeoutMs,
      },
      clock,
      { ask: () => this.#ask(), onTimeout: () => this.#onTimeout() },
    );
  }

  /** Addresses that never change; undefined where they have to be asked for. */
  get fixed(): readonly Address[] | undefined {
    return this.#fixed;
  }

  /** Whether it should be asked before connecting: nothing is known, or what is known is old. */
  get isDue(): boolean {
    return this.#fixed === undefined && this.#schedule.isDue;
  }

  /** Whether an answer is outstanding. */
  get isPending(): boolean {
    return this.#schedule.isPending;
  }

  /** How long the last answer took. */
  get spentMs(): number {
    return this.#schedule.spentMs;
  }

  /** When it makes sense to ask again, after failures. */
  get nextMs(): number {
    return this.#schedule.nextMs;
  }

  /** Asks now. The answer may come before this returns. */
  ask(): void {
    this.#schedule.ask();
  }

  /** Asks when that is allowed again: connections fail. */
  askSoon(): void {
    if (this.#fixed === undefined) this.#schedule.askSoon();
  }

  /** Stops asking by itself, until `ask`. */
  rest(): void {
    this.#schedule.rest();
  }

  close(): void {
    this.#isClosed = true;
    this.#schedule.close();
    this.#question?.abort();
    this.#closeResolver();
  }

  #ask(): void {
    const { resolver } = this.#options;
    if (resolver !== undefined) this.#context.run(() => this.#askResolver(resolver));
    else void this.#lookUp();
  }

  #askResolver(make: ResolverFactory): void {
    const onThrown = (error: unknown): void =>
      this.#onFailure(`the resolver threw: ${messageOf(error)}`, error);
    try {
      if (this.#resolver !== undefined) {
        // Nothing is waited for; but an async function throws by what it returns.
        handleRejection(this.#resolver.refresh(), onThrown);
        return;
      }
      const made = make(this.#target.forResolver, {
        onAddresses: (addresses, config) => this.#onResolved(addresses, config),
        onError: (error) => this.#onFailure(`the resolver failed: ${messageOf(error)}`, error),
      });
      this.#resolver = isThenable(made) ? lateResolver(made) : made;
      // It may have answered, and have been closed for it.
      if (this.#isClosed) this.#closeResolver();
      handleRejection(made, (error) => {
        // Another is made when addresses are asked for again.
        this.#resolver = undefined;
        onThrown(error);
      });
    } catch (error) {
      onThrown(error);
    }
  }

  /** What a resolver throws that is no longer wanted is ignored: the channel closes all the same. */
  #closeResolver(): void {
    this.#context.run(() => {
      try {
        handleRejection(this.#resolver?.close(), () => {});
      } catch {}
    });
  }

  #onResolved(texts: readonly string[], json: unknown): void {
    if (this.#isClosed) return;
    let addresses: Address[];
    try {
      if (typeof Object(texts)[Symbol.iterator] !== 'function')
        throw new TypeError(`they must be a list of strings, not ${String(texts)}`);
      const { address } = this.#target;
      const name = address.kind === 'tcp' ? address.host : undefined;
      addresses = [...texts].map((text) => {
        const parsed = parseAddress(text, "a resolver's address");
        return parsed.kind === 'tcp' ? { ...parsed, name } : parsed;
      });
    } catch (error) {
      this.#onFailure(`the resolver gave malformed addresses: ${messageOf(error)}`, error);
      return;
    }
    this.#onAnswer(addresses, json === undefined ? undefined : { kind: 'json', json });
  }

  async #lookUp(): Promise<void> {
    const { address, dnsServer: server } = this.#target;
    if (address.kind !== 'tcp') return;
    const { host, port } = address;
    const { serviceConfigFromDns: wantsTxt, dns = NODE_DNS } = this.#options;
    const question = new AbortController();
    this.#question = question;
    try {
      const { addresses, txt } = await lookUp({ host, port, server, wantsTxt }, dns, question.signal);
      if (question.signal.aborted) return;
      this.#onAnswer(addresses, wantsTxt && txt !== undefined ? { kind: 'txt', records: txt } : undefined);
    } catch (error) {
      if (!question.signal.aborted) this.#onFailure(describeSocketError(error as Error, host, server), error);
    } finally {
      // TXT records that did not come in time are no longer wanted: asking keeps the process alive.
      if (wantsTxt) question.abort();
    }
  }

  #onAnswer(addresses: readonly Address[], config: NamedConfig | undefined): void {
    if (this.#isClosed) return;
    if (addresses.length === 0) {
      this.#onFailure('there are no addresses', undefined);
      return;
    }
    this.#schedule.answered();
    try {
      this.#listener.onAddresses(withoutRepeats(addresses).slice(0, MAX_ADDRESSES), config);
    } catch (error) {
      this.#onFailure(messageOf(error), error);
    }
  }

  #onTimeout(): void {
    this.#question?.abort();
    const { resolver, connectTimeoutMs } = this.#options;
    // One that tells of changes by itself may ignore that it is asked.
    if (resolver !== undefined && this.#schedule.hasAnswer) return;
    const server = this.#target.dnsServer;
    const who =
      resolver !== undefined ? 'the resolver' : `the name server${server === undefined ? '' : ` ${server}`}`;
    this.#onFailure(
      `${who} gave no addresses within ${called('connectTimeoutMs', connectTimeoutMs)}`,
      undefined,
    );
  }

  #onFailure(why: string, cause: unknown): void {
    if (this.#isClosed) return;
    this.#schedule.failed();
    this.#listener.onFailure({ attempt: { verb: 'connect', target: this.#target.text }, reason: why, cause });
  }
}

/** A resolver that is still being made, as one that is there. */
function lateResolver(made: PromiseLike<Resolver>): Resolver {
  return {
    refresh: async () => (await made).refresh(),
    close: async () => (await made).close(),
  };
}

function handleRejection(result: unknown, onRejected: (error: unknown) => void): void {
  if (isThenable(result)) result.then(undefined, onRejected);
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | undefined | null)?.then === 'function';
}

/** What need not be looked up. */
function fixedAddresses(target: Target): readonly Address[] | undefined {
  if (target.addresses !== undefined) return target.addresses;
  const { address } = target;
  const isName = address.kind === 'tcp' && !isIPv4(address.host) && !isIPv6(address.host);
  return isName ? undefined : [address];
}
