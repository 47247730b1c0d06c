// How a call fails when its schema is unavailable because the server cannot be asked for it.

import type { Outcome } from '../rpc/outcome.ts';

/** What a wait for a method rejects with; the call that waits ends with the outcome. */
export class LostSchema extends Error {
  override readonly name = 'LostSchema';
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.details, { cause: outcome.cause });
    this.outcome = outcome;
  }
}
