// Where a channel's addresses come from: the interface of resolvers, which users may implement for schemes of their
// own. Types only.

import type { ResolverTarget } from './target.ts';

export type { ResolverTarget };

/** What a resolver tells. */
export interface ResolverListener {
  /**
   * All addresses there are from now on: `10.0.0.1:50051`, `[::1]:50051`, `host:50051`, `unix:/path`. Calls that run on
   * connections to others go on. May be called at any time, as often as they change.
   * @param serviceConfig a service config that came with them, as an object or JSON text
   */
  onAddresses(addresses: readonly string[], serviceConfig?: unknown): void;
  /** The addresses cannot be had now; what was told before holds. */
  onError(error: Error): void;
}

/** Tells addresses until it is closed. */
export interface Resolver {
  /**
   * Connections were lost or could not be made, or an answer is old: answers anew, by `onAddresses` or `onError`. Not
   * called more often than `dns.minIntervalMs` says.
   */
  refresh(): void;
  close(): void;
}

/** Makes a resolver for a target. The first answer comes by itself, without `refresh`. */
export type ResolverFactory = (target: ResolverTarget, listener: ResolverListener) => Resolver;
