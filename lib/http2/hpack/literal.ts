// The representations of RFC 7541 §5 and §6 as octets: integers, strings, literal fields. Writes into memory
// that the caller has made large enough; keeps no state.

import { encodeHuffman, huffmanLength } from './huffman.ts';
import { encodeLatin1, latin1Octets } from './latin1.ts';
import { staticNameIndex } from './static-table.ts';

/** First octets of the representations, and the largest value their prefix can hold. */
export const INDEXED = 0x80;
export const INDEXED_MAX = 0x7f;
export const WITH_INDEXING = 0x40;
export const WITH_INDEXING_MAX = 0x3f;
export const SIZE_UPDATE = 0x20;
export const SIZE_UPDATE_MAX = 0x1f;
export const WITHOUT_INDEXING = 0x00;
export const NEVER_INDEXED = 0x10;
export const LITERAL_MAX = 0x0f;

/** An integer of 32 bits takes no more than this. */
export const MAX_INTEGER_OCTETS = 6;
/** The most a literal field takes besides its name and value. */
export const MAX_LITERAL_OVERHEAD: number = 1 + 2 * MAX_INTEGER_OCTETS;

export function encodeInteger(
  value: number,
  first: number,
  max: number,
  out: Uint8Array,
  at: number,
): number {
  if (value < max) {
    out[at++] = first | value;
    return at;
  }
  out[at++] = first | max;
  let rest = value - max;
  while (rest >= 0x80) {
    out[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[at++] = rest;
  return at;
}

/**
 * In per-call fields, shorter texts are not Huffman-coded: ids and trace contexts, of which a call has several, would
 * save ten octets each and cost a fortieth of the call's time. Tokens are what grows large.
 */
const CODED_LENGTH = 64;

/** Not Huffman-coded. */
function encodePlain(text: string, out: Uint8Array, at: number): number {
  return encodeLatin1(text, out, encodeInteger(text.length, 0, 0x7f, out, at));
}

/** Huffman-coded where that is shorter, since limits along the way count the octets on the wire. */
function encodeCompact(text: string, out: Uint8Array, at: number): number {
  const octets = latin1Octets(text);
  const length = huffmanLength(octets, text.length);
  if (length >= text.length) return encodePlain(text, out, at);
  return encodeHuffman(octets, text.length, out, encodeInteger(length, 0x80, 0x7f, out, at));
}

/** A literal that enters the table. */
export function encodeInserted(name: string, value: string, out: Uint8Array, at: number): number {
  const index = staticNameIndex(name);
  at = encodeInteger(index, WITH_INDEXING, WITH_INDEXING_MAX, out, at);
  if (index === 0) at = encodeCompact(name, out, at);
  return encodeCompact(value, out, at);
}

/** A literal that stays out of the table though it may come again; `first` is WITHOUT_INDEXING or NEVER_INDEXED. */
export function encodeUnindexed(
  name: string,
  value: string,
  first: number,
  out: Uint8Array,
  at: number,
): number {
  const index = staticNameIndex(name);
  at = encodeInteger(index, first, LITERAL_MAX, out, at);
  if (index === 0) at = encodeCompact(name, out, at);
  return encodeCompact(value, out, at);
}

/** A literal of one call, which is encoded anew for each. */
export function encodePerCall(
  name: string,
  value: string,
  first: number,
  out: Uint8Array,
  at: number,
): number {
  const index = staticNameIndex(name);
  at = encodeInteger(index, first, LITERAL_MAX, out, at);
  if (index === 0) at = encodePlain(name, out, at);
  return value.length < CODED_LENGTH ? encodePlain(value, out, at) : encodeCompact(value, out, at);
}
