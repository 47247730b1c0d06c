// How many cores this process may use: those of the machine, less what an affinity or a container takes away.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The quotas of control groups, version 2 and 1, as containers see their own. */
const QUOTAS: readonly (readonly string[])[] = [
  ['/sys/fs/cgroup/cpu.max'],
  ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us'],
];

/** At least 1. Node before version 23 knows of affinity, not of quotas. */
export function coresHere(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): number {
  const quotas = QUOTAS.map((paths) => quotaOf(paths, read));
  return Math.max(1, Math.floor(Math.min(availableParallelism(), ...quotas)));
}

/** In cores; Infinity where there is none. */
function quotaOf(paths: readonly string[], read: (path: string) => string): number {
  try {
    const [quota, period] = paths.flatMap((path) => read(path).trim().split(/\s+/)).map(Number);
    // `max` and -1 stand for none.
    return quota > 0 && period > 0 ? quota / period : Infinity;
  } catch {
    // Not Linux, or another version of control groups.
    return Infinity;
  }
}
