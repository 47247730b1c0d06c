// Open streams by id: a ring with a place for each of the latest ids, and a Map for streams whose place the ring has
// come round to again. A Map alone would do, were it not for its garbage: V8 links each table that a Map outgrows to the
// next, and a dead table that has reached the old generation then keeps all later ones alive, and the streams in them,
// until a full collection. At 300,000 streams a second that was a third of the CPU time.

import type { Stream } from './stream.ts';

const FIRST_PLACES = 16;

export class StreamMap {
  #ring: (Stream | undefined)[] = new Array<Stream | undefined>(FIRST_PLACES).fill(undefined);
  /** Streams that have outlived a whole round of the ring: few, and long-lived. */
  readonly #outlived = new Map<number, Stream>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Stream | undefined {
    const ring = this.#ring;
    // Ids come in steps of two.
    const found = ring[(id >>> 1) & (ring.length - 1)];
    if (found !== undefined && found.id === id) return found;
    return this.#outlived.size === 0 ? undefined : this.#outlived.get(id);
  }

  /** Adds a stream whose id is higher than all that were added before. */
  add(stream: Stream): void {
    if (this.#size * 2 >= this.#ring.length) this.#grow();
    this.#place(stream);
    this.#size++;
  }

  delete(id: number): void {
    const ring = this.#ring;
    const place = (id >>> 1) & (ring.length - 1);
    if (ring[place]?.id === id) ring[place] = undefined;
    else if (!this.#outlived.delete(id)) return;
    this.#size--;
  }

  /** The streams that are there now, oldest first. */
  values(): Stream[] {
    const streams = this.#ring.filter((stream) => stream !== undefined);
    return [...this.#outlived.values(), ...streams].sort((a, b) => a.id - b.id);
  }

  #grow(): void {
    const streams = this.values();
    this.#outlived.clear();
    this.#ring = new Array<Stream | undefined>(this.#ring.length * 2).fill(undefined);
    for (const stream of streams) this.#place(stream);
  }

  #place(stream: Stream): void {
    const ring = this.#ring;
    const place = (stream.id >>> 1) & (ring.length - 1);
    const before = ring[place];
    if (before !== undefined) this.#outlived.set(before.id, before);
    ring[place] = stream;
  }
}
