// What a service config or a call's own options say about attempts: policies, complete and checked, and how to read
// them from a config. Source: gRFC A6, "Configuration Language"; grpc service_config.proto.

import { StatusCode, type StatusCodeName, type StatusCodeValue } from '../../values/status.ts';
import { type ConfigObject, shortJson } from './config-object.ts';

/** Attempts one after the other. */
export interface RetryPolicy {
  readonly kind: 'retry';
  /** Including the first attempt; at least 2, at most `MAX_ATTEMPTS`. */
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
  readonly retryableStatusCodes: ReadonlySet<StatusCodeValue>;
  /**
   * Whether a call may be retried after its connection was lost, although the server may have run it; undefined if that
   * depends on the method's `idempotency_level`.
   */
  readonly retriesLost: boolean | undefined;
}

/** Attempts in parallel. */
export interface HedgingPolicy {
  readonly kind: 'hedging';
  readonly maxAttempts: number;
  /** 0 means all at once. */
  readonly hedgingDelayMs: number;
  readonly nonFatalStatusCodes: ReadonlySet<StatusCodeValue>;
}

/** When retries and hedging stop, for all calls of a client together. */
export interface RetryThrottling {
  readonly maxTokens: number;
  /** The tokens that a successful call earns, with at most 3 decimal places. */
  readonly tokenRatio: number;
}

/** The most attempts; a config's larger numbers count as this (gRFC A6, "Limits on Retries and Hedges"). */
export const MAX_ATTEMPTS = 5;
/** The most tokens that a throttle may have. */
const MAX_TOKENS = 1000;

export const RETRY_POLICY_NAMES: readonly string[] = [
  'maxAttempts',
  'initialBackoff',
  'maxBackoff',
  'backoffMultiplier',
  'retryableStatusCodes',
];
export const HEDGING_POLICY_NAMES: readonly string[] = ['maxAttempts', 'hedgingDelay', 'nonFatalStatusCodes'];
export const RETRY_THROTTLING_NAMES: readonly string[] = ['maxTokens', 'tokenRatio'];

/** A `retryPolicy`. TypeError with the path. */
export function retryPolicyOf(config: ConfigObject): RetryPolicy {
  const retryableStatusCodes = statusCodes(config, 'retryableStatusCodes');
  if (retryableStatusCodes.size === 0) {
    throw new TypeError(`service config: ${config.at('retryableStatusCodes')} must name at least one status`);
  }
  return {
    kind: 'retry',
    maxAttempts: maxAttempts(config),
    initialBackoffMs: config.required('initialBackoff', config.positiveDurationMs('initialBackoff')),
    maxBackoffMs: config.required('maxBackoff', config.positiveDurationMs('maxBackoff')),
    backoffMultiplier: config.required('backoffMultiplier', config.positive('backoffMultiplier')),
    retryableStatusCodes,
    // Whoever lists UNAVAILABLE in a method's policy says that the method may safely run more than once.
    retriesLost: true,
  };
}

/** A `hedgingPolicy`. TypeError with the path. */
export function hedgingPolicyOf(config: ConfigObject): HedgingPolicy {
  return {
    kind: 'hedging',
    maxAttempts: maxAttempts(config),
    hedgingDelayMs: config.durationMs('hedgingDelay') ?? 0,
    nonFatalStatusCodes: statusCodes(config, 'nonFatalStatusCodes'),
  };
}

/** A `retryThrottling`. TypeError with the path. */
export function retryThrottlingOf(config: ConfigObject): RetryThrottling {
  const maxTokens = config.required('maxTokens', config.uint32('maxTokens'));
  if (maxTokens < 1 || maxTokens > MAX_TOKENS) {
    throw config.mistake('maxTokens', `a whole number from 1 to ${MAX_TOKENS}`);
  }
  const ratio = config.required('tokenRatio', config.positive('tokenRatio'));
  const tokenRatio = Math.floor(ratio * 1000) / 1000;
  if (tokenRatio === 0) throw config.mistake('tokenRatio', 'at least 0.001');
  return { maxTokens, tokenRatio };
}

function maxAttempts(config: ConfigObject): number {
  const attempts = config.required('maxAttempts', config.uint32('maxAttempts'));
  if (attempts < 2) throw config.mistake('maxAttempts', 'a whole number of at least 2');
  return Math.min(attempts, MAX_ATTEMPTS);
}

function statusCodes(config: ConfigObject, name: string): ReadonlySet<StatusCodeValue> {
  return new Set(
    config.list(name).map((value, index) => {
      const code = statusCodeOf(value);
      if (code !== undefined) return code;
      throw new TypeError(
        `service config: ${config.at(name)}[${index}] must be a status such as 'UNAVAILABLE' or 14, not ${shortJson(value)}`,
      );
    }),
  );
}

/** A status code, given its name in any letter case, or its number; undefined for anything else. */
export function statusCodeOf(value: unknown): StatusCodeValue | undefined {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= 0 && value <= 16 ? (value as StatusCodeValue) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const name = value.toUpperCase();
  return Object.hasOwn(StatusCode, name) ? StatusCode[name as StatusCodeName] : undefined;
}
