// The checks that options share: each takes a name and what was given, and gives the value that counts, or throws a
// TypeError or RangeError that names the option. It knows no option.

import { nearestNames } from '../schema/nearest.ts';

/**
 * Refuses options that are no object and names that are not `known`, with the nearest one that is.
 * @param what what they are options of: 'call option'
 */
export function checkNames(
  options: unknown,
  known: readonly string[],
  what: string,
): asserts options is object {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new TypeError(`the ${what}s must be an object, not ${show(options)}`);
  }
  for (const name in options) {
    if (known.includes(name)) continue;
    const [hint] = nearestNames(name, known, 1);
    throw new TypeError(
      `there is no ${what} '${name}'${hint === undefined ? '' : `; did you mean '${hint}'?`}`,
    );
  }
}

/** A number of milliseconds above 0; Infinity for none. */
export function positive(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !(value > 0)) {
    throw new RangeError(
      `${name} must be a number of milliseconds above 0 (Infinity for none), not ${show(value)}`,
    );
  }
  return value;
}

/** A whole number of at least `least`; Infinity for no limit. */
export function count(name: string, value: unknown, fallback: number, least: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !(value >= least) || (!Number.isInteger(value) && value !== Infinity)) {
    throw new RangeError(
      `${name} must be a whole number of at least ${least} (Infinity for no limit), not ${show(value)}`,
    );
  }
  return value;
}

export function flag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false, not ${show(value)}`);
  return value;
}

/** One of some constructors, as proto-loader's options take them. */
export function oneOf(name: string, value: unknown, allowed: readonly { readonly name: string }[]): void {
  if (value === undefined || allowed.includes(value as never)) return;
  throw new TypeError(
    `${name} must be ${allowed.map((one) => one.name).join(', ')} (the constructor itself), not ${show(value)}`,
  );
}

/** What was given, short enough for an error. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'function') return value.name === '' ? 'a function' : value.name;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return value.constructor?.name ?? 'an object';
  return String(value);
}
