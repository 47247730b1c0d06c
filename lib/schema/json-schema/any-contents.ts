// What an Any may hold, as conditions of JSON Schema: where '@type' names a type that is loaded, its fields or its value; any
// other type stays open, as its schema may be had later.

import type { JsonSchema } from './schema-form.ts';

/** Of a schema with more messages, no Any is described by them: each would stand in the document of whatever has one. */
export const MAX_ANY_TYPES = 100;
const PREFIX = 'type.googleapis.com/';
const EMPTY = 'google.protobuf.Empty';

/** A type that an Any may hold. */
export interface AnyContent {
  readonly typeName: string;
  /** The message by its fields; of a type with a form of its own in JSON what its `value` is. */
  readonly fields: JsonSchema | undefined;
  readonly value: JsonSchema | undefined;
}

/** The schema of an Any, `open` to all types, and what is known of some. */
export function withContents(
  open: JsonSchema,
  typeUrl: JsonSchema,
  contents: readonly AnyContent[],
): JsonSchema {
  if (contents.length === 0) return open;
  // Editors suggest what an enumeration has.
  const known = contents.map(({ typeName }) => `${PREFIX}${typeName}`);
  const type = { ...typeUrl, anyOf: [{ enum: known }, { type: 'string' }] };
  return {
    ...open,
    properties: { ...Object(open['properties']), '@type': type },
    allOf: contents.map((content) => ({
      if: { properties: { '@type': { pattern: namePattern(content.typeName) } }, required: ['@type'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: contentSchema(content),
    })),
  };
}

const namePattern = (typeName: string): string => `(^|/)${typeName.replaceAll('.', '\\.')}$`;

function contentSchema({ typeName, fields, value }: AnyContent): JsonSchema {
  const properties = { '@type': { type: 'string' } };
  if (fields !== undefined) {
    const own = { ...properties, ...Object(fields['properties']) };
    // Beside no fields, whatever `value` is.
    return { ...fields, properties: typeName === EMPTY ? { ...own, value: {} } : own };
  }
  return {
    type: 'object',
    properties: { ...properties, value },
    required: ['value'],
    additionalProperties: false,
  };
}
