// zstd for a Node without it, from a WebAssembly module.

import { compress, decompress, init } from '@bokuweb/zstd-wasm';
import type { Compression } from '../../../../lib/index.ts';

/** What is taken for a frame that does not say how long its content is; the module needs to know. */
const MAX_UNKNOWN_OCTETS = 16 * 1024 * 1024;
/** zstd_errors.h: ZSTD_error_dstSize_tooSmall. */
const TOO_SMALL = /\b-?70\b/;

/** Ready for use: what it does is synchronous once the module has been compiled. */
export async function zstdModule(): Promise<Compression> {
  await init();
  return {
    name: 'zstd',
    compress: (bytes) => compress(bytes),
    decompress(bytes, maxBytes) {
      let plain: Uint8Array;
      try {
        plain = decompress(bytes, { defaultHeapSize: Math.min(maxBytes, MAX_UNKNOWN_OCTETS) });
      } catch (error) {
        if (TOO_SMALL.test(String(error))) throw new RangeError(`more than ${maxBytes} bytes`);
        throw error;
      }
      if (plain.length > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
      return plain;
    },
  };
}
