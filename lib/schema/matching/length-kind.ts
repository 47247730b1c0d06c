// How long something is, as what `$length` takes: a number, or operators for one.

import type { Encoder } from '../codec/encoder.ts';
import type { Kind } from './kind.ts';
import { PlainScalar, type Scalar } from './scalar-kinds.ts';
import { shownValue } from './shown-value.ts';
import { ValueKind } from './value-kind.ts';

class Length extends PlainScalar {
  readonly word = 'a length';
  override readonly isOrdered = true;

  read(w: Encoder, value: unknown): Scalar {
    const length = typeof value === 'number' ? value : Number.NaN;
    if (Number.isInteger(length) && length >= 0) return length;
    return w.refuse(`expected a length, a whole number from 0, got ${shownValue(value)}`);
  }

  show(value: Scalar): string {
    return String(value);
  }
}

export const LENGTH_KIND: Kind = new ValueKind(new Length());
