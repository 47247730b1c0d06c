// Where a channel's addresses come from: the interface of resolvers, which users may implement for schemes of their
// own. Types only.

import type { ResolverTarget } from '../target/target.ts';

export type { ResolverTarget };

/** How a resolver reports. */
export interface ResolverListener {
  /**
   * Reports all addresses in use from now on: `10.0.0.1:50051`, `[::1]:50051`, `host:50051`, `unix:/path`. Calls running
   * on connections to other addresses go on. May be called at any time, as often as the addresses change.
   * @param serviceConfig a service config that came with them, as an object or JSON text
   */
  onAddresses(addresses: readonly string[], serviceConfig?: unknown): void;
  /** Reports that no addresses can be given now; those reported before stay in use. */
  onError(error: Error): void;
}

/** Reports addresses until it is closed. */
export interface Resolver {
  /**
   * Called when connections were lost or could not be made, or an answer is old: report again, by `onAddresses` or
   * `onError`. Not called more often than `dns.minIntervalMs` says. Throwing is the same as calling `onError`. May be
   * async; nothing waits for it.
   */
  refresh(): void;
  /** Called when the resolver is no longer needed. May be async; what it throws is ignored. */
  close(): void;
}

/** Makes a resolver for a target. It reports its first answer on its own, without `refresh`. */
export type ResolverFactory = (
  target: ResolverTarget,
  listener: ResolverListener,
) => Resolver | Promise<Resolver>;
