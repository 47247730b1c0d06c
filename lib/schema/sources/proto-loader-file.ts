// Repairs the descriptors of @grpc/proto-loader: protobufjs, which makes them, names map entries differently from protoc
// and does not say which fields are `optional`. The snake-case names that it drops are lost for good.

import type {
  DescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from '../descriptors/descriptor-types.ts';
import { mapEntryName } from '../descriptors/names.ts';
import { DESCRIPTOR_PROTO, isOfDescriptorProto } from './own-descriptors.ts';

export function repairFile(given: FileDescriptorProto): FileDescriptorProto {
  const file = withOwnDescriptors(given);
  // It calls every file proto3.
  const isProto3 = file.syntax === 'proto3' && !showsProto2(file);
  const messageType = (file.messageType ?? []).map((message) => repairMessage(message, isProto3));
  const syntax = file.syntax === 'proto3' && !isProto3 ? 'proto2' : (file.syntax ?? 'proto2');
  const extension = file.extension?.map(withoutPacked) ?? [];
  return { ...file, syntax, messageType, extension };
}

/** protobufjs makes one file per package: its google.protobuf may hold all of an old descriptor.proto. */
function withOwnDescriptors(file: FileDescriptorProto): FileDescriptorProto {
  if (file.package !== 'google.protobuf' || file.name === DESCRIPTOR_PROTO) return file;
  const isKept = ({ name }: { readonly name: string }): boolean =>
    !isOfDescriptorProto(`google.protobuf.${name}`);
  const { messageType = [], enumType = [], dependency = [] } = file;
  const kept = { messageType: messageType.filter(isKept), enumType: enumType.filter(isKept) };
  if (kept.messageType.length === messageType.length && kept.enumType.length === enumType.length) return file;
  const publicDependency = [...(file.publicDependency ?? []), dependency.length];
  return { ...file, ...kept, dependency: [...dependency, DESCRIPTOR_PROTO], publicDependency };
}

function repairMessage(message: DescriptorProto, isProto3: boolean): DescriptorProto {
  const entries = new Set<string>();
  for (const { name, options } of message.nestedType ?? [])
    if (options?.['mapEntry'] === true) entries.add(name);
  const renamed = new Map<string, string>();
  // An extension also appears, under its full name, among the fields of what it extends.
  const own = (message.field ?? []).filter(({ name }) => !name.startsWith('.'));
  const field = own.map(withoutPacked).map((one): FieldDescriptorProto => {
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
  // Their ends are inclusive in protobufjs.
  const extensionRange = message.extensionRange?.map(({ start, end }) => ({ start, end: end + 1 }));
  const ranges = extensionRange === undefined ? {} : { extensionRange };
  return { ...message, field, nestedType, ...ranges };
}

/** protobufjs marks each proto2 field as not packed. */
function withoutPacked(field: FieldDescriptorProto): FieldDescriptorProto {
  return field.label === 'LABEL_REPEATED' || field.options?.['packed'] === undefined
    ? field
    : { ...field, options: { ...field.options, packed: undefined } };
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

/** Whether it contains anything that proto3 does not have. */
function showsProto2(scope: FileDescriptorProto | DescriptorProto): boolean {
  const fields = 'field' in scope ? (scope.field ?? []) : [];
  const ranges = 'extensionRange' in scope ? (scope.extensionRange ?? []) : [];
  const nested =
    'nestedType' in scope ? scope.nestedType : 'messageType' in scope ? scope.messageType : undefined;
  return (
    ranges.length > 0 ||
    fields.some(
      (one) => one.label === 'LABEL_REQUIRED' || one.type === 'TYPE_GROUP' || one.defaultValue !== undefined,
    ) ||
    (scope.enumType ?? []).some(({ value }) => (value?.[0]?.number ?? 0) !== 0) ||
    (nested ?? []).some(showsProto2)
  );
}
