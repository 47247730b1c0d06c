// The client options that decide which servers its calls go to: how names are looked up, how calls are distributed
// over addresses, and how many connections there are and for how long. The policies themselves, with defaults and
// checks, are in channel/balancing/load-balancing.ts.

import {
  LOAD_BALANCING_MEMBERS,
  LOAD_BALANCING_NAMES,
  type LoadBalancing,
  type LoadBalancingName,
  loadBalancingOf,
} from '../channel/balancing/load-balancing.ts';
import type { ResolverFactory } from '../channel/naming/resolver.ts';
import { checkNames, count, flag, positive, show } from '../values/options/option-checks.ts';

/** A load-balancing policy with its configuration; see docs/connections.md. */
export type LoadBalancingOptions =
  | {
      readonly policy: 'pick_first';
      /**
       * Try the addresses in random order, so that many clients do not all use the first one. Default false. Source:
       * gRFC A62.
       */
      readonly shuffleAddressList?: boolean | undefined;
    }
  | { readonly policy: 'round_robin' }
  | {
      readonly policy: 'least_request';
      /**
       * How many random addresses to compare, to use the one with the fewest calls; at least 2, and more than 10 count
       * as 10. Default 2. Source: gRFC A48.
       */
      readonly choiceCount?: number | undefined;
    }
  | {
      readonly policy: 'weighted_round_robin';
      /**
       * How many milliseconds a server must have been reporting load before its weight counts. Default 10,000. Source:
       * gRFC A58, as for the other fields.
       */
      readonly blackoutPeriodMs?: number | undefined;
      /** Milliseconds after which a weight without a new report no longer counts. Default 180,000. */
      readonly weightExpirationPeriodMs?: number | undefined;
      /** Milliseconds between updates of the weights, at least 100. Default 1,000. */
      readonly weightUpdatePeriodMs?: number | undefined;
      /** The factor by which the rate of failed calls counts as load; 0 or more. Default 1. */
      readonly errorUtilizationPenalty?: number | undefined;
    };

/** How host names are looked up. */
export interface DnsOptions {
  /**
   * The minimum number of milliseconds between lookups of the name. Default 30,000. gRPC Core:
   * grpc.dns_min_time_between_resolutions_ms.
   */
  readonly minIntervalMs?: number | undefined;
  /**
   * How often the name is looked up again while nothing is wrong, in milliseconds; `Infinity` for never. Default 60,000
   * for policies that use all addresses; pick_first looks it up when it connects, and regularly only if this is set.
   */
  readonly refreshIntervalMs?: number | undefined;
  /** Look for a service config in the TXT records of `_grpc_config.<host>`. Default false. Source: gRFC A2. */
  readonly serviceConfig?: boolean | undefined;
}

/** How a client finds servers and distributes calls. */
export interface BalancingOptions {
  /**
   * How calls are distributed over the target's addresses: a policy's name, or an object with its settings. Default:
   * what the service config says, otherwise `pick_first`. See docs/connections.md. gRPC Core: grpc.lb_policy_name.
   */
  readonly loadBalancing?: LoadBalancingName | LoadBalancingOptions | undefined;
  /**
   * The most connections to one address; a further one is opened only while calls wait for a stream: because of the server's
   * MAX_CONCURRENT_STREAMS, or over HTTP/1.1, where a connection carries one call at a time. Default 1; 256 over HTTP/1.1.
   */
  readonly maxConnections?: number | undefined;
  /**
   * How many milliseconds a connection may be without calls before it is closed; the next call makes a new one. Default
   * 1,800,000 (30 minutes); `Infinity` for never. gRPC Core: grpc.client_idle_timeout_ms.
   */
  readonly idleConnectionMs?: number | undefined;
  /** How host names are looked up. Each field has its own default. */
  readonly dns?: DnsOptions | undefined;
  /**
   * Your own source of addresses, instead of DNS; it may define target schemes. Default none. See docs/connections.md.
   */
  readonly resolver?: ResolverFactory | undefined;
  /**
   * Watch each server's health (grpc.health.v1) and skip servers that are not serving: true for the server as a whole,
   * or the name of a service. Needs a policy other than pick_first, which does not choose among servers: with that it
   * is a TypeError, or has no effect if a service config from DNS or the resolver may choose the policy. Default: what
   * the service config says. Source: gRFC A17.
   */
  readonly healthCheck?: boolean | { readonly serviceName: string } | undefined;
}

/** Which servers calls go to, checked. */
export interface CheckedBalancing {
  /** undefined: what the service config says. */
  readonly loadBalancing: LoadBalancing | undefined;
  /** undefined: as many as is usual for what is spoken. */
  readonly maxConnections: number | undefined;
  readonly idleConnectionMs: number;
  readonly dnsMinIntervalMs: number;
  readonly dnsRefreshIntervalMs: number | undefined;
  readonly serviceConfigFromDns: boolean;
  readonly resolver: ResolverFactory | undefined;
  /** The service to ask about; false for none, even if the service config has one; undefined: what the config says. */
  readonly healthCheck: string | false | undefined;
}

export const BALANCING_NAMES: readonly (keyof BalancingOptions)[] = [
  'loadBalancing',
  'maxConnections',
  'idleConnectionMs',
  'dns',
  'resolver',
  'healthCheck',
];

const DNS_NAMES: readonly (keyof DnsOptions)[] = ['minIntervalMs', 'refreshIntervalMs', 'serviceConfig'];

const DEFAULT_IDLE_CONNECTION_MS = 30 * 60 * 1000;
const DEFAULT_DNS_MIN_INTERVAL_MS = 30_000;

/** The complete balancing options. TypeError or RangeError that names the option. */
export function checkBalancing(given: BalancingOptions): CheckedBalancing {
  const { dns = {}, resolver } = given;
  checkNames(dns, DNS_NAMES, 'dns option');
  if (resolver !== undefined && typeof resolver !== 'function') {
    throw new TypeError(`resolver must be a function (target, listener), not ${show(resolver)}`);
  }
  return {
    loadBalancing: checkLoadBalancing(given.loadBalancing),
    maxConnections:
      given.maxConnections === undefined ? undefined : count('maxConnections', given.maxConnections, 1, 1),
    idleConnectionMs: positive('idleConnectionMs', given.idleConnectionMs, DEFAULT_IDLE_CONNECTION_MS),
    dnsMinIntervalMs: positive('dns.minIntervalMs', dns.minIntervalMs, DEFAULT_DNS_MIN_INTERVAL_MS),
    dnsRefreshIntervalMs:
      dns.refreshIntervalMs === undefined
        ? undefined
        : positive('dns.refreshIntervalMs', dns.refreshIntervalMs, Infinity),
    serviceConfigFromDns: flag('dns.serviceConfig', dns.serviceConfig, false),
    resolver,
    healthCheck: checkHealthCheck(given.healthCheck),
  };
}

function checkLoadBalancing(given: BalancingOptions['loadBalancing']): LoadBalancing | undefined {
  if (given === undefined) return undefined;
  const { policy, ...members } = typeof given === 'string' ? { policy: given } : { ...given };
  const name = LOAD_BALANCING_NAMES.find((one) => one === policy);
  if (name === undefined) {
    throw new TypeError(
      `loadBalancing must be ${LOAD_BALANCING_NAMES.join(', ')}, or an object with one of these as its policy, not ${show(typeof given === 'string' ? given : policy)}`,
    );
  }
  checkNames(members, LOAD_BALANCING_MEMBERS[name], `${name} option`);
  return loadBalancingOf(name, members, 'loadBalancing');
}

function checkHealthCheck(given: BalancingOptions['healthCheck']): string | false | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'boolean') return given ? '' : false;
  checkNames(given, ['serviceName'], 'healthCheck option');
  const { serviceName } = given;
  if (typeof serviceName === 'string') return serviceName;
  throw new TypeError(`healthCheck.serviceName must be the full name of a service, not ${show(serviceName)}`);
}
