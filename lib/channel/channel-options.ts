// What a channel is made with: a connection's options, and which addresses it uses, and how. No checks: those are the
// client's.

import type { LoadBalancing } from './balancing/load-balancing.ts';
import type { ConnectionOptions } from './connection/connection-options.ts';
import type { HealthCheck } from './connection/subchannel.ts';
import type { NamedConfig, NameResolutionOptions } from './naming/name-resolution.ts';

/** How calls are spread over addresses. */
export interface ChannelPolicy {
  readonly loadBalancing: LoadBalancing;
  /** Addresses whose server is not healthy get no calls. pick_first does not ask (gRFC A17). */
  readonly healthCheck: HealthCheck | undefined;
}

export interface ChannelOptions extends ConnectionOptions {
  /** How many calls may wait for a stream. 0: none; while there is no connection, as many as by default. */
  readonly maxQueuedCalls: number;
  /** To one address. Default 1, or 256 where each carries one call at a time. */
  readonly maxConnections?: number | undefined;
  /** After so long without a call connections are closed. Default never. */
  readonly idleConnectionMs?: number | undefined;
  /** Default pick_first. */
  readonly policy?: ChannelPolicy | undefined;
  /** What a config that came with addresses changes about the policy. Throws when it is invalid. */
  readonly readServiceConfig?: ((config: NamedConfig) => ChannelPolicy) | undefined;
  /** Default look-ups at most every 30 s, and none by itself. */
  readonly naming?: Omit<NameResolutionOptions, 'connectTimeoutMs'> | undefined;
}

export const DEFAULT_NAMING: Omit<NameResolutionOptions, 'connectTimeoutMs'> = {
  dnsMinIntervalMs: 30_000,
  serviceConfigFromDns: false,
};
