// The option that makes a load a check: what it must show.

import type { OptionDefinition } from '../../command/command-definition.ts';
import { type Condition, METRICS, parseConditions } from './condition.ts';

export interface GateValues {
  readonly fail?: readonly (readonly Condition[])[];
}

const help = Object.entries(METRICS)
  .map(([name, { help: meaning }]) => `${name} (${meaning})`)
  .join(', ');

export const FAIL: OptionDefinition = {
  flags: '--fail <conditions>',
  description: `end with status 1 unless all of these hold, as in 'p99<50ms,errors<0.1%,throughput>1000'. Percentiles are p50, p99.9 and so on; there are also ${help}`,
  isRepeated: true,
  parse: parseConditions,
};

export function conditionsOf({ fail = [] }: GateValues): readonly Condition[] {
  return fail.flat();
}
