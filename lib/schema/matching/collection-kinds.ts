// Lists and maps: an array is the whole list, in order; an object names the entries of a map that it cares about.

import { isBuiltIn, isBytes, isMap } from '../../values/realm.ts';
import { quoted } from '../../values/text/page-text.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import { describeValue } from '../codec/encoder.ts';
import type { FieldPlan, Fields } from '../codec/plan.ts';
import { toMapKey } from '../codec/scalar-input.ts';
import { type Check, type Comparison, NOTHING } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import { ComposedKind, type Kind } from './kind.ts';
import { InOrderCheck } from './list-checks.ts';
import { compileAt, memberKey } from './operators.ts';
import { bare } from './scalar-kinds.ts';
import { shownValue } from './shown-value.ts';

/** How much of a key a path shows. */
const MAX_SHOWN_KEY = 40;

export class ListKind extends ComposedKind {
  readonly word = 'a list';
  override readonly takesMembers = false;
  override readonly hasLength = true;
  override readonly element: Kind;

  constructor(element: Kind) {
    super();
    this.element = element;
  }

  literal(c: Compiler, pattern: unknown): Check {
    if (!Array.isArray(pattern)) {
      c.refuse(
        `expected an array, the whole list, or an operator such as { $contains: … }, got ${describeValue(pattern)}`,
      );
    }
    const kind = this.element;
    const checks = pattern.map((item, i) => c.atElement(i, () => elementCheck(c, kind, item)));
    return new InOrderCheck(checks, pattern);
  }
}

/** There is no element that is nothing. */
export function elementCheck(c: Compiler, kind: Kind, pattern: unknown): Check {
  if (pattern === null || pattern === undefined) return kind.literal(c, pattern);
  return compileAt(c, { kind }, pattern);
}

export class MapKind extends ComposedKind {
  readonly word = 'a map';
  override readonly hasLength = true;
  readonly #key: FieldPlan;
  readonly #value: Kind;

  constructor(key: FieldPlan, value: Kind) {
    super();
    this.#key = bare(key);
    this.#value = value;
  }

  literal(c: Compiler, pattern: unknown): Check {
    if (typeof pattern !== 'object' || pattern === null || (isBuiltIn(pattern) && !isMap(pattern))) {
      c.refuse(`expected an object or a Map of the entries that count, got ${describeValue(pattern)}`);
    }
    const checks = new Map<string, Check>();
    const given = isMap(pattern) ? [...pattern] : Object.entries(pattern);
    for (const [key, item] of given) {
      if (item === undefined) continue;
      const name = isMap(pattern) ? key : memberKey(c, String(key));
      const shown = shownEntry(String(name));
      const [own, check] = c.atElement(
        String(key),
        () => [String(toMapKey(c.w, this.#key, name)), compileAt(c, { kind: this.#value }, item)] as const,
        shown,
      );
      checks.set(own, check);
    }
    return new EntriesCheck(checks, c.isExact, pattern, (place, key) => place.enterElement(shownEntry(key)));
  }
}

export function shownEntry(key: string): string {
  return quoted(shortened(key, MAX_SHOWN_KEY));
}

/** The entries of a map, or the members of a Struct. */
export class EntriesCheck implements Check {
  readonly needsValue: boolean;
  readonly #checks: ReadonlyMap<string, Check>;
  readonly #isExact: boolean;
  readonly #pattern: unknown;
  readonly #enter: (place: Comparison['place'], key: string) => void;

  constructor(
    checks: ReadonlyMap<string, Check>,
    isExact: boolean,
    pattern: unknown,
    enter: (place: Comparison['place'], key: string) => void,
  ) {
    this.#checks = checks;
    this.#isExact = isExact;
    this.#pattern = pattern;
    this.#enter = enter;
    this.needsValue = true;
  }

  get wanted(): string {
    return shownValue(this.#pattern);
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual) || isBytes(actual)) {
      c.report(this, () => shownValue(actual));
      return;
    }
    const entries = isMap(actual) ? byText(actual) : undefined;
    const read = (key: string): unknown => {
      if (entries !== undefined) return entries.get(key);
      return Object.hasOwn(actual, key) ? (actual as Fields)[key] : undefined;
    };
    for (const [key, check] of this.#checks) {
      if (c.isOver) return;
      this.#enter(c.place, key);
      check.run(c, read(key));
      c.place.leave();
    }
    if (this.#isExact) this.#runOthers(c, entries?.keys() ?? ownKeys(actual), read);
  }

  #runOthers(c: Comparison, keys: Iterable<string>, read: (key: string) => unknown): void {
    for (const key of keys) {
      if (!c.spend()) return;
      if (this.#checks.has(key)) continue;
      const item = read(key);
      if (item === undefined) continue;
      this.#enter(c.place, key);
      c.report(NOTHING, () => shownValue(item));
      c.place.leave();
    }
  }
}

function byText(map: ReadonlyMap<unknown, unknown>): Map<string, unknown> {
  return new Map(Array.from(map, ([key, item]) => [String(key), item]));
}

/** One after the other, as a map may have millions. */
function* ownKeys(record: object): Generator<string> {
  for (const key in record) if (Object.hasOwn(record, key)) yield key;
}
