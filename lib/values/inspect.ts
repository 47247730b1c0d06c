// What console.log shows of the public classes: their kind and state on one line, and nothing that may be secret
// (metadata, credentials, fields). In runtimes without this hook it is just an unused method.

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

type Facts = Readonly<Record<string, string | number | undefined>>;

/** `Client { target: 'localhost:50051', services: 2 }`; facts that are undefined are left out. */
export function shown(name: string, facts: Facts): string {
  const parts = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? `'${value}'` : String(value)}`);
  return parts.length === 0 ? `${name} {}` : `${name} { ${parts.join(', ')} }`;
}

/**
 * Makes a class's objects print as `show` says. (Not in a static block, because bundlers rename classes with those.)
 */
export function inspectedAs<T extends object>(prototype: T, show: (object: T) => string): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: T): string {
      // The prototype itself has no state to show.
      return this === prototype ? `${prototype.constructor.name} {}` : show(this);
    },
    configurable: true,
    writable: true,
  });
}

/** The same for a single object without a class. */
export function inspectionOf(show: () => string): object {
  return { [INSPECT]: show };
}
