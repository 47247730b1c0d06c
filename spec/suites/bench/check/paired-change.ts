// What pairs of measurements say of a change: by how much, and how far chance may have moved that. Pure.

import { studentT } from '../../../../lib/cli/bench/compare/student-t.ts';

/** The cost before and after, measured one right after the other. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

/** A change as a factor: 1.05 is 5 % more. The truth lies between `low` and `high`, but for one time in five hundred. */
export interface Change {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export type Verdict = 'slower' | 'faster' | 'no slower' | 'unclear';

/** Nobody should see one of nine rows called slower by chance. */
const CONFIDENCE = 0.998;
/** What is called slower costs more than noise would, and this much at least. */
const TOLERANCE = 1.03;
const LEAST_PAIRS = 3;
/** Pairs that lie so far apart would hide what matters: nothing is said of them. */
const TOO_NOISY = 1.15;

/**
 * The mean of the pairs' ratios by their logarithms, with Student's interval: what disturbs a machine for seconds disturbs
 * both of a pair.
 */
export function changeOf(pairs: readonly Pair[]): Change {
  if (pairs.length < LEAST_PAIRS) throw new RangeError(`${pairs.length} pairs; ${LEAST_PAIRS} are the least`);
  const logs = pairs.map(({ before, after }) => Math.log(after / before));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const off = studentT(logs.length - 1, CONFIDENCE) * Math.sqrt(variance / logs.length);
  return { ratio: Math.exp(mean), low: Math.exp(mean - off), high: Math.exp(mean + off) };
}

export function verdictOf({ ratio, low, high }: Change): Verdict {
  if (low > 1 && ratio > TOLERANCE) return 'slower';
  if (high < 1) return 'faster';
  if (high / ratio > TOO_NOISY) return 'unclear';
  return 'no slower';
}

/** Whether more pairs could still turn the verdict: they lie too far apart to tell a change of the tolerance. */
export function isOpen({ ratio, high }: Change): boolean {
  return high / ratio > TOLERANCE;
}
