// Which service a method's name speaks of, before any schema is there to say so. Once there is, spellings are those of
// schema/registry/method-index.ts.

import { nearestNames } from '../../values/nearest-names.ts';
import { lastPart, parentScope } from '../descriptors/names.ts';

/** How many services with a similar name are looked at, so that an error can suggest their methods. */
const MAX_SUGGESTED_SERVICES = 3;

/** The part of a method's name that says its service: '' for a bare name. */
export function serviceOfName(name: string): { readonly service: string; readonly isFullName: boolean } {
  const isFullName = name.startsWith('/');
  const wanted = isFullName ? name.slice(1) : name;
  const slash = wanted.lastIndexOf('/');
  return { service: slash < 0 ? parentScope(wanted) : wanted.slice(0, slash), isFullName };
}

/** Services whose name, or the last part of it, is nearly this one. */
export function nearServices(name: string, services: readonly string[]): string[] {
  const near = nearestNames(name, services, MAX_SUGGESTED_SERVICES);
  if (near.length > 0) return near;
  const byLastPart = new Map(services.map((service) => [lastPart(service), service]));
  return nearestNames(lastPart(name), byLastPart.keys(), MAX_SUGGESTED_SERVICES).map(
    (short) => byLastPart.get(short) ?? short,
  );
}
