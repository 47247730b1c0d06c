// The state of one comparison: where in the value it is, what is different so far, and how much work is left. It decides
// nothing about values.

import { type Difference, MAX_DIFFERENCES } from './difference.ts';
import { Place } from './place.ts';
import { NOT_SET, shownTexts } from './shown-value.ts';

/** How many values one comparison looks at; a message of 4 MiB has four million values at most. */
export const MAX_COMPARED_VALUES = 5_000_000;

/** A compiled part of a pattern. */
export interface Check {
  /** What it asks for, in a few words. */
  readonly wanted: string;
  /** Whether it matches only what is set. */
  readonly needsValue: boolean;
  /** The text under which equal values are found, for a list of plain values. */
  readonly lookup?: string | undefined;
  /** Compares; `actual` is undefined where nothing is set. Reports to the comparison. */
  run(comparison: Comparison, actual: unknown): void;
}

const COMPARABLE = { wanted: 'a value that can be compared' };
/** What is wanted where nothing may be set. */
export const NOTHING: Pick<Check, 'wanted'> = { wanted: NOT_SET };

export class Comparison {
  readonly differences: Difference[] = [];
  readonly place: Place = new Place();
  #left = MAX_COMPARED_VALUES;
  /** Trials that are under way, one in another. */
  #trials = 0;
  #hasFailed = false;

  /** Whether nothing more needs to be compared. */
  get isOver(): boolean {
    return this.#hasFailed;
  }

  /** Counts one value. False when there were too many, which is reported. */
  spend(): boolean {
    if (this.#hasFailed) return false;
    if (--this.#left > 0) return true;
    this.#trials = 0;
    this.place.leaveTo(0);
    this.report(
      COMPARABLE,
      () => `one that takes more than MAX_COMPARED_VALUES ${MAX_COMPARED_VALUES} comparisons`,
    );
    this.#hasFailed = true;
    return false;
  }

  /** A difference, where it is. In a trial nobody reads it, and its texts are not made. */
  report(expected: Pick<Check, 'wanted'>, actual: () => string): void {
    if (this.#hasFailed) return;
    if (this.#trials > 0) {
      this.#hasFailed = true;
      return;
    }
    this.differences.push({ path: this.place.text(), expected: expected.wanted, actual: actual() });
    if (this.differences.length >= MAX_DIFFERENCES) this.#hasFailed = true;
  }

  /** Says of the differences from a number on where in the pattern they come from, if that has not been said yet. */
  locate(from: number, keys: readonly (string | number)[]): void {
    for (let i = from; i < this.differences.length; i++) {
      const difference = this.differences[i];
      if (difference.keys === undefined) this.differences[i] = { ...difference, keys };
    }
  }

  /** Runs a check on what is at a field or a member, or at the element of a number. */
  runAt(step: string | number, check: Check, actual: unknown): void {
    this.#enter(step);
    check.run(this, actual);
    this.place.leave();
  }

  /** A difference there. */
  reportAt(step: string | number, expected: Pick<Check, 'wanted'>, actual: () => string): void {
    this.#enter(step);
    this.report(expected, actual);
    this.place.leave();
  }

  #enter(step: string | number): void {
    if (typeof step === 'number') this.place.enterElement(step);
    else this.place.enterKey(step);
  }

  /** A difference between two texts, which are shown where they begin to differ. */
  reportTexts(expected: string, actual: string): void {
    const shown = (): readonly [string, string] => shownTexts(expected, actual);
    this.report(
      {
        get wanted() {
          return shown()[0];
        },
      },
      () => shown()[1],
    );
  }

  /** Whether a value matches, without a report. */
  try(check: Check, actual: unknown): boolean {
    if (this.#hasFailed) return false;
    this.#trials++;
    const { depth } = this.place;
    check.run(this, actual);
    // The work ran out: that has been reported, and trials were given up.
    if (this.#left <= 0) return false;
    this.place.leaveTo(depth);
    this.#trials--;
    const matches = !this.#hasFailed;
    this.#hasFailed = false;
    return matches;
  }

  /** What is different about a value, to be told in one text: looked for apart from the differences found so far. */
  differencesOf(check: Check, actual: unknown): readonly Difference[] {
    const own = new Comparison();
    own.#left = this.#left;
    check.run(own, actual);
    this.#left = own.#left;
    return own.differences;
  }
}
