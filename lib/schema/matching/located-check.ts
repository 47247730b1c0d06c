// A check that says where in the pattern it stands. Paths of differences lead through the value, where operators are no
// steps: of two at one place, each says which it is.

import type { Check, Comparison } from './comparison.ts';

export class LocatedCheck implements Check {
  readonly needsValue: boolean;
  readonly #check: Check;
  readonly #keys: readonly (string | number)[];

  /** @param keys the keys and indexes that lead to it */
  constructor(check: Check, keys: readonly (string | number)[]) {
    this.#check = check;
    this.#keys = keys;
    this.needsValue = check.needsValue;
  }

  get wanted(): string {
    return this.#check.wanted;
  }

  get lookup(): string | undefined {
    return this.#check.lookup;
  }

  run(c: Comparison, actual: unknown): void {
    const from = c.differences.length;
    this.#check.run(c, actual);
    if (c.differences.length > from) c.locate(from, this.#keys);
  }
}
