// The unknown fields of protobuf-es's messages, `$unknown: [{ no, wireType, data }]`: those that nobody had a schema for,
// and custom options, which only extensions can name.

import { isBytes } from '../../values/realm.ts';
import { MAX_FIELD_NUMBER } from '../descriptors/field-numbers.ts';
import { keepUnknownField, taggedOctets } from './unknown-fields.ts';

const MAX_WIRE_TYPE = 5;

/** Gives them to the fields that were taken from such a message. */
export function keepEsUnknownFields(fields: object, unknown: unknown): void {
  for (const field of Array.isArray(unknown) ? unknown : []) {
    if (typeof field !== 'object' || field === null) continue;
    const { no, wireType, data } = field as Readonly<Record<string, unknown>>;
    if (!isWithin(no, 1, MAX_FIELD_NUMBER) || !isWithin(wireType, 0, MAX_WIRE_TYPE) || !isBytes(data))
      continue;
    keepUnknownField(fields, taggedOctets(no, wireType, data));
  }
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
