// Snappy's framing format, in which Go's snappy reader and writer speak, on blocks that a library compresses.
// Source: github.com/google/snappy, framing_format.txt.

import { compressSync, uncompressSync } from 'snappy';
import type { Compression } from '../../../../lib/index.ts';

const STREAM_IDENTIFIER = Buffer.from('\xff\x06\0\0sNaPpY', 'latin1');
const COMPRESSED_CHUNK = 0;
const UNCOMPRESSED_CHUNK = 1;
const FIRST_SKIPPABLE_CHUNK = 0x80;
const IDENTIFIER_CHUNK = 0xff;
const CHUNK_HEADER_OCTETS = 4;
const CHECKSUM_OCTETS = 4;
const MAX_BLOCK_OCTETS = 65_536;
const CRC_32C = 0x82f63b78;
const CHECKSUM_MASK = 0xa282ead8;

function maskedChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? CRC_32C : 0);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + CHECKSUM_MASK) >>> 0;
}

function compress(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [STREAM_IDENTIFIER];
  for (let at = 0; at < bytes.length; at += MAX_BLOCK_OCTETS) {
    const block = bytes.subarray(at, at + MAX_BLOCK_OCTETS);
    const compressed = compressSync(Buffer.from(block));
    const head = Buffer.alloc(CHUNK_HEADER_OCTETS + CHECKSUM_OCTETS);
    head[0] = COMPRESSED_CHUNK;
    head.writeUIntLE(CHECKSUM_OCTETS + compressed.length, 1, 3);
    head.writeUInt32LE(maskedChecksum(block), CHUNK_HEADER_OCTETS);
    parts.push(head, compressed);
  }
  return Buffer.concat(parts);
}

/** The length that a block begins with, a varint. */
function blockOctets(block: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < Math.min(block.length, 3); i++) {
    length |= (block[i] & 0x7f) << (7 * i);
    if (block[i] < 0x80) return length;
  }
  throw new Error('a block of snappy is longer than its format allows');
}

function blockOf(type: number, content: Uint8Array): Uint8Array {
  if (type === UNCOMPRESSED_CHUNK) return content;
  if (blockOctets(content) > MAX_BLOCK_OCTETS) throw new Error('a block of snappy is too large');
  return uncompressSync(Buffer.from(content)) as Uint8Array;
}

function decompress(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!input.subarray(0, STREAM_IDENTIFIER.length).equals(STREAM_IDENTIFIER)) throw new Error('not snappy');
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let at = STREAM_IDENTIFIER.length; at < input.length; ) {
    if (at + CHUNK_HEADER_OCTETS > input.length) throw new Error('a chunk of snappy ends early');
    const type = input[at];
    const start = at + CHUNK_HEADER_OCTETS;
    at = start + input.readUIntLE(at + 1, 3);
    if (at > input.length) throw new Error('a chunk of snappy ends early');
    if (type >= FIRST_SKIPPABLE_CHUNK && type <= IDENTIFIER_CHUNK) continue;
    if (type > UNCOMPRESSED_CHUNK) throw new Error(`snappy has no chunks of type ${type}`);
    if (start + CHECKSUM_OCTETS > at) throw new Error('a chunk of snappy has no checksum');
    const block = blockOf(type, input.subarray(start + CHECKSUM_OCTETS, at));
    if (maskedChecksum(block) !== input.readUInt32LE(start)) throw new Error('a checksum of snappy is wrong');
    total += block.length;
    if (total > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    parts.push(block);
  }
  return Buffer.concat(parts);
}

/** Every block is checked before it is made, so that no more than one is held beyond the limit. */
export const SNAPPY: Compression = { name: 'snappy', compress, decompress };
