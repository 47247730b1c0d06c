// Texts of which most are repeated: the files of a large descriptor set import the same few tens of thousands of times, and
// making a string each time would take most of the time that the set's index does.

import { type OutlineReader, UnusualBytes } from './outline-reader.ts';

const SLOTS = 4096;

export class RepeatedTexts {
  readonly #bytes: Buffer;
  /** The text that was seen last among those that have this slot, and where it lies. */
  readonly #texts: string[] = new Array(SLOTS).fill('');
  readonly #starts: Int32Array = new Int32Array(SLOTS);
  readonly #ends: Int32Array = new Int32Array(SLOTS);

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The text of the current field of a reader of the bytes. */
  text(reader: OutlineReader): string {
    const { start, pos: end } = reader;
    if (!reader.isDelimited) throw new UnusualBytes();
    const slot = this.#slotOf(start, end);
    if (this.#isAt(slot, start, end)) return this.#texts[slot];
    this.#starts[slot] = start;
    this.#ends[slot] = end;
    this.#texts[slot] = reader.text();
    return this.#texts[slot];
  }

  /** By a few octets: what matters is that different paths mostly differ. */
  #slotOf(start: number, end: number): number {
    const bytes = this.#bytes;
    const middle = start + ((end - start) >> 1);
    const some = (bytes[middle] << 5) ^ (bytes[middle - 3] << 2) ^ (bytes[end - 8] << 4) ^ bytes[end - 10];
    return (some ^ ((end - start) << 3)) & (SLOTS - 1);
  }

  #isAt(slot: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const at = this.#starts[slot];
    if (this.#ends[slot] - at !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (bytes[at + i] !== bytes[start + i]) return false;
    return true;
  }
}
