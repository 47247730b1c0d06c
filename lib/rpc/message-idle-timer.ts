// Ends a stream on which no message goes either way for too long. On the queue of deadlines: a message costs one look
// at the clock, and no timer.

import type { DeadlineQueue, DeadlineSlot, Expiring } from './deadline-queue.ts';

/** The stream that is watched. */
export interface Idling {
  /** A message is here that the caller has not asked for yet: then it is the caller who takes its time. */
  readonly hasUnread: boolean;
  onIdle(): void;
}

export class MessageIdleTimer implements Expiring {
  deadlineNext: Expiring | undefined;
  deadlinePrevious: Expiring | undefined;
  deadlineSlot: DeadlineSlot | undefined;
  readonly #idling: Idling;
  readonly #queue: DeadlineQueue;
  readonly #idleMs: number;
  #lastMs: number;
  /** What `#lastMs` was when its time was seen to be over. */
  #overMs = -1;

  constructor(idling: Idling, queue: DeadlineQueue, idleMs: number) {
    this.#idling = idling;
    this.#queue = queue;
    this.#idleMs = idleMs;
    this.#lastMs = queue.now();
    queue.add(this, this.#lastMs + idleMs);
  }

  /** A message came or went. */
  onMessage(): void {
    this.#lastMs = this.#queue.now();
  }

  stop(): void {
    this.#queue.remove(this);
  }

  onDeadline(): void {
    const nowMs = this.#queue.now();
    if (this.#idling.hasUnread) this.#lastMs = nowMs;
    const isOver = nowMs - this.#lastMs >= this.#idleMs;
    if (isOver && this.#overMs === this.#lastMs) {
      this.#idling.onIdle();
      return;
    }
    if (isOver) this.#overMs = this.#lastMs;
    // This process may have been busy while a message came: it counts when the event loop has come round once more.
    this.#queue.add(this, isOver ? nowMs + 1 : this.#lastMs + this.#idleMs);
  }
}
