// grpc-timeout: at most eight digits and a unit. Source: grpc doc/PROTOCOL-HTTP2.md, "Timeout".

const MAX_DIGITS_VALUE = 99_999_999;

/**
 * The remaining time of a call as a grpc-timeout value, rounded up so that the server never gives up first.
 * @param remainingMs milliseconds; what is not above zero is sent as the shortest time there is
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
