// How a client's calls are distributed over servers: combines its options with its service config for its channel.

import { chooseLoadBalancing, DEFAULT_LOAD_BALANCING } from '../channel/balancing/load-balancing.ts';
import type { ChannelOptions, ChannelPolicy } from '../channel/channel-options.ts';
import type { HealthCheck } from '../channel/connection/subchannel.ts';
import type { NamedConfig } from '../channel/naming/name-resolution.ts';
import type { RetryThrottling } from '../rpc/service-config/retry-policy.ts';
import { type CheckedServiceConfig, parseServiceConfig } from '../rpc/service-config/service-config.ts';
import { chooseServiceConfig } from '../rpc/service-config/service-config-choice.ts';
import { BALANCING_NAMES, type CheckedBalancing } from './balancing-options.ts';
import type { ClientOptions } from './client-options.ts';

/**
 * The service config in force and the policies that follow from it. Policies for the same service share a health
 * check.
 */
export class ChannelPolicies {
  /** The one that came with the addresses, otherwise the user's own. */
  config: CheckedServiceConfig | undefined;
  /** Called when the config's retry throttling changes. */
  onThrottling: ((throttling: RetryThrottling | undefined) => void) | undefined;
  readonly #options: CheckedBalancing;
  readonly #given: CheckedServiceConfig | undefined;
  readonly #makeHealthCheck: (serviceName: string) => HealthCheck;
  readonly #healthChecks = new Map<string, HealthCheck>();
  /**
   * Constant for the client's whole life, so that it stays among the clients that a config was chosen for (gRFC A2).
   */
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

  /** The policy that follows before any name has been looked up. TypeError for options that contradict each other. */
  first(): ChannelPolicy {
    const policy = this.#of(this.config);
    const { healthCheck, serviceConfigFromDns, resolver } = this.#options;
    const isFinal = !serviceConfigFromDns && resolver === undefined;
    if (typeof healthCheck === 'string' && policy.loadBalancing.name === 'pick_first' && isFinal) {
      throw new TypeError(
        "healthCheck chooses among servers, which pick_first does not do (gRFC A17); give loadBalancing: 'round_robin' or another policy that uses all addresses",
      );
    }
    return policy;
  }

  /** Takes a service config that came with addresses. TypeError if it is malformed; the one in force then stays. */
  read(named: NamedConfig): ChannelPolicy {
    const config = this.#chosen(named) ?? this.#given;
    const policy = this.#of(config);
    const before = JSON.stringify(this.config?.retryThrottling);
    this.config = config;
    // If the numbers have not changed, the remaining tokens stay.
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

  /** Options take precedence over the service config. */
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

/** The channel options that follow from a client's balancing options. */
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

const OF_THE_CHANNEL = [
  'tls',
  'serverName',
  'proxy',
  'httpVersion',
  'keepalive',
  ...BALANCING_NAMES,
] as const;

/** TypeError for connection options on a client that shares another's connections. */
export function refuseChannelOptions(given: ClientOptions | undefined): void {
  const name = OF_THE_CHANNEL.find((one) => given?.[one] !== undefined);
  if (name === undefined) return;
  const others = OF_THE_CHANNEL.filter((one) => one !== name).join(', ');
  throw new TypeError(
    `${name} is an option of the client that makes the channel (as are ${others}); this client shares one`,
  );
}

/** This machine's name; empty, which no service config asks for, if it may not be read (Deno without --allow-sys). */
function hostName(): string {
  try {
    return process.getBuiltinModule('node:os').hostname();
  } catch {
    return '';
  }
}
