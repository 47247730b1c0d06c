// The `interceptors` option, of clients and of calls.

import { show } from '../values/options/option-checks.ts';
import type { Interceptor } from './interceptor.ts';

/** A call's interceptors inside its client's; undefined if there are none. TypeError for anything but functions. */
export function checkInterceptors(
  given: unknown,
  outer: readonly Interceptor[] | undefined,
): readonly Interceptor[] | undefined {
  if (given === undefined) return outer;
  if (!Array.isArray(given)) {
    const shown = typeof given === 'function' ? 'a function; give [interceptor]' : show(given);
    throw new TypeError(`interceptors must be an array of functions, not ${shown}`);
  }
  given.forEach((one, index) => {
    if (typeof one !== 'function') {
      throw new TypeError(`interceptors[${index}] must be a function (call, next) => …, not ${show(one)}`);
    }
  });
  if (given.length === 0) return outer;
  return outer === undefined ? [...given] : [...outer, ...given];
}
