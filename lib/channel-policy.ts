// How a client's calls are spread over servers: brings its options and its service config together for its channel.

import type { ChannelOptions, ChannelPolicy } from './channel/channel.ts';
import { chooseLoadBalancing, DEFAULT_LOAD_BALANCING } from './channel/load-balancing.ts';
import type { HealthCheck } from './channel/subchannel.ts';
import { BALANCING_NAMES, type CheckedBalancing } from './options/balancing-options.ts';
import type { ClientOptions } from './options/client-options.ts';
import type { CheckedServiceConfig } from './rpc/service-config.ts';

/** Makes policies; those for the same service have the same health check. */
export class ChannelPolicies {
  readonly #options: CheckedBalancing;
  readonly #makeHealthCheck: (serviceName: string) => HealthCheck;
  readonly #healthChecks = new Map<string, HealthCheck>();

  constructor(options: CheckedBalancing, makeHealthCheck: (serviceName: string) => HealthCheck) {
    this.#options = options;
    this.#makeHealthCheck = makeHealthCheck;
  }

  /** What the options say counts before what the service config says. TypeError where the latter names no known policy. */
  of(config: CheckedServiceConfig | undefined): ChannelPolicy {
    const { loadBalancing, healthCheck } = this.#options;
    const serviceName = healthCheck ?? config?.healthCheckServiceName;
    return {
      loadBalancing:
        loadBalancing ?? chooseLoadBalancing(config?.loadBalancing ?? []) ?? DEFAULT_LOAD_BALANCING,
      healthCheck: typeof serviceName === 'string' ? this.#healthCheckOf(serviceName) : undefined,
    };
  }

  /** The first of them, from what is known before names are looked up. */
  first(config: CheckedServiceConfig | undefined): ChannelPolicy {
    const policy = this.of(config);
    const { healthCheck, serviceConfigFromDns, resolver } = this.#options;
    const isFinal = !serviceConfigFromDns && resolver === undefined;
    if (typeof healthCheck === 'string' && policy.loadBalancing.name === 'pick_first' && isFinal) {
      throw new TypeError(
        "healthCheck chooses among servers, and pick_first does not (gRFC A17); give loadBalancing: 'round_robin' or another policy that uses all addresses",
      );
    }
    return policy;
  }

  #healthCheckOf(serviceName: string): HealthCheck {
    let check = this.#healthChecks.get(serviceName);
    if (check === undefined) {
      check = this.#makeHealthCheck(serviceName);
      this.#healthChecks.set(serviceName, check);
    }
    return check;
  }
}

const DEFAULT_DNS_REFRESH_INTERVAL_MS = 60_000;

/** What a channel is told of a client's balancing options. */
export function channelBalancing(
  options: CheckedBalancing,
  policy: ChannelPolicy,
): Pick<ChannelOptions, 'maxConnections' | 'idleConnectionMs' | 'policy' | 'naming'> {
  const { maxConnections, idleConnectionMs, resolver, dnsMinIntervalMs, serviceConfigFromDns } = options;
  // A connection that works stays where it is; only who uses all addresses has to hear of new ones.
  const refreshMs = policy.loadBalancing.name === 'pick_first' ? Infinity : DEFAULT_DNS_REFRESH_INTERVAL_MS;
  const dnsRefreshIntervalMs = Math.max(options.dnsRefreshIntervalMs ?? refreshMs, dnsMinIntervalMs);
  const naming = { resolver, dnsMinIntervalMs, dnsRefreshIntervalMs, serviceConfigFromDns };
  return { maxConnections, idleConnectionMs, policy, naming };
}

const OF_THE_CHANNEL = ['tls', 'serverName', 'proxy', 'keepalive', ...BALANCING_NAMES] as const;

/** TypeError for options that say how to connect, given to a client that shares another's connections. */
export function refuseChannelOptions(given: ClientOptions | undefined): void {
  const name = OF_THE_CHANNEL.find((one) => given?.[one] !== undefined);
  if (name === undefined) return;
  throw new TypeError(
    `${name} is for who makes the channel (as are ${OF_THE_CHANNEL.join(', ')}); this client shares one`,
  );
}
