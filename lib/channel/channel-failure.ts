// Why a channel has no connection: what its addresses and their look-up failed with last, and whether those that wait
// have still to be told. It ends no call itself.

import type { StreamEnd } from '../rpc/transport.ts';
import type { Balancer } from './balancing/balancer.ts';
import { attemptText, type Failure, failureText } from './connection/failure.ts';
import type { SubchannelState } from './connection/subchannel.ts';

/**
 * Where all addresses have failed while they are being looked up anew, calls wait for others this long: servers that
 * moved are found by the very call that misses them, and a name server that is silent holds nobody up.
 */
const RELOOK_WAIT_MS = 1000;

export class ChannelFailure {
  readonly #target: string;
  #last: Failure | undefined;
  /** Why the addresses could not be had when they were last asked for. */
  #naming: Failure | undefined;
  /** The balancer's state when it was last looked at. */
  #balancerState: SubchannelState = 'idle';
  /** Connecting has failed, or finding addresses; those that waited for it are not told yet. */
  isUntold = false;
  /** Until when those that wait are not told that all addresses failed, as others may come. */
  relookUntilMs = 0;

  constructor(target: string) {
    this.#target = target;
  }

  /** Why the last attempt failed, or an empty text. */
  get text(): string {
    return this.#last === undefined ? '' : failureText(this.#last);
  }

  /** What a call ends with that cannot have a connection. */
  get end(): StreamEnd {
    if (this.#last === undefined)
      return { kind: 'unopened', reason: attemptText({ verb: 'connect', target: this.#target }) };
    return { kind: 'unopened', reason: failureText(this.#last), cause: this.#last.cause };
  }

  get hasNamingFailed(): boolean {
    return this.#naming !== undefined;
  }

  /** Looks at what the balancer has come to. */
  note({ state, failure }: Balancer, nowMs: number): void {
    if (failure !== undefined) this.#last = withNaming(failure, this.#naming);
    if (state === 'transient_failure' && this.#balancerState !== state) {
      this.isUntold = true;
      this.relookUntilMs = nowMs + RELOOK_WAIT_MS;
    }
    this.#balancerState = state;
  }

  /** There are addresses, and nothing or something is wrong with what came with them. */
  onAddresses(failure: Failure | undefined): void {
    this.#naming = failure;
  }

  /** What was known before holds, if it ever was known. */
  onNamingFailure(failure: Failure, hasAddresses: boolean): void {
    if (hasAddresses) {
      const reason = `other addresses could not be looked up: ${failure.reason}`;
      this.#naming = { reason, cause: failure.cause };
    } else {
      this.#naming = failure;
      this.#last = failure;
      this.isUntold = true;
    }
  }
}

/** What is said of addresses that failed while something was wrong with how others were found. */
function withNaming(failure: Failure, naming: Failure | undefined): Failure {
  if (naming === undefined) return failure;
  return { ...failure, reason: `${failure.reason}; ${failureText(naming)}` };
}
