// What the text of a placeholder becomes in its field. ProtoJSON takes text for every scalar but booleans and the
// numbers of enum values.

import type { Client, FieldDescription } from '../../../index.ts';
import { scalarType } from '../../../schema/descriptors/scalar-types.ts';
import { valueType } from '../../command/map-type.ts';
import { fieldNamed } from '../../requests/field-lookup.ts';

/** A place in a ProtoJSON document: what its properties are, and how a text that fills all of it is read. */
export interface TemplateShape {
  property(name: string): TemplateShape | undefined;
  fit(text: string): unknown;
}

const asBoolean = (text: string): unknown => (text === 'true' ? true : text === 'false' ? false : text);
const asNumber = (text: string): unknown => (/^-?\d{1,10}$/.test(text) ? Number(text) : text);
const scalar = (fit: (text: string) => unknown): TemplateShape => ({ property: () => undefined, fit });

const BOOLEAN = scalar(asBoolean);
const ENUM = scalar(asNumber);
const TEXT = scalar((text) => text);

/** The shape of a message of a type. Types are looked at when a document leads there: they may hold each other. */
export function shapeOf(client: Client, type: string): TemplateShape {
  if (type === 'bool' || type === 'google.protobuf.BoolValue') return BOOLEAN;
  if (scalarType(type) !== undefined) return TEXT;
  const symbol = client.describe(type);
  if (symbol.kind === 'enum') return ENUM;
  if (symbol.kind !== 'message') return TEXT;
  return {
    property(name) {
      const field = fieldNamed(client, symbol, name);
      return field === undefined ? undefined : shapeOfField(client, field);
    },
    fit: (text) => text,
  };
}

/** Items of a list have the shape of their field, entries of a map that of its values. */
function shapeOfField(client: Client, field: FieldDescription): TemplateShape {
  const values = shapeOf(client, valueType(field));
  if (!field.isMap) return values;
  return { property: () => values, fit: (text) => text };
}
