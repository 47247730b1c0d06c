// What the well-known types look like in ProtoJSON, as JSON Schema: texts of time and of field masks, Any, plain values. Coming
// in, the messages' own forms ({ seconds, nanos }, { paths }, { value }, { typeUrl, value }) are taken too.

import * as kind from '../descriptors/well-known-kind.ts';
import { type AnyContent, withContents } from './any-contents.ts';
import { sameLengthUpTo } from './decimal-pattern.ts';
import type { JsonSchema, SchemaForm } from './schema-form.ts';

const MAX_DURATION_SECONDS = '315576000000';

const LEAP_YEAR = '([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)';
const MONTH_AND_DAY =
  '((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))';
/** Of the years 1 to 9999; in the year 0 only its last day, of which another zone may be in the year 1 already. */
const YEAR = '([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])';
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]';
const ZONE = '(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])';
const FIRST = `0000-12-31T${TIME}(\\.[0-9]{1,9})?-([01][0-9]|2[0-3]):[0-5][0-9]`;
const DATE = `(${YEAR}-${MONTH_AND_DAY}|${LEAP_YEAR}-02-29)`;
const TIMESTAMP_INPUT = `^(${DATE}T${TIME}(\\.[0-9]{1,9})?${ZONE}|${FIRST})$`;
const SHORT_FRACTION = '(\\.[0-9]{3}([0-9]{3}([0-9]{3})?)?)?';
const TIMESTAMP_OUTPUT = `^(${YEAR}-${MONTH_AND_DAY}|${LEAP_YEAR}-02-29)T${TIME}${SHORT_FRACTION}Z$`;

const DURATION_SECONDS = `([0-9]{1,${MAX_DURATION_SECONDS.length - 1}}|${sameLengthUpTo(MAX_DURATION_SECONDS, 0)})`;
const DURATION_INPUT = `^-?${DURATION_SECONDS}(\\.[0-9]{1,9})?s$`;
const DURATION_OUTPUT = `^-?${DURATION_SECONDS}${SHORT_FRACTION}s$`;

const PATH = '[A-Za-z0-9]+(\\.[A-Za-z0-9]+)*';
const FIELD_MASK = `^(${PATH}(,${PATH})*)?$`;
const FIELD_MASK_OUTPUT = '^[A-Za-z0-9.]*(,[A-Za-z0-9.]*)*$';

/** There must be a name behind the last slash. */
const TYPE_URL: JsonSchema = {
  type: 'string',
  pattern: '[^/]$',
  description: "The type of the message, like 'type.googleapis.com/package.Type'",
};

/** The text of a type that has one; undefined for the others. */
function textOf(wellKnown: number, isInput: boolean): string | undefined {
  switch (wellKnown) {
    case kind.TIMESTAMP:
      return isInput ? TIMESTAMP_INPUT : TIMESTAMP_OUTPUT;
    case kind.DURATION:
      return isInput ? DURATION_INPUT : DURATION_OUTPUT;
    case kind.FIELD_MASK:
      return isInput ? FIELD_MASK : FIELD_MASK_OUTPUT;
    default:
      return undefined;
  }
}

/**
 * The schema of a well-known type. `own` is that of the message by its fields, which also gives the scalar that a wrapper
 * holds; `contents` are the types that an Any is known to hold.
 */
export function wellKnownSchema(
  wellKnown: number,
  form: SchemaForm,
  own: () => JsonSchema,
  wrapped: () => JsonSchema,
  contents: () => readonly AnyContent[],
): JsonSchema {
  const { isInput, isContract } = form;
  switch (wellKnown) {
    case kind.STRUCT:
      return { type: 'object' };
    case kind.VALUE:
      return {};
    case kind.LIST_VALUE:
      return { type: 'array' };
    case kind.ANY:
      if (isContract) return anyOutput;
      return withContents(isInput ? anyInput(own()) : anyOutput, TYPE_URL, contents());
    case kind.WRAPPER:
      return isInput ? { anyOf: [wrapped(), own()] } : wrapped();
    default: {
      const pattern = textOf(wellKnown, isInput);
      if (isContract)
        return wellKnown === kind.TIMESTAMP ? { type: 'string', format: 'date-time' } : { type: 'string' };
      const text = { type: 'string', pattern };
      return isInput ? { anyOf: [text, own()] } : text;
    }
  }
}

const anyOutput: JsonSchema = { type: 'object', properties: { '@type': TYPE_URL } };

/** With '@type', whatever that type has; without, the message's own form. */
function anyInput(own: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: { '@type': TYPE_URL },
    if: { not: { required: ['@type'] } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: own,
  };
}
