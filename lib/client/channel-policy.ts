// How a client's calls are spread over servers: brings its options and its service config together for its channel.

import { chooseLoadBalancing, DEFAULT_LOAD_BALANCING } from '../channel/balancing/load-balancing.ts';
import type { ChannelOptions, ChannelPolicy } from '../channel/channel-options.ts';
import type { HealthCheck } from '../channel/connection/subchannel.ts';
import type { NamedConfig } from '../channel/naming/name-resolution.ts';
import type { RetryThrottling } from '../rpc/service-config/retry-policy.ts';
import { type CheckedServiceConfig, parseServiceConfig } from '../rpc/service-config/service-config.ts';
import { chooseServiceConfig } from '../rpc/service-config/service-config-choice.ts';
import { BALANCING_NAMES, type CheckedBalancing } from './balancing-options.ts';
import type { ClientOptions } from './client-options.ts';

/** The service config in force, and the policies that follow from it; those for one service have one health check. */
export class ChannelPolicies {
  /** What came with addresses, else what the user gave. */
  config: CheckedServiceConfig | undefined;
  /** Told when that says something else of throttling than before. */
  onThrottling: ((throttling: RetryThrottling | undefined) => void) | undefined;
  readonly #options: CheckedBalancing;
  readonly #given: CheckedServiceConfig | undefined;
  readonly #makeHealthCheck: (serviceName: string) => HealthCheck;
  readonly #healthChecks = new Map<string, HealthCheck>();
  /** The same for the client's whole life, so that a config for some of the clients stays with it (gRFC A2). */
  readonly #percentile: number = Math.random() * 100;

  constructor(
    options: CheckedBalancing,
    given: CheckedServiceConfig | undefined,
    makeHealthCheck: (serviceName: string) => HealthCheck,
  ) {
    this.#options = options;
    this.#given = given;
    this.config = given;
    this.#makeHealthCheck = makeHealthCheck;
  }

  /** The policy from what is known before names are looked up. TypeError where options cannot hold together. */
  first(): ChannelPolicy {
    const policy = this.#of(this.config);
    const { healthCheck, serviceConfigFromDns, resolver } = this.#options;
    const isFinal = !serviceConfigFromDns && resolver === undefined;
    if (typeof healthCheck === 'string' && policy.loadBalancing.name === 'pick_first' && isFinal) {
      throw new TypeError(
        "healthCheck chooses among servers, and pick_first does not (gRFC A17); give loadBalancing: 'round_robin' or another policy that uses all addresses",
      );
    }
    return policy;
  }

  /** Takes a service config that came with addresses. TypeError for a malformed one; the one in force then stays. */
  read(named: NamedConfig): ChannelPolicy {
    const config = this.#chosen(named) ?? this.#given;
    const policy = this.#of(config);
    const before = JSON.stringify(this.config?.retryThrottling);
    this.config = config;
    // With the same numbers the tokens that are left stay.
    if (JSON.stringify(config?.retryThrottling) !== before) this.onThrottling?.(config?.retryThrottling);
    return policy;
  }

  #chosen(named: NamedConfig): CheckedServiceConfig | undefined {
    switch (named.kind) {
      case 'json':
        return parseServiceConfig(named.json, { isStrict: false });
      case 'txt': {
        return chooseServiceConfig(named.records, { hostname: hostName(), percentile: this.#percentile });
      }
      default:
        return named satisfies never;
    }
  }

  /** What the options say counts before what the service config says. */
  #of(config: CheckedServiceConfig | undefined): ChannelPolicy {
    const { loadBalancing, healthCheck } = this.#options;
    const serviceName = healthCheck ?? config?.healthCheckServiceName;
    return {
      loadBalancing:
        loadBalancing ?? chooseLoadBalancing(config?.loadBalancing ?? []) ?? DEFAULT_LOAD_BALANCING,
      healthCheck: typeof serviceName === 'string' ? this.#healthCheckOf(serviceName) : undefined,
    };
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

/** What a channel is told of a client's balancing options. */
export function channelBalancing(
  options: CheckedBalancing,
  policies: ChannelPolicies,
): Pick<ChannelOptions, 'maxConnections' | 'idleConnectionMs' | 'policy' | 'readServiceConfig'> & {
  readonly naming: NonNullable<ChannelOptions['naming']>;
} {
  const policy = policies.first();
  const {
    maxConnections,
    idleConnectionMs,
    resolver,
    dnsMinIntervalMs,
    dnsRefreshIntervalMs,
    serviceConfigFromDns,
  } = options;
  const naming = { resolver, dnsMinIntervalMs, dnsRefreshIntervalMs, serviceConfigFromDns };
  const readServiceConfig = (named: NamedConfig): ChannelPolicy => policies.read(named);
  return { maxConnections, idleConnectionMs, policy, naming, readServiceConfig };
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

/** This machine's name; empty, as no service config asks for it, where it may not be read (Deno without --allow-sys). */
function hostName(): string {
  try {
    return process.getBuiltinModule('node:os').hostname();
  } catch {
    return '';
  }
}
