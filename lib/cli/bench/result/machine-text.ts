// Where a load was made, for people.

import type { MachineDocument } from './result-document.ts';

/** `build-7 (linux x64, 8 cores, node 20.19.0)` */
export function machineText({ host, platform, cores, runtime }: MachineDocument): string {
  return `${host} (${platform}, ${cores === 1 ? 'one core' : `${cores} cores`}, ${runtime})`;
}
