// The checks of value options, and their defaults.

import { DEFAULT_MAX_JSON_CHARACTERS } from '../schema/codec/json-length.ts';
import type { ValueOptions } from '../schema/codec/value-options.ts';
import { checkNames, count, flag, oneOf } from '../values/options/option-checks.ts';
import { VALUE_NAMES } from '../values/options/value-names.ts';

/** The defaults of the value options. */
export const DEFAULT_VALUES: ValueOptions = {
  keepCase: false,
  longs: BigInt,
  enums: String,
  bytes: Buffer,
  defaults: true,
  arrays: false,
  objects: false,
  oneofs: false,
  strictWireTypes: false,
  maxDecodedBytes: undefined,
  maxJsonCharacters: DEFAULT_MAX_JSON_CHARACTERS,
};

/** The value options that were given. TypeError or RangeError that names the option. */
export function checkValueOptions(values: ValueOptions | undefined): ValueOptions {
  if (values === undefined) return {};
  checkNames(values, VALUE_NAMES, 'value option');
  for (const name of ['keepCase', 'defaults', 'arrays', 'objects', 'oneofs', 'strictWireTypes'] as const)
    flag(name, values[name], false);
  count('maxDecodedBytes', values.maxDecodedBytes, 0, 1);
  count('maxJsonCharacters', values.maxJsonCharacters, 0, 1);
  oneOf('longs', values.longs, [BigInt, String, Number]);
  oneOf('enums', values.enums, [String, Number]);
  oneOf('bytes', values.bytes, [Buffer, Array, String]);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
