// The checks that options share: each takes an option's name and value, and returns the value that counts, or throws a
// TypeError or RangeError that names the option. It knows no particular option.

import { nearestNames } from '../nearest-names.ts';
import { classNameOf, isAbortSignal, isObject } from '../realm.ts';
import { foreignName, foreignObject } from './foreign-options.ts';
import { called } from './option-words.ts';

/** The most names that an error lists if none is near. */
const MAX_LISTED = 15;

/**
 * Refuses options that are not a plain object, and names that are not `known`, and says what to write instead.
 * @param what the kind of option, such as 'call option'
 */
export function checkNames(
  options: unknown,
  known: readonly string[],
  what: string,
): asserts options is object {
  if (!isObject(options) || Array.isArray(options)) {
    throw new TypeError(
      `the ${what}s must be an object, not ${typeof options === 'function' ? 'a function' : show(options)}${foreignObject(what, options)}`,
    );
  }
  const name = classNameOf(options);
  // An instance of a class may well have no enumerable properties, and would pass for empty options.
  if (name !== undefined) {
    throw new TypeError(
      `the ${what}s must be a plain object, not an object of the class ${name}${foreignObject(what, options)}`,
    );
  }
  for (const one in options) if (!known.includes(one)) throw unknownName(one, known, what);
}

/** The error for an unknown option: what it is called here, the nearest name, or all names if there are few. */
function unknownName(name: string, known: readonly string[], what: string): TypeError {
  const instead = foreignName(what, name);
  if (instead !== undefined) return new TypeError(`there is no ${what} '${name}'; ${instead}`);
  const [hint] = nearestNames(name, known, 1);
  const list = known.length > MAX_LISTED ? '' : `; the ${what}s are ${known.join(', ')}`;
  return new TypeError(
    `there is no ${what} '${name}'${hint === undefined ? list : `; did you mean '${hint}'?`}`,
  );
}

/** Returns the value, but refuses an instance of a class, which might pass for an empty object. */
export function plainObject<T>(name: string, value: T): T {
  const className = isObject(value) ? classNameOf(value) : undefined;
  if (className === undefined || Array.isArray(value)) return value;
  throw new TypeError(`${name} must be a plain object, not an object of the class ${className}`);
}

/** An AbortSignal of any realm, or undefined. */
export function abortSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined || isAbortSignal(value)) return value;
  const hint = value instanceof AbortController ? '; give controller.signal' : '';
  throw new TypeError(`signal must be an AbortSignal, not ${show(value)}${hint}`);
}

/** A number of milliseconds above 0; Infinity for no limit. */
export function positive(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !(value > 0)) {
    throw new RangeError(
      `${called(name)} must be a number of milliseconds above 0 (Infinity for none), not ${show(value)}`,
    );
  }
  return value;
}

/** A whole number of at least `least`; Infinity for no limit. */
export function count(name: string, value: unknown, fallback: number, least: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !(value >= least) || (!Number.isInteger(value) && value !== Infinity)) {
    throw new RangeError(
      `${called(name)} must be a whole number of at least ${least} (Infinity for no limit), not ${show(value)}`,
    );
  }
  return value;
}

export function flag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false, not ${show(value)}`);
  return value;
}

/** One of several constructors, which is what proto-loader's options take. */
export function oneOf(name: string, value: unknown, allowed: readonly { readonly name: string }[]): void {
  if (value === undefined || allowed.includes(value as never)) return;
  const names = allowed.map((one) => one.name);
  const isQuoted = names.some((one) => one === value);
  throw new TypeError(
    `${name} must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)} (the constructor itself), not ${show(value)}${isQuoted ? `; write ${value} without quotes` : ''}`,
  );
}

/** The value that was given, short enough for an error. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'function') return value.name === '' ? 'a function' : value.name;
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return value.constructor?.name ?? 'an object';
  return String(value);
}
