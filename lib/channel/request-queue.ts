// Requests that wait for a stream, first come first served; those that were refused elsewhere have come before. Arrays
// with a head, as a Map would leave garbage that keeps dead requests alive (see http2/stream-map.ts); each request knows
// its place, to be withdrawn.

import type { StreamEnd, StreamRequest } from '../rpc/transport.ts';
import { StatusCode } from '../values/status.ts';

/** Empty places at the front are given back when there are this many and they are half of all. */
const COMPACT_AT = 1024;

export class RequestQueue {
  readonly #again = new Lane();
  readonly #fresh = new Lane();

  get size(): number {
    return this.#again.size + this.#fresh.size;
  }

  push(request: StreamRequest): void {
    (request.isAgain === true ? this.#again : this.#fresh).push(request);
  }

  /** Takes the first out. */
  shift(): StreamRequest | undefined {
    return this.#again.size > 0 ? this.#again.shift() : this.#fresh.shift();
  }

  /** Takes a request out wherever it stands; false when it does not wait here. */
  remove(request: StreamRequest): boolean {
    return this.#fresh.remove(request) || this.#again.remove(request);
  }

  /** Ends those that wait; unless `all` is true, not those that wait for ready. */
  fail(end: StreamEnd, all: boolean): void {
    for (const request of this.toArray()) {
      if (request.waitForReady && !all) continue;
      // One that ended may have withdrawn others.
      if (this.remove(request)) request.onEnd(end);
    }
  }

  /** Those that wait now, in order. */
  toArray(): StreamRequest[] {
    return [...this.#again.toArray(), ...this.#fresh.toArray()];
  }
}

class Lane {
  #places: (StreamRequest | undefined)[] = [];
  /** The place number of #places[0]. */
  #base = 0;
  /** Index of the first place that may be taken. */
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(request: StreamRequest): void {
    request.queuePlace = this.#base + this.#places.length;
    this.#places.push(request);
    this.#size++;
  }

  shift(): StreamRequest | undefined {
    while (this.#head < this.#places.length) {
      const request = this.#places[this.#head];
      this.#head++;
      if (request === undefined) continue;
      this.#places[this.#head - 1] = undefined;
      this.#leave(request);
      return request;
    }
    return undefined;
  }

  remove(request: StreamRequest): boolean {
    const index = request.queuePlace - this.#base;
    if (request.queuePlace < 0 || this.#places[index] !== request) return false;
    this.#places[index] = undefined;
    this.#leave(request);
    return true;
  }

  toArray(): StreamRequest[] {
    return this.#places.filter((request) => request !== undefined);
  }

  #leave(request: StreamRequest): void {
    request.queuePlace = -1;
    this.#size--;
    if (this.#size === 0) {
      this.#base += this.#places.length;
      this.#places = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#places.length) {
      this.#places.splice(0, this.#head);
      this.#base += this.#head;
      this.#head = 0;
    }
  }
}

/** How a call ends for which the queue has no room. */
export function queueFull(waiting: number, limit: number): StreamEnd {
  return {
    kind: 'unopened',
    code: StatusCode.RESOURCE_EXHAUSTED,
    reason:
      limit === 0
        ? 'there is no free stream, and maxQueuedCalls 0 lets no call wait for one'
        : `${waiting} calls already wait for a stream, as many as maxQueuedCalls allows`,
  };
}
