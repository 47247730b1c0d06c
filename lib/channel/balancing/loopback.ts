// Failures at this machine's own addresses, of which there are two: a server may listen on one of them alone, and what is
// known of `localhost` may be the other alone.

import { errorCodeOf } from '../../values/realm.ts';
import type { Failure } from '../connection/failure.ts';

/** An address, as text, and why it could not be connected to. */
export type FailedAddress = readonly [address: string, failure: Failure];

const LOOPBACK = /^(?:(127\.0\.0\.1|0\.0\.0\.0)|\[(?:::1|::)\]):(\d+)$/;

/**
 * Of this machine's two addresses, where one refuses and the other fails otherwise, the server is at the other: that
 * nothing listens at the first is not news, and would be taken for the reason.
 */
export function withoutRefusedLoopback(failures: readonly FailedAddress[]): readonly FailedAddress[] {
  const ofLoopback = failures.filter(([address]) => LOOPBACK.test(address));
  const refused = ofLoopback.filter(isRefused);
  if (refused.length === ofLoopback.length) return failures;
  return failures.filter((one) => !refused.includes(one));
}

/** The failure of the only address there is; where this machine refused, with the one that was not tried. */
export function withOtherLoopback(failed: FailedAddress): Failure {
  const [address, failure] = failed;
  const match = LOOPBACK.exec(address);
  if (match === null || !isRefused(failed) || failure.attempt?.proxy !== undefined) return failure;
  const [, v4, port] = match;
  const hint =
    v4 === undefined
      ? `if the server listens on IPv4 alone, give 127.0.0.1:${port}`
      : `if the server listens on IPv6 alone, give [::1]:${port}`;
  // `localhost` is both where the hosts file says so.
  const orBoth =
    failure.attempt?.target.startsWith('localhost:') === true ? '' : `, or localhost:${port} for both`;
  return { ...failure, reason: `${failure.reason}; ${hint}${orBoth}` };
}

function isRefused([, { cause }]: FailedAddress): boolean {
  return errorCodeOf(cause) === 'ECONNREFUSED';
}
