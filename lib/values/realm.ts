// What a value is, whichever realm made it: Jest, vm contexts and Electron have a Map, Date, Error and Uint8Array of
// their own, which instanceof does not recognise. The common case is checked first, because a closer look costs more.
// It must not know what the values are for, and runs no user code except getters of the names that it looks for.

import {
  isAnyArrayBuffer,
  isBoxedPrimitive,
  isDate as isDateOfAnyRealm,
  isMap as isMapOfAnyRealm,
  isNativeError,
  isPromise,
  isRegExp,
  isSet,
  isUint8Array as isUint8ArrayOfAnyRealm,
} from 'node:util/types';

/** A Uint8Array, or a Buffer, which is one. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && isUint8ArrayOfAnyRealm(value));
}

/** The same memory as a Uint8Array of this realm, for code that relies on instanceof. */
export function ownBytes(value: Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const { buffer, byteOffset, byteLength } = value as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Raw memory, without a view on it. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || isAnyArrayBuffer(value);
}

export function isMap(value: unknown): value is Map<unknown, unknown> {
  return value instanceof Map || (mayBeForeign(value) && isMapOfAnyRealm(value));
}

export function isDate(value: unknown): value is Date {
  return value instanceof Date || (mayBeForeign(value) && isDateOfAnyRealm(value));
}

/**
 * Whether a value may be of another realm's built-in class, because its prototype chain does not end at our
 * Object.prototype. Cheap, since nearly all values are of this realm.
 */
function mayBeForeign(value: unknown): boolean {
  if (!isObject(value)) return false;
  let prototype: unknown = Object.getPrototypeOf(value);
  while (prototype !== null && prototype !== Object.prototype) prototype = Object.getPrototypeOf(prototype);
  return prototype === null && Object.getPrototypeOf(value) !== null;
}

/** A built-in object without fields of its own: a message made from it would be empty. */
export function isBuiltIn(value: object): boolean {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return false;
  return (
    isMapOfAnyRealm(value) ||
    isSet(value) ||
    isDateOfAnyRealm(value) ||
    isRegExp(value) ||
    isPromise(value) ||
    isNativeError(value) ||
    isAnyArrayBuffer(value) ||
    isBoxedPrimitive(value)
  );
}

/**
 * The one-word tag of an object that has one, as the platform's classes do: Headers, URLSearchParams, Generator,
 * WeakMap, Call. undefined for objects without a tag, such as object literals.
 */
export function tagOf(value: object): string | undefined {
  if (isPlainObject(value)) return undefined;
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return tag === 'Object' ? undefined : tag;
}

/** An object literal, or one without a prototype. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // An object literal of another realm: its prototype is the end of the chain, as ours is.
  return Object.getPrototypeOf(prototype) === null;
}

/**
 * The name of an object's class; undefined for an object literal of any realm, an object without a prototype, and
 * objects that inherit from these.
 */
export function classNameOf(value: object): string | undefined {
  let prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return undefined;
  while (prototype !== null) {
    const next: unknown = Object.getPrototypeOf(prototype);
    // The end of the chain is the Object.prototype of some realm.
    if (next !== null && Object.hasOwn(prototype as object, 'constructor')) {
      const made: unknown = Reflect.get(prototype as object, 'constructor');
      return typeof made === 'function' && made.name !== '' ? made.name : '(anonymous)';
    }
    prototype = next;
  }
  return undefined;
}

export function isError(value: unknown): value is Error {
  if (value instanceof Error || isNativeError(value)) return true;
  return typeof value === 'object' && Object.prototype.toString.call(value) === '[object DOMException]';
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}

/** The `code` of a system error or an error of Node.js. */
export function errorCodeOf(error: unknown): string | undefined {
  return isError(error) && 'code' in error ? String(error.code) : undefined;
}

/** A RangeError or a subclass of it; of another realm only if it is named RangeError. */
export function isRangeError(value: unknown): value is RangeError {
  return value instanceof RangeError || (isError(value) && value.name === 'RangeError');
}

export function isUrl(value: unknown): value is URL {
  return (
    value instanceof URL ||
    (isObjectWith(value, 'href', 'string') && Object.prototype.toString.call(value) === '[object URL]')
  );
}

export function isAbortSignal(value: unknown): value is AbortSignal {
  return (
    value instanceof AbortSignal ||
    (isObjectWith(value, 'aborted', 'boolean') &&
      isObjectWith(value, 'addEventListener', 'function') &&
      isObjectWith(value, 'removeEventListener', 'function'))
  );
}

/** The signals of this realm that follow those of other realms. */
const followers = new WeakMap<AbortSignal, AbortSignal>();

/** A signal that AbortSignal.any accepts: the same one, or one that aborts along with it. */
export function ownSignal(signal: AbortSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const other = signal as AbortSignal;
  const known = followers.get(other);
  if (known !== undefined) return known;
  const controller = new AbortController();
  const follow = (): void => controller.abort(other.reason);
  if (other.aborted) follow();
  else other.addEventListener('abort', follow, { once: true });
  followers.set(other, controller.signal);
  return controller.signal;
}

/** Neither null nor a function. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isObjectWith(value: unknown, name: string, type: string): boolean {
  return isObject(value) && typeof Reflect.get(value, name) === type;
}
