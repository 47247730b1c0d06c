// A service as an object whose methods are looked up when they are called: a Proxy, since what it has may be loaded
// later. It never answers `then`, which would make a promise of it.

import type { Stream } from '../call/call.ts';
import type { CallOptions } from '../call/call-options.ts';
import type { DynamicService } from '../call/typed-calls.ts';
import type { ServiceInfo } from '../schema/registry/loaded-method.ts';
import { inspectionOf, shown } from '../values/inspect.ts';

/**
 * What JSON.stringify, test frameworks and templates ask any object for and call: not the names of methods, unless the
 * service is known to have such.
 */
const PROBES: ReadonlySet<string> = new Set([
  'toJSON',
  'toBSON',
  'toString',
  'toLocaleString',
  'valueOf',
  'inspect',
  'asymmetricMatch',
]);

type Method = (fields?: unknown, options?: CallOptions, callback?: unknown) => Stream;

/**
 * A service by its full name, or the last part of it. TypeError unless the name is a non-empty string.
 * @param services all that are loaded now
 * @param call makes a call of `Service/Method`
 */
export function dynamicService(
  name: string,
  services: () => readonly ServiceInfo[],
  call: (method: string, fields: unknown, options: CallOptions | undefined) => Stream,
): DynamicService {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(
      `a service's name is a string such as 'helloworld.Greeter', not ${JSON.stringify(name) ?? String(name)}`,
    );
  }
  const known = (): ServiceInfo | undefined =>
    services().find(({ fullName }) => fullName === name || fullName.endsWith(`.${name}`));
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
      if (PROBES.has(property) && !hasMethod(known(), property))
        return Reflect.get(Object.prototype, property);
      let method = methods.get(property);
      if (method === undefined) {
        // A callback where other libraries take one; it is refused as options are.
        method = (fields, options, callback) =>
          call(`${name}/${property}`, fields, callback === undefined ? options : (callback as CallOptions));
        methods.set(property, method);
      }
      return method;
    },
  });
}

function hasMethod(service: ServiceInfo | undefined, asked: string): boolean {
  // As in a call, the first letter may be a small one.
  return service?.methods.some(({ name }) => name.toLowerCase() === asked.toLowerCase()) === true;
}
