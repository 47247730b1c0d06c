// A service as an object whose methods are looked up when they are called: a Proxy, since what it has may be loaded
// later. It never answers `then`, which would make a promise of it.

import type { Stream } from './call.ts';
import type { DynamicService } from './client-types.ts';
import { inspectionOf, shown } from './inspected.ts';
import type { CallOptions } from './options/call-options.ts';
import type { ServiceInfo } from './schema/registry.ts';

type Method = (fields?: unknown, options?: CallOptions) => Stream;

/**
 * @param known what is loaded of it, if anything
 * @param call makes a call of `Service/Method`
 */
export function dynamicService(
  name: string,
  known: () => ServiceInfo | undefined,
  call: (method: string, fields: unknown, options: CallOptions | undefined) => Stream,
): DynamicService {
  const methods = new Map<string, Method>();
  const about = inspectionOf(() => {
    const service = known();
    return shown('Service', { name: service?.fullName ?? name, methods: service?.methods.length });
  });
  return new Proxy(Object.assign(Object.create(null), about), {
    get: (target, property) => {
      if (Object.hasOwn(target, property)) return Reflect.get(target, property);
      // A promise that resolves to a service must not take it for a promise.
      if (typeof property !== 'string' || property === 'then') return undefined;
      let method = methods.get(property);
      if (method === undefined) {
        method = (fields, options) => call(`${name}/${property}`, fields, options);
        methods.set(property, method);
      }
      return method;
    },
  });
}
