// Text outside messages: of a status, of headers.

import { describeValue, type Encoder } from '../codec/encoder.ts';
import type { Kind } from './kind.ts';
import { PlainScalar, type Scalar } from './scalar-kinds.ts';
import { shownText } from './shown-value.ts';
import { ValueKind } from './value-kind.ts';

class TextKind extends PlainScalar {
  readonly word = 'text';
  override readonly isText = true;

  read(w: Encoder, value: unknown): Scalar {
    return typeof value === 'string' ? value : w.refuse(`expected text, got ${describeValue(value)}`);
  }

  show(value: Scalar): string {
    return shownText(String(value));
  }
}

export const TEXT_KIND: Kind = new ValueKind(new TextKind());
