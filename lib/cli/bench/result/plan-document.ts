// A load plan as JSON has it, where there is no Infinity, and what two of them differ in.

import type { LoadPlan, RateStage } from '../plan/load-plan.ts';
import type { LoadDocument, PlanDocument, StageDocument } from './result-document.ts';

const orNull = (value: number): number | null => (value === Infinity ? null : value);
const orInfinity = (value: number | null): number => value ?? Infinity;

export function loadDocument(plan: LoadPlan): LoadDocument {
  const { kind, calls, durationMs, warmUpMs } = plan;
  const limits = { kind, calls: orNull(calls), durationMs: orNull(durationMs), warmUpMs };
  if (plan.kind === 'closed') return { ...limits, concurrency: plan.concurrency };
  return { ...limits, maxInFlight: plan.maxInFlight, stages: stagesDocument(plan.stages) };
}

export function stagesDocument(stages: readonly RateStage[]): readonly StageDocument[] {
  return stages.map((stage) => ({ ...stage, durationMs: orNull(stage.durationMs) }));
}

export function planOfDocument(document: LoadDocument): LoadPlan {
  const { concurrency = 0, maxInFlight = 0, stages = [] } = document;
  const limits = {
    calls: orInfinity(document.calls),
    durationMs: orInfinity(document.durationMs),
    warmUpMs: document.warmUpMs,
  };
  if (document.kind === 'closed') return { kind: 'closed', concurrency, ...limits };
  const withEnds = stages.map((stage) => ({ ...stage, durationMs: orInfinity(stage.durationMs) }));
  return { kind: 'open', stages: withEnds, maxInFlight, ...limits };
}

/**
 * What differs between two plans, as `target: a:1 instead of b:1`; empty for equal ones.
 * @param free what may differ: `target`, `load.calls`
 */
export function planDifferences(
  plan: PlanDocument,
  other: PlanDocument,
  free: readonly string[] = [],
): string[] {
  return differences('', plan, other, free);
}

function differences(path: string, one: unknown, other: unknown, free: readonly string[]): string[] {
  if (free.includes(path) || JSON.stringify(one) === JSON.stringify(other)) return [];
  if (isRecord(one) && isRecord(other)) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return names.flatMap((name) =>
      differences(path === '' ? name : `${path}.${name}`, one[name], other[name], free),
    );
  }
  return [`${path}: ${text(one)} instead of ${text(other)}`];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
