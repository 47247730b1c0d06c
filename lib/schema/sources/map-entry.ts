// The message that stands for the entries of a map field, as protoc makes it.

import type { DescriptorProto, FieldDescriptorProto } from '../descriptors/descriptor-types.ts';
import { jsonNameOf } from '../descriptors/names.ts';

type FieldType = Pick<FieldDescriptorProto, 'type' | 'typeName'>;

/** `PricesEntry` for a field `prices`. */
export function mapEntryName(field: string): string {
  const camel = jsonNameOf(field);
  return `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
}

export function mapEntry(name: string, key: FieldType, value: FieldType): DescriptorProto {
  return {
    name,
    field: [
      { name: 'key', number: 1, label: 'LABEL_OPTIONAL', ...key },
      { name: 'value', number: 2, label: 'LABEL_OPTIONAL', ...value },
    ],
    options: { mapEntry: true },
  };
}
