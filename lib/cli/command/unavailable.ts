// Warns about services that a server lists but whose schema cannot be had, so that partial output is not taken as complete.

import type { ServiceInfo } from '../../index.ts';
import type { Io } from './io.ts';
import { notice } from './notice.ts';

/** Whether the schema of a service cannot be had. */
export const isUnavailable = ({ unavailable }: ServiceInfo): boolean => unavailable !== undefined;

/** Warns about each on standard error, with the reason. Returns whether there are any. */
export function warnUnavailable(services: readonly ServiceInfo[], io: Io): boolean {
  const missing = services.filter(isUnavailable);
  for (const { fullName, unavailable = '' } of missing) {
    notice(io, `${fullName}: its schema cannot be had: ${unavailable}`);
  }
  return missing.length > 0;
}
