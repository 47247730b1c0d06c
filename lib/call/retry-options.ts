// The options that let a call be attempted more than once: retries, hedging, and how much may be buffered for them.

import {
  type HedgingPolicy,
  MAX_ATTEMPTS,
  type RetryPolicy,
  statusCodeOf,
} from '../rpc/service-config/retry-policy.ts';
import { checkNames, count, flag, positive, show } from '../values/options/option-checks.ts';
import type { StatusCodeName, StatusCodeValue } from '../values/status.ts';

/** How a failed call is retried; gRFC A6's retryPolicy. See docs/resilience.md. */
export interface RetryOptions {
  /** The most attempts, including the first; 2 to 5. Default 5. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds before the second attempt, plus or minus 20 %. Default 100. */
  readonly initialBackoffMs?: number | undefined;
  /** The most milliseconds before any attempt, plus or minus 20 %. Default 1,000. */
  readonly maxBackoffMs?: number | undefined;
  /** The factor by which each wait is longer than the one before; above 0. Default 2. */
  readonly backoffMultiplier?: number | undefined;
  /** The status codes that are retried. Default: only UNAVAILABLE. */
  readonly statusCodes?: readonly (StatusCodeName | StatusCodeValue)[] | undefined;
  /**
   * Whether the call may safely run more than once. Only then is it retried after a lost connection or a proxy's
   * answer, when nobody can know whether it ran. Default: what the method's `idempotency_level` says.
   */
  readonly idempotent?: boolean | undefined;
}

/** How a call is attempted several times in parallel, taking the first reply; gRFC A6's hedgingPolicy. */
export interface HedgingOptions {
  /** The most attempts, including the first; 2 to 5. Default 2. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds between the starts of attempts; 0 starts all of them at once. Required. */
  readonly delayMs: number;
  /** The status codes with which one attempt may fail while the others go on. Default: only UNAVAILABLE. */
  readonly nonFatalStatusCodes?: readonly (StatusCodeName | StatusCodeValue)[] | undefined;
}

/**
 * The caller's policy; `none` forbids one even if a service config has it; undefined leaves it to the service config.
 */
export type CheckedPolicy = RetryPolicy | HedgingPolicy | 'none' | undefined;

/** How much may be buffered of requests that may have to be sent again, in bytes. */
export interface CheckedRetryBuffers {
  readonly perCall: number;
  readonly total: number;
}

const RETRY_NAMES = [
  'maxAttempts',
  'initialBackoffMs',
  'maxBackoffMs',
  'backoffMultiplier',
  'statusCodes',
  'idempotent',
] as const;
const HEDGING_NAMES = ['maxAttempts', 'delayMs', 'nonFatalStatusCodes'] as const;

/** The policy that the options describe. TypeError or RangeError that names the option. */
export function checkPolicy(retry: unknown, hedging: unknown, fallback: CheckedPolicy): CheckedPolicy {
  if (hedging !== undefined) {
    if (retry !== undefined && retry !== false) {
      throw new TypeError('a call is either retried or hedged: give retry or hedging, not both');
    }
    return hedgingPolicy(hedging);
  }
  if (retry === undefined) return fallback;
  if (retry === false) return 'none';
  return retryPolicy(retry === true ? {} : retry);
}

/** The bytes that may be buffered. RangeError that names the option. */
export function checkRetryBuffers(perCall: unknown, total: unknown): CheckedRetryBuffers {
  return {
    perCall: count('maxRetryBufferBytesPerCall', perCall, 1024 * 1024, 0),
    total: count('maxRetryBufferBytes', total, 16 * 1024 * 1024, 0),
  };
}

function retryPolicy(options: unknown): RetryPolicy {
  checkNames(options, RETRY_NAMES, 'retry option');
  const given = options as RetryOptions;
  const { backoffMultiplier = 2, idempotent } = given;
  if (typeof backoffMultiplier !== 'number' || !(backoffMultiplier > 0 && backoffMultiplier < Infinity)) {
    throw new RangeError(`retry.backoffMultiplier must be a number above 0, not ${show(backoffMultiplier)}`);
  }
  return {
    kind: 'retry',
    maxAttempts: attempts('retry.maxAttempts', given.maxAttempts, MAX_ATTEMPTS),
    initialBackoffMs: finite('retry.initialBackoffMs', given.initialBackoffMs, 100),
    maxBackoffMs: finite('retry.maxBackoffMs', given.maxBackoffMs, 1000),
    backoffMultiplier,
    retryableStatusCodes: statusCodes('retry.statusCodes', given.statusCodes),
    retriesLost: idempotent === undefined ? undefined : flag('retry.idempotent', idempotent, false),
  };
}

function hedgingPolicy(options: unknown): HedgingPolicy {
  checkNames(options, HEDGING_NAMES, 'hedging option');
  const given = options as Partial<HedgingOptions>;
  const { delayMs } = given;
  if (typeof delayMs !== 'number' || !(delayMs >= 0 && delayMs < Infinity)) {
    throw new RangeError(
      `hedging.delayMs must be a number of milliseconds of at least 0, not ${show(delayMs)}`,
    );
  }
  return {
    kind: 'hedging',
    maxAttempts: attempts('hedging.maxAttempts', given.maxAttempts, 2),
    hedgingDelayMs: delayMs,
    nonFatalStatusCodes: statusCodes('hedging.nonFatalStatusCodes', given.nonFatalStatusCodes),
  };
}

function attempts(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 2 || value > MAX_ATTEMPTS) {
    throw new RangeError(
      `${name} must be a whole number from 2 to ${MAX_ATTEMPTS}, the first attempt included, not ${show(value)}`,
    );
  }
  return value;
}

function finite(name: string, value: unknown, fallback: number): number {
  const ms = positive(name, value, fallback);
  if (ms === Infinity) throw new RangeError(`${name} must be a number of milliseconds, not Infinity`);
  return ms;
}

function statusCodes(name: string, value: unknown): ReadonlySet<StatusCodeValue> {
  const given = value === undefined ? ['UNAVAILABLE'] : value;
  if (!Array.isArray(given) || given.length === 0) {
    throw new TypeError(`${name} must be an array of statuses such as 'UNAVAILABLE', not ${show(value)}`);
  }
  return new Set(
    given.map((one: unknown) => {
      const code = statusCodeOf(one);
      if (code === undefined || code === 0) {
        throw new TypeError(`${name} must list failures such as 'UNAVAILABLE', not ${show(one)}`);
      }
      return code;
    }),
  );
}
