// Octets that are kept until there are enough of them, up to a limit: memory follows what arrived, never what a length promises.

const FIRST_OCTETS = 1024;

export class GrowingBuffer {
  readonly #maxOctets: number;
  #memory = new Uint8Array(0);
  length = 0;

  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /** Adds octets; false, with nothing added, where there would be more than the limit. */
  append(chunk: Uint8Array, start: number, end: number): boolean {
    const length = this.length + end - start;
    if (length > this.#maxOctets) return false;
    if (length > this.#memory.length) {
      const memory = new Uint8Array(Math.max(FIRST_OCTETS, Math.min(2 * length, this.#maxOctets)));
      memory.set(this.bytes);
      this.#memory = memory;
    }
    this.#memory.set(chunk.subarray(start, end), this.length);
    this.length = length;
    return true;
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.length);
  }

  /** The number in the four octets at a place, of those there are. */
  uint32At(at: number): number {
    const { bytes } = this;
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  }
}
