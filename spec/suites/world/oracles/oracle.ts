// What an oracle is: one promise of the documentation, and what in a world breaks it.

import type { WorldRecord } from '../world.ts';

export interface Oracle {
  /** A short name, as tables and mutants know it. */
  readonly name: string;
  /** The promise, and where it is given. */
  readonly promise: string;
  /** What breaks it; nothing where it is kept. */
  find(world: WorldRecord): Iterable<string>;
}
