// The options of one message of a request stream, and their checks.

import { checkNames, flag } from '../values/options/option-checks.ts';

/** Options of `write` and `end`. */
export interface WriteOptions {
  /** Whether this message may be compressed, on a call that sets the `compression` option. Default true. */
  readonly compress?: boolean | undefined;
}

/** Returns whether the message may be compressed. TypeError that names the option. */
export function checkWriteOptions(options: WriteOptions, compression: string | undefined): boolean {
  checkNames(options, ['compress'], 'write option');
  if (options.compress === true && compression === undefined) {
    throw new TypeError(
      "compress: true needs a call with the compression option, such as { compression: 'gzip' }",
    );
  }
  return flag('compress', options.compress, true);
}
