// Ends a stream on which no message has gone either way for too long. It uses the deadline queue, so that a message
// costs a glance at the clock and no timer.

import type { DeadlineQueue, DeadlineSlot, Expiring } from './deadline-queue.ts';

/** The stream being watched. */
export interface Idling {
  /** Whether a message has arrived that the caller has not read yet: then the caller is the one taking time. */
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
  /** The value of `#lastMs` for which the time was found to be over. */
  #overMs = -1;

  constructor(idling: Idling, queue: DeadlineQueue, idleMs: number) {
    this.#idling = idling;
    this.#queue = queue;
    this.#idleMs = idleMs;
    this.#lastMs = queue.now();
    queue.add(this, this.#lastMs + idleMs);
  }

  /** A message was sent or received. */
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
    // This process may have been busy while a message arrived, so we give the event loop one more turn to deliver it.
    this.#queue.add(this, isOver ? nowMs + 1 : this.#lastMs + this.#idleMs);
  }
}
