// When a host of a world was not well, as the plan has it: for oracles that judge what a client should have known.

import type { WorldEvent, WorldPlan } from '../plan.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Kinds of events after which a host, or connections to it, may not answer. */
const UNWELL: readonly WorldEvent['kind'][] = ['kill', 'stop', 'gone', 'frozen', 'deaf', 'half-close'];
/** Those in which it is silent: nothing comes, and nobody is told. */
const SILENT: readonly WorldEvent['kind'][] = ['gone', 'frozen', 'deaf'];

export function unwellSpans(plan: WorldPlan, address: string): Span[] {
  const spans = spansOf(plan, address, UNWELL);
  const host = plan.hosts.find((one) => one.address === address);
  return host?.startsUp === false ? [...spans, { fromMs: 0, toMs: plan.calmMs }] : spans;
}

export function silentSpans(plan: WorldPlan, address: string): Span[] {
  return spansOf(plan, address, SILENT);
}

/** Whether anything was the matter within a time. */
export function overlaps(spans: readonly Span[], fromMs: number, toMs: number): boolean {
  return spans.some((span) => span.fromMs <= toMs && span.toMs >= fromMs);
}

function spansOf(plan: WorldPlan, address: string, kinds: readonly WorldEvent['kind'][]): Span[] {
  const index = plan.hosts.findIndex((host) => host.address === address);
  return plan.events.flatMap((event) => {
    if (!kinds.includes(event.kind) || !('host' in event) || event.host !== index) return [];
    const forMs = 'forMs' in event ? event.forMs : Infinity;
    return [{ fromMs: event.atMs, toMs: event.atMs + forMs }];
  });
}
