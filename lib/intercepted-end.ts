// How an intercepted call ended: an outcome of this side's, or the very error that an interceptor threw or passed on.

import { Metadata } from './metadata.ts';
import { clientOutcome, type Outcome } from './rpc/outcome.ts';
import { RpcError } from './rpc-error.ts';
import { type Status, StatusCode, statusCodeName } from './status.ts';

export class InterceptedEnd {
  readonly outcome: Outcome;
  /** Those of the call that was passed on. */
  trailers: Metadata | undefined;
  #error: unknown;

  constructor(outcome: Outcome, error?: unknown) {
    this.outcome = outcome;
    this.#error = error;
  }

  /** The end of a call whose interceptor failed with `error`; an RpcError keeps its status. */
  static ofError(error: unknown, who: string): InterceptedEnd {
    if (RpcError.is(error)) {
      const { code, details, origin, cause } = error;
      const end = new InterceptedEnd({ code, details, origin, cause }, error);
      end.trailers = error.metadata;
      return end;
    }
    const text = error instanceof Error ? error.message : String(error);
    const outcome = clientOutcome(StatusCode.CANCELLED, text, error);
    return new InterceptedEnd(outcome, error ?? new Error(`${who} failed without a reason`));
  }

  get isOk(): boolean {
    return this.outcome.code === StatusCode.OK;
  }

  get status(): Status {
    const { code, details, origin } = this.outcome;
    const metadata = this.trailers ?? new Metadata();
    return { code, codeName: statusCodeName(code), details, metadata, origin };
  }

  /** What the caller's promises are rejected with; undefined after OK. */
  error(method: string, peer: string | undefined): unknown {
    if (this.isOk) return undefined;
    this.#error ??= new RpcError({ status: this.status, method, peer, cause: this.outcome.cause });
    return this.#error;
  }
}
