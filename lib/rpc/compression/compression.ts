// What a compression algorithm is, and which of them a client supports: those of node:zlib and the user's own. It knows
// neither messages nor streams. Source: grpc doc/compression.md; doc/PROTOCOL-HTTP2.md, "Message-Encoding".

import type { AsyncContext } from '../../values/async-context.ts';
import { hasZstd, ZLIB_COMPRESSIONS } from './zlib-compression.ts';

/**
 * A compression algorithm for messages, for the `compressions` option. Both functions are synchronous and may be called
 * at any time; the bytes they receive are valid only during the call.
 */
export interface Compression {
  /**
   * Its name in grpc-encoding: lower-case letters and digits, after the first also `-`, `_` and `.`; not `identity`.
   */
  readonly name: string;
  /** The compressed form of a message. If it throws, the call ends with INTERNAL. */
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * The opposite, for bytes from a server, which may be anything. It must never return, or hold in memory, more than
   * `maxBytes` bytes of result (Infinity for no limit): it throws a RangeError if there would be more, which ends the
   * call with RESOURCE_EXHAUSTED, and any other error if the bytes are malformed, which ends it with INTERNAL.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

/** The name for no compression. It can be chosen, and is always accepted. */
export const IDENTITY = 'identity';

export class CompressionTable {
  /** The user's own algorithms. */
  readonly #own: readonly Compression[];
  /** What is sent as grpc-accept-encoding; servers that choose one take the first that they know. */
  readonly acceptEncoding: string;
  readonly #byName: ReadonlyMap<string, Compression>;

  /** @param own the user's own algorithms, in addition to the built-in ones or replacing one of the same name */
  constructor(own: readonly Compression[]) {
    this.#own = own;
    const builtIn = hasZstd() ? ZLIB_COMPRESSIONS : ZLIB_COMPRESSIONS.filter(({ name }) => name !== 'zstd');
    this.#byName = new Map([...builtIn, ...own].map((one) => [one.name, one]));
    this.acceptEncoding = this.names.join(',');
  }

  /** The names of all that can be chosen, identity first. */
  get names(): readonly string[] {
    return [IDENTITY, ...this.#byName.keys()];
  }

  get hasOwn(): boolean {
    return this.#own.length > 0;
  }

  /** The same algorithms, with the user's own running in this async context. */
  within(context: AsyncContext): CompressionTable {
    return new CompressionTable(
      this.#own.map((one) => ({
        name: one.name,
        compress: (bytes) => context.run(() => one.compress(bytes)),
        decompress: (bytes, maxBytes) => context.run(() => one.decompress(bytes, maxBytes)),
      })),
    );
  }

  /** The algorithm with this name; undefined for identity and for unknown names. */
  get(name: string): Compression | undefined {
    return this.#byName.get(name);
  }
}

/** The table of clients without algorithms of their own. */
export const BUILT_IN_COMPRESSIONS: CompressionTable = new CompressionTable([]);
