// The classes of decoded messages: one a message type, so that a reply prints under its type's name, with
// methods that others add to its prototype (toJSON, and toDate or toMilliseconds for two). Nothing else is
// there, and nothing enumerable, as any name may be a field's; a field that is called toJSON wins over the
// method, as a field should.

import type { Fields, Plan } from './plan.ts';

type MessageClass = new () => Fields;
export type MessageMethod = (this: object) => unknown;

const planOfPrototype: WeakMap<object, Plan> = new WeakMap();

/** Makes the class of a message type. */
export function messageClass(plan: Plan, name: string): MessageClass {
  // `__proto__ = value` on an object that has no such property would change its prototype.
  const hasProtoKey = plan.type.fields.some((f) => f.name === '__proto__' || f.jsonName === '__proto__');
  const made: MessageClass = hasProtoKey
    ? class implements Fields {
        [key: string]: unknown;
        constructor() {
          setOwn(this, '__proto__', undefined);
        }
      }
    : class implements Fields {
        [key: string]: unknown;
      };
  Object.defineProperty(made, 'name', { value: name, configurable: true });
  const prototype: object = made.prototype;
  planOfPrototype.set(prototype, plan);
  return made;
}

/** A method of a message class, by its name; not enumerable, so that it is no field. */
export function addMethod(plan: Plan, name: string, method: MessageMethod): void {
  Object.defineProperty(plan.prototype, name, { value: method, writable: true, configurable: true });
}

/** The plan of the type that a decoded message has; undefined for any other object. */
export function planOf(message: object): Plan | undefined {
  const prototype: unknown = Object.getPrototypeOf(message);
  return typeof prototype === 'object' && prototype !== null ? planOfPrototype.get(prototype) : undefined;
}

const rawAnys: WeakSet<object> = new WeakSet();

/** Remembers a decoded Any whose `value` is the bytes that came, since its type is not loaded. */
export function markRawAny(any: object): void {
  rawAnys.add(any);
}

export function isRawAny(value: object): boolean {
  return rawAnys.has(value);
}

/** Sets an own property whatever its name is. */
export function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
