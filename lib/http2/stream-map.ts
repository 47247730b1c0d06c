// Open streams by id: an open-addressed table with linear probing. A Map would do, but for its garbage: V8's
// links each table that a Map outgrows to the next, and a dead one that has reached the old generation then keeps
// all later ones, and the streams in them, until a full collection. At 300,000 streams a second that was a third of
// the CPU time.

import type { Stream } from './stream.ts';

const FIRST_CAPACITY = 64;

export class StreamMap {
  /** 0 where the place is free: no stream has that id. */
  #ids = new Int32Array(FIRST_CAPACITY);
  #streams: (Stream | undefined)[] = new Array<Stream | undefined>(FIRST_CAPACITY).fill(undefined);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Stream | undefined {
    const ids = this.#ids;
    const mask = this.#mask;
    // Ids come in steps of two: neighbours get neighbouring places.
    for (let i = (id >>> 1) & mask; ; i = (i + 1) & mask) {
      const found = ids[i];
      if (found === id) return this.#streams[i];
      if (found === 0) return undefined;
    }
  }

  /** Adds a stream whose id is not there. */
  add(stream: Stream): void {
    if (this.#size * 2 >= this.#mask) this.#grow();
    this.#place(stream);
    this.#size++;
  }

  delete(id: number): void {
    const ids = this.#ids;
    const streams = this.#streams;
    const mask = this.#mask;
    let hole = (id >>> 1) & mask;
    while (ids[hole] !== id) {
      if (ids[hole] === 0) return;
      hole = (hole + 1) & mask;
    }
    this.#size--;
    // Moves back those behind the hole that would not be found across it.
    for (let i = (hole + 1) & mask; ids[i] !== 0; i = (i + 1) & mask) {
      const home = (ids[i] >>> 1) & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        ids[hole] = ids[i];
        streams[hole] = streams[i];
        hole = i;
      }
    }
    ids[hole] = 0;
    streams[hole] = undefined;
  }

  /** The streams that are there now; it may change while they are gone through. */
  values(): Stream[] {
    return this.#streams.filter((stream) => stream !== undefined);
  }

  #grow(): void {
    const streams = this.#streams;
    const capacity = streams.length * 2;
    this.#ids = new Int32Array(capacity);
    this.#streams = new Array<Stream | undefined>(capacity).fill(undefined);
    this.#mask = capacity - 1;
    for (const stream of streams) if (stream !== undefined) this.#place(stream);
  }

  #place(stream: Stream): void {
    const ids = this.#ids;
    const mask = this.#mask;
    let i = (stream.id >>> 1) & mask;
    while (ids[i] !== 0) i = (i + 1) & mask;
    ids[i] = stream.id;
    this.#streams[i] = stream;
  }
}
