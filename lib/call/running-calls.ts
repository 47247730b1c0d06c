// The running calls of a client, in an array in which each call knows its index: a Set would leave garbage that keeps
// dead calls alive (see http2/stream-map.ts).

import { type Wait, type WaitSource, waits } from '../values/waits.ts';

/** A call that can be in the list. The list sets its index: -1 while it is not in it. */
export interface RunningCall {
  runningIndex: number;
  /** The path of its method, or the name by which the caller asked for it. */
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

  /** Removes a call; does nothing if it is not in the list. */
  remove(call: T): void {
    const index = call.runningIndex;
    if (index === -1) return;
    call.runningIndex = -1;
    const last = this.#calls.pop() as T;
    if (last === call) return;
    this.#calls[index] = last;
    last.runningIndex = index;
  }

  /** Each call still owes its caller an outcome. */
  *waits(): Generator<Wait> {
    for (const { method } of this.#calls) yield { kind: 'call', owner: method };
  }

  /** The calls that are running now. */
  toArray(): T[] {
    return [...this.#calls];
  }
}
