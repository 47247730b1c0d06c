// grpc-timeout: at most eight digits and a unit. Source: grpc doc/PROTOCOL-HTTP2.md, "Timeout".

import type { FieldList } from './transport.ts';

const MAX_DIGITS_VALUE = 99_999_999;

/**
 * The remaining time of a call as a grpc-timeout value, rounded up so that the server never gives up first.
 * @param remainingMs milliseconds; zero or less is sent as the shortest possible time
 */
export function encodeGrpcTimeout(remainingMs: number): string {
  if (remainingMs <= 0) return '1n';
  if (remainingMs < 1) return `${Math.ceil(remainingMs * 1000)}u`;
  const ms = Math.ceil(remainingMs);
  if (ms <= MAX_DIGITS_VALUE) return `${ms}m`;
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= MAX_DIGITS_VALUE) return `${seconds}S`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= MAX_DIGITS_VALUE) return `${minutes}M`;
  return `${Math.min(Math.ceil(minutes / 60), MAX_DIGITS_VALUE)}H`;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** The milliseconds that a grpc-timeout value says; undefined if it is malformed. */
export function decodeGrpcTimeout(value: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(value);
  return match === null ? undefined : Number(match[1]) * UNIT_MS[match[2]];
}

const MAX_KEPT_FIELDS = 256;
const keptFields = new Map<number, FieldList>();

/** The grpc-timeout field. Calls that start together send the same few timeouts, so these are cached. */
export function timeoutFields(remainingMs: number): FieldList {
  const key = Math.ceil(remainingMs);
  let fields = keptFields.get(key);
  if (fields === undefined) {
    fields = ['grpc-timeout', encodeGrpcTimeout(key)];
    if (keptFields.size >= MAX_KEPT_FIELDS) keptFields.clear();
    keptFields.set(key, fields);
  }
  return fields;
}
