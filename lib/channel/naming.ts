// The addresses of a target: fixed ones, those of a host name, or a user's resolver's. Asks for them when the channel
// wants to connect and what is known is old, and tells of changes. It knows no connections.

import { type Address, isIPv4, isIPv6, parseAddress, withoutRepeats } from './address.ts';
import { DEFAULT_BACKOFF, nextDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { type Dns, lookUp, NODE_DNS } from './dns-resolver.ts';
import { Resolution } from './resolution.ts';
import type { Resolver, ResolverFactory } from './resolver.ts';
import { describeSocketError } from './socket-errors.ts';
import type { Failure } from './subchannel.ts';
import type { Target } from './target.ts';

/** How names are looked up. */
export interface NamingOptions {
  /** In place of what the target's scheme says. */
  readonly resolver?: ResolverFactory | undefined;
  /** From one look-up to the next. */
  readonly dnsMinIntervalMs: number;
  /** By itself; Infinity for never, undefined for what suits the policy. */
  readonly dnsRefreshIntervalMs?: number | undefined;
  /** Whether the TXT records of the name are looked up for a service config. */
  readonly serviceConfigFromDns: boolean;
  /** How long an answer may take. */
  readonly connectTimeoutMs: number;
  /** In place of node:dns, for specs. */
  readonly dns?: Dns | undefined;
}

/** A service config as it came with addresses. */
export type NamedConfig =
  | { readonly kind: 'txt'; readonly records: readonly (readonly string[])[] }
  | { readonly kind: 'json'; readonly json: unknown };

export interface NamingListener {
  /** Whether all addresses are in use, so that new ones matter while all is well. */
  readonly usesAllAddresses: boolean;
  /** @param config undefined where none came */
  onAddresses(addresses: readonly Address[], config: NamedConfig | undefined): void;
  onFailure(failure: Failure): void;
}

/** An answer with more addresses than this is cut: each of them may become a connection. */
const MAX_ADDRESSES = 1000;

const DEFAULT_REFRESH_INTERVAL_MS = 60_000;

export class Naming {
  readonly #target: Target;
  readonly #options: NamingOptions;
  readonly #clock: Clock;
  readonly #listener: NamingListener;
  readonly #fixed: readonly Address[] | undefined;
  readonly #resolution: Resolution;
  #resolver: Resolver | undefined;
  #failures = 0;
  #nextMs = 0;
  #isClosed = false;

  constructor(target: Target, options: NamingOptions, clock: Clock, listener: NamingListener) {
    this.#target = target;
    this.#options = options;
    this.#clock = clock;
    this.#listener = listener;
    this.#fixed = options.resolver === undefined ? fixedAddresses(target) : undefined;
    this.#resolution = new Resolution(
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

  /** Whether to ask before connecting: nothing is known, or what is known is old. */
  get isOld(): boolean {
    return this.#fixed === undefined && this.#resolution.isOld;
  }

  /** How much of the connect timeout the last question took. */
  get spentMs(): number {
    return this.#resolution.spentMs;
  }

  /** When it makes sense to ask again, after failures. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /** Asks now. The answer may come before this returns. */
  ask(): void {
    this.#resolution.ask();
  }

  /** Asks when that is allowed again: connections fail. */
  askSoon(): void {
    if (this.#fixed === undefined) this.#resolution.askSoon();
  }

  /** Asks no more by itself, until `ask`. */
  rest(): void {
    this.#resolution.rest();
  }

  close(): void {
    this.#isClosed = true;
    this.#resolution.close();
    this.#resolver?.close();
  }

  #ask(): void {
    const { resolver } = this.#options;
    if (resolver !== undefined) this.#askResolver(resolver);
    else void this.#lookUp();
  }

  #askResolver(make: ResolverFactory): void {
    try {
      if (this.#resolver !== undefined) {
        this.#resolver.refresh();
        return;
      }
      this.#resolver = make(this.#target.forResolver, {
        onAddresses: (addresses, config) => this.#onResolved(addresses, config),
        onError: (error) => this.#onFailure(`the resolver failed: ${messageOf(error)}`, error),
      });
      // It may have answered, and have been closed for it.
      if (this.#isClosed) this.#resolver.close();
    } catch (error) {
      this.#onFailure(`the resolver threw: ${messageOf(error)}`, error);
    }
  }

  #onResolved(texts: readonly string[], json: unknown): void {
    if (this.#isClosed) return;
    let addresses: Address[];
    try {
      const { address } = this.#target;
      const name = address.kind === 'tcp' ? address.host : undefined;
      addresses = [...texts].map((text) => {
        const parsed = parseAddress(text, "a resolver's address");
        return parsed.kind === 'tcp' ? { ...parsed, name } : parsed;
      });
    } catch (error) {
      this.#onFailure(`the resolver gave addresses that are none: ${messageOf(error)}`, error);
      return;
    }
    this.#onAnswer(addresses, json === undefined ? undefined : { kind: 'json', json });
  }

  async #lookUp(): Promise<void> {
    const { address, dnsServer: server } = this.#target;
    if (address.kind !== 'tcp') return;
    const { host, port } = address;
    const { serviceConfigFromDns: wantsTxt, dns = NODE_DNS } = this.#options;
    try {
      const { addresses, txt } = await lookUp({ host, port, server, wantsTxt }, dns);
      this.#onAnswer(addresses, wantsTxt ? { kind: 'txt', records: txt } : undefined);
    } catch (error) {
      this.#onFailure(describeSocketError(error as Error, host), error);
    }
  }

  #onAnswer(addresses: readonly Address[], config: NamedConfig | undefined): void {
    if (this.#isClosed) return;
    if (addresses.length === 0) {
      this.#onFailure('there are no addresses', undefined);
      return;
    }
    this.#failures = 0;
    this.#resolution.answered();
    this.#listener.onAddresses(withoutRepeats(addresses).slice(0, MAX_ADDRESSES), config);
  }

  #onTimeout(): void {
    this.#fail(
      `${this.#target.text} did not answer within connectTimeoutMs ${this.#options.connectTimeoutMs}: its addresses were not found in that time`,
      undefined,
    );
  }

  #onFailure(why: string, cause: unknown): void {
    if (this.#isClosed) return;
    this.#resolution.failed();
    this.#fail(`cannot connect to ${this.#target.text}: ${why}`, cause);
  }

  #fail(reason: string, cause: unknown): void {
    this.#failures++;
    const delayMs = nextDelayMs(DEFAULT_BACKOFF, this.#failures, this.#clock.random());
    this.#nextMs = this.#clock.now() + delayMs;
    this.#listener.onFailure({ reason, cause });
  }
}

/** What need not be looked up. */
function fixedAddresses(target: Target): readonly Address[] | undefined {
  if (target.addresses !== undefined) return target.addresses;
  const { address } = target;
  const isName = address.kind === 'tcp' && !isIPv4(address.host) && !isIPv6(address.host);
  return isName ? undefined : [address];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
