// What state a channel is in, and when that changes though nothing happens: a function of what is known of its addresses
// and of the connections to them. Source: grpc doc/connectivity-semantics-and-api.md.

import type { SubchannelState } from './connection/subchannel.ts';

/** What decides. Times are those of one clock, in milliseconds. */
export interface ReachabilityFacts {
  /** Of all addresses together. */
  readonly balancerState: SubchannelState;
  /** When the next address may be dialled. */
  readonly nextDialMs: number;
  readonly hasAddresses: boolean;
  /** Addresses have been asked for and are not told yet. */
  readonly isAsking: boolean;
  /** They could not be had when they were last asked for. */
  readonly hasNamingFailed: boolean;
  /** When they may be asked for again. */
  readonly nextAskMs: number;
  /** Until when those that wait are not told that all addresses failed, as others may come. */
  readonly relookUntilMs: number;
}

export interface Reachability {
  /** `idle` after a failure, too, when a call may connect again. */
  readonly state: SubchannelState;
  /** When the state changes by itself; Infinity for never. */
  readonly untilMs: number;
}

export function reachability(facts: ReachabilityFacts, nowMs: number): Reachability {
  const { balancerState, hasAddresses, isAsking, relookUntilMs } = facts;
  if (balancerState === 'ready') return { state: 'ready', untilMs: Infinity };
  if (!hasAddresses) {
    if (isAsking) return { state: 'connecting', untilMs: Infinity };
    return facts.hasNamingFailed ? backingOff(facts.nextAskMs, nowMs) : { state: 'idle', untilMs: Infinity };
  }
  if (balancerState !== 'transient_failure') return { state: balancerState, untilMs: Infinity };
  if (isAsking && nowMs < relookUntilMs) return { state: 'connecting', untilMs: relookUntilMs };
  return backingOff(facts.nextDialMs, nowMs);
}

function backingOff(untilMs: number, nowMs: number): Reachability {
  return nowMs < untilMs ? { state: 'transient_failure', untilMs } : { state: 'idle', untilMs: Infinity };
}
