// Decodes header blocks to header fields (RFC 7541). Knows nothing of frames, streams or what fields mean: names and
// values come out as they were sent. A block that cannot be decoded is a ConnectionFault (COMPRESSION_ERROR).

import { COMPRESSION_ERROR, ConnectionFault } from '../error-code.ts';
import type { FieldList } from '../handlers.ts';
import { BlockMemory } from './block-memory.ts';
import { DecodingTable, ENTRY_OVERHEAD_OCTETS } from './decoding-table.ts';
import { decodeHuffman, maxDecodedLength } from './huffman.ts';
import { decodeLatin1 } from './latin1.ts';
import { STATIC_ENTRIES, STATIC_FIELDS } from './static-table.ts';

/** Octets after an integer's prefix: 4 reach 2^28, and no length or index in a bounded block needs more. */
const MAX_INTEGER_OCTETS = 4;

export class HeaderDecoder {
  /** Whether the last block's list was larger than the limit, so that `decode` returned only its beginning. */
  listOverflowed = false;
  #block: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #scratch = new Uint8Array(256);
  /** How much table our SETTINGS_HEADER_TABLE_SIZE lets the peer's encoder use. */
  #maxTableOctets: number;
  /** After we lowered it, the next block must begin by saying so (RFC 7541 §4.2). */
  #updateRequired = false;
  readonly #maxListOctets: number;
  readonly #table: DecodingTable;
  readonly #memory = new BlockMemory();

  constructor(tableOctets: number, maxListOctets: number) {
    this.#maxTableOctets = tableOctets;
    this.#maxListOctets = maxListOctets;
    this.#table = new DecodingTable(tableOctets);
  }

  /** The peer acknowledged a new SETTINGS_HEADER_TABLE_SIZE. */
  setMaxTableOctets(octets: number): void {
    this.#maxTableOctets = octets;
    this.#updateRequired = octets < this.#table.maxOctets;
  }

  get tableOctets(): number {
    return this.#table.octets;
  }

  /** The fields of one whole block. Equal blocks may share the list: never change it. */
  decode(block: Uint8Array, start: number, end: number): FieldList {
    this.listOverflowed = false;
    if (!this.#updateRequired) {
      const known = this.#memory.find(block, start, end, this.#table.generation);
      if (known !== undefined) return known;
    }
    const generation = this.#table.generation;
    this.#block = block;
    this.#at = start;
    this.#end = end;
    const updated = this.#tableSizeUpdates();
    const fields: string[] = [];
    let listOctets = 0;
    while (this.#at < this.#end) {
      const octet = block[this.#at];
      let name: string;
      let value: string;
      if (octet >= 0x80) {
        const index = this.#integer(0x7f);
        name = this.#nameAt(index);
        value = this.#valueAt(index);
      } else if (octet >= 0x40) {
        name = this.#name(0x3f);
        value = this.#string();
        this.#table.insert(name, value);
      } else if (octet >= 0x20) {
        throw new ConnectionFault(COMPRESSION_ERROR, 'a table size update inside a header block');
      } else {
        name = this.#name(0x0f);
        value = this.#string();
      }
      listOctets += name.length + value.length + ENTRY_OVERHEAD_OCTETS;
      // Past the limit, the rest is still read, since it changes the table, but no more of it is kept.
      if (listOctets <= this.#maxListOctets) fields.push(name, value);
      else this.listOverflowed = true;
    }
    if (!updated && !this.listOverflowed && this.#table.generation === generation) {
      this.#memory.keep(block, start, end, generation, fields);
    }
    return fields;
  }

  /** Size updates are allowed only at the beginning of a block (RFC 7541 §4.2). */
  #tableSizeUpdates(): boolean {
    let updated = false;
    while (this.#at < this.#end && (this.#block[this.#at] & 0xe0) === 0x20) {
      const octets = this.#integer(0x1f);
      if (octets > this.#maxTableOctets) {
        const limit = this.#maxTableOctets;
        throw new ConnectionFault(
          COMPRESSION_ERROR,
          `table size update to ${octets} exceeds the limit ${limit}`,
        );
      }
      this.#table.resize(octets);
      this.#updateRequired = false;
      updated = true;
    }
    if (this.#updateRequired) {
      throw new ConnectionFault(COMPRESSION_ERROR, 'no table size update after the limit was lowered');
    }
    return updated;
  }

  #name(prefix: number): string {
    const index = this.#integer(prefix);
    return index === 0 ? this.#string() : this.#nameAt(index);
  }

  #nameAt(index: number): string {
    if (index <= STATIC_ENTRIES) {
      if (index === 0) throw new ConnectionFault(COMPRESSION_ERROR, 'header field index 0 is invalid');
      return STATIC_FIELDS[2 * index];
    }
    return this.#table.name(this.#age(index));
  }

  #valueAt(index: number): string {
    return index <= STATIC_ENTRIES ? STATIC_FIELDS[2 * index + 1] : this.#table.value(this.#age(index));
  }

  #age(index: number): number {
    const age = index - STATIC_ENTRIES - 1;
    if (age >= this.#table.length) {
      throw new ConnectionFault(COMPRESSION_ERROR, `header field index ${index} is not in the table`);
    }
    return age;
  }

  /** An integer whose prefix is the low bits, `mask`, of the current octet (RFC 7541 §5.1). */
  #integer(mask: number): number {
    if (this.#at >= this.#end) throw truncated();
    let value = this.#block[this.#at++] & mask;
    if (value < mask) return value;
    for (let octets = 0; octets < MAX_INTEGER_OCTETS; octets++) {
      if (this.#at >= this.#end) throw truncated();
      const octet = this.#block[this.#at++];
      value += (octet & 0x7f) << (7 * octets);
      if (octet < 0x80) return value;
    }
    throw new ConnectionFault(COMPRESSION_ERROR, 'an integer in a header block is too large');
  }

  #string(): string {
    if (this.#at >= this.#end) throw truncated();
    const isHuffman = this.#block[this.#at] >= 0x80;
    const length = this.#integer(0x7f);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw truncated();
    this.#at = end;
    if (!isHuffman) return decodeLatin1(this.#block, start, end);
    const most = maxDecodedLength(length);
    if (most > this.#scratch.length) this.#scratch = new Uint8Array(most);
    return decodeLatin1(this.#scratch, 0, decodeHuffman(this.#block, start, end, this.#scratch));
  }
}

function truncated(): ConnectionFault {
  return new ConnectionFault(COMPRESSION_ERROR, 'a header block ends inside a field');
}
