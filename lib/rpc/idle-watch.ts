// Ends a stream on which no message goes either way for too long. On the queue of deadlines: a message costs one look
// at the clock, and no timer.

import type { DeadlineQueue, DeadlineSlot, Expiring } from './deadline.ts';

/** The stream that is watched. */
export interface Idling {
  /** A message is here that the caller has not asked for yet: then it is the caller who takes its time. */
  readonly hasUnread: boolean;
  onIdle(): void;
}

export class IdleWatch implements Expiring {
  deadlineNext: Expiring | undefined;
  deadlinePrevious: Expiring | undefined;
  deadlineSlot: DeadlineSlot | undefined;
  readonly #idling: Idling;
  readonly #queue: DeadlineQueue;
  readonly #idleMs: number;
  #lastMs: number;

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
    if (nowMs - this.#lastMs >= this.#idleMs) this.#idling.onIdle();
    else this.#queue.add(this, this.#lastMs + this.#idleMs);
  }
}
