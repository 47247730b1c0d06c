// What a load-balancing policy is to a channel: it gets addresses, keeps subchannels for them, and opens calls on one
// of those. Types, and what the policies share. It must not know where addresses come from.

import type { StreamRequest } from '../rpc/transport.ts';
import { type Address, addressText } from './address.ts';
import type { Failure, Link, Subchannel, SubchannelHost, SubchannelState } from './subchannel.ts';

export interface Balancer {
  readonly state: SubchannelState;
  /** Why none can be had, while that is the state, or was last. */
  readonly failure: Failure | undefined;
  /** When it makes sense to connect again. */
  readonly nextDialMs: number;
  /** The connection that all calls go to, where that is so: then they need not ask. */
  readonly only: Link | undefined;
  /** The addresses there are from now on, at least one; connections to others take no more calls. */
  update(addresses: readonly Address[]): void;
  /** Somebody wants a connection. `spentMs` of the connect timeout are over. */
  connect(spentMs: number): void;
  /** Whether `open` would open a request now. */
  readonly hasRoom: boolean;
  /** Opens the request on some connection; false where none has room now. */
  open(request: StreamRequest): boolean;
  /** A call waits for room: more connections are made where that is allowed. */
  grow(): void;
  /** Whether somebody waits: then attempts to connect keep the process alive. */
  hold(isHeld: boolean): void;
  /** Closes connections that were not used for long; with `all` every one, and connects no more until asked. */
  closeUnused(wasUsed: (link: Link) => boolean, all: boolean): void;
  /** For ever. Running calls go on, unless there is a reason to end them. */
  close(reason: string | undefined): void;
}

/** What a balancer needs of its channel. */
export interface BalancerHost extends SubchannelHost {
  /** The state or the failure has changed. */
  onChange(): void;
  /** Connections were lost, or could not be made, while addresses are to be kept: they may have changed. */
  onAddressesDoubted(): void;
}

/** What is said of several addresses that failed, each named. */
export function joinFailures(failures: readonly (readonly [address: string, failure: Failure])[]): Failure {
  if (failures.length === 1) return failures[0][1];
  const [, first] = failures[0];
  // What all begin with is said once.
  const lead = /^cannot (?:connect|talk) to [^ ]+: /.exec(first.reason)?.[0] ?? '';
  const reasons = failures.map(([address, { reason }]) => {
    const rest = reason.startsWith(lead) ? reason.slice(lead.length) : reason;
    return rest.includes(address) ? rest : `${address}: ${rest}`;
  });
  const reason = `${lead}${reasons.join('; ')}`;
  const causes = failures.flatMap(([, { cause }]) => (cause === undefined ? [] : [cause]));
  return { reason, cause: causes.length === 0 ? undefined : new AggregateError(causes, reason) };
}

/** Subchannels for addresses: those there are already stay, in the new order. What is left over is retired. */
export function matchSubchannels(
  addresses: readonly Address[],
  existing: ReadonlyMap<string, Subchannel>,
  make: (address: Address) => Subchannel,
): Map<string, Subchannel> {
  const matched = new Map<string, Subchannel>();
  for (const address of addresses) {
    const key = addressText(address);
    if (!matched.has(key)) matched.set(key, existing.get(key) ?? make(address));
  }
  for (const [key, subchannel] of existing) if (!matched.has(key)) subchannel.retire(undefined);
  return matched;
}
