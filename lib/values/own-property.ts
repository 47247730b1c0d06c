// Properties by names that come from outside, `__proto__` among them.

/** Sets an own property whatever its name is; a plain assignment of `__proto__` would change the prototype. */
export function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
