// Compression options and their checks: which algorithms a client has, and which one a call uses.

import {
  BUILT_IN_COMPRESSIONS,
  type Compression,
  CompressionTable,
  IDENTITY,
} from '../rpc/compression/compression.ts';
import { nearestNames } from '../values/nearest-names.ts';
import { show } from '../values/options/option-checks.ts';
import { advice, called } from '../values/options/option-words.ts';

/** The built-in algorithms (`zstd` only where node:zlib has it), or the name of one of the client's `compressions`. */
export type CompressionName = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd' | (string & {});

/** What names may look like: they go into a comma-separated list in a header field. */
const NAME = /^[a-z0-9][a-z0-9._-]*$/;

/** The algorithms of a client. TypeError that says what is wrong with which one. */
export function checkCompressions(compressions: readonly Compression[] | undefined): CompressionTable {
  if (compressions === undefined) return BUILT_IN_COMPRESSIONS;
  if (!Array.isArray(compressions)) {
    throw new TypeError(
      `compressions must be an array of { name, compress, decompress }, not ${show(compressions)}`,
    );
  }
  const names = new Set<string>();
  compressions.forEach((one: Partial<Compression> | null | undefined, i) => {
    const name = one?.name;
    if (typeof name !== 'string' || !NAME.test(name) || name === IDENTITY) {
      throw new TypeError(
        `compressions[${i}].name must be a name for grpc-encoding, such as 'snappy', not ${show(name)}`,
      );
    }
    if (names.has(name)) throw new TypeError(`compressions[${i}].name '${name}' is already taken`);
    names.add(name);
    for (const member of ['compress', 'decompress'] as const) {
      if (typeof one?.[member] === 'function') continue;
      throw new TypeError(`compressions[${i}].${member} must be a function, not ${show(one?.[member])}`);
    }
  });
  return new CompressionTable(compressions);
}

/** The algorithm with this name; undefined for identity. TypeError that lists the known ones. */
export function checkCompression(name: unknown, compressions: CompressionTable): Compression | undefined {
  if (name === IDENTITY) return undefined;
  const found = typeof name === 'string' ? compressions.get(name) : undefined;
  if (found !== undefined) return found;
  const { names } = compressions;
  const [hint] = typeof name === 'string' ? nearestNames(name, names, 1) : [];
  throw new TypeError(
    `${called('compression')} must be one of ${names.join(', ')}${advice().otherCompressions}, not ${show(name)}${
      hint === undefined ? '' : `; did you mean '${hint}'?`
    }`,
  );
}
