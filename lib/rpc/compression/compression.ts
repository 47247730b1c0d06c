// What a compression of messages is, and which of them a client speaks: those of node:zlib and the caller's own. It
// knows no messages and no streams. Source: grpc doc/compression.md; doc/PROTOCOL-HTTP2.md, "Message-Encoding".

import type { AsyncContext } from '../../values/async-context.ts';
import { hasZstd, ZLIB_COMPRESSIONS } from './zlib-compression.ts';

/**
 * A compression algorithm for messages, for the `compressions` option. Both functions are synchronous and may be called
 * at any time; the bytes they receive are valid only during the call.
 */
export interface Compression {
  /** Its name in grpc-encoding: lower-case letters, digits and `-`, `_`, `.`; not `identity`. */
  readonly name: string;
  /** The compressed form of a message. What it throws fails the call. */
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * The opposite, for bytes that a server sent and that may be anything. It never gives, or holds in memory, more than
   * `maxBytes` bytes of result (Infinity where there is no limit): it throws a RangeError when there would be more, and
   * any other error when the bytes are not what `compress` makes.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

/** What is not compressed. It can be asked for, and is always accepted. */
export const IDENTITY = 'identity';

export class CompressionTable {
  /** The caller's own, which are run in its context. */
  readonly #own: readonly Compression[];
  /** What is sent as grpc-accept-encoding; servers that choose take the first that they know. */
  readonly acceptEncoding: string;
  readonly #byName: ReadonlyMap<string, Compression>;

  /** @param own of the caller: beside the built-in ones, or in place of one with the same name */
  constructor(own: readonly Compression[]) {
    this.#own = own;
    const builtIn = hasZstd() ? ZLIB_COMPRESSIONS : ZLIB_COMPRESSIONS.filter(({ name }) => name !== 'zstd');
    this.#byName = new Map([...builtIn, ...own].map((one) => [one.name, one]));
    this.acceptEncoding = this.names.join(',');
  }

  /** All that can be asked for, identity first. */
  get names(): readonly string[] {
    return [IDENTITY, ...this.#byName.keys()];
  }

  get hasOwn(): boolean {
    return this.#own.length > 0;
  }

  /** The same, but that the caller's own are run in this context. */
  within(context: AsyncContext): CompressionTable {
    return new CompressionTable(
      this.#own.map((one) => ({
        name: one.name,
        compress: (bytes) => context.run(() => one.compress(bytes)),
        decompress: (bytes, maxBytes) => context.run(() => one.decompress(bytes, maxBytes)),
      })),
    );
  }

  /** The algorithm of a name; undefined for identity and for names that are not known. */
  get(name: string): Compression | undefined {
    return this.#byName.get(name);
  }
}

/** Of clients without compressions of their own. */
export const BUILT_IN_COMPRESSIONS: CompressionTable = new CompressionTable([]);
