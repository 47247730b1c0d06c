// The checks of lists: in order, in any order, some of the elements, each of them. What is reported lies as deep as it can:
// at the field of the element that differs.

import { type Check, type Comparison, NOTHING } from './comparison.ts';
import type { Kind } from './kind.ts';
import { NOT_SET, shownValue } from './shown-value.ts';
import { lookupOf, readActual } from './value-checks.ts';

/** How many elements are looked for in any order, where each may have to be compared with each. */
export const MAX_UNORDERED_ELEMENTS = 1000;
/** How many elements are looked at for the one that comes nearest. */
const MAX_NEAREST = 20;

function listOf(c: Comparison, actual: unknown, check: Check): readonly unknown[] | undefined {
  if (Array.isArray(actual)) return actual;
  c.report(check, () => shownValue(actual));
  return undefined;
}

function reportExtra(c: Comparison, index: number, item: unknown, more: number): void {
  c.reportAt(index, NOTHING, () => (more > 0 ? `${shownValue(item)} and ${more} more` : shownValue(item)));
}

function reportMissing(c: Comparison, index: number, check: Check, more: number): void {
  const wanted = more > 0 ? `${check.wanted} and ${more} more` : check.wanted;
  c.reportAt(index, { wanted }, () => NOT_SET);
}

/** These elements, in this order, and no others. */
export class InOrderCheck implements Check {
  readonly needsValue: boolean;
  readonly #pattern: unknown;
  readonly #checks: readonly Check[];

  constructor(checks: readonly Check[], pattern: unknown) {
    this.#checks = checks;
    this.#pattern = pattern;
    this.needsValue = checks.length > 0;
  }

  get wanted(): string {
    return shownValue(this.#pattern);
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    const list = listOf(c, actual, this);
    if (list === undefined) return;
    const checks = this.#checks;
    if (list.length === checks.length) {
      for (let i = 0; i < list.length && !c.isOver; i++) c.runAt(i, checks[i], list[i]);
    } else this.#runUneven(c, list);
  }

  /** The beginnings and ends that match are left out, so that an element too many is shown where it is. */
  #runUneven(c: Comparison, list: readonly unknown[]): void {
    const checks = this.#checks;
    const least = Math.min(list.length, checks.length);
    let from = 0;
    while (from < least && c.try(checks[from], list[from])) from++;
    let after = 0;
    while (after < least - from && c.try(checks[checks.length - 1 - after], list[list.length - 1 - after]))
      after++;
    const pairs = least - after;
    for (let i = from; i < pairs && !c.isOver; i++) c.runAt(i, checks[i], list[i]);
    const [missing, extra] = [checks.length - least, list.length - least];
    if (missing > 0) reportMissing(c, pairs, checks[pairs], missing - 1);
    if (extra > 0) reportExtra(c, pairs, list[pairs], extra - 1);
  }
}

/** Which elements belong to which checks: each to one at most, as many as possible (Kuhn's algorithm). */
class Pairing {
  /** By check, the index of its element; -1 for none. */
  readonly found: number[];
  /** By element, the index of its check; -1 for none. */
  readonly taken: number[];
  readonly #c: Comparison;
  readonly #checks: readonly Check[];
  readonly #list: readonly unknown[];
  /** What was tried: 1 for a match, 2 for none. */
  readonly #tried: Uint8Array;

  constructor(c: Comparison, checks: readonly Check[], list: readonly unknown[]) {
    this.#c = c;
    this.#checks = checks;
    this.#list = list;
    this.#tried = new Uint8Array(checks.length * list.length);
    this.found = checks.map(() => -1);
    this.taken = list.map(() => -1);
    for (const check of checks.keys()) {
      if (c.isOver) return;
      this.#place(check);
    }
  }

  #matches(check: number, element: number): boolean {
    const at = check * this.#list.length + element;
    if (this.#tried[at] === 0) {
      this.#tried[at] = this.#c.try(this.#checks[check], this.#list[element]) ? 1 : 2;
    }
    return this.#tried[at] === 1;
  }

  /** Gives a check an element, if need be one whose check can have another: the shortest way of such changes. */
  #place(first: number): void {
    const came: number[] = this.#list.map(() => -1);
    const queue = [first];
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      for (let element = 0; element < this.#list.length; element++) {
        if (came[element] >= 0 || !this.#matches(check, element)) continue;
        came[element] = check;
        if (this.taken[element] < 0) {
          this.#settle(element, came);
          return;
        }
        queue.push(this.taken[element]);
      }
    }
  }

  #settle(last: number, came: readonly number[]): void {
    for (let element = last; element >= 0; ) {
      const check = came[element];
      const before = this.found[check];
      this.found[check] = element;
      this.taken[element] = check;
      element = before;
    }
  }
}

interface Leftovers {
  readonly checks: readonly Check[];
  /** Indexes of elements. */
  readonly elements: readonly number[];
}

/** What is left when equal plain values have found each other; undefined where that cannot be told from text. */
function leftOfPlain(kind: Kind, checks: readonly Check[], list: readonly unknown[]): Leftovers | undefined {
  const scalar = kind.scalar;
  if (scalar === undefined) return undefined;
  const wanted = new Map<string, Check[]>();
  for (const check of checks) {
    const { lookup } = check;
    if (lookup === undefined) return undefined;
    const same = wanted.get(lookup);
    if (same === undefined) wanted.set(lookup, [check]);
    else same.push(check);
  }
  const elements: number[] = [];
  for (const [i, item] of list.entries()) {
    const value = readActual(scalar, item);
    const text = value === undefined ? undefined : lookupOf(Object.is(value, -0) ? 0 : value);
    if (text === undefined || wanted.get(text)?.pop() === undefined) elements.push(i);
  }
  return { checks: [...wanted.values()].flat(), elements };
}

/** What is left when as many elements as possible have found their checks; undefined, and reported, for too many. */
function leftOver(
  c: Comparison,
  kind: Kind,
  checks: readonly Check[],
  list: readonly unknown[],
): Leftovers | undefined {
  const plain = leftOfPlain(kind, checks, list);
  if (plain !== undefined) return plain;
  // Those that are in their places need no looking for; most lists are in order.
  const places = checks.map((check, i) => i < list.length && c.try(check, list[i]));
  const restChecks = checks.filter((_, i) => !places[i]);
  const restElements = list.flatMap((_, i) => (places[i] === true ? [] : [i]));
  if (restChecks.length === 0) return { checks: [], elements: restElements };
  if (Math.max(checks.length, list.length) > MAX_UNORDERED_ELEMENTS) {
    const limit = `MAX_UNORDERED_ELEMENTS ${MAX_UNORDERED_ELEMENTS}`;
    c.report({ wanted: `a list that can be searched, up to ${limit}` }, () => `${list.length} elements`);
    return undefined;
  }
  const { found, taken } = new Pairing(c, checks, list);
  if (c.isOver) return undefined;
  return {
    checks: checks.filter((_, i) => found[i] < 0),
    elements: list.flatMap((_, i) => (taken[i] < 0 ? [i] : [])),
  };
}

/** These elements, in any order, and no others. */
export class UnorderedCheck implements Check {
  readonly needsValue: boolean;
  readonly #pattern: unknown;
  readonly #kind: Kind;
  readonly #checks: readonly Check[];

  constructor(element: Kind, checks: readonly Check[], pattern: unknown) {
    this.#kind = element;
    this.#checks = checks;
    this.#pattern = pattern;
    this.needsValue = checks.length > 0;
  }

  get wanted(): string {
    return shownValue(this.#pattern);
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    const list = listOf(c, actual, this);
    if (list === undefined) return;
    const left = leftOver(c, this.#kind, this.#checks, list);
    if (left === undefined) return;
    const pairs = Math.min(left.checks.length, left.elements.length);
    for (let i = 0; i < pairs && !c.isOver; i++) {
      const at = left.elements[i];
      c.runAt(at, left.checks[i], list[at]);
    }
    for (const check of left.checks.slice(pairs)) {
      c.report({ wanted: `an element ${check.wanted}` }, () => `none in ${shownValue(list)}`);
    }
    for (const at of left.elements.slice(pairs)) reportExtra(c, at, list[at], 0);
  }
}

/** Some elements, each of which is there; a different one for each. */
export class ContainsCheck implements Check {
  readonly needsValue = true;
  readonly #kind: Kind;
  readonly #checks: readonly Check[];

  constructor(element: Kind, checks: readonly Check[]) {
    this.#kind = element;
    this.#checks = checks;
  }

  get wanted(): string {
    return `a list with ${this.#checks.map((check) => check.wanted).join(' and ')}`;
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    const list = listOf(c, actual, this);
    if (list === undefined) return;
    for (const check of this.#missing(c, list)) {
      c.report({ wanted: `an element ${check.wanted}` }, () => nearest(c, check, list));
    }
  }

  #missing(c: Comparison, list: readonly unknown[]): readonly Check[] {
    const [only] = this.#checks;
    if (this.#checks.length === 1) return list.some((item) => c.try(only, item)) ? [] : [only];
    return leftOver(c, this.#kind, this.#checks, list)?.checks ?? [];
  }
}

/** What is there instead, and how near it comes: of messages, the one with the fewest differences. */
function nearest(c: Comparison, check: Check, list: readonly unknown[]): string {
  if (list.length === 0) return 'an empty list';
  const all = `none in ${list.length === 1 ? '1 element' : `${list.length} elements`}`;
  let best = '';
  let fewest = Infinity;
  for (const [i, item] of list.slice(0, MAX_NEAREST).entries()) {
    const differences = c.differencesOf(check, item);
    if (differences.length === 0 || differences.length >= fewest) continue;
    const [{ path, expected, actual }] = differences;
    // Without a path it is another value altogether.
    if (path === '') continue;
    fewest = differences.length;
    const others = fewest > 1 ? ` and ${fewest - 1} more` : '';
    best = `; the nearest, [${i}], differs in ${path}: expected ${expected}, got ${actual}${others}`;
  }
  return best === '' ? `${all}: ${shownValue(list)}` : `${all}${best}`;
}

/** Every element. */
export class EachCheck implements Check {
  readonly needsValue = false;
  readonly #check: Check;

  constructor(check: Check) {
    this.#check = check;
  }

  get wanted(): string {
    return `a list of ${this.#check.wanted}`;
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    const list = listOf(c, actual, this);
    for (let i = 0; list !== undefined && i < list.length && !c.isOver; i++) c.runAt(i, this.#check, list[i]);
  }
}
