// How long to wait before dialling again. Source: grpc doc/connection-backoff.md.

export interface BackoffPolicy {
  readonly baseDelayMs: number;
  readonly multiplier: number;
  /** Share of the delay by which it varies both ways, so that clients do not come back all at once. */
  readonly jitter: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_BACKOFF: BackoffPolicy = {
  baseDelayMs: 1000,
  multiplier: 1.6,
  jitter: 0.2,
  maxDelayMs: 120_000,
};

/**
 * The delay from the start of a failed attempt to the start of the next, in milliseconds.
 * @param failures how many attempts have failed in a row, from 1
 * @param random from 0 to below 1
 */
export function nextDelayMs(policy: BackoffPolicy, failures: number, random: number): number {
  const delay = Math.min(policy.baseDelayMs * policy.multiplier ** (failures - 1), policy.maxDelayMs);
  return delay * (1 + policy.jitter * (2 * random - 1));
}
