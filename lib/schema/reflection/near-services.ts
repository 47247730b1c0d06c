// Which of a server's services may have been meant by a name that matches none of them.

import { nearestNames } from '../../values/nearest-names.ts';
import { lastPart } from '../descriptors/names.ts';

/** How many services with a similar name are looked at, so that an error can suggest their methods. */
const MAX_SUGGESTED_SERVICES = 3;

/** Services whose name, or the last part of it, is close to this one. */
export function nearServices(name: string, services: readonly string[]): string[] {
  const near = nearestNames(name, services, MAX_SUGGESTED_SERVICES);
  if (near.length > 0) return near;
  const byLastPart = new Map(services.map((service) => [lastPart(service), service]));
  return nearestNames(lastPart(name), byLastPart.keys(), MAX_SUGGESTED_SERVICES).map(
    (short) => byLastPart.get(short) ?? short,
  );
}
