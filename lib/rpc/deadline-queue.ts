// The deadlines of many calls on one timer. Calls are kept in slots of time, so that adding and removing one takes a
// few assignments; a timer per call would cost as much as the rest of the call.

import { type Clock, timerMs } from '../values/clock.ts';

/** Deadlines are rounded up to a multiple of this, so a call expires at most this many milliseconds late. */
const SLOT_MS = 8;

/** Something that can expire. Its links belong to the queue that it is in. */
export interface Expiring {
  /** Called once the deadline has passed, unless it was removed before. */
  onDeadline(): void;
  deadlineNext: Expiring | undefined;
  deadlinePrevious: Expiring | undefined;
  deadlineSlot: DeadlineSlot | undefined;
}

/** Everything that expires in the same few milliseconds, as a doubly linked list. */
export interface DeadlineSlot {
  readonly number: number;
  first: Expiring | undefined;
}

/** What a queue needs from a clock. */
export type DeadlineClock = Omit<Clock, 'random'>;

export class DeadlineQueue {
  readonly #clock: DeadlineClock;
  readonly #slots = new Map<number, DeadlineSlot>();
  /** Slot numbers as a binary heap, the earliest at 0. */
  readonly #heap: number[] = [];
  #timer: unknown;
  #timerSlot = Infinity;
  /** When the timer should fire. */
  #timerMs = 0;

  constructor(clock: DeadlineClock) {
    this.#clock = clock;
  }

  /** The time on the queue's clock. */
  now(): number {
    return this.#clock.now();
  }

  /** @param deadlineMs on the queue's clock */
  add(item: Expiring, deadlineMs: number): void {
    const number = Math.ceil(deadlineMs / SLOT_MS);
    let slot = this.#slots.get(number);
    if (slot === undefined) {
      slot = { number, first: undefined };
      this.#slots.set(number, slot);
      this.#push(number);
      if (number < this.#timerSlot) this.#arm(number, this.#clock.now());
    }
    const first = slot.first;
    item.deadlineSlot = slot;
    item.deadlinePrevious = undefined;
    item.deadlineNext = first;
    if (first !== undefined) first.deadlinePrevious = item;
    slot.first = item;
  }

  remove(item: Expiring): void {
    const slot = item.deadlineSlot;
    if (slot === undefined) return;
    const next = item.deadlineNext;
    const previous = item.deadlinePrevious;
    if (previous === undefined) slot.first = next;
    else previous.deadlineNext = next;
    if (next !== undefined) next.deadlinePrevious = previous;
    item.deadlineSlot = undefined;
    item.deadlineNext = undefined;
    item.deadlinePrevious = undefined;
    // The slot stays until its time comes, since the next call will most likely need it again.
  }

  #arm(number: number, nowMs: number): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timerSlot = number;
    // A deadline beyond the longest possible timer is looked at again when that timer fires.
    const delay = timerMs(number * SLOT_MS - nowMs);
    this.#timerMs = nowMs + delay;
    this.#timer = this.#clock.setTimer(this.#onTimer, delay);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#timerSlot = Infinity;
    let now = this.#clock.now();
    if (now < this.#timerMs && this.#clock.isTurnedByHand?.()) now = this.#timerMs;
    while (this.#heap.length > 0 && this.#heap[0] * SLOT_MS <= now) {
      const number = this.#pop();
      const slot = this.#slots.get(number);
      this.#slots.delete(number);
      for (let item = slot?.first; item !== undefined; item = slot?.first) {
        this.remove(item);
        item.onDeadline();
      }
    }
    // Empty slots are dropped, so that an idle process is not woken for calls that ended long ago.
    while (this.#heap.length > 0 && this.#slots.get(this.#heap[0])?.first === undefined) {
      this.#slots.delete(this.#pop());
    }
    // Callbacks may have added earlier deadlines and armed the timer.
    if (this.#heap.length > 0 && this.#heap[0] < this.#timerSlot) this.#arm(this.#heap[0], now);
  };

  #push(number: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(number);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent] <= number) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = number;
  }

  #pop(): number {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop() as number;
    const size = heap.length;
    if (size > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= last) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = last;
    }
    return top;
  }
}
