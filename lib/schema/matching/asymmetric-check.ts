// `expect.any(String)`, `expect.stringContaining('a')` and their like in a pattern: Jest and Vitest have them, and mark them
// in the same way. Such a matcher is asked about the value as it is in a reply: 64-bit integers are bigint there.

import { isObject } from '../../values/realm.ts';
import type { Check, Comparison } from './comparison.ts';
import { shownValue } from './shown-value.ts';

interface AsymmetricMatcher {
  /** What it was made with, where it was made with anything. */
  readonly sample?: unknown;
  asymmetricMatch(actual: unknown): boolean;
  /** `Any<String>` */
  toAsymmetricMatcher?(): string;
  /** `StringContaining` */
  toString(): string;
}

const MARK = Symbol.for('jest.asymmetricMatcher');

export function isAsymmetricMatcher(pattern: unknown): pattern is AsymmetricMatcher {
  return isObject(pattern) && Reflect.get(pattern, '$$typeof') === MARK;
}

export class AsymmetricCheck implements Check {
  /** `expect.not.…` may match what is not set. */
  readonly needsValue = false;
  readonly #matcher: AsymmetricMatcher;

  constructor(matcher: AsymmetricMatcher) {
    this.#matcher = matcher;
  }

  get wanted(): string {
    const { sample } = this.#matcher;
    const name = this.#matcher.toAsymmetricMatcher?.();
    return name ?? `${this.#matcher}${sample === undefined ? '' : ` ${shownValue(sample)}`}`;
  }

  run(c: Comparison, actual: unknown): void {
    if (c.spend() && !this.#matcher.asymmetricMatch(actual)) c.report(this, () => shownValue(actual));
  }
}
