// A place for one value: a scalar, or a well-known type that stands for one. The own form of the latter, `{ seconds, nanos }`,
// is a message like any other, of which a pattern names the fields that it cares about.

import type { Check } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import type { Kind } from './kind.ts';
import type { ScalarKind } from './scalar-kinds.ts';
import { shownValue } from './shown-value.ts';
import { EqualCheck, readActual } from './value-checks.ts';

export class ValueKind implements Kind {
  readonly word: string;
  readonly takesNull: boolean;
  readonly takesMembers = false;
  readonly isText: boolean;
  readonly hasLength: boolean;
  readonly ordered: ScalarKind | undefined;
  readonly element = undefined;
  readonly scalar: ScalarKind;
  /** Compiles the type's own form; undefined, or a result of undefined, for what is not in it. */
  readonly #ownForm: ((c: Compiler, pattern: unknown) => Check | undefined) | undefined;

  constructor(scalar: ScalarKind, ownForm?: (c: Compiler, pattern: unknown) => Check | undefined) {
    this.scalar = scalar;
    this.word = scalar.word;
    this.takesNull = scalar.takesNull;
    this.isText = scalar.isText;
    this.hasLength = scalar.isText || scalar.isBytes;
    this.ordered = scalar.isOrdered ? scalar : undefined;
    this.#ownForm = ownForm;
  }

  literal(c: Compiler, pattern: unknown): Check {
    const ownForm = this.#ownForm?.(c, pattern);
    return ownForm ?? new EqualCheck(this.scalar, this.scalar.read(c.w, pattern));
  }

  show(actual: unknown): string {
    const value = actual === undefined ? undefined : readActual(this.scalar, actual);
    return value === undefined ? shownValue(actual) : this.scalar.show(value);
  }
}
