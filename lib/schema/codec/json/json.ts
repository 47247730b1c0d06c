// Canonical ProtoJSON (protobuf.dev/programming-guides/json) from decoded messages. When JSON.stringify calls it, it
// never throws: what has no ProtoJSON form, or does not belong in the message, is shown as it is. In strict mode such
// values are refused. (The other direction is schema/codec/encode.ts: every ProtoJSON document is a value there.)

import { isJsonLonger } from '../json-length.ts';
import type { Plan } from '../plan.ts';
import { JsonForm } from './json-form.ts';
import { writeJson } from './json-writer.ts';

/** Options of `toJson`. */
export interface ToJsonOptions {
  /** Also show fields without presence that hold their default. Default false. */
  readonly emitDefaults?: boolean | undefined;
  /**
   * Show unknown fields, as a list under `@unknown` of their message: `{ number, varint | fixed32 | fixed64 | bytes |
   * group }`, bytes also as `text` or `message` if they may be one. Not part of ProtoJSON. Default false.
   */
  readonly unknownFields?: boolean | undefined;
  /** Use the fields' names in the .proto instead of lowerCamelCase. Default false. */
  readonly protoNames?: boolean | undefined;
}

/** Options of `toJsonString`. */
export interface ToJsonTextOptions extends ToJsonOptions {
  /** Spaces of indentation per level, 0 to 10; 0 (default) writes one line. */
  readonly indent?: number | undefined;
}

/** ProtoJSON of a decoded message. With `strict`, a TypeError for what has no ProtoJSON form. */
export function messageToJson(
  plan: Plan,
  message: unknown,
  strict: boolean,
  options?: ToJsonOptions,
): unknown {
  // JSON.stringify would write the number -0 as 0; text can be read back.
  return new JsonForm(strict, options, '-0').message(plan, message);
}

/**
 * ProtoJSON text of a decoded message, in which negative zero is the number -0. As strict as `messageToJson`; a
 * RangeError for more text than values.maxJsonCharacters.
 */
export function messageToJsonText(plan: Plan, message: unknown, options: ToJsonTextOptions = {}): string {
  const form = new JsonForm(true, options, -0);
  const value = form.message(plan, message);
  const indent = options.indent ?? 0;
  const { maxJsonCharacters } = plan.set.shape;
  if (isJsonLonger(value, indent, maxJsonCharacters)) {
    throw new RangeError(
      `${plan.typeName}: its JSON would be more than ${maxJsonCharacters} characters of text (values.maxJsonCharacters)`,
    );
  }
  return form.hasNegativeZero ? writeJson(value, indent) : JSON.stringify(value, undefined, indent);
}

/** The same of any message, also of what ProtoJSON cannot hold, as JSON.stringify shows it. */
export function messageAsJsonText(plan: Plan, message: unknown): string {
  const form = new JsonForm(false, undefined, -0);
  const value = form.message(plan, message);
  return form.hasNegativeZero ? writeJson(value, 0) : JSON.stringify(value);
}
