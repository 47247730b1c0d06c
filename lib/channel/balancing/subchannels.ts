// The subchannels of a policy, one for each address: what every policy does with all of them alike. Which of them gets a
// call, and when they are connected, is the policy's.

import { attemptText, type Failure, failureText } from '../connection/failure.ts';
import { Subchannel, type SubchannelHost } from '../connection/subchannel.ts';
import { type Address, addressText } from '../target/address.ts';
import { type FailedAddress, withOtherLoopback, withoutRefusedLoopback } from './loopback.ts';

export class Subchannels implements Iterable<Subchannel> {
  readonly #host: SubchannelHost;
  readonly #onChange: (subchannel: Subchannel) => void;
  /** By address, in the order in which the addresses were given. */
  #byAddress: Map<string, Subchannel> = new Map();

  /** @param onChange the state or the failure of one of them has changed */
  constructor(host: SubchannelHost, onChange: (subchannel: Subchannel) => void) {
    this.#host = host;
    this.#onChange = onChange;
  }

  [Symbol.iterator](): IterableIterator<Subchannel> {
    return this.#byAddress.values();
  }

  /** The addresses from now on: subchannels of those that are known stay, in the new order; the rest is retired. */
  update(addresses: readonly Address[]): void {
    const before = this.#byAddress;
    const matched = new Map<string, Subchannel>();
    for (const address of addresses) {
      const key = addressText(address);
      if (!matched.has(key)) matched.set(key, before.get(key) ?? this.#make(address));
    }
    // First: what is retired may tell of itself, and what hears that looks here.
    this.#byAddress = matched;
    for (const [key, subchannel] of before) if (!matched.has(key)) subchannel.retire(undefined);
  }

  /** Whether none can be connected to now. */
  get isFailing(): boolean {
    for (const { state } of this) if (state !== 'transient_failure') return false;
    return this.#byAddress.size > 0;
  }

  /** Why those failed that did, as one failure. */
  get failure(): Failure | undefined {
    const failures: FailedAddress[] = [];
    for (const { address, failure } of this) {
      if (failure !== undefined) failures.push([addressText(address), failure]);
    }
    return failures.length === 0 ? undefined : joinFailures(failures);
  }

  /** When the first of them may be dialled again. */
  get nextDialMs(): number {
    let next = Infinity;
    for (const { nextDialMs } of this) next = Math.min(next, nextDialMs);
    return next;
  }

  /** Whether somebody waits: then attempts to connect keep the process alive. */
  hold(isHeld: boolean): void {
    for (const subchannel of this) subchannel.hold(isHeld);
  }

  /** Retires all of them. */
  close(reason: string | undefined): void {
    for (const subchannel of this) subchannel.retire(reason);
    this.#byAddress.clear();
  }

  #make(address: Address): Subchannel {
    return new Subchannel(address, this.#host, this.#onChange);
  }
}

/** The failures of several addresses as one, each named; what was attempted is said once. */
export function joinFailures(all: readonly FailedAddress[]): Failure {
  const failures = withoutRefusedLoopback(all);
  if (failures.length === 1) return withOtherLoopback(failures[0]);
  const { attempt } = failures[0][1];
  const shared = attempt === undefined ? undefined : attemptText(attempt);
  const reasons = failures.map(([address, failure]) => {
    const isShared = failure.attempt !== undefined && attemptText(failure.attempt) === shared;
    const reason = isShared ? failure.reason : failureText(failure);
    return reason.includes(address) ? reason : `${address}: ${reason}`;
  });
  const joined = { attempt, reason: reasons.join('; ') };
  const causes = failures.flatMap(([, { cause }]) => (cause === undefined ? [] : [cause]));
  return {
    ...joined,
    cause: causes.length === 0 ? undefined : new AggregateError(causes, failureText(joined)),
  };
}
