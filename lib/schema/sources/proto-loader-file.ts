// The descriptors of @grpc/proto-loader, put right: protobufjs, which makes them, calls the entries of maps otherwise
// than protoc does and does not say which fields are `optional`. What it lost for good are names in snake case.

import type { DescriptorProto, FieldDescriptorProto, FileDescriptorProto } from '../descriptor.ts';
import { mapEntryName } from './map-entry.ts';

export function repairFile(file: FileDescriptorProto): FileDescriptorProto {
  const isProto3 = file.syntax === 'proto3';
  return {
    ...file,
    messageType: (file.messageType ?? []).map((message) => repairMessage(message, isProto3)),
  };
}

function repairMessage(message: DescriptorProto, isProto3: boolean): DescriptorProto {
  const entries = new Set<string>();
  for (const { name, options } of message.nestedType ?? [])
    if (options?.['mapEntry'] === true) entries.add(name);
  const renamed = new Map<string, string>();
  const field = (message.field ?? []).map((one): FieldDescriptorProto => {
    if (isProto3 && isOptional(one, message)) return { ...one, proto3Optional: true };
    if (one.typeName === undefined || !entries.has(one.typeName)) return one;
    const name = mapEntryName(one.name);
    renamed.set(one.typeName, name);
    return { ...one, typeName: name };
  });
  const nestedType = (message.nestedType ?? []).map((nested) => {
    const name = renamed.get(nested.name);
    return name === undefined ? repairMessage(nested, isProto3) : { ...nested, name };
  });
  return { ...message, field, nestedType };
}

/** protoc puts each `optional` field into a oneof of its own, with its name after an underscore. */
function isOptional({ name, oneofIndex }: FieldDescriptorProto, message: DescriptorProto): boolean {
  if (oneofIndex === undefined) return false;
  const members = message.field?.filter((one) => one.oneofIndex === oneofIndex);
  return (
    members?.length === 1 &&
    message.oneofDecl?.[oneofIndex]?.name.startsWith('_') === true &&
    message.oneofDecl[oneofIndex].name.toLowerCase().replaceAll('_', '') ===
      name.toLowerCase().replaceAll('_', '')
  );
}
