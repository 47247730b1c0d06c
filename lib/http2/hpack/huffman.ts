// The Huffman code of HPACK (RFC 7541 §5.2 and Appendix B), in both directions. Knows octets only, no header fields.

import { COMPRESSION_ERROR, ConnectionFault } from '../error-code.ts';

/**
 * The length of each symbol's code in bits; 256 is EOS. The code is canonical (codes of one length are consecutive, in
 * the order of their symbols), so the lengths determine it.
 */
// biome-ignore format: a table of 32 columns is how Appendix B can be checked by eye
const CODE_BITS: Uint8Array = Uint8Array.of(
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
);
const EOS = 256;

/** The shortest code. No symbol takes fewer bits, so text is at most 8/5 as long as its code. */
const MIN_CODE_BITS = 5;

interface Tables {
  readonly codes: Uint32Array;
  /**
   * Nodes of 256 entries, one for each value of the next octet of code. An entry >= LEAF is a symbol and the number of
   * bits it takes of that octet; otherwise it is the offset of the next node. 0, the root's offset, means no code.
   */
  readonly nodes: Uint16Array;
}
const LEAF = 0x8000;
/** Symbol (9 bits) and bits (1 to 8, so 4 bits) share an entry: LEAF | bits << 9 would need 14, so it fits. */
const SYMBOL_BITS = 9;
const SYMBOL_MASK = 0x1ff;
const NODE_ENTRIES = 256;
/** Octets of code that are a prefix of others: the inner nodes of the tree, root included. */
const MAX_NODES = 64;

let built: Tables | undefined;

/** Made on first use: many connections do not need them to start. */
function tables(): Tables {
  if (built !== undefined) return built;
  const codes = new Uint32Array(CODE_BITS.length);
  const nodes = new Uint16Array(MAX_NODES * NODE_ENTRIES);
  const order = Array.from(CODE_BITS.keys()).sort((a, b) => CODE_BITS[a] - CODE_BITS[b] || a - b);
  let code = 0;
  let bits = CODE_BITS[order[0]];
  let used = 1;
  for (const symbol of order) {
    code *= 2 ** (CODE_BITS[symbol] - bits);
    bits = CODE_BITS[symbol];
    codes[symbol] = code;
    let node = 0;
    let left = bits;
    for (; left > 8; left -= 8) {
      const entry = node + ((code >>> (left - 8)) & 0xff);
      if (nodes[entry] === 0) nodes[entry] = used++ * NODE_ENTRIES;
      node = nodes[entry];
    }
    const first = node + ((code << (8 - left)) & 0xff);
    nodes.fill(LEAF | (left << SYMBOL_BITS) | symbol, first, first + (1 << (8 - left)));
    code++;
  }
  built = { codes, nodes };
  return built;
}

/** Octets that the first `length` octets of `source` take when Huffman-coded. */
export function huffmanLength(source: Uint8Array, length: number): number {
  let bits = 0;
  for (let i = 0; i < length; i++) bits += CODE_BITS[source[i]];
  return (bits + 7) >>> 3;
}

/** Longer codes are written in two parts: with up to 15 bits already waiting, there are never more than 30. */
const MAX_PART_BITS = 15;

/** Writes the first `length` octets of `source`, coded, at `at`; returns the position after them. */
export function encodeHuffman(source: Uint8Array, length: number, out: Uint8Array, at: number): number {
  const { codes } = tables();
  // `pending` holds the last `waiting` bits: fewer than 16 between two codes.
  let pending = 0;
  let waiting = 0;
  for (let i = 0; i < length; i++) {
    const symbol = source[i];
    const bits = CODE_BITS[symbol];
    if (bits <= MAX_PART_BITS) {
      pending = (pending << bits) | codes[symbol];
      waiting += bits;
    } else {
      // Of printable ASCII, only the backslash comes here.
      const rest = bits - MAX_PART_BITS;
      pending = (pending << MAX_PART_BITS) | (codes[symbol] >>> rest);
      waiting += MAX_PART_BITS;
      if (waiting >= 16) {
        waiting -= 16;
        out[at++] = pending >>> (waiting + 8);
        out[at++] = pending >>> waiting;
        pending &= (1 << waiting) - 1;
      }
      pending = (pending << rest) | (codes[symbol] & ((1 << rest) - 1));
      waiting += rest;
    }
    if (waiting >= 16) {
      waiting -= 16;
      out[at++] = pending >>> (waiting + 8);
      out[at++] = pending >>> waiting;
      pending &= (1 << waiting) - 1;
    }
  }
  if (waiting >= 8) {
    waiting -= 8;
    out[at++] = pending >>> waiting;
    pending &= (1 << waiting) - 1;
  }
  // The padding is the most significant bits of EOS, which are all ones.
  if (waiting > 0) out[at++] = (pending << (8 - waiting)) | (0xff >>> waiting);
  return at;
}

/** The most octets that `length` octets of code can stand for. */
export function maxDecodedLength(length: number): number {
  return Math.floor((length * 8) / MIN_CODE_BITS);
}

/**
 * Decodes `source[start, end)` into `out` from its beginning and returns the number of octets written.
 * EOS, padding longer than 7 bits and padding that is not all ones are compression errors (§5.2).
 */
export function decodeHuffman(source: Uint8Array, start: number, end: number, out: Uint8Array): number {
  const { nodes } = tables();
  let node = 0;
  let pending = 0;
  let pendingBits = 0;
  // Bits read since the last whole symbol: those left at the end are the padding.
  let sinceSymbol = 0;
  let length = 0;
  for (let i = start; i < end; i++) {
    pending = ((pending << 8) | source[i]) & 0xffff;
    pendingBits += 8;
    sinceSymbol += 8;
    while (pendingBits >= 8) {
      const entry = nodes[node + ((pending >>> (pendingBits - 8)) & 0xff)];
      if (entry < LEAF) {
        node = entry;
        pendingBits -= 8;
      } else {
        const symbol = entry & SYMBOL_MASK;
        if (symbol === EOS) throw new ConnectionFault(COMPRESSION_ERROR, 'EOS inside a Huffman-coded string');
        out[length++] = symbol;
        pendingBits -= (entry & ~LEAF) >>> SYMBOL_BITS;
        sinceSymbol = pendingBits;
        node = 0;
      }
    }
  }
  while (pendingBits > 0) {
    const entry = nodes[node + ((pending << (8 - pendingBits)) & 0xff)];
    const bits = (entry & ~LEAF) >>> SYMBOL_BITS;
    if (entry < LEAF || bits > pendingBits) break;
    out[length++] = entry & SYMBOL_MASK;
    pendingBits -= bits;
    sinceSymbol = pendingBits;
    node = 0;
  }
  if (sinceSymbol > 7) throw new ConnectionFault(COMPRESSION_ERROR, 'more than 7 bits of Huffman padding');
  const mask = (1 << pendingBits) - 1;
  if ((pending & mask) !== mask)
    throw new ConnectionFault(COMPRESSION_ERROR, 'Huffman padding is not all ones');
  return length;
}
