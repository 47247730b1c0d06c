// The dynamic table as a decoder needs it (RFC 7541 §2.3.2, §4): entries by age, evicted from the oldest on.

/** What an entry costs besides its octets (§4.1). */
export const ENTRY_OVERHEAD_OCTETS = 32;

/** It doubles as entries come: most connections are idle, and their servers say little. */
const FIRST_CAPACITY = 8;

export class DecodingTable {
  /** Changes whenever an entry comes or goes: what was decoded by index before may mean something else now. */
  generation = 0;
  #maxOctets: number;
  #octets = 0;
  #names: string[] = new Array<string>(FIRST_CAPACITY).fill('');
  #values: string[] = new Array<string>(FIRST_CAPACITY).fill('');
  /** Entries ever inserted; entry `n` (from 0) sits at `n & mask`. */
  #inserted = 0;
  #length = 0;
  #mask = FIRST_CAPACITY - 1;

  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  get maxOctets(): number {
    return this.#maxOctets;
  }

  get octets(): number {
    return this.#octets;
  }

  get length(): number {
    return this.#length;
  }

  /** The name of the `age`-th newest entry; 0 is the newest. `age` must be below `length`. */
  name(age: number): string {
    return this.#names[(this.#inserted - 1 - age) & this.#mask];
  }

  value(age: number): string {
    return this.#values[(this.#inserted - 1 - age) & this.#mask];
  }

  resize(maxOctets: number): void {
    this.#maxOctets = maxOctets;
    this.#evictTo(maxOctets);
  }

  /** Strings hold one octet per character, so their length is their size. */
  insert(name: string, value: string): void {
    const octets = name.length + value.length + ENTRY_OVERHEAD_OCTETS;
    this.generation++;
    // An entry larger than the table empties it, which is not an error (§4.4).
    this.#evictTo(this.#maxOctets - octets);
    if (octets > this.#maxOctets) return;
    if (this.#length > this.#mask) this.#grow();
    const slot = this.#inserted & this.#mask;
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.#inserted++;
    this.#length++;
    this.#octets += octets;
  }

  #evictTo(octets: number): void {
    while (this.#octets > octets && this.#length > 0) {
      const slot = (this.#inserted - this.#length) & this.#mask;
      this.#octets -= this.#names[slot].length + this.#values[slot].length + ENTRY_OVERHEAD_OCTETS;
      this.#names[slot] = '';
      this.#values[slot] = '';
      this.#length--;
      this.generation++;
    }
  }

  #grow(): void {
    const names: string[] = [];
    const values: string[] = [];
    for (let age = this.#length - 1; age >= 0; age--) {
      names.push(this.name(age));
      values.push(this.value(age));
    }
    const capacity = (this.#mask + 1) * 2;
    while (names.length < capacity) {
      names.push('');
      values.push('');
    }
    this.#names = names;
    this.#values = values;
    this.#inserted = this.#length;
    this.#mask = capacity - 1;
  }
}
