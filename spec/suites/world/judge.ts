// Plays a world and asks the oracles what they think of it.

import { ORACLES } from './oracles/all.ts';
import type { WorldPlan } from './plan.ts';
import { playWorld, type WorldRecord } from './world.ts';

interface Finding {
  readonly oracle: string;
  readonly what: string;
}

export interface Verdict {
  readonly record: WorldRecord;
  readonly findings: readonly Finding[];
}

export async function judge(plan: WorldPlan): Promise<Verdict> {
  const record = await playWorld(plan);
  const findings = ORACLES.flatMap((oracle) =>
    Array.from(oracle.find(record), (what) => ({ oracle: oracle.name, what })),
  );
  return { record, findings };
}
