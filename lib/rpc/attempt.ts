// One attempt of a call that has a policy: an exchange of its own, whose events go to the exchange that made it with
// the attempt they come from.

import type { CallExchange, ExchangeListener } from './call-exchange.ts';
import type { Outcome } from './outcome.ts';
import type { FieldList } from './transport.ts';

/** Who makes attempts. */
export interface AttemptOwner {
  attemptFields(attempt: Attempt): FieldList | undefined;
  isExpired(): boolean;
  onAttemptHeaders(attempt: Attempt): void;
  onAttemptMessage(bytes: Uint8Array, start: number, end: number): void;
  onAttemptBadMessage(outcome: Outcome): void;
  onAttemptWritable(attempt: Attempt): void;
  onAttemptOutcome(attempt: Attempt, outcome: Outcome): void;
}

export class Attempt implements ExchangeListener {
  /** How many attempts were made before. */
  readonly previous: number;
  readonly exchange: CallExchange;
  isDone = false;
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

  /** Ends it without an outcome. */
  abandon(): void {
    this.isDone = true;
    this.exchange.abandon();
  }

  callFields(): FieldList | undefined {
    return this.#owner.attemptFields(this);
  }

  isExpired(): boolean {
    return this.#owner.isExpired();
  }

  onHeaders(): void {
    this.#owner.onAttemptHeaders(this);
  }

  onMessage(bytes: Uint8Array, start: number, end: number): void {
    this.#owner.onAttemptMessage(bytes, start, end);
  }

  onBadMessage(outcome: Outcome): void {
    this.#owner.onAttemptBadMessage(outcome);
  }

  onWritable(): void {
    this.#owner.onAttemptWritable(this);
  }

  onOutcome(outcome: Outcome): void {
    this.isDone = true;
    this.#owner.onAttemptOutcome(this, outcome);
  }
}
