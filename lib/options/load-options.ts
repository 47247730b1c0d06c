// The options of `load`.

import type { ValueOptions } from '../schema/value-options.ts';
import { checkNames, show } from './checks.ts';
import { checkValueOptions, VALUE_NAMES } from './value-options.ts';

/** Options of `load`. */
export interface LoadOptions extends ValueOptions {
  /** Directories in which imports are looked for, first to last. */
  readonly includeDirs?: readonly string[] | undefined;
  /** The package (or service) in which short method names are looked for first. */
  readonly package?: string | undefined;
}

const LOAD_NAMES = ['includeDirs', 'package', ...VALUE_NAMES] as const;

/** Checked load options: the value options among them apart, undefined when none is given. */
export function checkLoadOptions(options: LoadOptions | undefined): {
  readonly includeDirs: readonly string[];
  readonly package: string | undefined;
  readonly values: ValueOptions | undefined;
} {
  const given = options === undefined ? {} : options;
  checkNames(given, LOAD_NAMES, 'load option');
  const { includeDirs, package: scope, ...values } = given;
  if (
    includeDirs !== undefined &&
    (!Array.isArray(includeDirs) || includeDirs.some((one) => typeof one !== 'string'))
  ) {
    throw new TypeError(`includeDirs must be an array of directories, not ${show(includeDirs)}`);
  }
  if (scope !== undefined && typeof scope !== 'string') {
    throw new TypeError(`package must be the name of a package, not ${show(scope)}`);
  }
  return {
    includeDirs: includeDirs ?? [],
    package: scope,
    values: Object.keys(values).length === 0 ? undefined : checkValueOptions(values),
  };
}
