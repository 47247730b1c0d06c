// The `keepalive` option: its defaults and checks.

import { KeepalivePolicy } from '../channel/connection/keepalive.ts';
import { checkNames, flag, positive } from '../values/options/option-checks.ts';

/** PINGs on silent connections (gRFC A8). See docs/keepalive.md. */
export interface KeepaliveOptions {
  /**
   * Milliseconds of silence from the server after which a PING is sent; less than 10,000 counts as 10,000, and
   * `Infinity` turns keepalive off. Doubles whenever the server complains of too many PINGs. Required. gRPC Core:
   * grpc.keepalive_time_ms.
   */
  readonly intervalMs: number;
  /**
   * Milliseconds of silence after a PING until the connection is dropped. Default 20,000. gRPC Core:
   * grpc.keepalive_timeout_ms.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Send PINGs even while no call is open; most servers end connections for that. Default false. gRPC Core:
   * grpc.keepalive_permit_without_calls.
   */
  readonly withoutCalls?: boolean | undefined;
}

/** gRFC A8: clients must not send PINGs more often. */
const MIN_KEEPALIVE_INTERVAL_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 20_000;
const KEEPALIVE_NAMES = ['intervalMs', 'timeoutMs', 'withoutCalls'] as const;

/** The policy of a channel; undefined for none. TypeError or RangeError that names the option. */
export function checkKeepalive(keepalive: KeepaliveOptions | undefined): KeepalivePolicy | undefined {
  if (keepalive === undefined) return undefined;
  checkNames(keepalive, KEEPALIVE_NAMES, 'keepalive option');
  const intervalMs = positive('keepalive.intervalMs', keepalive.intervalMs, Number.NaN);
  if (Number.isNaN(intervalMs)) {
    throw new TypeError('keepalive needs intervalMs, such as keepalive: { intervalMs: 300_000 }');
  }
  const timeoutMs = positive('keepalive.timeoutMs', keepalive.timeoutMs, DEFAULT_TIMEOUT_MS);
  const withoutCalls = flag('keepalive.withoutCalls', keepalive.withoutCalls, false);
  if (intervalMs === Infinity) return undefined;
  return new KeepalivePolicy(Math.max(intervalMs, MIN_KEEPALIVE_INTERVAL_MS), timeoutMs, withoutCalls);
}
