// A part of a plan, for one of several threads or processes: which calls, how many callers. All parts together are exactly
// the plan, whoever does them.

import type { LoadPlan } from './load-plan.ts';

/** One of so many parts. A call of the plan belongs to the part `number % of`. */
export interface PlanPart {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/** Into more parts a plan is never divided among processes. */
export const MAX_SHARDS = 10_000;

/** All of a plan. */
export const WHOLE: PlanPart = { index: 0, of: 1 };

/** What falls to a part when so many are dealt out in turn. */
export function shareOf(total: number, { index, of }: PlanPart): number {
  if (total === Infinity) return Infinity;
  return Math.max(0, Math.ceil((total - index) / of));
}

/** A part of a part: its calls are dealt out again, so that no two parts ever have the same. */
export function partOfPart(outer: PlanPart, inner: PlanPart): PlanPart {
  return { index: outer.index + outer.of * inner.index, of: outer.of * inner.of };
}

/**
 * What a part has to do: its share of callers and calls. The stages of an open loop stay as they are, since a part takes
 * every n-th of their calls.
 */
export function planOfPart(plan: LoadPlan, part: PlanPart): LoadPlan {
  const calls = shareOf(plan.calls, part);
  if (plan.kind === 'closed') return { ...plan, calls, concurrency: shareOf(plan.concurrency, part) };
  return { ...plan, calls, maxInFlight: shareOf(plan.maxInFlight, part) };
}

/** Into how many parts a plan can be divided at most: each has a caller (or one call in flight), and a call. */
export function mostParts(plan: LoadPlan): { readonly parts: number; readonly why: string } {
  const [callers, name] =
    plan.kind === 'closed' ? [plan.concurrency, '-c'] : [plan.maxInFlight, '--max-in-flight'];
  return plan.calls < callers
    ? { parts: plan.calls, why: `-n ${plan.calls}` }
    : { parts: callers, why: `${name} ${callers}` };
}
