// How a call fails whose schema cannot be had because the server cannot be asked for it.

import type { Outcome } from '../rpc/outcome.ts';

/** Rejects who waits for a method; the call that waits ends with the outcome. */
export class LostSchema extends Error {
  override readonly name = 'LostSchema';
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.details, { cause: outcome.cause });
    this.outcome = outcome;
  }
}
