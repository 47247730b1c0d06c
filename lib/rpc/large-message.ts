// A large message that is arriving: memory of its own, which is of exactly its size when it is complete and which nothing
// else shares, so that whoever decodes it may keep it.

import { unwrittenOctets } from '../values/octets.ts';

/**
 * How many times what has arrived the memory may be: a length is only a promise. Each time it is too small, all that has
 * arrived is copied, in all a seventh of the message.
 */
const GROWTH = 8;

export class LargeMessage {
  /** What it will be, its header included. */
  readonly octets: number;
  /** How much of it has arrived. */
  length = 0;
  memory: Uint8Array;

  constructor(octets: number, arrived: number) {
    this.octets = octets;
    this.memory = unwrittenOctets(sizeFor(octets, arrived));
  }

  get isComplete(): boolean {
    return this.length === this.octets;
  }

  /** Takes as much of `chunk[start, end)` as belongs to it; returns where the rest begins. */
  append(chunk: Uint8Array, start: number, end: number): number {
    const until = Math.min(end, start + this.octets - this.length);
    const length = this.length + until - start;
    if (length > this.memory.length) {
      const larger = unwrittenOctets(sizeFor(this.octets, length));
      larger.set(this.memory.subarray(0, this.length));
      this.memory = larger;
    }
    this.memory.set(chunk.subarray(start, until), this.length);
    this.length = length;
    return until;
  }
}

/** The smallest of all of it, an eighth of it, a 64th, … that holds what has arrived. */
function sizeFor(octets: number, arrived: number): number {
  let size = octets;
  while (size >= arrived * GROWTH) size = Math.ceil(size / GROWTH);
  return size;
}
