// The compressions that come with Node: gzip, deflate (which is zlib's format), br, and zstd where node:zlib has it.
// Strict where node:zlib is not: a message that ends early, or that has anything behind its end, is refused.
// node:zlib is fetched with the first compressed message: importing it takes a millisecond.

import type { Compression } from './compression.ts';
import { zstdFrames } from './zstd-frames.ts';

type Zlib = typeof import('node:zlib');

interface Options {
  readonly info: true;
  readonly chunkSize: number;
  readonly maxOutputLength?: number;
  readonly params?: Readonly<Record<number, number>>;
}

/** What node:zlib's functions give when they are asked for `info`. */
interface Result {
  readonly buffer: Uint8Array;
  /** `bytesWritten`: the octets of the input that were used. */
  readonly engine: { readonly bytesWritten: number };
}

/** What the declarations of Node 20 do not have. */
interface ZstdFunctions {
  zstdCompressSync(bytes: Uint8Array, options: object): Uint8Array;
  zstdDecompressSync(bytes: Uint8Array, options: object): Uint8Array;
}

const MIN_CHUNK_OCTETS = 1024;
const MAX_CHUNK_OCTETS = 64 * 1024;
/** From here on a limit is not a limit: no message in memory can reach it. */
const MAX_LIMIT_OCTETS = 2 ** 31 - 1;
/** What a decompressor makes its first memory for, as a multiple of its input. */
const USUAL_RATIO = 4;

/** Brotli's own default, 11, is meant for files that are compressed once: it takes hundreds of times as long. */
const BROTLI_QUALITY = 4;
/** Windows above 8 MiB are refused: the largest that RFC 8878 §3.1.1.1.2 recommends decoders to support. */
const ZSTD_MAX_WINDOW_LOG = 23;
/** zstd.h: ZSTD_d_windowLogMax. Node's declarations do not have its constants yet. */
const ZSTD_D_WINDOW_LOG_MAX = 100;

let zlib: Zlib | undefined;

function nodeZlib(): Zlib {
  zlib ??= process.getBuiltinModule('node:zlib');
  return zlib;
}

/** Whether this runtime's node:zlib speaks zstd: Node 22.15 and 23.8 on, Bun, Deno. */
export function hasZstd(): boolean {
  const { zstd: zstdVersion, deno, bun } = process.versions as Readonly<Record<string, string | undefined>>;
  // Node says so without node:zlib being fetched; Deno says nothing, and Bun's own version is older than its functions.
  if (deno === undefined && bun === undefined) return zstdVersion !== undefined;
  return 'zstdDecompressSync' in nodeZlib();
}

function chunkOctets(wanted: number): number {
  return Math.min(Math.max(wanted, MIN_CHUNK_OCTETS), MAX_CHUNK_OCTETS);
}

/** Options to decompress with; the limit is kept while inflating, at the end of each chunk. */
function limited(bytes: Uint8Array, maxBytes: number): Options {
  const chunkSize = chunkOctets(bytes.length * USUAL_RATIO);
  // Node takes no limit of 0, and an octet too many is seen afterwards; nor one above what a Buffer can hold.
  return maxBytes >= MAX_LIMIT_OCTETS
    ? { info: true, chunkSize }
    : { info: true, chunkSize, maxOutputLength: Math.max(maxBytes, 1) };
}

/** The result, if all of the input was used. */
function whole(result: unknown, octets: number): Uint8Array {
  const { buffer, engine } = result as Result;
  const extra = octets - engine.bytesWritten;
  if (extra > 0) throw new Error(`${extra} bytes follow its end`);
  return buffer;
}

const gzip: Compression = {
  name: 'gzip',
  compress: (bytes) => nodeZlib().gzipSync(bytes, { chunkSize: chunkOctets(bytes.length) }),
  decompress: (bytes, maxBytes) =>
    whole(nodeZlib().gunzipSync(bytes, limited(bytes, maxBytes)), bytes.length),
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
    // One octet too many, which must be left over. Deno says nothing of a stream that ends early: there it is used up.
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
    // Node 22 takes a frame that ends early for a whole one, and all but Bun stop after the first.
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
