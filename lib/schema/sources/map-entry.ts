// The message type of a map field's entries, as protoc makes it.

import type { DescriptorProto, FieldDescriptorProto } from '../descriptors/descriptor-types.ts';

type FieldType = Pick<FieldDescriptorProto, 'type' | 'typeName'>;

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
