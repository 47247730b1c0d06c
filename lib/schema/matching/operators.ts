// Operators: objects in a pattern whose keys begin with `$`, as no field's name does. Each becomes a check, or is refused
// where it does not fit. The one place that knows their names.

import { isRegExp } from 'node:util/types';
import { suggestion } from '../../values/nearest-names.ts';
import { isObject, isPlainObject, messageOf } from '../../values/realm.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import { AsymmetricCheck, isAsymmetricMatcher } from './asymmetric-check.ts';
import type { Check } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import type { Kind } from './kind.ts';
import { LENGTH_KIND } from './length-kind.ts';
import { ContainsCheck, EachCheck, UnorderedCheck } from './list-checks.ts';
import { shownValue } from './shown-value.ts';
import { statelessExpression } from './text-match.ts';
import {
  AllCheck,
  AnyOfCheck,
  type Bound,
  BoundCheck,
  LengthCheck,
  MatchesCheck,
  NearCheck,
  NotCheck,
  PresentCheck,
  TextContainsCheck,
} from './value-checks.ts';

/** The operators, and what they are for in an error; empty where everything takes them. */
const OPERATORS: Readonly<Record<string, string>> = {
  $present: '',
  $not: '',
  $any: '',
  $exactly: '',
  $matches: 'text',
  $contains: 'text and lists',
  $length: 'text, bytes, lists and maps',
  $unordered: 'lists',
  $each: 'lists',
  $above: 'numbers, times and durations',
  $atLeast: 'numbers, times and durations',
  $below: 'numbers, times and durations',
  $atMost: 'numbers, times and durations',
  $near: 'numbers, times and durations',
  $within: 'numbers, times and durations',
};

type Members = Readonly<Record<string, unknown>>;

/** A value's place in a pattern. */
export interface Slot {
  readonly kind: Kind;
  /** Whether what came counts as set; default: whether it is not undefined. */
  readonly isSet?: (actual: unknown) => boolean;
}

const isDefined = (actual: unknown): boolean => actual !== undefined;

/** Two of them begin a key that begins with one itself, of a map or Struct. */
export const isOperator = (key: string): boolean => key.startsWith('$') && !key.startsWith('$$');

/** The key that is meant by one that may begin with two of `$`. */
export function memberKey(c: Compiler, key: string): string {
  return !c.isVerbatim && key.startsWith('$$') ? key.slice(1) : key;
}

/** Compiles a pattern of any kind: operators, null for nothing, a regular expression, a matcher of Jest, or a value. */
export function compileAt(c: Compiler, slot: Slot, pattern: unknown): Check {
  const { kind, isSet = isDefined } = slot;
  if (pattern === null && !kind.takesNull) return new PresentCheck(false, isSet);
  if (isRegExp(pattern)) {
    if (!kind.isText) c.refuse(`a regular expression is for text, and this is ${kind.word}`);
    return new MatchesCheck(statelessExpression(pattern));
  }
  if (isAsymmetricMatcher(pattern)) return new AsymmetricCheck(pattern);
  if (c.isVerbatim || !isObject(pattern) || !isPlainObject(pattern)) return kind.literal(c, pattern);
  const given = pattern as Members;
  const operators = Object.keys(given).filter((key) => isOperator(key) && given[key] !== undefined);
  if (operators.length === 0) {
    refuseWithoutDollar(c, kind, given);
    return kind.literal(c, pattern);
  }
  for (const operator of operators) c.atKey(operator, () => checkOperator(c, kind, operator));
  const checks = operators
    .filter((operator) => operator !== '$within' || !Object.hasOwn(given, '$near'))
    .map((operator) => c.atKey(operator, () => compileOperator(c, slot, operator, given)));
  const members = Object.entries(given).filter(([key]) => !isOperator(key));
  if (members.length > 0) {
    if (!kind.takesMembers) {
      c.refuse(
        `'${shortened(members[0][0])}' beside '${operators[0]}': ${kind.word} takes either operators or a value`,
      );
    }
    checks.unshift(kind.literal(c, Object.fromEntries(members)));
  }
  return checks.length === 1 ? checks[0] : new AllCheck(checks);
}

/** An object where only a value can be is an operator whose `$` was left out. */
function refuseWithoutDollar(c: Compiler, kind: Kind, given: Members): void {
  if (kind.takesMembers || kind.element !== undefined) return;
  const key = Object.keys(given).find((one) => Object.hasOwn(OPERATORS, `$${one}`));
  if (key !== undefined) c.atKey(key, () => c.refuse(`operators begin with $: write '$${key}'`));
}

function checkOperator(c: Compiler, kind: Kind, operator: string): void {
  if (!Object.hasOwn(OPERATORS, operator)) {
    const names = Object.keys(OPERATORS);
    const near = suggestion(operator, names);
    const all = near === '' ? `; there are ${names.join(', ')}` : near;
    const key = kind.takesMembers ? `; a key of that name is written '$${shortened(operator)}'` : '';
    c.refuse(`there is no operator '${shortened(operator)}'${all}${key}`);
  }
  if (!fits(kind, operator)) {
    c.refuse(`'${operator}' is for ${OPERATORS[operator]}, and this is ${kind.word}`);
  }
}

function fits(kind: Kind, operator: string): boolean {
  switch (operator) {
    case '$matches':
      return kind.isText;
    case '$contains':
      return kind.isText || kind.element !== undefined;
    case '$length':
      return kind.hasLength;
    case '$unordered':
    case '$each':
      return kind.element !== undefined;
    case '$above':
    case '$atLeast':
    case '$below':
    case '$atMost':
    case '$near':
    case '$within':
      return kind.ordered !== undefined;
    default:
      return true;
  }
}

function compileOperator(c: Compiler, slot: Slot, operator: string, given: Members): Check {
  const { kind, isSet = isDefined } = slot;
  const operand = given[operator];
  switch (operator) {
    case '$present':
      if (typeof operand !== 'boolean')
        c.refuse(`'$present' takes true or false, not ${shownValue(operand)}`);
      return new PresentCheck(operand, isSet);
    case '$not':
      return new NotCheck(kind, compileAt(c, slot, operand));
    case '$any':
      return new AnyOfCheck(kind, alternatives(c, slot, operand));
    case '$exactly':
      return c.exactly(() => compileAt(c, slot, operand));
    case '$matches':
      return new MatchesCheck(expressionOf(c, operand));
    case '$contains':
      return compileContains(c, kind, operand);
    case '$length':
      return new LengthCheck(compileAt(c, { kind: LENGTH_KIND }, operand));
    case '$unordered':
      return new UnorderedCheck(elementOf(kind), elements(c, kind, operator, operand), operand);
    case '$each':
      return new EachCheck(compileAt(c, { kind: elementOf(kind) }, operand));
    case '$near':
    case '$within':
      return compileNear(c, kind, given);
    default:
      return compileBound(c, kind, operator as Bound, operand);
  }
}

/** Of a kind that was found to be a list. */
function elementOf(kind: Kind): Kind {
  return kind.element ?? kind;
}

function alternatives(c: Compiler, slot: Slot, operand: unknown): readonly Check[] {
  if (!Array.isArray(operand) || operand.length === 0) {
    c.refuse(`'$any' takes a list of patterns of which one is to match, not ${shownValue(operand)}`);
  }
  return operand.map((pattern, i) => c.atKey(i, () => compileAt(c, slot, pattern)));
}

/** A pattern for each element of a list. */
function elements(c: Compiler, kind: Kind, operator: string, operand: unknown): readonly Check[] {
  if (!Array.isArray(operand)) c.refuse(`'${operator}' takes a list of elements, not ${shownValue(operand)}`);
  return operand.map((pattern, i) => c.atElement(i, () => compileAt(c, { kind: elementOf(kind) }, pattern)));
}

function expressionOf(c: Compiler, operand: unknown): RegExp {
  if (isRegExp(operand)) return statelessExpression(operand);
  if (typeof operand !== 'string') {
    return c.refuse(`'$matches' takes a regular expression, as text or RegExp, not ${shownValue(operand)}`);
  }
  try {
    return new RegExp(operand, 'u');
  } catch (error) {
    return c.refuse(`${shortened(messageOf(error), MAX_PROBLEM)}`);
  }
}

const MAX_PROBLEM = 200;

/** Text in text; of a list an element, or a list of them. */
function compileContains(c: Compiler, kind: Kind, operand: unknown): Check {
  const text = kind.isText && typeof operand === 'string' ? new TextContainsCheck(operand) : undefined;
  if (kind.element === undefined) {
    return text ?? c.refuse(`'$contains' takes a part of the text, not ${shownValue(operand)}`);
  }
  const list = new ContainsCheck(
    kind.element,
    Array.isArray(operand)
      ? elements(c, kind, '$contains', operand)
      : [compileAt(c, { kind: kind.element }, operand)],
  );
  return text === undefined ? list : new EitherContains(text, list);
}

/** In a Value, which may be text or a list. */
class EitherContains implements Check {
  readonly needsValue = true;
  readonly #text: Check;
  readonly #list: Check;

  constructor(text: Check, list: Check) {
    this.#text = text;
    this.#list = list;
  }

  get wanted(): string {
    return this.#text.wanted;
  }

  run(c: Parameters<Check['run']>[0], actual: unknown): void {
    (Array.isArray(actual) ? this.#list : this.#text).run(c, actual);
  }
}

function compileBound(c: Compiler, kind: Kind, bound: Bound, operand: unknown): Check {
  const ordered = kind.ordered;
  if (ordered === undefined) return c.refuse(`'${bound}' does not fit ${kind.word}`);
  const limit = ordered.read(c.w, operand);
  if (Number.isNaN(limit)) c.refuse(`'${bound}' takes a number that others are above or below, not NaN`);
  return new BoundCheck(ordered, bound, limit);
}

function compileNear(c: Compiler, kind: Kind, given: Members): Check {
  const ordered = kind.ordered;
  const distance = ordered?.distance;
  const { $near, $within } = given;
  if (ordered === undefined || distance === undefined) return c.refuse(`'$near' does not fit ${kind.word}`);
  if ($near === undefined || $within === undefined) {
    c.refuse(`'$near' and '$within' go together: { $near: value, $within: distance }`);
  }
  const value = ordered.read(c.w, $near);
  const within = distance.read(c.w, $within);
  if (!(Number(within) >= 0))
    c.refuse(`'$within' takes a distance of zero or more, not ${shownValue($within)}`);
  return new NearCheck(ordered, value, within);
}
