// How long something is, as what `$length` takes: a number, or operators for one.

import type { Encoder } from '../codec/encoder.ts';
import type { Check } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import type { Kind } from './kind.ts';
import type { Scalar, ScalarKind } from './scalar-kinds.ts';
import { shownValue } from './shown-value.ts';
import { EqualCheck } from './value-checks.ts';

class Length implements ScalarKind {
  readonly word = 'a length';
  readonly isOrdered = true;
  readonly isText = false;
  readonly isBytes = false;
  readonly takesNull = false;
  readonly distance: ScalarKind = this;

  read(w: Encoder, value: unknown): Scalar {
    const length = typeof value === 'number' ? value : Number.NaN;
    if (Number.isInteger(length) && length >= 0) return length;
    return w.refuse(`expected a length, a whole number from 0, got ${shownValue(value)}`);
  }

  show(value: Scalar): string {
    return String(value);
  }
}

const LENGTH: ScalarKind = new Length();

export const LENGTH_KIND: Kind = {
  word: LENGTH.word,
  takesNull: false,
  takesMembers: false,
  isText: false,
  hasLength: false,
  scalar: LENGTH,
  ordered: LENGTH,
  element: undefined,
  literal: (c: Compiler, pattern: unknown): Check => new EqualCheck(LENGTH, LENGTH.read(c.w, pattern)),
  show: String,
};
