// One attempt of a call with a policy: an exchange of its own, which passes its events, and itself, to the exchange
// that made it.

import type { CallExchange, ExchangeListener } from '../call-exchange.ts';
import type { Outcome } from '../outcome.ts';
import type { KeptMessage } from '../replay-buffer.ts';
import type { FieldList } from '../transport.ts';

/** Whatever makes attempts. */
export interface AttemptOwner {
  attemptFields(attempt: Attempt): FieldList | undefined;
  readonly hasDeadline: boolean;
  isExpired(): boolean;
  onAttemptHeaders(attempt: Attempt): void;
  onAttemptMessage(bytes: Uint8Array, start: number, end: number, isOwn: boolean): void;
  onAttemptBadMessage(outcome: Outcome): void;
  onAttemptWritable(): void;
  onAttemptOutcome(attempt: Attempt, outcome: Outcome): void;
}

export class Attempt implements ExchangeListener {
  /** How many attempts were made before this one. */
  readonly previous: number;
  readonly exchange: CallExchange;
  isDone = false;
  /** Whether the last message that was sent is waiting for room. */
  isBlocked = false;
  readonly #owner: AttemptOwner;

  constructor(
    owner: AttemptOwner,
    previous: number,
    makeExchange: (listener: ExchangeListener, isFirst: boolean) => CallExchange,
  ) {
    this.#owner = owner;
    this.previous = previous;
    this.exchange = makeExchange(this, previous === 0);
  }

  /** Sends a message. This may fail the attempt at once. */
  send({ bytes, start, end, endStream, mayCompress }: KeptMessage): void {
    if (start === end) this.exchange.endRequest();
    else {
      // The exchange may report room before it returns; whatever it says last counts.
      this.isBlocked = false;
      if (!this.exchange.send(bytes, start, end, endStream, mayCompress)) this.isBlocked = true;
    }
  }

  /** Ends the attempt without an outcome. */
  abandon(): void {
    this.isDone = true;
    this.exchange.abandon();
  }

  callFields(): FieldList | undefined {
    return this.#owner.attemptFields(this);
  }

  get hasDeadline(): boolean {
    return this.#owner.hasDeadline;
  }

  isExpired(): boolean {
    return this.#owner.isExpired();
  }

  onHeaders(): void {
    this.#owner.onAttemptHeaders(this);
  }

  onMessage(bytes: Uint8Array, start: number, end: number, isOwn: boolean): void {
    this.#owner.onAttemptMessage(bytes, start, end, isOwn);
  }

  onBadMessage(outcome: Outcome): void {
    this.#owner.onAttemptBadMessage(outcome);
  }

  onWritable(): void {
    this.isBlocked = false;
    this.#owner.onAttemptWritable();
  }

  onOutcome(outcome: Outcome): void {
    this.isDone = true;
    this.#owner.onAttemptOutcome(this, outcome);
  }
}
