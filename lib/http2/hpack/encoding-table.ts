// The dynamic table as an encoder needs it (RFC 7541 §2.3.2, §4): which fields the peer's decoder holds, found
// by content, and the size updates that must begin the next block after the peer changed its limit.

import { ENTRY_OVERHEAD_OCTETS } from './decoding-table.ts';
import { fieldKey, STATIC_ENTRIES } from './static-table.ts';

export class EncodingTable {
  /** Changes whenever an entry comes or goes, since all indices then mean something else. */
  generation = 0;
  /** Whether the next block must begin with what `takeSizeUpdates` returns. */
  sizeUpdateDue = false;
  /** The most that we use, whatever the peer allows. */
  readonly #ownLimit: number;
  #maxOctets: number;
  /** The size that the peer's decoder was last told. */
  #signaledOctets: number;
  /** The smallest limit since then: it evicted entries, so the decoder must be told of it as well (§4.2). */
  #smallestOctets: number;
  #octets = 0;
  /** Fields in the table by their order of insertion, from 1; the oldest alive is `#evicted + 1`. */
  #inserted = 0;
  #evicted = 0;
  readonly #entries = new Map<number, string>();
  readonly #orders = new Map<string, number>();

  /** `initialOctets` is the size that the peer's decoder starts with, whatever its SETTINGS say. */
  constructor(initialOctets: number, ownLimit: number) {
    this.#ownLimit = ownLimit;
    this.#maxOctets = initialOctets;
    this.#signaledOctets = initialOctets;
    this.#smallestOctets = initialOctets;
    if (ownLimit < initialOctets) this.setPeerLimit(initialOctets);
  }

  get maxOctets(): number {
    return this.#maxOctets;
  }

  get octets(): number {
    return this.#octets;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  setPeerLimit(octets: number): void {
    this.#maxOctets = Math.min(octets, this.#ownLimit);
    this.#smallestOctets = Math.min(this.#smallestOctets, this.#maxOctets);
    this.#evictTo(this.#maxOctets);
    this.sizeUpdateDue =
      this.#maxOctets !== this.#signaledOctets || this.#smallestOctets < this.#signaledOctets;
  }

  /** The sizes to signal, in order: the smallest since the last block, and the present one. */
  takeSizeUpdates(): readonly number[] {
    const sizes = this.#smallestOctets < this.#maxOctets ? [this.#smallestOctets] : [];
    if (this.#smallestOctets >= this.#signaledOctets) sizes.length = 0;
    sizes.push(this.#maxOctets);
    this.#signaledOctets = this.#maxOctets;
    this.#smallestOctets = this.#maxOctets;
    this.sizeUpdateDue = false;
    return sizes;
  }

  /** The order of insertion of exactly this field, or 0 when the table does not hold it. */
  orderOf(name: string, value: string): number {
    return this.#orders.get(fieldKey(name, value)) ?? 0;
  }

  holds(order: number): boolean {
    return order > this.#evicted;
  }

  /** The HPACK index of a field that the table holds. */
  index(order: number): number {
    return STATIC_ENTRIES + 1 + this.#inserted - order;
  }

  /** Whether the field may be inserted: one entry must not evict most of the others. */
  accepts(name: string, value: string): boolean {
    return name.length + value.length + ENTRY_OVERHEAD_OCTETS <= this.#maxOctets / 2;
  }

  /** Inserts as the peer's decoder will when it reads the literal; returns the order of insertion. */
  insert(name: string, value: string): number {
    const key = fieldKey(name, value);
    const octets = entryOctets(key);
    this.#evictTo(this.#maxOctets - octets);
    this.generation++;
    this.#inserted++;
    this.#octets += octets;
    this.#entries.set(this.#inserted, key);
    this.#orders.set(key, this.#inserted);
    return this.#inserted;
  }

  #evictTo(octets: number): void {
    while (this.#octets > octets && this.#evicted < this.#inserted) {
      this.#evicted++;
      const key = this.#entries.get(this.#evicted);
      if (key === undefined) continue;
      this.#entries.delete(this.#evicted);
      if (this.#orders.get(key) === this.#evicted) this.#orders.delete(key);
      this.#octets -= entryOctets(key);
      this.generation++;
    }
  }
}

/** A key is the name, one separator and the value. */
function entryOctets(key: string): number {
  return key.length - 1 + ENTRY_OVERHEAD_OCTETS;
}
