// The state of one compilation: where in the message and where in the pattern it is, so that a mistake names both. Values
// are read by the codec's own functions, which refuse through the encoder that it holds. It must not know operators.

import { isError } from '../../values/realm.ts';
import { Encoder, INPUT_FIELDS, INPUT_JSON } from '../codec/encoder.ts';
import { MAX_DEPTH, TOO_DEEP } from '../codec/wire/nesting.ts';
import type { Check, Comparison } from './comparison.ts';
import { PatternError } from './pattern-error.ts';
import { Place } from './place.ts';

/** How many fields and elements lead to a value: of messages in lists, a level is two. */
const MAX_STEPS = 2 * MAX_DEPTH + 10;

/** Never written to: the codec's functions refuse values with it, and learn from it what the values are. */
class Refusal extends Encoder {
  readonly #place: Place;

  constructor(place: Place, isJson: boolean) {
    super();
    this.#place = place;
    this.begin(0, isJson ? INPUT_JSON : INPUT_FIELDS);
  }

  override path(key: string): string {
    return this.#place.text(key);
  }
}

export class Compiler {
  readonly w: Encoder;
  readonly #keys: (string | number)[] = [];
  readonly #place: Place = new Place();
  #isExact: boolean;
  #isVerbatim = false;
  /** Operators that it is inside of. */
  #operators = 0;

  constructor(isExact: boolean, isJson: boolean) {
    this.#isExact = isExact;
    this.w = new Refusal(this.#place, isJson);
  }

  /** No other field may be set here. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** At a field, or a member of a Struct. `key` is how the pattern spells it. */
  atField<T>(name: string, key: string, work: () => T): T {
    this.#place.enterKey(name);
    return this.#at(key, work);
  }

  /** At an element of the list, or an entry of the map, that it is at. `shown` is the element in the path. */
  atElement<T>(element: number | string, work: () => T, shown: number | string = element): T {
    this.#place.enterElement(shown);
    return this.#at(element, work);
  }

  #at<T>(key: number | string, work: () => T): T {
    this.#keys.push(key);
    if (this.#place.depth > MAX_STEPS) this.refuse(TOO_DEEP);
    const result = work();
    this.#keys.pop();
    this.#place.leave();
    return result;
  }

  /** At a key of the pattern that is no place of the message: an operator, or a mistake. */
  atKey<T>(key: string | number, work: () => T): T {
    this.#keys.push(key);
    if (this.#keys.length > 2 * MAX_STEPS) this.refuse(TOO_DEEP);
    const result = work();
    this.#keys.pop();
    return result;
  }

  /** At an operator, whose differences say so. */
  atOperator(operator: string, work: () => Check): Check {
    return this.atKey(operator, () => {
      this.#operators++;
      const check = this.located(work());
      this.#operators--;
      return check;
    });
  }

  /** A check that says where it stands, if it stands in an operator: a path through the value leads elsewhere. */
  located(check: Check): Check {
    return this.#operators === 0 ? check : new LocatedCheck(check, [...this.#keys]);
  }

  /** Without other fields, all the way down. */
  exactly<T>(work: () => T): T {
    const before = this.#isExact;
    this.#isExact = true;
    const result = work();
    this.#isExact = before;
    return result;
  }

  /** There are no operators here. */
  get isVerbatim(): boolean {
    return this.#isVerbatim;
  }

  /** Without operators, all the way down. */
  verbatim<T>(work: () => T): T {
    const before = this.#isVerbatim;
    this.#isVerbatim = true;
    const result = work();
    this.#isVerbatim = before;
    return result;
  }

  /** A mistake in the pattern, at the place where it is. */
  refuse(problem: string): never {
    return this.w.refuse(problem);
  }

  /** What was thrown while compiling, as a mistake of the pattern; anything else as it is. */
  explained(error: unknown): unknown {
    if (!isError(error) || error !== this.w.mistake) return error;
    return new PatternError(error.message, [...this.#keys], error);
  }
}

/**
 * A check that says where in the pattern it stands. Paths of differences lead through the value, where operators are no
 * steps: of two at one place, each says which it is.
 */
class LocatedCheck implements Check {
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
