// Which load-balancing policies there are, and their configuration: as a client's option spells it, and as a service
// config does. A new policy: a file of its own (what carries it out, and its config's type), an entry here in each place
// that names them all, its options' type in client/balancing-options.ts. Sources: grpc service_config.proto, gRFC A48,
// A58, A62.

import type { Balancer, BalancerHost } from './balancer.ts';
import { LeastRequest, type LeastRequestConfig } from './least-request.ts';
import { PickFirst, type PickFirstConfig } from './pick-first.ts';
import { ReadyAddresses } from './ready-addresses.ts';
import { RoundRobin, type RoundRobinConfig } from './round-robin.ts';
import { WeightedRoundRobin, type WeightedRoundRobinConfig } from './weighted-round-robin.ts';

/** A policy with its configuration, complete and checked. */
export type LoadBalancing =
  | PickFirstConfig
  | RoundRobinConfig
  | LeastRequestConfig
  | WeightedRoundRobinConfig;

/** The names of the load-balancing policies. */
export type LoadBalancingName = LoadBalancing['name'];

export const LOAD_BALANCING_NAMES: readonly LoadBalancingName[] = [
  'pick_first',
  'round_robin',
  'weighted_round_robin',
  'least_request',
];

/** What holds where nothing is said. Source: grpc doc/load-balancing.md. */
export const DEFAULT_LOAD_BALANCING: PickFirstConfig = { name: 'pick_first', shuffleAddressList: false };

const DEFAULT_CHOICE_COUNT = 2;
const MAX_CHOICE_COUNT = 10;

/** Periods shorter than this are taken as this. Source: gRFC A58. */
const MIN_WEIGHT_UPDATE_PERIOD_MS = 100;

/** The policy of a configuration's members. What is wrong is told by `mistake`, which makes the error to throw. */
export interface LoadBalancingMembers {
  readonly shuffleAddressList?: unknown;
  readonly choiceCount?: unknown;
  readonly blackoutPeriodMs?: unknown;
  readonly weightExpirationPeriodMs?: unknown;
  readonly weightUpdatePeriodMs?: unknown;
  readonly errorUtilizationPenalty?: unknown;
}

/** Which members the configuration of a policy may have. */
export const LOAD_BALANCING_MEMBERS: Readonly<
  Record<LoadBalancingName, readonly (keyof LoadBalancingMembers)[]>
> = {
  pick_first: ['shuffleAddressList'],
  round_robin: [],
  least_request: ['choiceCount'],
  weighted_round_robin: [
    'blackoutPeriodMs',
    'weightExpirationPeriodMs',
    'weightUpdatePeriodMs',
    'errorUtilizationPenalty',
  ],
};

/** A policy, complete. TypeError or RangeError that begins with `where`. */
export function loadBalancingOf(
  name: LoadBalancingName,
  members: LoadBalancingMembers,
  where: string,
): LoadBalancing {
  const ms = (member: keyof LoadBalancingMembers, fallback: number): number => {
    const value = members[member] ?? fallback;
    if (typeof value === 'number' && value >= 0 && value < Infinity) return value;
    throw new RangeError(`${where}.${member} must be a number from 0, not ${JSON.stringify(value)}`);
  };
  switch (name) {
    case 'pick_first': {
      const shuffleAddressList = members.shuffleAddressList ?? false;
      if (typeof shuffleAddressList === 'boolean') return { name, shuffleAddressList };
      throw new TypeError(
        `${where}.shuffleAddressList must be true or false, not ${JSON.stringify(shuffleAddressList)}`,
      );
    }
    case 'round_robin':
      return { name };
    case 'least_request': {
      const count = members.choiceCount ?? DEFAULT_CHOICE_COUNT;
      if (typeof count === 'number' && Number.isInteger(count) && count >= 2) {
        return { name, choiceCount: Math.min(count, MAX_CHOICE_COUNT) };
      }
      throw new RangeError(
        `${where}.choiceCount must be a whole number of at least 2, not ${JSON.stringify(count)}`,
      );
    }
    case 'weighted_round_robin':
      return {
        name,
        blackoutPeriodMs: ms('blackoutPeriodMs', 10_000),
        weightExpirationPeriodMs: ms('weightExpirationPeriodMs', 180_000),
        weightUpdatePeriodMs: Math.max(ms('weightUpdatePeriodMs', 1_000), MIN_WEIGHT_UPDATE_PERIOD_MS),
        errorUtilizationPenalty: ms('errorUtilizationPenalty', 1),
      };
    default:
      return name satisfies never;
  }
}

/** An entry of a service config's `loadBalancingConfig`. */
export interface LoadBalancingChoice {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Where it stands, for error messages. */
  readonly path: string;
}

/**
 * The first policy of a service config's list that is known here; undefined where the list is empty. TypeError where
 * none is known, or the configuration of the one that counts is wrong.
 */
export function chooseLoadBalancing(choices: readonly LoadBalancingChoice[]): LoadBalancing | undefined {
  for (const { name, config, path } of choices) {
    const known = LOAD_BALANCING_NAMES.find((one) => one === name.replace(/_experimental$/, ''));
    if (known !== undefined)
      return loadBalancingOf(known, membersOf(config, path), `service config: ${path}`);
  }
  if (choices.length === 0) return undefined;
  const names = choices.map(({ name }) => name).join(', ');
  throw new TypeError(
    `service config: no policy of loadBalancingConfig is known (${names}); known ones are ${LOAD_BALANCING_NAMES.join(', ')}`,
  );
}

/** A service config has durations ('1.5s') where an option has milliseconds. Members that are not known are ignored. */
function membersOf(config: Readonly<Record<string, unknown>>, path: string): LoadBalancingMembers {
  const ms = (name: string): number | undefined => {
    const value = config[name];
    if (value === undefined || value === null) return undefined;
    const match = typeof value === 'string' ? /^(\d+(?:\.\d{1,9})?)s$/.exec(value) : null;
    if (match !== null) return Number(match[1]) * 1000;
    throw new TypeError(
      `service config: ${path}.${name} must be a duration such as '1.5s', not ${JSON.stringify(value)}`,
    );
  };
  return {
    shuffleAddressList: config['shuffleAddressList'] ?? undefined,
    choiceCount: config['choiceCount'] ?? undefined,
    blackoutPeriodMs: ms('blackoutPeriod'),
    weightExpirationPeriodMs: ms('weightExpirationPeriod'),
    weightUpdatePeriodMs: ms('weightUpdatePeriod'),
    errorUtilizationPenalty: config['errorUtilizationPenalty'] ?? undefined,
  };
}

/** What carries a policy out. */
export function makeBalancer(policy: LoadBalancing, host: BalancerHost): Balancer {
  const { clock } = host;
  switch (policy.name) {
    case 'pick_first':
      return new PickFirst(host, policy);
    case 'round_robin':
      return new ReadyAddresses(host, new RoundRobin(clock.random));
    case 'least_request':
      return new ReadyAddresses(host, new LeastRequest(policy, clock.random));
    case 'weighted_round_robin':
      return new ReadyAddresses(host, new WeightedRoundRobin(policy, clock));
    default:
      return policy satisfies never;
  }
}
