// The client under test, as the suite needs it: makes calls and tells how they ended. One form for every
// client, so that the expectations can be held against more than our own.

import type { LoopClock } from '../../support/time/loop-clock.ts';
import type { CallPlan, CallSeen, ClientPlan } from './hostile-case.ts';

export interface Subject {
  /** Makes a call; never rejects. */
  call(plan: CallPlan): Promise<CallSeen>;
  /** An ordinary unary call that waits until there is a connection. */
  ordinaryCall(): Promise<CallSeen>;
  close(): Promise<void>;
}

export type MakeSubject = (port: number, plan: ClientPlan, clock: LoopClock) => Promise<Subject>;

/** When the ordinary call is given up, on a machine that has much else to do; how long it may take is for the judge. */
export const ORDINARY_TIMEOUT_MS = 12_000;

/** What is called through a proxy: a name that only the proxy may look up (RFC 2606 §2). */
export const PROXIED_TARGET = 'target.test:50051';

/** The texts of a request stream. */
export function requestTexts(plan: CallPlan): string[] {
  return Array.from({ length: plan.requests ?? 1 }, () => 'x'.repeat(plan.requestOctets ?? 3));
}
