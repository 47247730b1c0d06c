// A world as a text that a person can read: who was there, what happened when, what each call came to.

import type { Verdict } from './judge.ts';
import type { WorldPlan } from './plan.ts';

export function storyOf({ record, findings }: Verdict): string {
  const { plan, calls, probes, attempts, dials, questions, states } = record;
  const lines: [number, string][] = [];
  const say = (atMs: number, text: string): void => {
    lines.push([atMs, text]);
  };
  for (const { atMs, kind, ...rest } of plan.events) say(atMs, `! ${kind} ${JSON.stringify(rest)}`);
  say(plan.calmMs, '! all is well from here on');
  for (const { atMs, state } of states) say(atMs, `  the channel is ${state}`);
  for (const atMs of questions) say(atMs, '  asks for addresses');
  for (const { address, startMs, endMs, wasTurnedAway, ...dial } of dials) {
    const outcome = wasTurnedAway ? 'turned away' : dial.outcome;
    say(startMs, `  dials ${address}`);
    if (endMs !== undefined)
      say(endMs, `  the connection to ${address} of ${at(startMs)} is over (${outcome})`);
  }
  for (const { call, atMs, endMs, address, outcome, code } of attempts) {
    say(atMs, `  ${address} gets call ${call}`);
    if (endMs !== undefined) say(endMs, `  ${address} has done with call ${call}: ${outcome} ${code ?? ''}`);
  }
  for (const { plan: planned, startMs, endMs, code, details } of [...calls, ...probes]) {
    const { id, atMs: _, ...rest } = planned;
    say(startMs, `> call ${id} ${JSON.stringify(rest)}`);
    if (endMs !== undefined) say(endMs, `< call ${id} ends with ${code} ${details}`);
  }
  say(record.closeMs, `! close, graceMs ${plan.closing.graceMs}`);
  lines.sort(([a], [b]) => a - b);
  return [
    `seed ${plan.seed}, ${plan.kind}: ${JSON.stringify(plan.client)}`,
    ...plan.hosts.map((host) => `host ${JSON.stringify(host)}`),
    ...lines.map(([atMs, text]) => `${at(atMs).padStart(12)} ${text}`),
    ...findings.map(({ oracle, what }) => `FOUND by "${oracle}": ${what}`),
    `${record.tasks} tasks in ${at(record.virtualMs)}, trace ${record.hash.toString(16)}`,
  ].join('\n');
}

/** A plan as text that `--plan` reads again. JSON, but for Infinity. */
export function planText(plan: WorldPlan): string {
  return JSON.stringify(plan, (_, value) => (value === Infinity ? 'Infinity' : value));
}

export function planOf(text: string): WorldPlan {
  return JSON.parse(text, (_, value) => (value === 'Infinity' ? Infinity : value)) as WorldPlan;
}

function at(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
