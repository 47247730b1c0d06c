// Patterns for headers and trailers: names without regard to case, each with a value or a list of values.

import type { Metadata } from '../values/metadata.ts';
import type { Pattern, PatternOptions } from './pattern.ts';

/**
 * Compiles a pattern for metadata: an object of names to what their value is to be: text, bytes for names ending in
 * `-bin`, operators for these; `$present: false` or null for none; an array, or operators for lists, where a name has
 * several values. Names that are not in the pattern may have any values. Throws PatternError.
 */
export function compileMetadataPattern(pattern: unknown, options?: PatternOptions): Pattern<Metadata> {
  throw new TypeError(`not yet: ${String(pattern)} ${String(options)}`);
}
