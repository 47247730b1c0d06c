// The checks of value options, and what values look like where nothing is said.

import type { ValueOptions } from '../schema/value-options.ts';
import { checkNames, flag, oneOf } from './checks.ts';

/** How values look where nothing is said. */
export const DEFAULT_VALUES: ValueOptions = {
  keepCase: false,
  longs: BigInt,
  enums: String,
  bytes: Buffer,
  defaults: true,
  arrays: false,
  objects: false,
  oneofs: false,
};

export const VALUE_NAMES = [
  'keepCase',
  'longs',
  'enums',
  'bytes',
  'defaults',
  'arrays',
  'objects',
  'oneofs',
] as const;

/** The value options that were given. TypeError that names the option. */
export function checkValueOptions(values: ValueOptions | undefined): ValueOptions {
  if (values === undefined) return {};
  checkNames(values, VALUE_NAMES, 'value option');
  for (const name of ['keepCase', 'defaults', 'arrays', 'objects', 'oneofs'] as const)
    flag(name, values[name], false);
  oneOf('longs', values.longs, [BigInt, String, Number]);
  oneOf('enums', values.enums, [String, Number]);
  oneOf('bytes', values.bytes, [Buffer, Array, String]);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
