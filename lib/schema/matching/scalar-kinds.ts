// Values that are one thing and not made of others: numbers, text, bytes, enums, and the well-known types that stand for
// one value. Each kind brings whatever spelling a user or a decoder has to one form, by the codec's own functions.

import { isBytes } from '../../values/realm.ts';
import { defaultOf } from '../codec/decode-scalar.ts';
import type { Encoder } from '../codec/encoder.ts';
import { shortestFloat } from '../codec/json/shortest-float.ts';
import { formatDuration, formatTimestamp, type SecondsAndNanos } from '../codec/json/time-text.ts';
import { FieldPlan, type Fields, type Plan } from '../codec/plan.ts';
import {
  TYPE_WORDS,
  toBigInt,
  toBytes,
  toDouble,
  toEnumNumber,
  toFloat,
  toInt32,
} from '../codec/scalar-input.ts';
import {
  bareFieldOf,
  durationOf,
  isWrapperMessage,
  maskPathsOf,
  timestampOf,
} from '../codec/well-known/well-known-encode.ts';
import { isWellFormed } from '../codec/wire/wire-writer.ts';
import { DURATION, FIELD_MASK, TIMESTAMP, WRAPPER } from '../descriptors/well-known-kind.ts';
import { ownItem } from './message-fields.ts';
import { shownBytes, shownNumber, shownText } from './shown-value.ts';

/** A value in its one form: 64-bit integers are bigints, times and spans nanoseconds, enums numbers. */
export type Scalar = string | number | bigint | boolean | Uint8Array;

/** What one value may be. */
export interface ScalarKind {
  /** What errors call it: `int32`, `google.protobuf.Timestamp`. */
  readonly word: string;
  /** Whether values come one after the other, so that there are bounds. */
  readonly isOrdered: boolean;
  readonly isText: boolean;
  readonly isBytes: boolean;
  readonly takesNull: boolean;
  /** What a distance between two values is; undefined for unordered ones. */
  readonly distance: ScalarKind | undefined;
  /** The one form of a value; refuses, through the encoder, what the kind does not take. */
  read(w: Encoder, value: unknown): Scalar;
  show(value: Scalar): string;
}

/** One value that is neither ordered nor text nor bytes; each kind says what is different about it. */
export abstract class PlainScalar implements ScalarKind {
  abstract readonly word: string;
  readonly isOrdered: boolean = false;
  readonly isText: boolean = false;
  readonly isBytes: boolean = false;
  readonly takesNull: boolean = false;

  get distance(): ScalarKind | undefined {
    return this.isOrdered ? this : undefined;
  }

  abstract read(w: Encoder, value: unknown): Scalar;
  abstract show(value: Scalar): string;
}

const NANOS_PER_SECOND = 1_000_000_000n;

/** A field, an element or a map's value that is not a message. */
class FieldKind extends PlainScalar {
  readonly word: string;
  override readonly isOrdered: boolean;
  override readonly isText: boolean;
  override readonly isBytes: boolean;
  override readonly takesNull: boolean;
  /** Without a name, as the place that errors name is where its value is. */
  readonly #field: FieldPlan;

  constructor(bare: FieldPlan) {
    super();
    this.#field = bare;
    const { type } = bare;
    this.word = type === 14 ? bare.field.typeName : TYPE_WORDS[type];
    this.isText = type === 9;
    this.isBytes = type === 12;
    this.isOrdered = type !== 8 && type !== 9 && type !== 12 && type !== 14;
    this.takesNull = bare.takesNull;
  }

  read(w: Encoder, value: unknown): Scalar {
    const field = this.#field;
    switch (field.type) {
      case 9:
        if (typeof value !== 'string') w.wrongType(field, value, 'a string');
        if (!isWellFormed(value)) {
          w.wrongType(field, value, 'well-formed text (it has a lone surrogate, which UTF-8 cannot hold)');
        }
        return value;
      case 8:
        if (typeof value !== 'boolean') w.wrongType(field, value, 'true or false');
        return value;
      case 12:
        return toBytes(w, field, value);
      case 14:
        return typeof value === 'string'
          ? (field.enumNumbers.get(value) ?? toEnumNumber(w, field, value))
          : toEnumNumber(w, field, value);
      case 1:
        return toDouble(w, field, value);
      case 2:
        return Math.fround(toFloat(w, field, value));
      case 3:
      case 4:
      case 6:
      case 16:
      case 18:
        return toBigInt(w, field, value);
      default:
        return toInt32(w, field, value);
    }
  }

  show(value: Scalar): string {
    const { type, enumNames } = this.#field;
    if (typeof value === 'number') {
      if (type === 14) return enumNames.get(value) ?? `${value}`;
      return shownNumber(type === 2 && Number.isFinite(value) && value !== 0 ? shortestFloat(value) : value);
    }
    return shownScalar(value);
  }
}

function shownScalar(value: Scalar): string {
  if (typeof value === 'string') return shownText(value);
  if (typeof value === 'bigint') return shownNumber(value);
  return isBytes(value) ? shownBytes(value) : String(value);
}

export const nanosOf = ({ seconds, nanos }: SecondsAndNanos): bigint =>
  seconds * NANOS_PER_SECOND + BigInt(nanos);

/** A Timestamp or Duration, as nanoseconds. */
class TimeKind extends PlainScalar {
  readonly word: string;
  override readonly isOrdered = true;
  readonly #plan: Plan;
  readonly #of: typeof timestampOf | typeof durationOf;
  readonly #seconds: FieldKind;
  readonly #nanos: FieldKind;

  constructor(plan: Plan) {
    super();
    this.#plan = plan;
    this.word = plan.typeName;
    this.#of = plan.wellKnown === TIMESTAMP ? timestampOf : durationOf;
    const [seconds, nanos] = plan.fields;
    this.#seconds = new FieldKind(bare(seconds));
    this.#nanos = new FieldKind(bare(nanos));
  }

  override get distance(): ScalarKind {
    return this.#plan.wellKnown === DURATION ? this : SPAN_KIND;
  }

  read(w: Encoder, value: unknown): bigint {
    const time = this.#of(w, this.#plan, value);
    if (time !== undefined) return nanosOf(time);
    const message = value as Fields;
    const [seconds, nanos] = this.#plan.fields;
    return nanosOf({
      seconds: this.#seconds.read(w, ownItem(message, seconds) ?? 0n) as bigint,
      nanos: this.#nanos.read(w, ownItem(message, nanos) ?? 0) as number,
    });
  }

  show(value: Scalar): string {
    const total = value as bigint;
    if (this.#plan.wellKnown === DURATION) return shownSpan(total);
    // Nanoseconds count forward from the second before.
    const nanos = ((total % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
    const seconds = (total - nanos) / NANOS_PER_SECOND;
    return (
      formatTimestamp(seconds, Number(nanos)) ?? `${seconds} seconds and ${nanos} nanoseconds after 1970`
    );
  }
}

function shownSpan(total: bigint): string {
  const seconds = total / NANOS_PER_SECOND;
  const nanos = total % NANOS_PER_SECOND;
  return formatDuration(seconds, Number(nanos)) ?? `${seconds} seconds and ${nanos} nanoseconds`;
}

/** The distance of two points in time: text such as `1.5s`. */
class SpanKind extends PlainScalar {
  readonly word = 'google.protobuf.Duration';
  override readonly isOrdered = true;

  read(w: Encoder, value: unknown): bigint {
    const span = typeof value === 'string' ? durationOf(w, SPAN, value) : undefined;
    return span === undefined ? w.refuse(`expected text in seconds ('1.5s')`) : nanosOf(span);
  }

  show(value: Scalar): string {
    return shownSpan(value as bigint);
  }
}

const SPAN_KIND: ScalarKind = new SpanKind();

/** The type itself may not be loaded. */
const SPAN = { typeName: 'google.protobuf.Duration' };

/** A FieldMask: its paths as the .proto spells them, in the order of the alphabet, as theirs means nothing. */
class MaskKind extends PlainScalar {
  readonly word: string;
  readonly #plan: Plan;

  constructor(plan: Plan) {
    super();
    this.#plan = plan;
    this.word = plan.typeName;
  }

  read(w: Encoder, value: unknown): string {
    const paths = maskPathsOf(w, this.#plan, value) ?? this.#pathsOf(w, value as Fields);
    return [...new Set(paths)].sort().join(',');
  }

  #pathsOf(w: Encoder, message: Fields): readonly string[] {
    const paths = ownItem(message, this.#plan.fields[0]) ?? [];
    const isList = Array.isArray(paths) && paths.every((path) => typeof path === 'string');
    return isList ? paths : w.refuse(`expected 'a,b' or { paths: ['a', 'b'] } for ${this.word}`);
  }

  show(value: Scalar): string {
    return shownText(value as string);
  }
}

/** A wrapper: the value in it, given plainly or as `{ value }`. */
class WrapperKind extends FieldKind {
  readonly #value: FieldPlan;

  constructor(plan: Plan) {
    super(bareFieldOf(plan));
    this.#value = plan.fields[0];
  }

  override read(w: Encoder, value: unknown): Scalar {
    if (!isWrapperMessage(value)) return super.read(w, value);
    return super.read(w, ownItem(value, this.#value) ?? defaultOf(this.#value));
  }
}

/** The field without a name: errors then name the place where its value is. */
export function bare(field: FieldPlan): FieldPlan {
  return new FieldPlan(field.owner, field.field, field.index, '');
}

/** The kind of a field's values, one by one if it is a list; undefined for messages. */
export function scalarKindOf(field: FieldPlan): ScalarKind | undefined {
  return field.isMessage ? undefined : new FieldKind(bare(field));
}

/** The kind of a well-known type that stands for one value; undefined for any other type. */
export function wellKnownScalarKind(plan: Plan): ScalarKind | undefined {
  switch (plan.wellKnown) {
    case TIMESTAMP:
    case DURATION:
      return new TimeKind(plan);
    case FIELD_MASK:
      return new MaskKind(plan);
    case WRAPPER:
      return new WrapperKind(plan);
    default:
      return undefined;
  }
}
