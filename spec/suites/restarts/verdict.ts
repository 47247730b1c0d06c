// What must hold of the calls of a run, by how servers were stopped. Pure.

import type { Outage } from './fleet.ts';
import { type Fate, failureName, type Kind } from './load.ts';

export interface Run {
  readonly signal: 'SIGTERM' | 'SIGKILL';
  readonly fates: readonly Fate[];
  readonly outages: readonly Outage[];
  /** How often servers ran each call. */
  readonly runs: ReadonlyMap<string, number>;
}

/** One thing that must hold, and the calls of which it does not. */
export interface Finding {
  readonly name: string;
  /** Of how many calls it was asked. */
  readonly asked: number;
  readonly wrong: readonly Fate[];
}

export function judge({ signal, fates, outages, runs }: Run): readonly Finding[] {
  const of = (...kinds: readonly Kind[]) => fates.filter(({ kind }) => kinds.includes(kind));
  const ran = ({ id }: Fate) => runs.get(id) ?? 0;
  const finding = (name: string, calls: readonly Fate[], holds: (fate: Fate) => boolean): Finding => ({
    name,
    asked: calls.length,
    wrong: calls.filter((fate) => !holds(fate)),
  });
  const isOk = ({ error }: Fate): boolean => error === undefined;
  const common = [
    finding('no call that is not marked so runs twice', of('Once', 'Watch'), (fate) => ran(fate) <= 1),
    finding('a call that succeeds has run', fates, (fate) => !isOk(fate) || ran(fate) >= 1),
  ];
  if (signal === 'SIGTERM') {
    return [
      ...common,
      finding('no call is lost', of('Once', 'Again'), isOk),
      finding('no stream is lost', of('Watch'), isOk),
      finding('each call runs once', fates, (fate) => ran(fate) === 1),
    ];
  }
  const isUnknowable = (fate: Fate): boolean =>
    fate.error !== undefined &&
    failureName(fate.error) === 'UNAVAILABLE' &&
    outages.some(
      ({ address, fromMs, toMs }) => address === fate.peer && fate.fromMs <= toMs && fate.toMs >= fromMs,
    );
  return [
    ...common,
    finding('all that are marked idempotent succeed', of('Again'), isOk),
    finding(
      'only calls on a server that was killed meanwhile fail, UNAVAILABLE',
      of('Once'),
      (fate) => isOk(fate) || isUnknowable(fate),
    ),
    finding(
      'only streams on a server that was killed meanwhile fail, UNAVAILABLE',
      of('Watch'),
      (fate) => isOk(fate) || isUnknowable(fate),
    ),
  ];
}

/** A line or more for people: `✓ no call is lost (60000)`. */
export function findingText({ name, asked, wrong }: Finding): string {
  const lines = [`${wrong.length === 0 ? '✓' : '✗'} ${name} (${asked} asked, ${wrong.length} wrong)`];
  for (const { kind, id, error, peer, attempts, fromMs, toMs } of wrong.slice(0, 5)) {
    const took = `${Math.round(toMs - fromMs)} ms, ${attempts} attempts, last with ${peer}`;
    lines.push(`    ${kind} ${id} (${took}): ${error?.message ?? 'OK'}`);
  }
  return lines.join('\n');
}
