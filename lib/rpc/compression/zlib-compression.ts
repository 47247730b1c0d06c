// The compression algorithms that come with Node: gzip, deflate (which is zlib's format), br, and zstd where node:zlib
// has it. Stricter than node:zlib: a message that ends early, or has anything after its end, is refused. node:zlib is
// loaded with the first compressed message, because importing it takes a millisecond.

import type { Compression } from './compression.ts';
import { gunzipSmall } from './small-gzip.ts';
import { zstdFrames } from './zstd-frames.ts';

type Zlib = typeof import('node:zlib');

interface Options {
  readonly info: true;
  readonly chunkSize: number;
  readonly maxOutputLength?: number;
  readonly params?: Readonly<Record<number, number>>;
}

/** What node:zlib's functions return with the `info` option. */
interface Result {
  readonly buffer: Uint8Array;
  /** `bytesWritten` is how many octets of the input were used. */
  readonly engine: { readonly bytesWritten: number };
}

/** Functions that Node 20's declarations lack. */
interface ZstdFunctions {
  zstdCompressSync(bytes: Uint8Array, options: object): Uint8Array;
  zstdDecompressSync(bytes: Uint8Array, options: object): Uint8Array;
}

const MIN_CHUNK_OCTETS = 1024;
const MAX_CHUNK_OCTETS = 64 * 1024;
/** A limit from here on is no limit, since no message in memory can reach it. */
const MAX_LIMIT_OCTETS = 2 ** 31 - 1;
/** The size of a decompressor's first output chunk, as a multiple of its input. */
const USUAL_RATIO = 4;

/** Brotli's own default, 11, is meant for files that are compressed once, and takes hundreds of times as long. */
const BROTLI_QUALITY = 4;
/** Windows above 8 MiB, the largest that RFC 8878 §3.1.1.1.2 recommends decoders to support, are refused. */
const ZSTD_MAX_WINDOW_LOG = 23;
/** zstd.h: ZSTD_d_windowLogMax. Node's declarations do not have its constants yet. */
const ZSTD_D_WINDOW_LOG_MAX = 100;

let zlib: Zlib | undefined;

function nodeZlib(): Zlib {
  zlib ??= process.getBuiltinModule('node:zlib');
  return zlib;
}

/** Whether this runtime's node:zlib supports zstd: Node from 22.15 and 23.8, Bun, Deno. */
export function hasZstd(): boolean {
  const { zstd: zstdVersion, deno, bun } = process.versions as Readonly<Record<string, string | undefined>>;
  // Node tells without loading node:zlib; Deno does not tell, and Bun has claimed a zstd version since before it had
  // these functions.
  if (deno === undefined && bun === undefined) return zstdVersion !== undefined;
  return 'zstdDecompressSync' in nodeZlib();
}

function chunkOctets(wanted: number): number {
  return Math.min(Math.max(wanted, MIN_CHUNK_OCTETS), MAX_CHUNK_OCTETS);
}

/** Options for decompressing; the limit is enforced at the end of each chunk. */
function limited(bytes: Uint8Array, maxBytes: number): Options {
  const chunkSize = chunkOctets(bytes.length * USUAL_RATIO);
  // Node accepts neither a limit of 0, for which the one octet too many is noticed afterwards, nor one above what a
  // Buffer can hold.
  return maxBytes >= MAX_LIMIT_OCTETS
    ? { info: true, chunkSize }
    : { info: true, chunkSize, maxOutputLength: Math.max(maxBytes, 1) };
}

/** The result, provided that all of the input was used. */
function whole(result: unknown, octets: number): Uint8Array {
  const { buffer, engine } = result as Result;
  const extra = octets - engine.bytesWritten;
  if (extra > 0) throw new Error(`${extra} bytes follow its end`);
  return buffer;
}

const gzip: Compression = {
  name: 'gzip',
  compress: (bytes) => nodeZlib().gzipSync(bytes, { chunkSize: chunkOctets(bytes.length) }),
  decompress(bytes, maxBytes) {
    const small = gunzipSmall(bytes);
    if (small !== undefined && small.length <= maxBytes) return small;
    return whole(nodeZlib().gunzipSync(bytes, limited(bytes, maxBytes)), bytes.length);
  },
};

const deflate: Compression = {
  name: 'deflate',
  compress: (bytes) => nodeZlib().deflateSync(bytes, { chunkSize: chunkOctets(bytes.length) }),
  decompress: (bytes, maxBytes) =>
    whole(nodeZlib().inflateSync(bytes, limited(bytes, maxBytes)), bytes.length),
};

const brotli: Compression = {
  name: 'br',
  compress(bytes) {
    const { brotliCompressSync, constants } = nodeZlib();
    return brotliCompressSync(bytes, {
      chunkSize: chunkOctets(bytes.length),
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    });
  },
  decompress(bytes, maxBytes) {
    // We add one octet, which must be left over. Deno does not report a stream that ends early, but uses up that octet.
    const probe = new Uint8Array(bytes.length + 1);
    probe.set(bytes);
    const result: unknown = nodeZlib().brotliDecompressSync(probe, limited(bytes, maxBytes));
    if ((result as Result).engine.bytesWritten > bytes.length) throw new Error('unexpected end of file');
    return whole(result, bytes.length);
  },
};

const zstd: Compression = {
  name: 'zstd',
  compress: (bytes) =>
    (nodeZlib() as unknown as ZstdFunctions).zstdCompressSync(bytes, {
      chunkSize: chunkOctets(bytes.length),
    }),
  decompress(bytes, maxBytes) {
    const { zstdDecompressSync } = nodeZlib() as unknown as ZstdFunctions;
    const parts: Uint8Array[] = [];
    let left = maxBytes;
    // Node 22 accepts a frame that ends early, and all runtimes except Bun stop after the first frame.
    for (const frame of zstdFrames(bytes)) {
      const options = { ...limited(frame, left), params: { [ZSTD_D_WINDOW_LOG_MAX]: ZSTD_MAX_WINDOW_LOG } };
      const part = whole(zstdDecompressSync(frame, options), frame.length);
      if (part.length > left) throw new RangeError(`more than ${maxBytes} bytes`);
      left -= part.length;
      parts.push(part);
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  },
};

/** In the order in which they are offered. */
export const ZLIB_COMPRESSIONS: readonly Compression[] = [gzip, deflate, brotli, zstd];
