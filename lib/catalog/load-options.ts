// The options of `load`.

import type { ValueOptions } from '../schema/codec/value-options.ts';
import { DEFAULT_MAX_UNPACKED_BYTES } from '../schema/sources/findings.ts';
import { checkNames, count, flag, show } from '../values/options/option-checks.ts';
import { VALUE_NAMES } from '../values/options/value-names.ts';
import { checkValueOptions } from './value-option-checks.ts';

/** Options of `load`. */
export interface LoadOptions extends ValueOptions {
  /** Directories in which imports are looked for, in this order. Default none. */
  readonly includeDirs?: readonly string[] | undefined;
  /** The package (or service) in which short method names are looked for first. Default none. */
  readonly package?: string | undefined;
  /**
   * The most bytes that a gzip-compressed file may have once it is decompressed. Default 64 MiB (67,108,864);
   * `Infinity` for as many as an uncompressed file may have, 256 MiB.
   */
  readonly maxUnpackedBytes?: number | undefined;
  /**
   * Of a FileDescriptorSet of more than 1 MiB, given as file or bytes, `load` reads an index only: names, packages and framing.
   * Each file is decoded and checked in full, with all that it imports, before anything of it is used; a faulty one is told
   * then, by the SchemaError that `load` would have thrown. Default false: all is checked by `load`.
   */
  readonly lazy?: boolean | undefined;
}

const LOAD_NAMES = ['includeDirs', 'package', 'maxUnpackedBytes', 'lazy', ...VALUE_NAMES] as const;

/** Checked load options, with the value options among them apart: undefined if none is given. */
export function checkLoadOptions(options: LoadOptions | undefined): {
  readonly includeDirs: readonly string[];
  readonly package: string | undefined;
  readonly maxUnpackedBytes: number;
  readonly isLazy: boolean;
  readonly values: ValueOptions | undefined;
} {
  const given = options === undefined ? {} : options;
  checkNames(given, LOAD_NAMES, 'load option');
  const { includeDirs, package: scope, maxUnpackedBytes, lazy, ...values } = given;
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
    maxUnpackedBytes: count('maxUnpackedBytes', maxUnpackedBytes, DEFAULT_MAX_UNPACKED_BYTES, 1),
    isLazy: flag('lazy', lazy, false),
    values: Object.keys(values).length === 0 ? undefined : checkValueOptions(values),
  };
}
