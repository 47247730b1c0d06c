// The classes of decoded messages: one per message type, so that a reply prints under its type's name, with methods
// that others add to its prototype (toJSON, and toDate or toMilliseconds for two). Nothing there is enumerable, as any
// name may be a field's; a field called toJSON wins over the method, as a field should, and one with the name of a
// member of every object (constructor, valueOf) hides that member.

import { setOwn } from '../../values/own-property.ts';
import { isBytes } from '../../values/realm.ts';
import { NOT_WELL_KNOWN } from '../descriptors/well-known-kind.ts';
import type { Fields, Plan } from './plan.ts';

type MessageClass = new () => Fields;
export type MessageMethod = (this: object) => unknown;

const planOfPrototype: WeakMap<object, Plan> = new WeakMap();

/** Makes the class of a message type. */
export function messageClass(plan: Plan, name: string): MessageClass {
  // `__proto__ = value` on an object that has no such property would change its prototype.
  const hasProtoKey =
    plan.type.fields.some((f) => f.name === '__proto__' || f.jsonName === '__proto__') ||
    (plan.set.shape.oneofs && plan.oneofKeys.includes('__proto__'));
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
  hideInherited(plan, prototype);
  planOfPrototype.set(prototype, plan);
  return made;
}

/** Makes an unset field read as undefined, whatever its name: otherwise Object.prototype's member would be found. */
function hideInherited(plan: Plan, prototype: object): void {
  for (const { name, jsonName } of plan.type.fields) {
    for (const key of [name, jsonName]) {
      if (key === '__proto__' || !(key in Object.prototype)) continue;
      // Printing then finds the class's name further up.
      if (key === 'constructor') Object.setPrototypeOf(prototype, copyOf(prototype));
      Object.defineProperty(prototype, key, { value: undefined, writable: true, configurable: true });
    }
  }
}

/** An object that has the same hidden members. */
const copyOf = (object: object): object =>
  Object.create(Object.getPrototypeOf(object), Object.getOwnPropertyDescriptors(object));

/**
 * Adds a method to a message class; not enumerable, so that it is not taken for a field. If a field has the name, the
 * method is not added, even while the field is unset: a value that arrives would be merged into it.
 */
export function addMethod(plan: Plan, name: string, method: MessageMethod): void {
  if (plan.fields.some((field) => field.key === name)) return;
  Object.defineProperty(plan.prototype, name, { value: method, writable: true, configurable: true });
}

/** The plan of the type that a decoded message has; undefined for any other object. */
export function planOf(message: object): Plan | undefined {
  const prototype: unknown = Object.getPrototypeOf(message);
  return typeof prototype === 'object' && prototype !== null ? planOfPrototype.get(prototype) : undefined;
}

const rawAnys: WeakSet<object> = new WeakSet();

/** Remembers a decoded Any whose `value` is still the bytes that came, since its type is not loaded. */
export function markRawAny(any: object): void {
  rawAnys.add(any);
}

export function isRawAny(value: object): boolean {
  return rawAnys.has(value);
}

const jsonAnys: WeakSet<object> = new WeakSet();

/** Remembers an Any decoded from JSON whose type is not loaded: its members are the plain values that came. */
export function markJsonAny(any: object): void {
  jsonAnys.add(any);
}

export function isJsonAny(value: object): boolean {
  return jsonAnys.has(value);
}

/** Whether the `value` of an Any of this type is the type's bytes rather than its content. */
export function holdsRawBytes(any: Fields, payload: Plan): boolean {
  if (!isBytes(any['value'])) return false;
  if (isRawAny(any)) return true;
  // Not an Any that we left as bytes: the bytes are content if the type can hold bytes there.
  return payload.wellKnown === NOT_WELL_KNOWN
    ? !payload.names.has('value')
    : payload.typeName !== 'google.protobuf.BytesValue';
}
