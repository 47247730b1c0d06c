// Which handler answers a path: the methods of a schema, with the functions that were given for some of them.

import type { Method } from '../schema/codec/method.ts';
import type { Registry } from '../schema/registry/registry.ts';
import type { AnyHandler } from './handlers.ts';

/** A method of the schema, and its handler if it has one. */
export interface Route {
  readonly method: Method;
  readonly handler: AnyHandler | undefined;
  readonly registry: Registry;
}

export class ServiceTable {
  readonly #registry: Registry;
  readonly #scope: string;
  readonly #methods = new Map<string, Method>();
  readonly #handlers = new Map<string, AnyHandler>();

  constructor(registry: Registry, scope: string = '') {
    this.#registry = registry;
    this.#scope = scope;
    for (const { methods } of registry.services) {
      for (const { path, fullName } of methods) this.#methods.set(path, registry.method(fullName));
    }
  }

  get registry(): Registry {
    return this.#registry;
  }

  /** The full names of its services. */
  get services(): readonly string[] {
    return this.#registry.services.map(({ fullName }) => fullName);
  }

  /** The method that a name means, in any spelling. Throws SchemaError if it means none, or more than one. */
  method(name: string): Method {
    return this.#registry.method(name, this.#scope);
  }

  /** Adds handlers. Throws SchemaError or TypeError and adds none for an unknown name or a wrong handler. */
  use(handlers: object, isReplacing: boolean): void {
    const taken = new Map<string, AnyHandler>();
    for (const [name, handler] of Object.entries(handlers) as [string, unknown][]) {
      if (handler === undefined) continue;
      if (typeof handler !== 'function') {
        throw new TypeError(
          `the handler of '${name}' must be a function, not ${handler === null ? 'null' : typeof handler}`,
        );
      }
      const { path, fullName } = this.method(name);
      if (taken.has(path) || (!isReplacing && this.#handlers.has(path))) {
        throw new TypeError(`${fullName} has two handlers; the second is called '${name}'`);
      }
      // Called as a method of what it came in: a service may be an object with state.
      taken.set(path, (request, call) => handler.call(handlers, request, call));
    }
    for (const [path, handler] of taken) this.#handlers.set(path, handler);
  }

  find(path: string): Route | undefined {
    const method = this.#methods.get(path);
    if (method === undefined) return undefined;
    return { method, handler: this.#handlers.get(path), registry: this.#registry };
  }

  /** Why a path cannot be called. */
  explain(path: string): string {
    const names = this.services;
    const service = path.slice(1, path.lastIndexOf('/'));
    const known = this.#registry.services.find(({ fullName }) => fullName === service);
    if (known !== undefined) {
      return `service ${service} has no method '${path.slice(path.lastIndexOf('/') + 1)}'; it has ${known.methods.map(({ name }) => name).join(', ')}`;
    }
    const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    return `this server has no service '${service}'; ${has}`;
  }
}
