// The checks of one value: that it equals another, is within bounds, is text that matches, is set, and combinations of
// checks. Compiled by operators.ts.

import { isBytes, isMap, isObject } from '../../values/realm.ts';
import { escapeText } from '../../values/text/escaped-text.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import { Encoder, INPUT_FIELDS } from '../codec/encoder.ts';
import type { Check, Comparison } from './comparison.ts';
import type { Kind } from './kind.ts';
import type { Scalar, ScalarKind } from './scalar-kinds.ts';
import { MAX_SHOWN_TEXT, NOT_SET, shownText, shownValue } from './shown-value.ts';
import { matchText } from './text-match.ts';

/** Reads what came as the codec does; where it refuses, the value is not of the type. */
const reader: Encoder = new Encoder();
reader.begin(0, INPUT_FIELDS);

/** A value that came, in its one form; undefined if it is not of this kind. */
export function readActual(kind: ScalarKind, actual: unknown): Scalar | undefined {
  try {
    return kind.read(reader, actual);
  } catch (error) {
    if (error !== reader.mistake) throw error;
    return undefined;
  } finally {
    reader.mistake = undefined;
  }
}

/** -0 equals 0 where the pattern has 0, but not the other way round. */
export function isEqual(expected: Scalar, actual: Scalar): boolean {
  if (expected === actual) return expected !== 0 || !Object.is(expected, -0) || Object.is(actual, -0);
  if (typeof expected === 'number') return Number.isNaN(expected) && Number.isNaN(actual);
  if (!isBytes(expected) || !isBytes(actual)) return false;
  return expected.length === actual.length && expected.every((octet, i) => octet === actual[i]);
}

/** Text that is the same for equal values; undefined where only a comparison can tell. */
export function lookupOf(value: Scalar): string | undefined {
  if (Object.is(value, -0)) return undefined;
  return isBytes(value) ? `bytes ${value.join()}` : `${typeof value} ${value}`;
}

/** A check of one value, in its one form. */
abstract class ScalarCheck implements Check {
  readonly needsValue = true;
  protected readonly kind: ScalarKind;

  constructor(kind: ScalarKind) {
    this.kind = kind;
  }

  abstract readonly wanted: string;
  protected abstract matches(value: Scalar): boolean;

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    const value = actual === undefined ? undefined : readActual(this.kind, actual);
    if (value === undefined) c.report(this, () => shownValue(actual));
    else if (!this.matches(value)) this.reportOther(c, value);
  }

  protected reportOther(c: Comparison, value: Scalar): void {
    c.report(this, () => this.kind.show(value));
  }
}

/** Equal to a value. */
export class EqualCheck extends ScalarCheck {
  readonly #value: Scalar;

  constructor(kind: ScalarKind, value: Scalar) {
    super(kind);
    this.#value = value;
  }

  get wanted(): string {
    return this.kind.show(this.#value);
  }

  get lookup(): string | undefined {
    return lookupOf(this.#value);
  }

  protected matches(value: Scalar): boolean {
    return isEqual(this.#value, value);
  }

  protected override reportOther(c: Comparison, value: Scalar): void {
    if (this.kind.isText) c.reportTexts(String(this.#value), String(value));
    else super.reportOther(c, value);
  }
}

export type Bound = '$above' | '$atLeast' | '$below' | '$atMost';
const BOUND_WORDS: Readonly<Record<Bound, string>> = {
  $above: 'more than',
  $atLeast: 'at least',
  $below: 'less than',
  $atMost: 'at most',
};

function isWithin(bound: Bound, actual: Scalar, limit: Scalar): boolean {
  switch (bound) {
    case '$above':
      return actual > limit;
    case '$atLeast':
      return actual >= limit;
    case '$below':
      return actual < limit;
    default:
      return actual <= limit;
  }
}

/** On one side of a value. */
export class BoundCheck extends ScalarCheck {
  readonly #bound: Bound;
  readonly #limit: Scalar;

  constructor(kind: ScalarKind, bound: Bound, limit: Scalar) {
    super(kind);
    this.#bound = bound;
    this.#limit = limit;
  }

  get wanted(): string {
    return `${BOUND_WORDS[this.#bound]} ${this.kind.show(this.#limit)}`;
  }

  protected matches(value: Scalar): boolean {
    return isWithin(this.#bound, value, this.#limit);
  }
}

/** No further from a value than a distance. */
export class NearCheck extends ScalarCheck {
  readonly #value: Scalar;
  readonly #distance: Scalar;

  constructor(kind: ScalarKind, value: Scalar, distance: Scalar) {
    super(kind);
    this.#value = value;
    this.#distance = distance;
  }

  get wanted(): string {
    const within = (this.kind.distance ?? this.kind).show(this.#distance);
    return `within ${within} of ${this.kind.show(this.#value)}`;
  }

  protected matches(value: Scalar): boolean {
    return isNear(this.#value, value, this.#distance);
  }
}

function isNear(expected: Scalar, actual: Scalar, distance: Scalar): boolean {
  if (typeof expected === 'bigint' && typeof actual === 'bigint') {
    const apart = expected > actual ? expected - actual : actual - expected;
    return apart <= BigInt(distance as bigint);
  }
  const [a, b] = [Number(expected), Number(actual)];
  if (a === b) return true;
  // 0.4 is within 0.1 of 0.3, although the difference of the two doubles is a little more.
  return Math.abs(a - b) <= Number(distance) + Number.EPSILON * Math.max(Math.abs(a), Math.abs(b));
}

/** Text that a regular expression matches, anywhere. */
export class MatchesCheck implements Check {
  readonly needsValue = true;
  readonly #expression: RegExp;

  constructor(expression: RegExp) {
    this.#expression = expression;
  }

  get wanted(): string {
    return `text that matches ${escapeText(shortened(String(this.#expression), MAX_SHOWN_TEXT))}`;
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    if (typeof actual !== 'string') {
      c.report(this, () => shownValue(actual));
      return;
    }
    const found = matchText(this.#expression, actual);
    if (found !== true) c.report(this, () => (found === false ? shownText(actual) : found));
  }
}

/** Text with another in it. */
export class TextContainsCheck implements Check {
  readonly needsValue = true;
  readonly #part: string;

  constructor(part: string) {
    this.#part = part;
  }

  get wanted(): string {
    return `text that contains ${shownText(this.#part)}`;
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    if (typeof actual !== 'string' || !actual.includes(this.#part)) c.report(this, () => shownValue(actual));
  }
}

/** A check of how many elements, entries, characters or bytes there are. */
export class LengthCheck implements Check {
  readonly needsValue = true;
  readonly #length: Check;

  constructor(length: Check) {
    this.#length = length;
  }

  get wanted(): string {
    return `a length of ${this.#length.wanted}`;
  }

  run(c: Comparison, actual: unknown): void {
    const length = lengthOf(actual);
    if (length === undefined) c.report(this, () => shownValue(actual));
    else if (!c.try(this.#length, length)) c.report(this, () => `${length}: ${shownValue(actual)}`);
  }
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string') return characters(value);
  if (Array.isArray(value) || isBytes(value)) return value.length;
  if (isMap(value)) return value.size;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
}

/** Characters, of which some take two UTF-16 units. */
function characters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

/** Set, or not. */
export class PresentCheck implements Check {
  readonly needsValue: boolean;
  readonly #isSet: (actual: unknown) => boolean;

  constructor(isPresent: boolean, isSet: (actual: unknown) => boolean) {
    this.needsValue = isPresent;
    this.#isSet = isSet;
  }

  get wanted(): string {
    return this.needsValue ? 'any value' : NOT_SET;
  }

  run(c: Comparison, actual: unknown): void {
    if (c.spend() && this.#isSet(actual) !== this.needsValue) c.report(this, () => shownValue(actual));
  }
}

/** Anything but what another check matches. */
export class NotCheck implements Check {
  readonly needsValue = false;
  readonly #kind: Kind;
  readonly #check: Check;

  constructor(kind: Kind, check: Check) {
    this.#kind = kind;
    this.#check = check;
  }

  get wanted(): string {
    return `anything but ${this.#check.wanted}`;
  }

  run(c: Comparison, actual: unknown): void {
    if (c.try(this.#check, actual)) c.report(this, () => this.#kind.show(actual));
  }
}

/** What one of several checks matches. */
export class AnyOfCheck implements Check {
  readonly needsValue: boolean;
  readonly #kind: Kind;
  readonly #checks: readonly Check[];

  constructor(kind: Kind, checks: readonly Check[]) {
    this.#kind = kind;
    this.#checks = checks;
    this.needsValue = checks.every((check) => check.needsValue);
  }

  get wanted(): string {
    return this.#checks.map((check) => check.wanted).join(' or ');
  }

  run(c: Comparison, actual: unknown): void {
    if (this.#checks.some((check) => c.try(check, actual))) return;
    c.report({ wanted: shortened(this.wanted, MAX_WANTED) }, () => this.#kind.show(actual));
  }
}

/** What several checks match, each. */
export class AllCheck implements Check {
  readonly needsValue: boolean;
  readonly #checks: readonly Check[];

  constructor(checks: readonly Check[]) {
    this.#checks = checks;
    this.needsValue = checks.some((check) => check.needsValue);
  }

  get wanted(): string {
    return this.#checks.map((check) => check.wanted).join(' and ');
  }

  run(c: Comparison, actual: unknown): void {
    if (actual === undefined && this.needsValue) c.report(this, () => NOT_SET);
    else for (const check of this.#checks) check.run(c, actual);
  }
}

/** How much is shown of what several checks want. */
const MAX_WANTED = 200;

/**
 * `expect.any(String)`, `expect.stringContaining('a')` and their like, which Jest and Vitest mark in the same way. They are asked
 * about the value as it is in a reply: 64-bit integers are bigint there.
 */
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
