// The calls of a client that are running. An array in which each call knows its place: a Set would leave garbage
// that keeps dead calls alive (see http2/stream-map.ts).

import { type Wait, type WaitSource, waits } from '../values/waits.ts';

/** One that can be in the list; the index belongs to it, -1 outside. */
export interface RunningCall {
  runningIndex: number;
  /** The path of its method, or the name it was asked for by. */
  readonly method: string;
}

export class RunningCalls<T extends RunningCall> implements WaitSource {
  readonly #calls: T[] = [];

  constructor() {
    waits?.addSource(this);
  }

  get size(): number {
    return this.#calls.length;
  }

  add(call: T): void {
    call.runningIndex = this.#calls.length;
    this.#calls.push(call);
  }

  /** Takes a call out; does nothing when it is not in the list. */
  remove(call: T): void {
    const index = call.runningIndex;
    if (index === -1) return;
    call.runningIndex = -1;
    const last = this.#calls.pop() as T;
    if (last === call) return;
    this.#calls[index] = last;
    last.runningIndex = index;
  }

  /** Each call owes its outcome to who made it. */
  *waits(): Generator<Wait> {
    for (const { method } of this.#calls) yield { kind: 'call', owner: method };
  }

  /** The calls that are running now. */
  toArray(): T[] {
    return [...this.#calls];
  }
}
